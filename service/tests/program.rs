//! The program itself: its first line, its signals, its exit codes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

fn program(variables: &[(&str, &str)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_hello-service"))
        .env_clear()
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn first_line(child: &mut Child) -> Value {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn it_says_where_it_listens_answers_and_drains_on_sigterm() {
    let mut child = program(&[("PORT", "0"), ("K_SERVICE", "hello"), ("K_REVISION", "hello-00003-abc")]);
    let line = first_line(&mut child);
    assert_eq!(line["message"], "listening");
    assert_eq!(line["info"]["revision"], "hello-00003-abc");
    let port = line["address"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: hello\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("Hello world\n"), "{answer}");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_bad_port_is_one_clear_line_and_78() {
    for bad in ["http", "70000", "-1", ""] {
        let output = program(&[("PORT", bad)]).wait_with_output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{bad:?}");
        assert_eq!(line, format!("hello-service: PORT must be a number from 0 to 65535, not {bad:?}\n"));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_metadata_endpoint_that_is_not_there_does_not_keep_it_from_starting() {
    let mut child = program(&[("PORT", "0"), ("ECS_CONTAINER_METADATA_URI_V4", "http://127.0.0.1:9/v4/x")]);
    let line = first_line(&mut child);
    assert_eq!(line["info"]["provider"], "aws");
    assert!(line["info"]["revision"].is_null());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("ECS task metadata not read"));
}
