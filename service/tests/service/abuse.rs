//! Clients that take their time, or too much room. Each deadline is short here, so that each test can wait for it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use hello_service::{Limits, metrics::End};

use super::house::{Inside, body, connect, header, one, raw, rest, status, until};

const SHORT: Duration = Duration::from_millis(400);
const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n";

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Sends a byte each 50 ms until the other side closes; what it said, and after how long.
fn trickle(mut stream: TcpStream, bytes: &[u8]) -> (String, Duration) {
    let began = Instant::now();
    for byte in bytes.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut first = [0];
        match stream.read(&mut first) {
            Ok(0) => break,
            Ok(_) => {
                stream.set_read_timeout(Some(super::house::LONG)).unwrap();
                let more = rest(&mut stream);
                return (format!("{}{more}", char::from(first[0])), began.elapsed());
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        assert!(began.elapsed() < super::house::LONG, "it may go on for ever");
    }
    (String::new(), began.elapsed())
}

async fn cut_as_header(limits: Limits, work: impl FnOnce(SocketAddr) + Send + 'static) {
    let service = Inside::with(limits).await;
    let address = service.address;
    blocking(move || work(address)).await;
    until("it is counted", || service.metrics.ended(End::Header) == 1).await;
    until("it is gone", || service.metrics.connections() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_cut() {
    cut_as_header(Limits { header: SHORT, ..Limits::default() }, |address| {
        let (answer, after) = trickle(connect(address), b"GET /hello HTTP/1.1\r\nhost: h\r\nx-a: b\r\nx-c: ");
        assert_eq!(answer, "");
        assert!(after >= SHORT && after < 5 * SHORT, "{after:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_cut() {
    cut_as_header(Limits { header: SHORT, ..Limits::default() }, |address| {
        assert_eq!(rest(&mut connect(address)), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_cut_on_a_connection_in_use_too() {
    cut_as_header(Limits { header: SHORT, ..Limits::default() }, |address| {
        let mut stream = connect(address);
        stream.write_all(HELLO).unwrap();
        assert_eq!(status(&one(&mut stream)), 200);
        // Idle for longer than a head may take, which is fine.
        std::thread::sleep(2 * SHORT);
        stream.write_all(HELLO).unwrap();
        assert_eq!(status(&one(&mut stream)), 200);
        let (_, after) = trickle(stream, b"GET /");
        assert!(after >= SHORT && after < 5 * SHORT, "{after:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_cut_after_its_own_time() {
    let service = Inside::with(Limits { idle: 2 * SHORT, ..Limits::default() }).await;
    let address = service.address;
    blocking(move || {
        let mut stream = connect(address);
        stream.write_all(HELLO).unwrap();
        assert_eq!(status(&one(&mut stream)), 200);
        let began = Instant::now();
        assert_eq!(rest(&mut stream), "");
        assert!(began.elapsed() >= SHORT, "{:?}", began.elapsed());
    })
    .await;
    until("it is counted", || service.metrics.ended(End::Idle) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_408() {
    let service = Inside::with(Limits { request: SHORT, ..Limits::default() }).await;
    let address = service.address;
    for head in ["content-length: 1000", "transfer-encoding: chunked"] {
        blocking(move || {
            let mut stream = connect(address);
            stream.write_all(format!("POST /hello HTTP/1.1\r\nhost: h\r\n{head}\r\n\r\n").as_bytes()).unwrap();
            // In chunks of one byte, or as they are; both are slow.
            let (answer, after) = trickle(stream, b"1\r\nx\r\n");
            assert_eq!((status(&answer), header(&answer, "connection")), (408, Some("close")), "{answer}");
            assert!(after < 10 * SHORT, "{after:?}");
        })
        .await;
    }
    until("they are gone", || service.metrics.connections() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_takes_too_long_is_503() {
    let service = Inside::with(Limits { request: SHORT, ..Limits::default() }).await;
    let address = service.address;
    let request = b"GET /slow/60000 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    assert_eq!(status(&blocking(move || raw(address, request)).await), 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_is_not_at_once_there_is_waited_for() {
    let service = Inside::with(Limits::default()).await;
    let address = service.address;
    blocking(move || {
        let mut stream = connect(address);
        for millis in [1, 50, 5] {
            stream.write_all(format!("GET /slow/{millis} HTTP/1.1\r\nhost: h\r\n\r\n").as_bytes()).unwrap();
            let answer = one(&mut stream);
            assert_eq!((status(&answer), body(&answer)), (200, "slow\n"));
            stream.write_all(HELLO).unwrap();
            assert_eq!(status(&one(&mut stream)), 200);
        }
    })
    .await;
    assert_eq!(service.metrics.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_cut() {
    let service = Inside::with(Limits { write: SHORT, ..Limits::default() }).await;
    let address = service.address;
    let stream = blocking(move || {
        let mut stream = connect(address);
        // More than both kernels hold.
        stream.write_all(b"GET /large/50000000 HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
        stream
    })
    .await;
    until("it is cut", || service.metrics.ended(End::Stuck) == 1).await;
    until("it is gone", || service.metrics.connections() == 0).await;
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_fit_waits_and_is_served_in_turn() {
    let service = Inside::with(Limits { connections: 4, header: SHORT, ..Limits::default() }).await;
    let address = service.address;
    let silent = blocking(move || (0..4).map(|_| connect(address)).collect::<Vec<_>>()).await;
    until("it is full", || service.metrics.connections() == 4).await;
    let fifth = blocking(move || {
        let request = b"GET /hello HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        raw(address, request)
    });
    assert_eq!(status(&fifth.await), 200);
    assert!(service.metrics.ended(End::Header) >= 1);
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_idle_gives_way_while_every_place_is_taken() {
    let service = Inside::with(Limits { connections: 4, header: SHORT, ..Limits::default() }).await;
    let address = service.address;
    let idle = blocking(move || {
        let mut streams: Vec<_> = (0..4).map(|_| connect(address)).collect();
        for stream in &mut streams {
            stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
            one(stream);
        }
        streams
    })
    .await;
    let fifth = blocking(move || raw(address, b"GET /hello HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"));
    assert_eq!(status(&fifth.await), 200, "long before the idle timeout");
    assert!(service.metrics.ended(End::Idle) >= 1);
    drop(idle);
    // With room again who is idle may stay: much longer than a head may take.
    until("they are gone", || service.metrics.connections() == 0).await;
    let stays = blocking(move || {
        let mut stream = connect(address);
        for _ in 0..2 {
            stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
            assert_eq!(status(&one(&mut stream)), 200);
            std::thread::sleep(SHORT * 3);
        }
    });
    stays.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_leaves_nothing_behind() {
    let service = Inside::with(Limits::default()).await;
    let address = service.address;
    let stream = blocking(move || {
        let mut stream = connect(address);
        stream.write_all(b"GET /slow/4000 HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
        stream
    })
    .await;
    until("it runs", || service.metrics.in_flight() == 1).await;
    drop(stream);
    until("it is gone", || service.metrics.in_flight() == 0 && service.metrics.connections() == 0).await;
    let text = blocking(move || raw(address, b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).await;
    assert!(text.contains("code=\"499\"} 1\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_costs_one_connection() {
    let service = Inside::with(Limits::default()).await;
    let address = service.address;
    let answer = blocking(move || raw(address, b"GET /panic HTTP/1.1\r\nhost: h\r\n\r\n")).await;
    assert_eq!(answer, "");
    let request = b"GET /hello HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    assert_eq!(status(&blocking(move || raw(address, request)).await), 200);
    assert_eq!(service.metrics.panics(), 1);
    assert_eq!(service.metrics.in_flight(), 0);
    let text = blocking(move || raw(address, b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).await;
    assert!(text.contains("{route=\"other\",method=\"GET\",code=\"500\"} 1\n"), "it is our failure: {text}");
}
