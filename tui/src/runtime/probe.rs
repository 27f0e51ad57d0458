//! Asks a service how it is: one GET on a fresh connection, no retry, no redirect, a small answer, five seconds.
//!
//! A good answer is status 200 with a JSON object that names its commit or its revision. 200 alone is not health: a captive
//! portal, another virtual host and a load balancer's own page answer 200 too.

use std::time::{Duration, Instant};

use hello_cloud::{Commit, InstanceId, Untrusted, text::sanitize};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde::Deserialize;

use crate::app::probe::{Answer, Failure, Probe};

const CONNECT: Duration = Duration::from_secs(2);
const TOTAL: Duration = Duration::from_secs(5);
const LARGEST: usize = 64 * 1024;

/// Asks.
#[derive(Clone)]
pub struct Prober {
    client: Client,
}

impl Prober {
    /// Fails when this machine's TLS roots cannot be read.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("hello-dash/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client })
    }

    /// One question.
    #[expect(clippy::disallowed_methods, reason = "a latency is measured where it happens")]
    pub async fn ask(&self, url: &str) -> Probe {
        let asked = Instant::now();
        let result = self.answer(url).await;
        Probe { latency: asked.elapsed(), result }
    }

    async fn answer(&self, url: &str) -> Result<Answer, Failure> {
        let mut response = self.client.get(url).send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(Failure::Wrong(status_text(status)));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Failure::Wrong("answers 200 with more than 64 KiB: not a hello service".into()));
            }
            body.extend_from_slice(&chunk);
        }
        read(&body)
    }
}

/// What the service says of itself; more fields than these are welcome.
#[derive(Deserialize)]
struct Said {
    commit: Option<String>,
    revision: Option<String>,
    instance: Option<String>,
    version: Option<String>,
}

fn read(body: &[u8]) -> Result<Answer, Failure> {
    let wrong = || Failure::Wrong("answers 200, but names neither commit nor revision: not a hello service".into());
    let said: Said = serde_json::from_slice(body).map_err(|_| wrong())?;
    let answer = Answer {
        commit: said.commit.as_deref().and_then(Commit::parse),
        revision: said.revision.map(Untrusted::new),
        instance: said.instance.map(InstanceId::new),
        version: said.version.map(Untrusted::new),
    };
    if answer.commit.is_none() && answer.revision.is_none() { Err(wrong()) } else { Ok(answer) }
}

fn status_text(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            format!("answers {}: the address needs a sign-in, so its health cannot be seen from here", status.as_u16())
        }
        other if other.is_redirection() => format!("answers {}: redirects elsewhere", status.as_u16()),
        other => format!("answers {}", sanitize(&other.to_string())),
    }
}

fn unreachable(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Unreachable("no answer within 5 s".into());
    }
    Failure::Unreachable(format!("no connection: {}", root(error)))
}

fn broken(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::Wrong("began to answer, but did not end within 5 s".into());
    }
    Failure::Wrong(format!("broke off its answer: {}", root(error)))
}

/// The innermost cause, which says most.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    sanitize(&cause.to_string())
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server that gives one raw answer to everybody.
    async fn server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut buffer = [0; 1024];
                let _ = socket.read(&mut buffer).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        format!("http://{address}/version")
    }

    async fn ask(answer: &'static str) -> Result<Answer, Failure> {
        Prober::new().unwrap().ask(&server(answer).await).await.result
    }

    #[tokio::test]
    async fn a_good_answer_names_commit_revision_and_instance() {
        let body = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"commit\":\"9f2c1e7\",\"revision\":\"hello:3\",\"instance\":\"a1\",\"version\":null}";
        let answer = ask(body).await.unwrap();
        assert_eq!(answer.commit, Commit::parse("9f2c1e7"));
        assert_eq!(answer.revision, Some(Untrusted::from("hello:3")));
        assert_eq!(answer.instance, Some(InstanceId::new("a1")));
    }

    #[tokio::test]
    async fn anything_else_is_not_health() {
        for (sent, part) in [
            ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>sign in to the wifi</html>", "not a hello service"),
            ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "names neither"),
            ("HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\n\r\n", "answers 500"),
            ("HTTP/1.1 302 Found\r\nlocation: http://evil\r\nconnection: close\r\n\r\n", "redirects"),
            ("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n", "sign-in"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{", "broke off"),
        ] {
            let failure = ask(sent).await.unwrap_err();
            assert!(matches!(failure, Failure::Wrong(_)) && failure.text().contains(part), "{part}: {failure:?}");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let result = Prober::new().unwrap().ask(&format!("http://{address}/version")).await.result;
        assert!(matches!(result, Err(Failure::Unreachable(_))), "{result:?}");
    }
}
