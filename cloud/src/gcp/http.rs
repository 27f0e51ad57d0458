//! One way to call a Google API: signed, within a deadline, the answer capped while it streams, failures read into kinds.
//! Reads are tried again after a passing failure; writes never are.

use std::{error::Error as StdError, io, time::Duration};

use reqwest::{Method, Response, StatusCode, Url, redirect::Policy};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{auth, auth::Tokens, wire};
use crate::{
    error::{self, ErrorKind, ProviderError},
    retry::{self, Turns},
};

/// The largest answer read, in bytes.
pub(crate) const BODY_LIMIT: usize = 8 << 20;
/// One attempt takes no longer.
const ATTEMPT: Duration = Duration::from_secs(5);

/// A client of one API.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    tokens: Tokens,
    turns: Turns,
}

/// A failed call, and whether it may have taken effect all the same.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: ProviderError,
    /// It was sent, or may have been, and no answer says what became of it.
    pub ambiguous: bool,
    /// The API did not take the token.
    pub rejected: bool,
}

impl AsRef<ProviderError> for Failure {
    fn as_ref(&self) -> &ProviderError {
        &self.error
    }
}

impl From<ProviderError> for Failure {
    /// An error from before anything was sent.
    fn from(error: ProviderError) -> Self {
        Self { error, ambiguous: false, rejected: false }
    }
}

/// The plain HTTP client every adapter uses: no redirects, because a token must not follow one.
pub(crate) fn plain(call: &'static str) -> Result<reqwest::Client, ProviderError> {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(2))
        .timeout(ATTEMPT)
        .user_agent(concat!("hello-dash/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| ProviderError::new(ErrorKind::Unexpected, call, "no HTTP client can be made").caused_by(error))
}

/// Reads a base address, with or without a slash at its end.
pub(crate) fn base(address: &str, call: &'static str) -> Result<Url, ProviderError> {
    let slashed = if address.ends_with('/') { address.to_owned() } else { format!("{address}/") };
    let url = Url::parse(&slashed).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| ProviderError::new(ErrorKind::Unexpected, call, format!("{address} is not an address")))
}

/// One part of a path: a name from a configuration or an answer must not reach into another resource.
pub(crate) fn segment(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~:".contains(&byte) || (byte == b'.' && name != "." && name != "..") {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
        }
    }
    escaped
}

impl Client {
    pub fn new(address: Option<&str>, default: &str, tokens: Tokens, turns: Turns) -> Result<Self, ProviderError> {
        const CALL: &str = "settings";
        Ok(Self { http: plain(CALL)?, base: base(address.unwrap_or(default), CALL)?, tokens, turns })
    }

    /// Reads. Tried again after a passing failure, with jitter, within the deadline.
    pub async fn get<T: DeserializeOwned>(
        &self,
        call: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        self.read(call, Method::GET, path, query, None).await
    }

    /// Reads what is asked for by a body. Like [`get`](Self::get), it changes nothing and may be sent again.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        call: &'static str,
        path: &str,
        body: &Value,
    ) -> Result<T, ProviderError> {
        self.read(call, Method::POST, path, &[], Some(body)).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        call: &'static str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T, ProviderError> {
        let attempt = || self.send(call, method.clone(), path, query, body);
        let mut answer = retry::read(&self.turns, call, attempt).await;
        // A token may be taken back before its time. It is forgotten by now: once more, with a new one.
        if answer.as_ref().is_err_and(|failure| failure.rejected) {
            answer = retry::read(&self.turns, call, attempt).await;
        }
        decode(call, &answer.map_err(|failure| failure.error)?)
    }

    /// Turns of this client's account, for an observation that begins now.
    pub fn turns(&self) -> Turns {
        self.turns.anew()
    }

    /// The same client, whose calls draw these turns.
    pub fn taking(&self, turns: &Turns) -> Self {
        Self { turns: turns.clone(), ..self.clone() }
    }

    /// Writes, once.
    pub async fn patch<T: DeserializeOwned>(
        &self,
        call: &'static str,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<T, Failure> {
        self.turns.spend();
        let answer = self.send(call, Method::PATCH, path, query, Some(body)).await;
        let answer = answer.inspect_err(|failure| self.turns.heard(&failure.error))?;
        // It was accepted; that its answer cannot be read does not undo it.
        decode(call, &answer).map_err(|error| Failure { error, ambiguous: true, rejected: false })
    }

    /// The one function that sends.
    async fn send(
        &self,
        call: &'static str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Vec<u8>, Failure> {
        let url = self.base.join(path).map_err(|error| {
            ProviderError::new(ErrorKind::Unexpected, call, "not a path of this API").caused_by(error)
        })?;
        let headers = self.tokens.headers().await?;
        let mut request = self.http.request(method, url).query(query).headers(headers);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| unanswered(call, error))?;
        let status = answer.status();
        let after = retry_after(&answer);
        let body = read(call, answer).await;
        if status.is_success() {
            return body.map_err(|error| Failure { error, ambiguous: true, rejected: false });
        }
        let error = refusal(call, status, after, &body.unwrap_or_default());
        let rejected = error.kind == ErrorKind::Auth;
        if rejected {
            self.tokens.forget();
        }
        Err(Failure { ambiguous: status.is_server_error(), error, rejected })
    }
}

/// Reads a body, no further than [`BODY_LIMIT`].
pub(crate) async fn read(call: &'static str, mut answer: Response) -> Result<Vec<u8>, ProviderError> {
    let too_large = || {
        let message = format!("an answer of more than {} MiB", BODY_LIMIT >> 20);
        ProviderError::new(ErrorKind::Unexpected, call, message)
    };
    if answer.content_length().is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(call, error).error)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads JSON. Nesting is limited by the decoder; what was in it stays out of the error.
pub(crate) fn decode<T: DeserializeOwned>(call: &'static str, body: &[u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("an answer that cannot be read, at line {} column {}", error.line(), error.column());
        ProviderError::new(ErrorKind::Unexpected, call, message)
    })
}

/// A call without a complete answer.
pub(crate) fn unanswered(call: &'static str, error: reqwest::Error) -> Failure {
    // The address may carry what the user configured; the cause says enough.
    let error = error.without_url();
    let mut refused = error.is_builder();
    let mut root: &(dyn StdError + 'static) = &error;
    while let Some(cause) = root.source() {
        root = cause;
        refused |= cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
    }
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_connect() || error.is_request() || error.is_body() || error.is_decode() {
        ErrorKind::Unavailable
    } else {
        ErrorKind::Unexpected
    };
    let message =
        if kind == ErrorKind::Timeout { "no answer within the deadline".to_owned() } else { root.to_string() };
    // Without a connection nothing was sent.
    let ambiguous = !(refused || error.is_connect());
    Failure { error: ProviderError::new(kind, call, message).caused_by(error), ambiguous, rejected: false }
}

/// `Retry-After`, whatever the status.
fn retry_after(answer: &Response) -> Option<Duration> {
    error::retry_after(answer.headers().get("retry-after")?.to_str().ok()?)
}

/// Reads a refusal: the status decides, Google's own reason explains.
pub(super) fn refusal(
    call: &'static str,
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> ProviderError {
    let said: wire::ErrorAnswer = serde_json::from_slice(body).unwrap_or_default();
    let said = said.error;
    let kind = match status.as_u16() {
        401 => ErrorKind::Auth,
        403 => ErrorKind::Denied,
        404 => ErrorKind::NotFound,
        409 | 412 => ErrorKind::Conflict,
        429 => ErrorKind::Throttled { retry_after },
        501 => ErrorKind::Unsupported,
        504 => ErrorKind::Timeout,
        500..=599 => ErrorKind::Unavailable,
        // Whoever names the reason has understood what was asked.
        400..=499 if !said.word.is_empty() => ErrorKind::Rejected,
        _ => ErrorKind::Unexpected,
    };
    let message = match (said.word.is_empty(), said.message.is_empty()) {
        (false, false) => format!("{}: {}", said.word, said.message),
        (true, false) => said.message.clone(),
        (false, true) => said.word.clone(),
        (true, true) => format!("HTTP status {}", status.as_u16()),
    };
    let error = ProviderError::new(kind, call, message).after(retry_after);
    match kind {
        ErrorKind::Auth => auth::sign_in(error),
        ErrorKind::Denied if said.details.iter().any(|detail| detail.reason == "SERVICE_DISABLED") => {
            let api = said.details.iter().find_map(|detail| detail.metadata.get("service"));
            let api = api.map_or("<the API's name>", String::as_str);
            error.hint(crate::shell::command(["gcloud", "services", "enable", api]))
        }
        ErrorKind::Denied => error.hint(format!("grant {call} to the identity you are signed in with")),
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

#[cfg(test)]
mod tests;
