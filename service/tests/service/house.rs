//! The service under test: inside this process with its limits at hand, or as the real program.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use hello_service::{Drain, Drained, Info, Limits, Log, Metrics, Readiness, Routes, Server, routes};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use warp::Filter;

/// Longest wait for anything that should happen.
pub const LONG: Duration = Duration::from_secs(20);

/// The service inside this process.
pub struct Inside {
    pub address: SocketAddr,
    pub metrics: Arc<Metrics>,
    pub readiness: Readiness,
    shutdown: oneshot::Sender<()>,
    ended: JoinHandle<Drained>,
}

impl Inside {
    pub async fn with(limits: Limits) -> Self {
        Self::start(limits, Drain::AT_ONCE).await
    }

    pub async fn start(limits: Limits, drain: Drain) -> Self {
        let (readiness, metrics) = (Readiness::new(true), Arc::new(Metrics::default()));
        // A route that takes its time, and one that breaks, as no route of the service does.
        let slow = warp::path!("slow" / u64).and_then(|millis| async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok::<_, warp::Rejection>(warp::reply::Response::new("slow\n".into()))
        });
        let large = warp::path!("large" / usize).map(|size| warp::reply::Response::new(vec![b'x'; size].into()));
        let panics = warp::path!("panic").map(|| -> warp::reply::Response { panic!("planted") });
        let real = routes(Info::default(), readiness.clone(), Arc::clone(&metrics));
        let all: Routes = slow.or(large).unify().or(panics).unify().or(real).unify().boxed();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            Server { limits, drain, readiness: readiness.clone(), metrics: Arc::clone(&metrics), log: Log::off() };
        let (shutdown, asked) = oneshot::channel::<()>();
        let ended = tokio::spawn(server.run(listener, all, async {
            let _ = asked.await;
        }));
        Self { address, metrics, readiness, shutdown, ended }
    }

    /// Asks it to end.
    pub fn leave(self) -> JoinHandle<Drained> {
        drop(self.shutdown);
        self.ended
    }
}

/// Waits until it holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The program.
pub struct Program {
    pub address: SocketAddr,
    pub child: Child,
    pub output: BufReader<ChildStdout>,
}

impl Program {
    pub fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hello-service"));
        command.env_clear().env("PORT", "0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut child = Self::command().envs(variables.iter().copied()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).expect("the first line is JSON");
        let port = line["address"].as_str().unwrap().parse::<SocketAddr>().unwrap().port();
        Self { address: SocketAddr::from(([127, 0, 0, 1], port)), child, output }
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end; with how long it took.
    pub fn wait(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, began.elapsed());
            }
            assert!(began.elapsed() < LONG, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it wrote after its first line, to its end.
    pub fn lines(&mut self) -> Vec<Value> {
        let mut text = String::new();
        self.output.read_to_string(&mut text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends bytes as they are and reads until the other side closes.
pub fn raw(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = connect(address);
    // The answer may come before all of it is sent.
    let _ = stream.write_all(request);
    rest(&mut stream)
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

/// What comes until the other side closes.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("not closed: {error}; got {:?}", String::from_utf8_lossy(&answer)),
    }
    String::from_utf8(answer).unwrap()
}

/// Reads one answer with a `content-length` and leaves the connection open.
pub fn one(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        assert_eq!(
            stream.read(&mut byte).expect("an answer"),
            1,
            "closed after {:?}",
            String::from_utf8_lossy(&answer)
        );
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).unwrap();
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// One header of an answer.
pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// The status of an answer.
pub fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).unwrap_or_default();
    status.parse().unwrap_or_else(|_| panic!("no status in {answer:?}"))
}

pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
