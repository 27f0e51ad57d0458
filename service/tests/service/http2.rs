//! HTTP/2 without TLS, for who begins with its preface.

use hello_service::{Drain, Limits, metrics::End};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::house::{Inside, LONG, until};

async fn client(service: &Inside) -> http2::SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(service.address).await.unwrap();
    let (client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(method: Method, path: &str, body: &'static str) -> Request<Full<Bytes>> {
    let uri = format!("http://h{path}");
    Request::builder().method(method).uri(uri).body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_share_a_connection() {
    let service = Inside::with(Limits::default()).await;
    let mut client = client(&service).await;
    for _ in 0..3 {
        let response = client.send_request(request(Method::GET, "/hello", "")).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.headers().contains_key("x-content-type-options"));
        assert!(!response.headers().contains_key("connection"), "it means nothing on HTTP/2");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "Hello world\n");
    }
    let response = client.send_request(request(Method::HEAD, "/hello", "")).await.unwrap();
    assert_eq!(response.headers()["content-length"], "12");
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    let response = client.send_request(request(Method::POST, "/hello", "x")).await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let large: &'static str = Box::leak("x".repeat(1025).into_boxed_str());
    let response = client.send_request(request(Method::POST, "/hello", large)).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_finishes_what_runs() {
    let service = Inside::start(Limits::default(), Drain { notice: Duration::from_millis(200), deadline: LONG }).await;
    let mut client = client(&service).await;
    let metrics = std::sync::Arc::clone(&service.metrics);
    let slow = tokio::spawn(client.send_request(request(Method::GET, "/slow/600", "")));
    until("the request runs", || metrics.in_flight() == 1).await;
    let ended = service.leave();
    let response = slow.await.unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "slow\n");
    assert_eq!(timeout(LONG, ended).await.unwrap().unwrap(), hello_service::Drained::Clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_costs_one_request_and_not_those_beside_it() {
    let service = Inside::with(Limits::default()).await;
    let mut client = client(&service).await;
    let slow = tokio::spawn(client.send_request(request(Method::GET, "/slow/300", "")));
    let metrics = std::sync::Arc::clone(&service.metrics);
    until("the slow one runs", || metrics.in_flight() == 1).await;
    assert!(client.send_request(request(Method::GET, "/panic", "")).await.is_err());
    let response = client.send_request(request(Method::GET, "/hello", "")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(slow.await.unwrap().unwrap().status(), StatusCode::OK);
    until("it is counted", || metrics.panics() == 1).await;
    until("nothing runs", || metrics.in_flight() == 0).await;
    assert_eq!(metrics.connections(), 1);
}

/// A frame's header and payload.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection as its frames, with this said after the preface and our SETTINGS.
async fn frames(service: &Inside, opening: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(&[PREFACE, &frame(4, 0, 0, &[]), opening].concat()).await.unwrap();
    stream
}

/// The payload of the next frame of this kind, on this stream. Others are passed over.
async fn next(from: &mut TcpStream, kind: u8, stream: u32) -> Vec<u8> {
    let read = async {
        loop {
            let mut head = [0; 9];
            from.read_exact(&mut head).await.unwrap();
            let [a, b, c, found, _, id @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            from.read_exact(&mut payload).await.unwrap();
            if (found, u32::from_be_bytes(id)) == (kind, stream) {
                return payload;
            }
        }
    };
    timeout(LONG, read).await.expect("the frame comes")
}

/// GET of a path on host h, the rest from the static table.
fn get(stream: u32, path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let head = [&[0x82, 0x86, 0x04, length][..], path.as_bytes(), &[0x41, 0x01], b"h"].concat();
    frame(1, 0x5, stream, &head)
}

#[tokio::test(flavor = "multi_thread")]
async fn goodbye_is_said_within_the_notice() {
    // The notice outlasts the test, so what is seen was said before connections are closed.
    let service = Inside::start(Limits::default(), Drain { notice: 3 * LONG, deadline: 4 * LONG }).await;
    let address = service.address;
    let mut stream = frames(&service, &get(1, "/hello")).await;
    assert_eq!(next(&mut stream, 0, 1).await, b"Hello world\n");
    let ended = service.leave();
    let goodbye = next(&mut stream, 7, 0).await;
    assert_eq!(goodbye[4..8], [0; 4], "NO_ERROR");
    assert!(TcpStream::connect(address).await.is_ok(), "it is still open to others");
    ended.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_streams_than_announced_are_refused() {
    let service = Inside::with(Limits { streams: 2, ..Limits::default() }).await;
    let opening = [get(1, "/slow/900"), get(3, "/slow/900"), get(5, "/slow/900")].concat();
    let mut stream = frames(&service, &opening).await;
    let settings = next(&mut stream, 4, 0).await;
    assert!(settings.chunks(6).any(|one| one == [0, 3, 0, 0, 0, 2]), "SETTINGS_MAX_CONCURRENT_STREAMS: {settings:?}");
    assert_eq!(next(&mut stream, 3, 5).await, [0, 0, 0, 7], "REFUSED_STREAM");
    // Those within the limit are answered.
    assert_eq!(next(&mut stream, 0, 1).await, b"slow\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_long_a_head_costs_its_stream() {
    let service = Inside::with(Limits { head: 8192, ..Limits::default() }).await;
    let mut client = client(&service).await;
    let with = |length: usize| {
        let mut request = request(Method::GET, "/hello", "");
        request.headers_mut().insert("x-long", "x".repeat(length).parse().unwrap());
        request
    };
    assert_eq!(client.send_request(with(4000)).await.unwrap().status(), StatusCode::OK);
    let refused = client.send_request(with(9000)).await;
    // h2 says 431, and may reset the stream before that arrives.
    assert!(
        refused.is_err() || refused.is_ok_and(|answer| answer.status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    );
    assert_eq!(client.send_request(with(0)).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_opens_its_window_is_cut() {
    let limits = Limits { request: Duration::from_millis(300), write: Duration::from_millis(300), ..Limits::default() };
    let service = Inside::with(limits).await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    // SETTINGS_INITIAL_WINDOW_SIZE 0: no byte of any body may be sent.
    let settings = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    // :method GET, :scheme http, :path /hello, :authority h, from the static table.
    let head = [&[0x82, 0x86, 0x04, 0x06][..], b"/hello", &[0x41, 0x01], b"h"].concat();
    let opening = [PREFACE.to_vec(), settings, frame(1, 0x5, 1, &head)].concat();
    stream.write_all(&opening).await.unwrap();
    let mut all = Vec::new();
    // Pings keep the connection alive in every other sense.
    let (mut reader, mut writer) = stream.split();
    let ping = async {
        loop {
            if writer.write_all(&frame(6, 0, 0, &[0; 8])).await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        result = timeout(LONG, reader.read_to_end(&mut all)) => drop(result.expect("it is cut")),
        () = ping => {}
    }
    until("it is counted", || service.metrics.ended(End::Stalled) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_on_http2_is_cut() {
    let service = Inside::with(Limits { header: Duration::from_millis(300), ..Limits::default() }).await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    // HEADERS without END_HEADERS; the CONTINUATION never comes.
    let opening = [PREFACE.to_vec(), frame(4, 0, 0, &[]), frame(1, 0x1, 1, &[0x82])].concat();
    stream.write_all(&opening).await.unwrap();
    let mut all = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("it is cut");
    until("it is counted", || service.metrics.ended(End::Header) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_resets_ends_the_connection_and_not_the_service() {
    let service = Inside::with(Limits::default()).await;
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = [&[0x82, 0x86, 0x04, 0x09][..], b"/slow/900", &[0x41, 0x01], b"h"].concat();
    let mut bytes = [PREFACE.to_vec(), frame(4, 0, 0, &[])].concat();
    for number in 0..2000 {
        let id = 2 * number + 1;
        bytes.extend(frame(1, 0x5, id, &head));
        bytes.extend(frame(3, 0, id, &8u32.to_be_bytes()));
    }
    // It may be cut while we are still writing.
    let _ = timeout(LONG, stream.write_all(&bytes)).await.expect("no deadlock");
    let mut all = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("it is cut");
    until("nothing runs", || service.metrics.in_flight() == 0).await;
    let mut next = client(&service).await;
    let response = next.send_request(request(Method::GET, "/hello", "")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
