//! As whom calls are made: the one call that needs no permission.

use super::client::Client;
use crate::{
    error::{ErrorKind, ProviderError},
    model::Identity,
};

const CALL: &str = "sts:GetCallerIdentity";

/// Who is signed in.
pub(super) async fn identity(client: &Client) -> Result<Identity, ProviderError> {
    let answer = client.read(CALL, || client.sts.get_caller_identity().send()).await?;
    let Some(account) = answer.account().filter(|account| !account.is_empty()) else {
        return Err(ProviderError::new(ErrorKind::Unexpected, CALL, "an answer without an account"));
    };
    Ok(Identity { name: answer.arn().map(Into::into), account: account.into(), source: CALL })
}
