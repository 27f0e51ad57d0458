//! Keeps one instance: starts it, watches whether it is ready, passes on what it is told, ends it.

use std::{collections::BTreeMap, net::SocketAddr, process::Stdio, sync::Arc, time::Duration};

use hello_service::{Drain, Info, Level, Log, Metrics, Readiness, Server, routes};
use serde_json::Value;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdin, Command},
    sync::{mpsc, oneshot},
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use crate::{
    child::{InstanceError, MANNER},
    fetch,
    instance::{Happening, InstanceId, Manner, Output, Provider, Wanted},
    launch::Launch,
    paper::Paper,
    sickness::{Sickness, layered},
    site::{Live, Site},
};

/// Longest wait for the line that says where a child listens.
const ANNOUNCE: Duration = Duration::from_secs(5);
/// Longest wait for an instance to end when asked; then it is killed.
const END: Duration = Duration::from_secs(2);
/// Longest wait for the rest of what an ended child wrote.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Between two looks at `/readyz` while it is not ready.
const LOOK: Duration = Duration::from_millis(50);
/// Between two looks at `/readyz` while it is ready.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What the driver tells a keeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Answer with this status, or as you are.
    Answer(Option<u16>),
    /// Say that you are ready as far as you are, or that you are not.
    Ready(bool),
    /// Drain and end.
    End,
}

/// What a keeper tells the driver.
#[derive(Debug)]
pub struct Report {
    /// Whose instance.
    pub provider: Provider,
    /// Which instance.
    pub id: InstanceId,
    /// What became of it.
    pub happening: Happening,
}

/// Runs the instance until it ends by itself or is told to end. Its entry in the fleet exists exactly as long.
pub async fn keep(
    launch: Launch,
    wanted: Wanted,
    site: Arc<Site>,
    mut words: mpsc::UnboundedReceiver<Word>,
    reports: mpsc::UnboundedSender<Report>,
) {
    let (provider, id) = (wanted.provider, wanted.id.clone());
    let tell = |happening| {
        let _ = reports.send(Report { provider, id: id.clone(), happening });
    };
    let (mut body, address) = match start(&launch, &wanted, &site).await {
        Ok(started) => started,
        Err(NotStarted { code, problem }) => {
            if let Some(problem) = problem {
                site.problem(format!("instance {id}: {problem}"));
            }
            tell(Happening::Exited { code });
            return;
        }
    };
    let live = Live {
        provider,
        revision: wanted.revision.clone(),
        commit: wanted.commit.clone(),
        pid: body.pid(),
        address: Some(address),
        ready: false,
    };
    site.fleet().insert(id.clone(), live);
    tell(Happening::Started);
    let (mut ready, mut pause) = (false, Duration::ZERO);
    let ended = loop {
        tokio::select! {
            code = body.ended() => break Some(code),
            word = words.recv() => match word {
                Some(Word::Answer(status)) => body.answer(status).await,
                Some(Word::Ready(ready)) => body.say_ready(ready).await,
                Some(Word::End) | None => break None,
            },
            () = sleep(pause) => {
                let now_ready = fetch::status(address, "/readyz").await.is_ok_and(|status| status == 200);
                if now_ready != ready {
                    ready = now_ready;
                    if let Some(live) = site.fleet().get_mut(&id) {
                        live.ready = ready;
                    }
                    tell(if ready { Happening::Ready } else { Happening::Unready });
                }
                pause = if ready { LOOK_AGAIN } else { LOOK };
            }
        }
    };
    match ended {
        Some(code) => tell(Happening::Exited { code }),
        None => body.end().await,
    }
    site.fleet().remove(&id);
}

/// Why an instance is not there.
struct NotStarted {
    code: Option<i32>,
    /// Set when it is the stand-in's own trouble, not the scenario's.
    problem: Option<String>,
}

impl From<String> for NotStarted {
    fn from(problem: String) -> Self {
        Self { code: None, problem: Some(problem) }
    }
}

/// A running instance.
enum Body {
    Child { child: Box<Child>, input: Option<ChildStdin>, output: JoinSet<()> },
    Task { task: JoinHandle<()>, shutdown: Option<oneshot::Sender<()>>, sickness: Sickness, log: Log, paper: Paper },
}

async fn start(launch: &Launch, wanted: &Wanted, site: &Arc<Site>) -> Result<(Body, SocketAddr), NotStarted> {
    let paper = Paper::new(site, wanted.provider, wanted.id.clone());
    match launch {
        Launch::Process { program, args } => {
            let mut command = Command::new(program);
            command.args(args).env_clear().envs(environment(wanted, site));
            // A group of its own: Ctrl-C in the terminal is for the parent, which ends its instances in order.
            command.process_group(0);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
            let mut child = command.spawn().map_err(|error| format!("cannot run {}: {error}", program.display()))?;
            let input = child.stdin.take();
            let output = child.stdout.take().ok_or_else(|| "no standard output".to_owned())?;
            let errors = child.stderr.take().ok_or_else(|| "no standard error".to_owned())?;
            // Goes on reading both, so that the child is never blocked on, or killed by, a pipe nobody reads.
            let mut reading = JoinSet::new();
            reading.spawn(write_down(BufReader::new(errors).lines(), paper.clone(), Output::Error));
            let mut lines = BufReader::new(output).lines();
            let line = timeout(ANNOUNCE, lines.next_line()).await.map_err(|_| "said nothing for 5 s".to_owned())?;
            let Some(line) = line.map_err(|error| error.to_string())? else {
                let code = child.wait().await.ok().and_then(|status| status.code());
                while reading.join_next().await.is_some() {}
                let expected = wanted.manner == Manner::Crash;
                let problem = (!expected).then(|| format!("ended at start with code {code:?}"));
                return Err(NotStarted { code, problem });
            };
            paper.line(Output::Standard, &line);
            let line: Value = serde_json::from_str(&line).map_err(|_| "its first line is not JSON".to_owned())?;
            let address = line["address"].as_str().and_then(|address| address.parse().ok());
            let address = address.ok_or_else(|| "its first line names no address".to_owned())?;
            reading.spawn(write_down(lines, paper, Output::Standard));
            Ok((Body::Child { child: Box::new(child), input, output: reading }, address))
        }
        Launch::Task => {
            if wanted.manner == Manner::Crash {
                paper.line(Output::Error, &format!("error: {}", InstanceError::Crashed));
                return Err(NotStarted { code: Some(1), problem: None });
            }
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| error.to_string())?;
            let address = listener.local_addr().map_err(|error| error.to_string())?;
            let (shutdown, asked) = oneshot::channel();
            let (readiness, sickness) = (Readiness::new(wanted.manner != Manner::NeverReady), Sickness::default());
            let metrics = Arc::new(Metrics::default());
            let routes = layered(routes(info(wanted), readiness.clone(), Arc::clone(&metrics)), sickness.clone());
            let log = Log::new(Level::Info, paper.clone()).map_err(|error| error.to_string())?;
            log.say(Level::Info, "listening", &[("address", &address.to_string())]);
            let server = Server { drain: Drain::AT_ONCE, log: log.clone(), ..Server::new(readiness, metrics) };
            let task = tokio::spawn(async move {
                let asked = async {
                    let _ = asked.await;
                };
                server.run(listener, routes, asked).await;
            });
            Ok((Body::Task { task, shutdown: Some(shutdown), sickness, log, paper }, address))
        }
    }
}

async fn write_down(mut lines: Lines<impl AsyncBufRead + Unpin>, paper: Paper, output: Output) {
    while let Ok(Some(line)) = lines.next_line().await {
        paper.line(output, &line);
    }
}

impl Body {
    fn pid(&self) -> Option<u32> {
        match self {
            Self::Child { child, .. } => child.id(),
            Self::Task { .. } => None,
        }
    }

    /// Waits for it to end by itself; its exit code. Cancel-safe.
    async fn ended(&mut self) -> Option<i32> {
        match self {
            Self::Child { child, .. } => child.wait().await.ok().and_then(|status| status.code()),
            Self::Task { task, .. } => task.await.ok().map(|()| 0),
        }
    }

    async fn answer(&mut self, status: Option<u16>) {
        match self {
            Self::Child { input, .. } => {
                let word = status.map_or_else(|| "well".to_owned(), |status| status.to_string());
                tell(input.as_mut(), &format!("answer {word}\n")).await;
            }
            Self::Task { sickness, .. } => sickness.set(status),
        }
    }

    async fn say_ready(&mut self, ready: bool) {
        match self {
            Self::Child { input, .. } => {
                tell(input.as_mut(), if ready { "ready yes\n" } else { "ready no\n" }).await;
            }
            Self::Task { sickness, .. } => sickness.set_ready(ready),
        }
    }

    async fn end(&mut self) {
        match self {
            Self::Child { child, input, output } => {
                drop(input.take());
                if timeout(END, child.wait()).await.is_err() {
                    let _ = child.kill().await;
                }
                // Its last words; a grandchild that holds the pipes open is not waited for.
                let _ = timeout(LAST_WORDS, async { while output.join_next().await.is_some() {} }).await;
                output.shutdown().await;
            }
            Self::Task { task, shutdown, .. } => {
                drop(shutdown.take());
                if timeout(END, &mut *task).await.is_err() {
                    task.abort();
                }
            }
        }
    }
}

/// A child that no longer reads is about to end, which `ended` will tell.
async fn tell(input: Option<&mut ChildStdin>, line: &str) {
    if let Some(input) = input {
        let _ = input.write_all(line.as_bytes()).await;
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        match self {
            Self::Child { .. } => {} // killed by kill_on_drop, and by the end of its standard input
            Self::Task { task, log, paper, .. } => {
                task.abort();
                // The thread of the log ends with the first line it cannot write.
                paper.tear();
                log.say(Level::Info, "gone", &[]);
            }
        }
    }
}

/// The environment of a child: what its cloud would give it, and nothing of ours.
fn environment(wanted: &Wanted, site: &Site) -> BTreeMap<&'static str, String> {
    let mut environment = BTreeMap::from([
        ("PORT", "0".to_owned()),
        ("HELLO_COMMIT", wanted.commit.clone()),
        ("HELLO_VERSION", wanted.version.clone()),
        ("HELLO_BUILT_AT", wanted.built_at.clone()),
        (MANNER, wanted.manner.word().to_owned()),
    ]);
    match wanted.provider {
        Provider::Aws => {
            let metadata = format!("http://{}/ecs-metadata/v4/{}", site.address, wanted.id);
            environment.insert("ECS_CONTAINER_METADATA_URI_V4", metadata);
            environment.insert("AWS_REGION", wanted.region.clone());
        }
        Provider::Gcp => {
            environment.insert("K_SERVICE", "hello".to_owned());
            environment.insert("K_CONFIGURATION", "hello".to_owned());
            environment.insert("K_REVISION", wanted.revision.clone());
            environment.insert("HELLO_REGION", wanted.region.clone());
            // There is no metadata server of Google's here.
            environment.insert("HELLO_METADATA", "off".to_owned());
        }
    }
    environment
}

/// What the same instance knows of itself when it is a task of this process.
fn info(wanted: &Wanted) -> Info {
    Info {
        service: "hello",
        commit: wanted.commit.clone(),
        version: wanted.version.clone(),
        built_at: Some(wanted.built_at.clone()),
        revision: Some(wanted.revision.clone()),
        instance: match wanted.provider {
            Provider::Aws => Some(wanted.id.0.clone()),
            Provider::Gcp => None,
        },
        provider: Some(wanted.provider.word()),
        region: Some(wanted.region.clone()),
        project: None,
    }
}
