//! How GitHub is asked: answers are kept with their `ETag`, because a 304 costs nothing of the rate limit; every call draws
//! from the budget of its token; and what GitHub says is left of the limit is believed.

use std::{
    collections::{HashMap, VecDeque, hash_map::DefaultHasher},
    fmt,
    hash::{Hash as _, Hasher as _},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use reqwest::{Response, StatusCode, Url, header::HeaderMap};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    budget::{Allowance, Budgets},
    error::{ErrorKind, LONGEST_WAIT, ProviderError, retry_after},
    gcp::http,
    retry::{self, Turns},
};

/// A token may ask 5000 times an hour; others use it too.
const TOKEN: Allowance = Allowance { rate: 1.0, burst: 30.0 };
/// The wait where a limit names none: GitHub asks for a minute at least.
const UNTOLD: Duration = Duration::from_mins(1);
/// Answers kept for the next conditional request.
const KEPT: usize = 8;

/// The way to one server, with one token or none.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<Token>,
    turns: Turns,
    kept: Mutex<Kept>,
}

/// A token that no debug output shows.
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The last answers by their address, for as long as GitHub says that nothing has changed.
#[derive(Default)]
struct Kept {
    answers: HashMap<String, (String, Vec<u8>)>,
    order: VecDeque<String>,
}

impl Kept {
    fn keep(&mut self, url: &str, etag: String, body: &[u8]) {
        if self.answers.insert(url.to_owned(), (etag, body.to_vec())).is_none() {
            self.order.push_back(url.to_owned());
        }
        while self.order.len() > KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.answers.remove(&oldest);
            }
        }
    }
}

impl Client {
    pub fn new(call: &'static str, api_url: &str, token: Option<String>) -> Result<Self, ProviderError> {
        let token = token.filter(|token| !token.is_empty()).map(Token);
        let base = http::base(api_url, call)?;
        let turns = Turns::new(&Budgets::default(), &key(&base, token.as_ref()), TOKEN);
        Ok(Self { http: http::plain(call)?, base, token, turns, kept: Mutex::default() })
    }

    /// Draws from these budgets: one token is one budget, however many repositories it is used for.
    pub fn sharing(self, budgets: &Budgets) -> Self {
        let turns = Turns::new(budgets, &key(&self.base, self.token.as_ref()), TOKEN);
        Self { turns, ..self }
    }

    /// Reads. A rate limit that lasts for minutes is for the caller's schedule.
    pub async fn get<T: DeserializeOwned>(
        &self,
        call: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        let url = self.base.join(path).map_err(|error| {
            ProviderError::new(ErrorKind::Unexpected, call, "not a path of this API").caused_by(error)
        })?;
        let body = retry::read(&self.turns, call, || self.send(call, url.clone(), query)).await?;
        http::decode(call, &body)
    }

    async fn send(&self, call: &'static str, url: Url, query: &[(&str, &str)]) -> Result<Vec<u8>, ProviderError> {
        let request = self
            .http
            .get(url)
            .query(query)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28");
        let mut request = match &self.token {
            Some(Token(token)) => request.bearer_auth(token),
            None => request,
        }
        .build()
        .map_err(|error| http::unanswered(call, error).error)?;
        let address = request.url().to_string();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).answers.get(&address).cloned();
        if let Some(etag) = kept.as_ref().and_then(|(etag, _)| etag.parse().ok()) {
            request.headers_mut().insert("if-none-match", etag);
        }
        let answer = self.http.execute(request).await.map_err(|error| http::unanswered(call, error).error)?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            let lost = || ProviderError::new(ErrorKind::Unexpected, call, "not modified, although nothing is kept");
            return kept.map(|(_, body)| body).ok_or_else(lost);
        }
        if !answer.status().is_success() {
            return Err(refusal(call, answer, self.token.is_some()).await);
        }
        if let Some(reset) = spent(answer.headers()) {
            self.turns.pause(reset);
        }
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = http::read(call, answer).await?;
        if let Some(etag) = etag {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(&address, etag, &body);
        }
        Ok(body)
    }
}

/// Which budget. The token itself is no part of it.
fn key(base: &Url, token: Option<&Token>) -> String {
    let mut hasher = DefaultHasher::new();
    token.map(|Token(token)| token).hash(&mut hasher);
    format!("github:{:x} {base}", hasher.finish())
}

/// How long until there is something left of the rate limit; `None` while there is.
fn spent(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let spent = number("x-ratelimit-remaining") == Some(0);
    number("x-ratelimit-reset").filter(|_| spent).map(until)
}

async fn refusal(call: &'static str, answer: Response, signed: bool) -> ProviderError {
    let status = answer.status();
    let header = |name: &str| answer.headers().get(name)?.to_str().ok();
    let after = header("retry-after").and_then(retry_after).or_else(|| spent(answer.headers()));
    let said: Refusal = match http::read(call, answer).await {
        Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
        Err(_) => Refusal::default(),
    };
    let message = if said.message.is_empty() { format!("HTTP status {}", status.as_u16()) } else { said.message };
    let limited = status == StatusCode::TOO_MANY_REQUESTS
        || (status == StatusCode::FORBIDDEN && (after.is_some() || is_limit(&message)));
    let kind = match status.as_u16() {
        _ if limited => ErrorKind::Throttled { retry_after: after.or(Some(UNTOLD)) },
        401 => ErrorKind::Auth,
        403 => ErrorKind::Denied,
        404 => ErrorKind::NotFound,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Unexpected,
    };
    let error = ProviderError::new(kind, call, message).after(after);
    match kind {
        ErrorKind::Auth => error.hint("set GITHUB_TOKEN to a token that is still good"),
        ErrorKind::Denied => error.hint("the token needs read access to Actions of the repository"),
        ErrorKind::NotFound if !signed => error.hint("a private repository needs a token: set GITHUB_TOKEN"),
        ErrorKind::Throttled { .. } if !signed => {
            error.hint("with a token GitHub allows far more calls: set GITHUB_TOKEN")
        }
        ErrorKind::NotFound
        | ErrorKind::Throttled { .. }
        | ErrorKind::Conflict
        | ErrorKind::Unavailable
        | ErrorKind::Timeout
        | ErrorKind::Unsupported
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => error,
    }
}

/// Whether a refusal is about too many calls: the limits on bursts answer 403 like a denial, and only their words differ.
fn is_limit(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("rate limit") || message.contains("abuse detection")
}

/// How long until a time in seconds since the epoch, at most [`LONGEST_WAIT`].
fn until(epoch: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(epoch).saturating_sub(now).min(LONGEST_WAIT)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
}
