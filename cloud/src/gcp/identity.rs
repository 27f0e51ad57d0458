//! As whom calls are made, read off the credentials themselves: asking a server would mean sending it the token.

use std::{env, path::PathBuf};

use serde_json::Value;

use super::Credentials;
use crate::{
    error::{ErrorKind, ProviderError},
    model::Identity,
};

const CALL: &str = "google.credentials";
/// A file of credentials is small.
const LIMIT: u64 = 64 << 10;

/// Who the credentials are, as far as they tell.
pub(super) async fn identity(credentials: &Credentials, project: &str) -> Result<Identity, ProviderError> {
    let (name, source) = match credentials {
        Credentials::Json(json) => of(json),
        Credentials::Default => match read().await? {
            Some(json) => of(&json),
            None => (None, "the metadata server's credentials"),
        },
    };
    Ok(Identity { name: name.map(Into::into), account: project.into(), source })
}

/// The e-mail address in credentials, and what kind they are.
fn of(json: &Value) -> (Option<String>, &'static str) {
    let text = |name: &str| json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    match json.get("type").and_then(Value::as_str) {
        Some("service_account") => (text("client_email"), "service account credentials"),
        Some("authorized_user") => (text("account"), "a user's credentials"),
        Some("impersonated_service_account") => {
            let account = text("service_account_impersonation_url").and_then(|url| impersonated(&url));
            (account, "impersonated credentials")
        }
        Some("external_account") => {
            let account = text("service_account_impersonation_url").and_then(|url| impersonated(&url));
            (account.or_else(|| text("audience")), "external credentials")
        }
        Some(_) | None => (None, "credentials of an unknown kind"),
    }
}

/// `ci@acme.iam.gserviceaccount.com` of `https://..../serviceAccounts/ci@acme...:generateAccessToken`.
fn impersonated(url: &str) -> Option<String> {
    let (_, account) = url.rsplit_once("/serviceAccounts/")?;
    Some(account.split(':').next().unwrap_or(account).to_owned())
}

/// The file that the vendor's chain would read; `None` where there is none, which leaves the metadata server.
async fn read() -> Result<Option<Value>, ProviderError> {
    let named = env::var_os("GOOGLE_APPLICATION_CREDENTIALS").filter(|path| !path.is_empty()).map(PathBuf::from);
    let usual = || {
        let folder = env::var_os("CLOUDSDK_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/gcloud"));
        folder.or_else(home).map(|folder| folder.join("application_default_credentials.json"))
    };
    let must = named.is_some();
    let Some(path) = named.or_else(usual) else { return Ok(None) };
    let failed = |message| ProviderError::new(ErrorKind::Auth, CALL, message);
    match tokio::fs::metadata(&path).await {
        Ok(file) if file.len() > LIMIT => return Err(failed("the credentials file is too large")),
        Ok(_) => {}
        Err(_) if !must => return Ok(None),
        Err(error) => {
            return Err(super::auth::sign_in(failed("the credentials file cannot be opened")).caused_by(error));
        }
    }
    let Ok(text) = tokio::fs::read(&path).await else {
        return Err(super::auth::sign_in(failed("the credentials file cannot be opened")));
    };
    // The decoder's message may quote the file.
    serde_json::from_slice(&text).map(Some).map_err(|_| failed("the credentials file cannot be read"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_address_is_told_where_the_credentials_hold_one() {
        let address = "https://iam/v1/projects/-/serviceAccounts/ci@acme.example:generateAccessToken";
        for (credentials, name) in [
            (
                json!({"type": "service_account", "client_email": "ci@acme.example", "private_key": "very-secret"}),
                Some("ci@acme.example"),
            ),
            (json!({"type": "authorized_user", "account": "", "refresh_token": "very-secret"}), None),
            (json!({"type": "authorized_user", "account": "ann@acme.example"}), Some("ann@acme.example")),
            (
                json!({"type": "impersonated_service_account", "service_account_impersonation_url": address}),
                Some("ci@acme.example"),
            ),
            (json!({"type": 7}), None),
        ] {
            assert_eq!(of(&credentials).0.as_deref(), name);
        }
    }
}
