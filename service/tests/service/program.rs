//! The program: its exit codes, its first line, its log, its probe.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Stdio,
};

use rustix::process::Signal;
use serde_json::Value;

use super::house::{Program, connect, one, raw, status};

/// Exit code and what it said on standard error.
fn end(variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String) {
    let output = Program::command().envs(variables.iter().copied()).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_wrong_value_is_one_clear_line_and_78() {
    for (variable, value) in [("PORT", "http"), ("HELLO_IDLE_TIMEOUT", "65"), ("HELLO_LOG", "verbose")] {
        let (code, said) = end(&[(variable, value)], &[]);
        assert_eq!(code, Some(78), "{said}");
        assert!(said.starts_with(&format!("hello-service: {variable} must be ")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_port_that_is_taken_is_one_clear_line_and_78() {
    let taken = TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let (code, said) = end(&[("PORT", &taken.local_addr().unwrap().port().to_string())], &[]);
    assert_eq!((code, said.lines().count()), (Some(78), 1), "{said}");
    assert!(said.contains("cannot listen on 0.0.0.0:"), "{said}");
}

#[test]
fn it_is_called_the_right_way_or_64() {
    assert_eq!(end(&[], &["serve"]).0, Some(64));
    assert_eq!(end(&[], &["healthcheck", "now"]).0, Some(64));
    assert_eq!(end(&[], &["--help"]).0, Some(0));
    assert_eq!(end(&[], &["--version"]).0, Some(0));
    let no_text = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff\xfe");
    assert_eq!(Program::command().arg::<&std::ffi::OsStr>(no_text).output().unwrap().status.code(), Some(64));
}

#[test]
fn a_head_that_cannot_be_read_is_logged_and_counted() {
    let mut program = Program::start(&[("HELLO_METADATA", "off")]);
    let large = format!("GET /hello HTTP/1.1\r\nhost: h\r\ncookie: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status(&raw(program.address, large.as_bytes())), 431);
    assert_eq!(status(&raw(program.address, b"no request\r\n\r\n")), 400);
    let numbers = raw(program.address, b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    for code in [400, 431] {
        let line = format!("http_requests_total{{route=\"other\",method=\"other\",code=\"{code}\"}} 1\n");
        assert!(numbers.contains(&line), "{numbers}");
    }
    program.signal(Signal::TERM);
    program.wait();
    let lines = program.lines();
    let unread: Vec<_> = lines.iter().filter(|line| line["message"] == "a request that cannot be read").collect();
    let told: Vec<_> = unread.iter().map(|line| (&line["severity"], &line["status"])).collect();
    let warning = Value::from("WARNING");
    assert_eq!(told, [(&warning, &Value::from("431")), (&warning, &Value::from("400"))], "{lines:?}");
}

#[test]
fn what_is_cut_at_the_deadline_is_not_told_as_the_client_leaving() {
    let mut program = Program::start(&[("HELLO_DRAIN_TIMEOUT", "1s"), ("HELLO_REQUEST_TIMEOUT", "30s")]);
    let mut slow = connect(program.address);
    slow.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n").unwrap();
    let began = std::time::Instant::now();
    let running = "http_requests_in_flight 2\n";
    let numbers = || raw(program.address, b"GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    while !numbers().contains(running) {
        assert!(began.elapsed() < super::house::LONG);
    }
    program.signal(Signal::TERM);
    assert_eq!(program.wait().0.code(), Some(1));
    let lines = program.lines();
    let cut = lines.iter().find(|line| line["httpRequest"]["requestUrl"] == "/hello");
    assert_eq!(cut.expect("the request has a line")["httpRequest"]["status"], 503, "{lines:?}");
}

#[test]
fn not_being_ready_on_the_way_out_is_no_error() {
    let mut program = Program::start(&[("HELLO_METADATA", "off"), ("HELLO_DRAIN_NOTICE", "1s")]);
    program.signal(Signal::TERM);
    let ready = || raw(program.address, b"GET /readyz HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    let began = std::time::Instant::now();
    while status(&ready()) != 503 {
        assert!(began.elapsed() < super::house::LONG);
    }
    program.wait();
    let lines = program.lines();
    assert!(lines.iter().any(|line| line["httpRequest"]["status"] == 503), "{lines:?}");
    assert!(lines.iter().all(|line| line["severity"] != "ERROR"), "{lines:?}");
}

#[test]
fn it_probes_itself() {
    let program = Program::start(&[]);
    let port = program.address.port().to_string();
    assert_eq!(end(&[("PORT", &port)], &["healthcheck"]), (Some(0), String::new()));
    drop(program);
    let (code, said) = end(&[("PORT", &port)], &["healthcheck"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("does not answer"), "{said}");
}

#[test]
fn a_request_is_a_line_without_its_query() {
    let mut program = Program::start(&[("K_SERVICE", "hello"), ("HELLO_METADATA", "off")]);
    let mut stream = connect(program.address);
    let trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    stream.write_all(format!("GET /hello?token=secret HTTP/1.1\r\nhost: h\r\n{trace}\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(status(&one(&mut stream)), 200);
    raw(program.address, b"GET /\x1b[2J HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    raw(program.address, "GET /\u{202e}x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n".as_bytes());
    program.signal(Signal::TERM);
    program.signal(Signal::TERM);
    program.wait();
    let mut text = String::new();
    program.output.read_to_string(&mut text).unwrap();
    assert!(!text.contains("secret"), "{text}");
    assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hello = lines.iter().find(|line| line["httpRequest"]["requestUrl"] == "/hello").expect("a line");
    assert_eq!(hello["severity"], "INFO");
    assert_eq!(hello["trace_id"], "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn a_log_that_nobody_reads_does_not_stop_it() {
    let mut command = Program::command();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let port = line["address"].as_str().unwrap().rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let mut stream = connect(([127, 0, 0, 1], port).into());
    // Far more lines than a pipe holds.
    for _ in 0..3000 {
        stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
        assert_eq!(status(&one(&mut stream)), 200);
    }
    drop(output);
    stream.write_all(b"GET /hello HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    assert_eq!(status(&one(&mut stream)), 200);
    child.kill().unwrap();
    child.wait().unwrap();
}
