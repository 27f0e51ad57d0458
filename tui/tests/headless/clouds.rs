//! Stand-in clouds in the test's own process, and the program started with nothing but what points at them.

use std::{
    cell::Cell,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use hello_local::{Launch, Options, Scenario, StandIn};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

use crate::PATIENCE;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hello-dash");

/// The clouds and where the program keeps its things.
pub struct Clouds {
    pub stand_in: StandIn,
    folder: TempDir,
    files: Cell<u32>,
}

impl Clouds {
    pub async fn start(scenario: &str) -> Self {
        let scenario = Scenario::named(scenario).unwrap();
        let launch = Launch::Process { program: PROGRAM.into(), args: vec!["serve-instance".into()] };
        let stand_in = StandIn::start(Options { scenario, launch, port: 0 }).await.unwrap();
        Self { stand_in, folder: tempfile::tempdir().unwrap(), files: Cell::new(0) }
    }

    /// The stand-in's configuration, changed, in a file.
    pub fn config(&self, change: impl FnOnce(&str) -> String) -> String {
        let number = self.files.replace(self.files.get() + 1);
        let file = self.folder.path().join(format!("{number}.toml"));
        std::fs::write(&file, change(&self.stand_in.config())).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Process ids of all instances.
    pub fn instances(&self) -> Vec<u32> {
        self.stand_in.control().instances().iter().filter_map(|instance| instance.pid).collect()
    }

    pub async fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Ended {
        self.spawn(arguments).end().await
    }

    pub fn spawn(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Running {
        spawn(&self.environment(), arguments)
    }

    /// The same without some variables.
    pub fn without(&self, names: &[&str]) -> Surrounded {
        let mut environment = self.environment();
        environment.retain(|(name, _)| !names.contains(&name.as_str()));
        Surrounded(environment)
    }

    /// The same with one variable changed.
    pub fn with(&self, name: &str, value: &str) -> Surrounded {
        let mut surrounded = self.without(&[name]);
        surrounded.0.push((name.to_owned(), value.to_owned()));
        surrounded
    }

    fn environment(&self) -> Vec<(String, String)> {
        let state = self.folder.path().join("state").to_str().unwrap().to_owned();
        self.stand_in.environment().into_iter().chain([("XDG_STATE_HOME".to_owned(), state)]).collect()
    }
}

/// An environment to run in.
pub struct Surrounded(Vec<(String, String)>);

impl Surrounded {
    pub async fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Ended {
        spawn(&self.0, arguments).end().await
    }
}

/// Starts the program with these variables and no others, in a folder without any configuration.
pub fn spawn(
    environment: &[(String, String)],
    arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>,
) -> Running {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().envs(environment.iter().cloned()).current_dir(Path::new("/"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let out = child.stdout.take().map(BufReader::new);
    Running { child, out }
}

/// The program while it runs.
pub struct Running {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
}

impl Running {
    /// The next line of data.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        let out = self.out.as_mut().unwrap();
        timeout(PATIENCE, out.read_line(&mut line)).await.expect("a line in time").unwrap();
        assert!(!line.is_empty(), "it ended without another line");
        line
    }

    /// Closes our end of its output.
    pub fn stop_reading(&mut self) {
        self.out = None;
    }

    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).unwrap())).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Process ids of its children.
    pub fn children(&self) -> Vec<u32> {
        let pid = self.child.id().unwrap();
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let children = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
        children.flat_map(|list| list.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
    }

    /// Waits for its end and takes what it wrote.
    pub async fn end(mut self) -> Ended {
        let (mut out, mut err) = (String::new(), String::new());
        let mut talk = self.child.stderr.take().unwrap();
        let data = async {
            if let Some(data) = &mut self.out {
                data.read_to_string(&mut out).await.unwrap();
            }
        };
        let all = async { tokio::join!(self.child.wait(), data, talk.read_to_string(&mut err)) };
        let (status, ..) = timeout(PATIENCE, all).await.expect("an end in time");
        Ended { code: code(status.unwrap()), out, err }
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

/// How the program ended, and what it wrote.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The one document on stdout.
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// Its targets; never none.
    pub fn targets(&self) -> Vec<Value> {
        let targets = self.json()["targets"].as_array().unwrap().clone();
        assert!(!targets.is_empty());
        targets
    }
}

/// Waits for a condition.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

/// Whether a process is no more.
pub fn gone(pid: u32) -> bool {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    test_kill_process(pid).is_err()
}
