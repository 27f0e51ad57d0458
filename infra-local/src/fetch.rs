//! One HTTP request to an instance on loopback, with short deadlines.

use std::{io, net::SocketAddr, time::Duration};

use http_body_util::Empty;
use hyper::{
    Request, Response,
    body::{Body, Bytes, Incoming},
    client::conn::http1,
    header::HOST,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// Longest wait for a connection on loopback.
const CONNECT: Duration = Duration::from_secs(1);
/// Longest wait for the head of an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A connection that was made, so that nothing was sent before this point.
pub async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    timeout(CONNECT, TcpStream::connect(address)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Sends one request over a fresh connection.
pub async fn send<B>(stream: TcpStream, request: Request<B>) -> io::Result<Response<Incoming>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let answer = timeout(ANSWER, sender.send_request(request)).await;
    answer.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?.map_err(io::Error::other)
}

/// `GET`; the status of the answer.
pub async fn status(address: SocketAddr, path: &str) -> io::Result<u16> {
    let request = Request::get(path).header(HOST, address.to_string()).body(Empty::<Bytes>::new());
    let response = send(connect(address).await?, request.map_err(io::Error::other)?).await?;
    Ok(response.status().as_u16())
}
