//! A plain HTTP client that knows nothing of any cloud, so that the tests see what is really on the wire.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::{net::TcpStream, time::timeout};

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    /// A header's text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One request over a fresh connection. The error is the connection's.
pub async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Result<Answer, String> {
    let exchange = async {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, text })
    };
    timeout(Duration::from_secs(10), exchange).await.unwrap_or_else(|_| Err("no answer within 10 s".to_owned()))
}

/// A request with these headers.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Request<Full<Bytes>> {
    let mut builder = Request::builder().method(method).uri(path).header("host", "stand-in");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    builder.body(Full::new(Bytes::from(body))).unwrap()
}

/// The address in `http://address`.
pub fn address_of(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// `GET` without credentials.
pub async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, request("GET", path, &[], &Value::Null)).await.unwrap()
}

/// Any control call.
pub async fn control(address: SocketAddr, method: &str, path: &str, body: &Value) -> Answer {
    send(address, request(method, &format!("/_local/{path}"), &[], body)).await.unwrap()
}

/// A call of ECS as a signing client sends it.
pub async fn ecs(address: SocketAddr, name: &str, input: Value) -> Answer {
    aws(address, &format!("AmazonEC2ContainerServiceV20141113.{name}"), input).await.unwrap()
}

/// A JSON 1.1 call with the shape of a signature.
pub async fn aws(address: SocketAddr, target: &str, input: Value) -> Result<Answer, String> {
    let service = match target.split('.').next().unwrap_or_default() {
        "AmazonEC2ContainerRegistry_V20150921" => "ecr",
        "Logs_20140328" => "logs",
        "CodeBuild_20161006" => "codebuild",
        _ => "ecs",
    };
    let (authorization, date) = signature(service, OffsetDateTime::now_utc());
    let headers = [("x-amz-target", target), ("authorization", &authorization), ("x-amz-date", &date)];
    send(address, request("POST", "/", &headers, &input)).await
}

/// A call of a Query service; `form` comes behind `Action` and `Version`.
pub async fn query(address: SocketAddr, service: &str, action: &str, form: &str) -> Answer {
    let (authorization, date) = signature(service, OffsetDateTime::now_utc());
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("authorization", &authorization),
        ("x-amz-date", &date),
    ];
    let version = if service == "sts" { "2011-06-15" } else { "2015-12-01" };
    let mut asked = request("POST", "/", &headers, &Value::Null);
    *asked.body_mut() = format!("Action={action}&Version={version}{form}").into();
    send(address, asked).await.unwrap()
}

/// What a signing client sends in `Authorization` and `X-Amz-Date`; the signature itself is made up.
pub fn signature(service: &str, at: OffsetDateTime) -> (String, String) {
    let (hour, minute, second) = at.to_hms();
    let day = format!("{:04}{:02}{:02}", at.year(), u8::from(at.month()), at.day());
    let scope = format!("x/{day}/eu-central-1/{service}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0");
    (authorization, format!("{day}T{hour:02}{minute:02}{second:02}Z"))
}

/// A call of Google's with a token.
pub async fn google(address: SocketAddr, method: &str, path: &str, body: Value) -> Answer {
    send(address, request(method, path, &[("authorization", "Bearer x")], &body)).await.unwrap()
}

/// Asks again until the condition holds, without caring how long each answer takes. Fails after twenty seconds.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let wait = async {
        loop {
            if let Some(value) = ask().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("never: {what}"))
}
