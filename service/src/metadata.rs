//! What the platform tells its instances over HTTP on a link-local address, asked once at start.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header::HOST, http::uri::Authority};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

pub mod ecs;
pub mod google;

/// Longest wait for all calls together. The endpoint is on the host itself.
const DEADLINE: Duration = Duration::from_secs(1);
/// Largest answer read, in bytes. Real ones are a few KiB.
const LARGEST: usize = 256 * 1024;

/// Keeps a call within the deadline.
async fn in_time<T>(call: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    timeout(DEADLINE, call).await.unwrap_or_else(|_| Err(format!("no answer within {} ms", DEADLINE.as_millis())))
}

/// `GET http://{authority}{path}`. The error is one line for the log.
async fn get(authority: &Authority, path: &str) -> Result<Bytes, String> {
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port)).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let request = Request::get(path)
        .header(HOST, authority.as_str())
        // Google's endpoint wants it; ECS does not mind.
        .header("metadata-flavor", "Google")
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("answered {}", response.status()));
    }
    let body = Limited::new(response.into_body(), LARGEST).collect().await.map_err(|error| error.to_string())?;
    Ok(body.to_bytes())
}
