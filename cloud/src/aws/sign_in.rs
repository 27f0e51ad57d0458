//! Why there are no credentials. Nobody is signed in, or whoever hands credentials out (STS, SSO, the metadata of a machine)
//! cannot be reached: then signing in anew is no help, and asking again is.

use std::{error::Error as StdError, io};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecs::{config::http::HttpResponse, error::SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use crate::error::ErrorKind;

/// What it means that no credentials could be had; `None` when that is not what failed. Nothing was sent then.
pub(super) fn trouble<'a>(causes: impl Iterator<Item = &'a (dyn StdError + 'static)>) -> Option<ErrorKind> {
    let mut causes = causes.skip_while(|cause| !is_about_credentials(*cause)).peekable();
    causes.peek()?;
    Some(causes.find_map(passing).unwrap_or(ErrorKind::Auth))
}

/// What the SDK says when it waited for credentials in vain.
const WAITED: &str = "identity resolver timed out";

fn is_about_credentials(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<CredentialsError>().is_some() || cause.to_string().starts_with(WAITED)
}

/// A cause that passes by itself. The SDK erases the types of what its credentials asked for, so some are told by its words.
fn passing(cause: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    use io::ErrorKind as Io;
    if let Some(CredentialsError::ProviderTimedOut(_)) = cause.downcast_ref() {
        return Some(ErrorKind::Timeout);
    }
    if let Some(SdkError::ServiceError(answer)) = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
        return (answer.raw().status().as_u16() >= 500).then_some(ErrorKind::Unavailable);
    }
    // A file that is missing, or that may not be read, is an io error too.
    let unreachable = cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            Io::ConnectionRefused
                | Io::ConnectionReset
                | Io::ConnectionAborted
                | Io::HostUnreachable
                | Io::NetworkUnreachable
                | Io::NetworkDown
                | Io::TimedOut
                | Io::UnexpectedEof
        )
    });
    let said = cause.to_string();
    match said.as_str() {
        _ if unreachable || said.contains("dns error") => Some(ErrorKind::Unavailable),
        "request has timed out" | "timeout" => Some(ErrorKind::Timeout),
        _ if said.starts_with(WAITED) => Some(ErrorKind::Timeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: &CredentialsError) -> Option<ErrorKind> {
        let first: Option<&(dyn StdError + 'static)> = Some(error);
        trouble(std::iter::successors(first, |error| (*error).source()))
    }

    #[test]
    fn nobody_signed_in_is_told_from_nobody_reached() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        for (error, kind) in [
            (CredentialsError::not_loaded_no_source(), ErrorKind::Auth),
            (CredentialsError::invalid_configuration("a loop"), ErrorKind::Auth),
            (CredentialsError::provider_error("the SSO session has ended"), ErrorKind::Auth),
            (CredentialsError::provider_error(io::Error::from(io::ErrorKind::NotFound)), ErrorKind::Auth),
            (CredentialsError::provider_error(refused()), ErrorKind::Unavailable),
            (CredentialsError::provider_error(CredentialsError::provider_error(refused())), ErrorKind::Unavailable),
            (CredentialsError::provider_timed_out(std::time::Duration::from_secs(5)), ErrorKind::Timeout),
        ] {
            assert_eq!(of(&error), Some(kind), "{error:?}");
        }
        let other = refused();
        assert_eq!(trouble(std::iter::once::<&(dyn StdError + 'static)>(&other)), None);
    }
}
