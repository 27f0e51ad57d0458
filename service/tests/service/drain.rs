//! The way out, inside and as a program.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use hello_service::{Drain, Drained, Limits};
use rustix::process::Signal;
use tokio::time::timeout;

use super::house::{Inside, LONG, Program, connect, header, one, raw, rest, status, until};

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n";
const READY: &[u8] = b"GET /readyz HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";

#[test]
fn sigterm_from_not_ready_to_the_last_answer() {
    let mut program = Program::start(&[("HELLO_DRAIN_NOTICE", "1s"), ("HELLO_REQUEST_TIMEOUT", "10s")]);
    let address = program.address;
    let (mut idle, mut used, mut slow) = (connect(address), connect(address), connect(address));
    for stream in [&mut idle, &mut used] {
        stream.write_all(HELLO).unwrap();
        assert_eq!(header(&one(stream), "connection"), None);
    }
    slow.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n").unwrap();
    let asked = Instant::now();
    program.signal(Signal::TERM);
    // Not ready at once, for new connections, which are still accepted.
    while status(&raw(address, READY)) != 503 {
        assert!(asked.elapsed() < Duration::from_millis(900), "not ready comes too late");
    }
    // A connection in use is answered, and told to end; the idle one is not cut before its client could notice.
    used.write_all(HELLO).unwrap();
    let answer = rest(&mut used);
    assert_eq!((status(&answer), header(&answer, "connection")), (200, Some("close")));
    assert_eq!(rest(&mut idle), "");
    assert!(asked.elapsed() >= Duration::from_millis(900), "idle was cut after {:?}", asked.elapsed());
    // By now nothing new is accepted, and what runs is finished.
    assert!(std::net::TcpStream::connect(address).is_err());
    slow.write_all(b"ok").unwrap();
    let answer = rest(&mut slow);
    assert_eq!((status(&answer), header(&answer, "connection")), (200, Some("close")));
    let (exit, _) = program.wait();
    assert!(exit.success());
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    let lines = program.lines();
    assert_eq!(lines.last().unwrap()["message"], "stopped");
    assert!(lines.iter().any(|line| line["message"] == "shutting down"));
}

#[test]
fn the_deadline_is_hard() {
    let mut program = Program::start(&[("HELLO_DRAIN_TIMEOUT", "1s"), ("HELLO_REQUEST_TIMEOUT", "30s")]);
    let mut slow = connect(program.address);
    slow.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    program.signal(Signal::TERM);
    let (exit, took) = program.wait();
    assert_eq!(exit.code(), Some(1));
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(program.lines().last().unwrap()["message"], "stopped at the deadline");
}

#[test]
fn asked_twice_it_goes_at_once() {
    let mut program = Program::start(&[("HELLO_DRAIN_NOTICE", "7s")]);
    let began = Instant::now();
    program.signal(Signal::INT);
    while status(&raw(program.address, READY)) != 503 {
        assert!(began.elapsed() < Duration::from_secs(5));
    }
    program.signal(Signal::INT);
    let (exit, _) = program.wait();
    assert!(exit.success());
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_does_not_hold_it_up() {
    let service = Inside::start(Limits::default(), Drain { notice: Duration::ZERO, deadline: LONG }).await;
    let mut half = connect(service.address);
    half.write_all(b"GET /hello HT").unwrap();
    let _silent = connect(service.address);
    until("both are in", || service.metrics.connections() == 2).await;
    let began = Instant::now();
    assert_eq!(timeout(LONG, service.leave()).await.unwrap().unwrap(), Drained::Clean);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_has_begun_is_heard_on_a_used_connection_too() {
    let service = Inside::start(Limits::default(), Drain { notice: Duration::ZERO, deadline: LONG }).await;
    let (mut fresh, mut used) = (connect(service.address), connect(service.address));
    used.write_all(HELLO).unwrap();
    one(&mut used);
    for stream in [&mut fresh, &mut used] {
        stream.write_all(&HELLO[..9]).unwrap();
    }
    until("both are in", || service.metrics.connections() == 2).await;
    // What was written is in the kernel's buffers; one more answer on a third connection gives it time to be read.
    raw(service.address, READY);
    let ended = service.leave();
    for mut stream in [fresh, used] {
        stream.write_all(&HELLO[9..]).unwrap();
        assert_eq!(status(&rest(&mut stream)), 200);
    }
    assert_eq!(timeout(LONG, ended).await.unwrap().unwrap(), Drained::Clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_connected_and_asked_is_answered() {
    for _ in 0..30 {
        let service = Inside::start(Limits::default(), Drain { notice: Duration::ZERO, deadline: LONG }).await;
        let mut clients: Vec<_> = (0..8).map(|_| connect(service.address)).collect();
        for client in &mut clients {
            client.write_all(HELLO).unwrap();
        }
        let ended = service.leave();
        for mut client in clients {
            assert_eq!(status(&rest(&mut client)), 200);
        }
        assert_eq!(timeout(LONG, ended).await.unwrap().unwrap(), Drained::Clean);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_is_counted() {
    let drain = Drain { notice: Duration::ZERO, deadline: Duration::from_millis(300) };
    let service = Inside::start(Limits::default(), drain).await;
    let mut slow = connect(service.address);
    slow.write_all(b"GET /slow/4000 HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    until("it runs", || service.metrics.in_flight() == 1).await;
    assert_eq!(timeout(LONG, service.leave()).await.unwrap().unwrap(), Drained::Cut(1));
}
