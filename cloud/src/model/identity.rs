//! As whom calls are made.

use serde::Serialize;

use crate::text::Untrusted;

/// Who is signed in, as far as the cloud or the credentials tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The name calls are made under. AWS: the ARN. Google: the e-mail address; `None` where the credentials hold none.
    pub name: Option<Untrusted>,
    /// What is billed and limited: the AWS account's number, the Google project's id.
    pub account: Untrusted,
    /// How that is known: `sts:GetCallerIdentity`, `authorized_user credentials`.
    pub source: &'static str,
}

impl Identity {
    /// One line, safe to show: the name, without what an ARN says before it, else what is known of the credentials.
    pub fn show(&self) -> String {
        match &self.name {
            Some(name) => {
                let name = name.show();
                let short = name.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').last()).unwrap_or(&name);
                format!("{short} in {}", self.account.show())
            }
            None => format!("{} in {}", self.source, self.account.show()),
        }
    }
}
