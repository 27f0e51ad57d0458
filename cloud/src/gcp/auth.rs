//! Access tokens from the vendor's own credential chain. The chain is built on first use and again after a failure, so
//! that signing in needs no restart. Nothing of a credential or of a token server's answer reaches an error.

use std::{
    error::Error as StdError,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use google_cloud_auth::{
    credentials::{Builder, CacheableResource, Credentials as Signer, service_account, user_account},
    errors::CredentialsError,
};
use http::{Extensions, HeaderMap};

use super::Credentials;
use crate::error::{ErrorKind, ProviderError};

const CALL: &str = "google.oauth2.token";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const DEADLINE: Duration = Duration::from_secs(5);
const SIGN_IN: &str = "gcloud auth application-default login";

/// Where access tokens come from. Cheap to clone; clones share the token.
#[derive(Clone)]
pub(crate) struct Tokens {
    credentials: Credentials,
    signer: Arc<Mutex<Option<Signer>>>,
}

impl Tokens {
    pub fn new(credentials: &Credentials) -> Self {
        Self { credentials: credentials.clone(), signer: Arc::default() }
    }

    /// The headers that sign a request. Cached below until shortly before the token expires.
    pub async fn headers(&self) -> Result<HeaderMap, ProviderError> {
        let signer = self.signer()?;
        let answer = tokio::time::timeout(DEADLINE, signer.headers(Extensions::new())).await;
        let error = match answer {
            Ok(Ok(CacheableResource::New { data, .. })) => return Ok(data),
            Ok(Ok(CacheableResource::NotModified)) => {
                ProviderError::new(ErrorKind::Unexpected, CALL, "no token, although none is kept")
            }
            Ok(Err(error)) => failed(&error),
            Err(_) => ProviderError::new(ErrorKind::Timeout, CALL, "no access token within the deadline"),
        };
        self.forget();
        Err(error)
    }

    /// Starts the chain anew next time: after a rejected token, or when somebody may have signed in meanwhile.
    pub fn forget(&self) {
        *self.signer.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn signer(&self) -> Result<Signer, ProviderError> {
        let mut kept = self.signer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = kept.as_ref() {
            return Ok(signer.clone());
        }
        let built = match &self.credentials {
            Credentials::Default => Builder::default().with_scopes([SCOPE]).build(),
            Credentials::Json(json) => match json.get("type").and_then(|kind| kind.as_str()) {
                Some("authorized_user") => user_account::Builder::new(json.clone()).build(),
                Some("service_account") => service_account::Builder::new(json.clone()).build(),
                Some(_) | None => {
                    let message = "credentials that are neither an authorized user's nor a service account's";
                    return Err(ProviderError::new(ErrorKind::Auth, CALL, message).hint(SIGN_IN));
                }
            },
        };
        // The vendor's message may quote the file: say which step failed, and no more.
        let signer = built.map_err(|error| {
            let message = if error.is_loading() {
                "the credentials file cannot be opened"
            } else if error.is_parsing() || error.is_missing_field() {
                "the credentials file cannot be read"
            } else {
                "no usable credentials"
            };
            ProviderError::new(ErrorKind::Auth, CALL, message).hint(SIGN_IN)
        })?;
        *kept = Some(signer.clone());
        Ok(signer)
    }
}

/// A token server that cannot be reached, or is broken, says nothing about the sign-in.
fn failed(error: &CredentialsError) -> ProviderError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    let (mut revoked, mut unanswered) = (false, error.is_transient());
    while let Some(current) = cause {
        unanswered |=
            current.downcast_ref::<reqwest::Error>().is_some_and(|error| error.is_request() || error.is_body());
        let refused = current.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
        if refused {
            return ProviderError::new(ErrorKind::Unavailable, CALL, "the token server refuses connections");
        }
        revoked |= current.to_string().contains("invalid_grant");
        cause = current.source();
    }
    if unanswered && !revoked {
        return ProviderError::new(ErrorKind::Unavailable, CALL, "the token server does not answer as it should");
    }
    let message = if revoked { "the sign-in has ended (invalid_grant)" } else { "no access token" };
    ProviderError::new(ErrorKind::Auth, CALL, message).hint(SIGN_IN)
}

/// What to run when a call was answered "not signed in".
pub(super) fn sign_in(error: ProviderError) -> ProviderError {
    error.hint(SIGN_IN)
}
