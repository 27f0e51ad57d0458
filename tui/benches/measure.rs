//! Measures the program as a person meets it: a real pseudo-terminal, a stand-in in a process of its own.
//!
//!     cargo bench -p hello-dash --profile dev                  # the binary that `cargo run` builds
//!     cargo build --release                                    # and the release binary:
//!     HELLO_DASH_BINARY=$PWD/target/release/hello-dash cargo bench -p hello-dash --profile dev
//!
//! Prints one line a figure: the median of several runs, with the least and the greatest.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot be taken ends the run"
)]
#![expect(clippy::disallowed_methods, reason = "it measures by the real clock")]
#![expect(dead_code, reason = "the session serves the pty tests too")]

#[path = "../tests/pty/session.rs"]
mod session;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use session::{Session, get};

const RUNS: usize = 11;

fn main() {
    // `cargo test --benches` and friends pass flags of their own; there is nothing to choose here.
    let stand_in = StandIn::start();
    for latency in [0, 100] {
        stand_in.faults(&[("latency", latency)]);
        let (mut first, mut complete) = (vec![], vec![]);
        for _ in 0..RUNS {
            let (frame, data) = stand_in.open();
            first.push(frame);
            complete.push(data);
        }
        report(&format!("first frame, {latency} ms added to each API call"), &mut first);
        report(&format!("first complete data, {latency} ms added to each API call"), &mut complete);
    }
    stand_in.faults(&[]);
    stand_in.calls_per_refresh();
    stand_in.idle();
    stand_in.key_while_hanging();
}

struct StandIn {
    process: Child,
    environment: Vec<(String, String)>,
    address: String,
}

impl StandIn {
    fn start() -> Self {
        let mut process = Command::new(session::binary())
            .args(["local", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: BTreeMap<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        let environment = said["environment"].as_object().unwrap();
        let environment: Vec<(String, String)> =
            environment.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let endpoint = &environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL").unwrap().1;
        let address = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { process, environment, address }
    }

    fn send(&self, method: &str, path: &str, body: &str) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        write!(stream, "{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        let mut status = String::new();
        BufReader::new(stream).read_line(&mut status).unwrap();
        assert!(status.contains(" 20"), "{method} {path}: {status}");
    }

    /// Replaces what troubles both clouds.
    fn faults(&self, latencies: &[(&str, u64)]) {
        self.send("DELETE", "/_local/faults", "");
        for (kind, millis) in latencies.iter().filter(|(_, millis)| *millis > 0) {
            for cloud in ["aws", "gcp", "github"] {
                let body = format!(r#"{{"cloud":"{cloud}","kind":"{kind}","ms":{millis}}}"#);
                self.send("POST", "/_local/faults", &body);
            }
        }
    }

    fn session(&self) -> Session {
        Session::start_in(&self.environment, &[], 120, 40)
    }

    fn open(&self) -> (Duration, Duration) {
        let begun = Instant::now();
        let mut session = self.session();
        watch(|| session.screen().contains("hello-dash"));
        let frame = begun.elapsed();
        watch(|| session.screen().contains("same commit"));
        let data = begun.elapsed();
        session.press("q");
        session.end();
        (frame, data)
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        let state = get(&self.address, "/_local/state");
        let calls = state["calls"].as_object().unwrap();
        calls.iter().map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0))).collect()
    }

    /// Asks for one refresh and counts what arrives.
    fn calls_per_refresh(&self) {
        let mut session = self.session();
        watch(|| session.screen().contains("same commit"));
        sleep(Duration::from_secs(2));
        let before = self.calls();
        session.press("r");
        sleep(Duration::from_secs(2));
        let after = self.calls();
        session.press("q");
        session.end();
        let more = |(name, count): (&String, &u64)| {
            let more = count - before.get(name).unwrap_or(&0);
            (more > 0).then(|| format!("{name} x{more}"))
        };
        let calls: Vec<_> = after.iter().filter_map(more).collect();
        let total: u64 = after.values().sum::<u64>() - before.values().sum::<u64>();
        println!("API calls per refresh of two targets with builds: {total}: {}", calls.join(", "));
    }

    /// A minute of nothing.
    fn idle(&self) {
        let mut session = self.session();
        watch(|| session.screen().contains("same commit"));
        sleep(Duration::from_secs(5));
        let pid = session.child.process_id().unwrap();
        let (before, begun) = (ticks(pid), Instant::now());
        sleep(Duration::from_mins(1));
        let used = Duration::from_millis((ticks(pid) - before) * 10);
        let share = used.as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
        println!("idle with 2 targets, 60 s: {share:.2} % of a core, {:.1} MiB resident", resident(pid));
        session.press("q");
        session.end();
    }

    fn key_while_hanging(&self) {
        let mut session = self.session();
        watch(|| session.screen().contains("same commit"));
        self.faults(&[("latency", 60_000)]);
        session.press("r");
        let mut echoes = vec![];
        for run in 0..RUNS {
            sleep(Duration::from_millis(150));
            let before = session.screen();
            let begun = Instant::now();
            session.press(if run % 2 == 0 { "?" } else { "\x1b" });
            watch(|| session.screen() != before);
            echoes.push(begun.elapsed());
        }
        report("key to redraw while every API call hangs", &mut echoes);
        let begun = Instant::now();
        session.press("\x03");
        session.end();
        println!("quit while every API call hangs: {} ms", begun.elapsed().as_millis());
        self.faults(&[]);
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for a condition as closely as it can be seen.
fn watch(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_mins(1), "never happened");
        sleep(Duration::from_micros(500));
    }
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let millis = |time: &Duration| time.as_secs_f64() * 1000.0;
    let (least, median, greatest) = (&times[0], &times[times.len() / 2], &times[times.len() - 1]);
    println!(
        "{what}: {:.0} ms ({:.0} to {:.0}, {} runs)",
        millis(median),
        millis(least),
        millis(greatest),
        times.len()
    );
}

/// Processor time of a process, in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
