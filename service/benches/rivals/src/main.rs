//! `rivals hyper PORT` and `rivals axum PORT`: the answer of hello-service to `GET /hello`, with the same headers, and
//! nothing else: no deadlines, no limits, no metrics, no log, no drain.
//!
//! `rivals load PORT CONNECTIONS RATE SECONDS` and `rivals first PORT TIMES PROGRAM`: see those modules.

use std::{convert::Infallible, env, error::Error};

use axum::{Router, http::HeaderName, response::IntoResponse, routing::get};
use http_body_util::Full;
use hyper::{Response, body::Bytes, header::HeaderValue, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

mod first;
mod load;

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
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["hyper", port] => bare(listen(port).await?).await,
        ["axum", port] => Ok(axum::serve(listen(port).await?, Router::new().route("/hello", get(hello))).await?),
        ["load", port, connections, rate, seconds] => {
            load::run(port.parse()?, connections.parse()?, rate.parse()?, seconds.parse()?).await
        }
        ["first", port, times, program] => first::run(port.parse()?, times.parse()?, program),
        _ => Err("usage: rivals hyper|axum PORT, load PORT CONNECTIONS RATE SECONDS, first PORT TIMES PROGRAM".into()),
    }
}

async fn listen(port: &str) -> Result<TcpListener, Box<dyn Error>> {
    Ok(TcpListener::bind(("0.0.0.0", port.parse()?)).await?)
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
