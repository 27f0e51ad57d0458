//! The routes over loopback, and the drain.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::{io, net::SocketAddr, time::Duration};

use hello_service::{Info, Readiness, routes, serve};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

struct Running {
    address: SocketAddr,
    readiness: Readiness,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<bool>,
}

async fn start() -> Running {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let info = Info { service: "hello", commit: "abc1234".to_owned(), ..Info::default() };
    let readiness = Readiness::new(true);
    let (shutdown, asked) = oneshot::channel();
    let routes = routes(info, readiness.clone());
    let task = tokio::spawn(serve(listener, routes, readiness.clone(), async {
        let _ = asked.await;
    }));
    Running { address, readiness, shutdown, task }
}

/// One request on a connection of its own; status and body.
async fn ask(address: SocketAddr, method: &str, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("{method} {path} HTTP/1.1\r\nhost: hello\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    Ok((status, body))
}

#[tokio::test]
async fn every_route_answers() {
    let running = start().await;
    for (path, status, body) in [
        ("/", 200, "Hello world\n"),
        ("/hello", 200, "Hello world\n"),
        ("/healthz", 200, "ok\n"),
        ("/readyz", 200, "ready\n"),
        ("/hello/more", 404, ""),
        ("/nothing", 404, ""),
    ] {
        assert_eq!(ask(running.address, "GET", path).await.unwrap(), (status, body.to_owned()), "{path}");
    }
    assert_eq!(ask(running.address, "POST", "/").await.unwrap().0, 405);
    let (status, body) = ask(running.address, "GET", "/version").await.unwrap();
    let version: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &version["service"], &version["commit"]), (200, &"hello".into(), &"abc1234".into()));
    let keys: Vec<&str> = version.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["built_at", "commit", "instance", "provider", "region", "revision", "service", "version"]);
}

#[tokio::test]
async fn readiness_is_told() {
    let running = start().await;
    running.readiness.set(false);
    assert_eq!(ask(running.address, "GET", "/readyz").await.unwrap().0, 503);
    assert_eq!(ask(running.address, "GET", "/healthz").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_no_new_one_is_taken() {
    let running = start().await;
    let mut open = TcpStream::connect(running.address).await.unwrap();
    open.write_all(b"GET /version HTTP/1.1\r\nhost: hello\r\n").await.unwrap();
    // The service has taken the connection once another one, opened later, was answered.
    ask(running.address, "GET", "/healthz").await.unwrap();
    running.shutdown.send(()).unwrap();
    let refused = async {
        while ask(running.address, "GET", "/healthz").await.is_ok_and(|(status, _)| status != 0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(5), refused).await.expect("new connections are refused");
    assert!(!running.readiness.get());
    open.write_all(b"\r\n").await.unwrap();
    let mut answer = String::new();
    open.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let ended = timeout(Duration::from_secs(5), running.task).await.expect("it ends").unwrap();
    assert!(ended, "nothing was cut off");
}
