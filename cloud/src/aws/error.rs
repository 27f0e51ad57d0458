//! From the SDK's errors to ours. The status alone does not tell: ECS throttles with 400, and missing credentials look
//! like a failed connection.

use std::{error::Error as StdError, io, time::Duration};

use aws_sdk_ecs::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::{clock, sign_in};
use crate::{
    error::{ErrorKind, ProviderError, amz_retry_after, retry_after},
    secret::drop_secrets,
    timestamp::Timestamp,
};

/// What happened to a call that failed: our error, and whether it may have reached the cloud all the same.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: ProviderError,
    /// The call was sent, or may have been, and no answer says what became of it.
    pub ambiguous: bool,
    /// A 500 without a name: what servers answer that do not know the call at all, and what a broken proxy may answer too.
    pub nameless: bool,
    /// Refused for its time only: the SDK has learnt from the answer how far the clocks differ, and signs the next call by
    /// that.
    pub skewed: bool,
}

impl Failure {
    /// Of a call that was not sent, or that was refused as a whole.
    fn surely_not(error: ProviderError) -> Self {
        Self { error, ambiguous: false, nameless: false, skewed: false }
    }

    /// Of a call of which nobody knows whether it took effect.
    fn ambiguous(error: ProviderError) -> Self {
        Self { ambiguous: true, ..Self::surely_not(error) }
    }
}

impl From<ProviderError> for Failure {
    /// An error from before anything was sent, or from a read that was given up.
    fn from(error: ProviderError) -> Self {
        Self::surely_not(error)
    }
}

impl AsRef<ProviderError> for Failure {
    fn as_ref(&self) -> &ProviderError {
        &self.error
    }
}

/// Reads an SDK error, with the wait that its answer asks for.
pub(super) fn read<E>(call: &'static str, sign_in: &str, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let wait = error.raw_response().and_then(waits);
    let failure = without_wait(call, sign_in, error);
    Failure { error: failure.error.after(wait), ..failure }
}

/// Reads all but the wait. An answer is not kept as source: the SDK's error holds its whole body. `call` is the action's name in IAM, so that a denial can say what to grant.
fn without_wait<E>(call: &'static str, sign_in: &str, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let (code, message) = (answer.err().code(), answer.err().message());
            let date = answer.raw().headers().get("date");
            let kind = kind_of(code, status, waits(answer.raw()));
            let said = match (code, message.map(without_request)) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (Some(code), None) => code.to_owned(),
                (None, Some(message)) => message,
                (None, None) => format!("HTTP status {status} without a reason"),
            };
            let skewed = clock::is_flaw(code, message, date, Timestamp::now());
            let ours = if skewed {
                let off = clock::told(date, Timestamp::now());
                ProviderError::new(ErrorKind::Auth, call, format!("{off}: {said}")).hint(clock::HINT)
            } else {
                hinted(ProviderError::new(kind, call, said), sign_in)
            };
            let nameless = code.is_none() && status == 500;
            Failure { error: ours, ambiguous: status >= 500, nameless, skewed }
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            let (kind, said) = if status >= 500 {
                (ErrorKind::Unavailable, format!("HTTP status {status}, in a form that is not the API's"))
            } else if status == 429 {
                let after = waits(answer.raw());
                (ErrorKind::Throttled { retry_after: after }, "too many requests".to_owned())
            } else {
                (ErrorKind::Unexpected, format!("an answer that cannot be read (HTTP status {status})"))
            };
            Failure { nameless: status == 500, ..Failure::ambiguous(ProviderError::new(kind, call, said)) }
        }
        SdkError::TimeoutError(_) => {
            let ours = ProviderError::new(ErrorKind::Timeout, call, "no answer within the deadline");
            Failure::ambiguous(ours.caused_by(error))
        }
        SdkError::DispatchFailure(failure) => {
            if let Some(kind) = sign_in::trouble(chain(&error)) {
                return unsigned(kind, call, sign_in, error);
            }
            let refused = chain(&error).any(is_never_connected);
            let ours = if failure.is_timeout() {
                ProviderError::new(ErrorKind::Timeout, call, "no connection within the deadline")
            } else {
                ProviderError::new(ErrorKind::Unavailable, call, root(&error))
            };
            Failure { ambiguous: !refused, ..Failure::surely_not(ours.caused_by(error)) }
        }
        SdkError::ConstructionFailure(_) => {
            if let Some(kind) = sign_in::trouble(chain(&error)) {
                return unsigned(kind, call, sign_in, error);
            }
            let ours = ProviderError::new(ErrorKind::Unexpected, call, root(&error));
            Failure::surely_not(ours.caused_by(error))
        }
        // The SDK's enum is open; whatever is new was not foreseen, and may have been sent.
        _ => {
            let ours = ProviderError::new(ErrorKind::Unexpected, call, root(&error));
            Failure::ambiguous(ours.caused_by(error))
        }
    }
}

/// There were no credentials to sign with, so nothing was sent.
fn unsigned<E>(kind: ErrorKind, call: &'static str, sign_in: &str, error: SdkError<E, HttpResponse>) -> Failure
where
    E: StdError + Send + Sync + 'static,
{
    let said = if kind == ErrorKind::Auth {
        "no usable credentials"
    } else {
        "whoever hands out credentials cannot be reached"
    };
    Failure::surely_not(hinted(ProviderError::new(kind, call, said), sign_in).caused_by(error))
}

/// A signature that does not match is answered with the request as AWS read it, whose headers hold the session's token.
fn without_request(message: &str) -> String {
    drop_secrets(message.split("The Canonical String").next().unwrap_or_default().trim())
}

/// How long the answer asks to wait, in either of the two ways that AWS has.
fn waits(answer: &HttpResponse) -> Option<Duration> {
    let headers = answer.headers();
    let own = headers.get("x-amz-retry-after").and_then(amz_retry_after);
    own.or_else(|| headers.get("retry-after").and_then(retry_after))
}

/// The kind behind a code of the API; the status decides only where no code is known.
fn kind_of(code: Option<&str>, status: u16, retry_after: Option<Duration>) -> ErrorKind {
    match code.unwrap_or_default() {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "SlowDown" => ErrorKind::Throttled { retry_after },
        "ExpiredToken"
        | "ExpiredTokenException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "RequestExpired" => ErrorKind::Auth,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" | "OptInRequired" => {
            ErrorKind::Denied
        }
        "ServiceNotFoundException"
        | "ClusterNotFoundException"
        | "ServiceDeploymentNotFoundException"
        | "RepositoryNotFoundException"
        | "ImageNotFoundException"
        | "ResourceNotFoundException"
        | "TargetGroupNotFound"
        | "TargetGroupNotFoundException"
        | "ServiceNotActiveException" => ErrorKind::NotFound,
        "ConflictException" => ErrorKind::Conflict,
        "UnsupportedFeatureException" | "UnknownOperationException" => ErrorKind::Unsupported,
        "ServerException"
        | "InternalFailure"
        | "InternalServerError"
        | "InternalServerException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => ErrorKind::Unavailable,
        _ if status == 429 => ErrorKind::Throttled { retry_after },
        _ if status == 401 => ErrorKind::Auth,
        _ if status == 403 => ErrorKind::Denied,
        _ if status >= 500 => ErrorKind::Unavailable,
        // Whoever names the reason has understood what was asked.
        word if !word.is_empty() && status >= 400 => ErrorKind::Rejected,
        _ => ErrorKind::Unexpected,
    }
}

fn hinted(error: ProviderError, sign_in: &str) -> ProviderError {
    match error.kind {
        ErrorKind::Auth => error.hint(sign_in),
        ErrorKind::Denied => {
            let grant = format!("grant {} to the identity you are signed in with", error.call);
            error.hint(grant)
        }
        ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Throttled { .. }
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::Unsupported
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => error,
    }
}

/// An error and everything below it.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The lowest cause, which is the one that says something: `connection refused` instead of `dispatch failure`.
fn root(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Whether this cause proves that nothing was sent.
fn is_never_connected(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        || cause.to_string().contains("dns error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_before_the_status() {
        let after = Some(Duration::from_secs(7));
        for (code, status, kind) in [
            (Some("ThrottlingException"), 400, ErrorKind::Throttled { retry_after: after }),
            (Some("ExpiredTokenException"), 400, ErrorKind::Auth),
            (Some("AccessDeniedException"), 400, ErrorKind::Denied),
            (Some("ServiceNotFoundException"), 400, ErrorKind::NotFound),
            (Some("UnknownOperationException"), 400, ErrorKind::Unsupported),
            (Some("InvalidParameterException"), 400, ErrorKind::Rejected),
            (Some("SomethingNewException"), 400, ErrorKind::Rejected),
            (None, 400, ErrorKind::Unexpected),
            (Some("SomethingNewException"), 503, ErrorKind::Unavailable),
            (None, 500, ErrorKind::Unavailable),
            (None, 403, ErrorKind::Denied),
        ] {
            assert_eq!(kind_of(code, status, after), kind, "{code:?} {status}");
        }
    }

    #[test]
    fn a_denial_names_what_to_grant_and_a_missing_sign_in_what_to_run() {
        let denied = hinted(ProviderError::new(ErrorKind::Denied, "ecs:ListTasks", "no"), "aws sso login");
        assert!(denied.hint.unwrap().contains("grant ecs:ListTasks"));
        let unsigned = hinted(ProviderError::new(ErrorKind::Auth, "ecs:ListTasks", "no"), "aws sso login");
        assert_eq!(unsigned.hint.as_deref(), Some("aws sso login"));
    }
}
