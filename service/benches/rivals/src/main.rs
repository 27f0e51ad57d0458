//! `rivals hyper PORT` and `rivals axum PORT`: the answer of hello-service to `GET /hello`, with the same headers, and
//! nothing else: no deadlines, no limits, no metrics, no log, no drain.

use std::{convert::Infallible, env, error::Error};

use axum::{Router, http::HeaderName, response::IntoResponse, routing::get};
use http_body_util::Full;
use hyper::{Response, body::Bytes, header::HeaderValue, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (HeaderName::from_static("content-type"), HeaderValue::from_static("text/plain; charset=utf-8")),
    (HeaderName::from_static("vary"), HeaderValue::from_static("accept")),
    (HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: rivals hyper|axum PORT";
    let which = env::args().nth(1).ok_or(usage)?;
    let port: u16 = env::args().nth(2).ok_or(usage)?.parse()?;
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    match which.as_str() {
        "hyper" => bare(listener).await,
        "axum" => Ok(axum::serve(listener, Router::new().route("/hello", get(hello))).await?),
        _ => Err(usage.into()),
    }
}

async fn hello() -> impl IntoResponse {
    (HEADERS, "Hello world\n")
}

async fn bare(listener: TcpListener) -> Result<(), Box<dyn Error>> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service = service_fn(|_| async {
                let mut response = Response::new(Full::new(Bytes::from_static(b"Hello world\n")));
                response.headers_mut().extend(HEADERS);
                Ok::<_, Infallible>(response)
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
