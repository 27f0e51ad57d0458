//! Instances as real child processes. The children are this very program, called with `instance`; called with
//! `stand-in` it is a stand-in that somebody kills.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../wire/client.rs"]
#[expect(dead_code, reason = "shared with the wire tests, which use all of it")]
mod client;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use client::{address_of, control, ecs, get, google, until};
use hello_local::{Control, Launch, Options, Provider, Scenario, StandIn, run_instance};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match env::args().nth(1).as_deref() {
        Some("instance") => match runtime.block_on(run_instance()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Some("stand-in") => runtime.block_on(be_a_stand_in()),
        Some("--list") => ExitCode::SUCCESS,
        _ => runtime.block_on(async {
            step("children are started, answer, and see nothing of our environment", children_are_started()).await;
            step("a redeploy replaces the processes", a_redeploy_replaces_the_processes()).await;
            step("a sick child answers so and gets well", a_sick_child_answers_so_and_gets_well()).await;
            step("a killed child is replaced", a_killed_child_is_replaced()).await;
            step("a crashing build trips the breaker", a_crashing_build_trips_the_breaker()).await;
            step("children end with a stand-in that is dropped", children_end_with_a_dropped_stand_in()).await;
            step("children end with a stand-in that is killed", children_end_with_a_killed_stand_in()).await;
            ExitCode::SUCCESS
        }),
    }
}

async fn step(name: &str, test: impl Future<Output = ()>) {
    print!("{name} ... ");
    io::stdout().flush().unwrap();
    test.await;
    println!("ok");
}

async fn start(scenario: &str) -> StandIn {
    let launch = Launch::Process { program: env::current_exe().unwrap(), args: vec!["instance".to_owned()] };
    StandIn::start(Options { scenario: Scenario::named(scenario).unwrap(), launch, port: 0 }).await.unwrap()
}

async fn be_a_stand_in() -> ExitCode {
    let stand_in = start("steady").await;
    let pids: Vec<u32> = pids(&stand_in.control()).into_iter().collect();
    println!("{}", json!(pids));
    std::future::pending().await
}

fn pids(control: &Control) -> BTreeSet<u32> {
    control.instances().into_iter().filter_map(|instance| instance.pid).collect()
}

/// Whether the process still runs; a zombie has ended.
fn lives(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains("zombie"))
}

async fn until_gone(pids: &BTreeSet<u32>) {
    until("all children are gone", || async { pids.iter().all(|pid| !lives(*pid)).then_some(()) }).await;
}

async fn children_are_started() {
    let stand_in = start("steady").await;
    let pids = pids(&stand_in.control());
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| lives(*pid)));
    for pid in &pids {
        let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
        let names: Vec<&str> =
            environment.split('\0').filter_map(|pair| pair.split_once('=')).map(|pair| pair.0).collect();
        assert!(!names.contains(&"PATH") && !names.contains(&"HOME"), "{names:?}");
    }
    let on_ecs = get(address_of(&stand_in.aws_url()), "/version").await.json();
    assert_eq!((&on_ecs["revision"], &on_ecs["provider"]), (&json!("hello:3"), &json!("aws")));
    assert_eq!(on_ecs["instance"].as_str().map(str::len), Some(32), "known from the metadata endpoint: {on_ecs}");
    let on_run = get(address_of(&stand_in.gcp_url()), "/version").await.json();
    assert!(on_run["revision"].as_str().unwrap().starts_with("hello-00003-"));
    assert_eq!(on_run["commit"], on_ecs["commit"]);
    assert_eq!(get(address_of(&stand_in.aws_url()), "/").await.text, "Hello world\n");
    stand_in.stop().await.unwrap();
    assert!(pids.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()), "stopped and reaped");
}

async fn a_redeploy_replaces_the_processes() {
    let stand_in = start("steady").await;
    let (at, control) = (stand_in.address(), stand_in.control());
    let before = pids(&control);
    ecs(at, "UpdateService", json!({"cluster": "hello", "service": "hello", "taskDefinition": "hello:2"})).await;
    let path = "/v2/projects/acme-local/locations/europe-west1/services/hello";
    let service = google(at, "GET", path, Value::Null).await.json();
    let body = json!({"template": service["template"]});
    google(at, "PATCH", &format!("{path}?updateMask=template&forceNewRevision=true"), body).await;
    until("every process is another one", || async {
        let now = pids(&control);
        (now.len() == 3 && now.is_disjoint(&before)).then_some(())
    })
    .await;
    assert!(before.iter().all(|pid| !lives(*pid)));
    assert_eq!(get(address_of(&stand_in.aws_url()), "/version").await.json()["revision"], "hello:2");
    let revision = get(address_of(&stand_in.gcp_url()), "/version").await.json()["revision"].clone();
    assert!(revision.as_str().unwrap().starts_with("hello-00004-"));
    assert_eq!(control.problems(), Vec::<String>::new());
    stand_in.stop().await.unwrap();
}

async fn a_sick_child_answers_so_and_gets_well() {
    let stand_in = start("steady").await;
    let public = address_of(&stand_in.aws_url());
    stand_in.control().answer(Provider::Aws, Some(500));
    until("both are sick", || async {
        let both = [get(public, "/version").await.status, get(public, "/").await.status];
        (both == [500, 500]).then_some(())
    })
    .await;
    assert!(stand_in.control().instances().iter().all(|instance| instance.ready));
    let answer = control(stand_in.address(), "PUT", "clouds/aws/answer", &json!({"status": null})).await;
    assert_eq!(answer.status, 200);
    let all_ready = |ready: bool| {
        let instances = stand_in.control().instances();
        let mut ours = instances.iter().filter(|instance| instance.provider == Provider::Gcp).peekable();
        (ours.peek().is_some() && ours.all(|instance| instance.ready == ready)).then_some(())
    };
    stand_in.control().say_ready(Provider::Gcp, false);
    until("the child says that it is not ready", || async { all_ready(false) }).await;
    stand_in.control().say_ready(Provider::Gcp, true);
    until("the child says that it is ready", || async { all_ready(true) }).await;
    until("both are well", || async {
        let both = [get(public, "/version").await.status, get(public, "/").await.status];
        (both == [200, 200]).then_some(())
    })
    .await;
    stand_in.stop().await.unwrap();
}

async fn a_killed_child_is_replaced() {
    let stand_in = start("steady").await;
    let control = stand_in.control();
    let on_run =
        |control: &Control| control.instances().into_iter().find(|instance| instance.provider == Provider::Gcp);
    let victim = on_run(&control).unwrap().pid.unwrap();
    assert!(Command::new("kill").args(["-9", &victim.to_string()]).status().unwrap().success());
    let other = until("another one is ready", || async {
        on_run(&control).filter(|instance| instance.ready && instance.pid != Some(victim))
    })
    .await;
    assert!(lives(other.pid.unwrap()));
    assert_eq!(get(address_of(&stand_in.gcp_url()), "/").await.status, 200);
    stand_in.stop().await.unwrap();
}

async fn a_crashing_build_trips_the_breaker() {
    let stand_in = start("tag-moved-crash").await;
    let at = stand_in.address();
    let before = pids(&stand_in.control());
    ecs(at, "UpdateService", json!({"cluster": "hello", "service": "hello", "forceNewDeployment": true})).await;
    let deployment = until("the deployment is rolled back", || async {
        let listed = ecs(at, "ListServiceDeployments", json!({"cluster": "hello", "service": "hello"})).await.json();
        let newest = listed["serviceDeployments"][0].clone();
        (newest["status"] == "ROLLBACK_SUCCESSFUL").then_some(newest)
    })
    .await;
    assert!(deployment["statusReason"].as_str().unwrap().contains("circuit breaker"));
    assert_eq!(pids(&stand_in.control()), before, "the old processes were never touched");
    assert_eq!(stand_in.control().problems(), Vec::<String>::new(), "a crash of the script is no problem of ours");
    stand_in.stop().await.unwrap();
}

async fn children_end_with_a_dropped_stand_in() {
    let stand_in = start("steady").await;
    let pids = pids(&stand_in.control());
    drop(stand_in);
    until_gone(&pids).await;
}

async fn children_end_with_a_killed_stand_in() {
    let mut parent = Command::new(env::current_exe().unwrap())
        .arg("stand-in")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let pids: BTreeSet<u32> = serde_json::from_str(&line).unwrap();
    assert_eq!(pids.iter().filter(|pid| lives(**pid)).count(), 3);
    parent.kill().unwrap();
    parent.wait().unwrap();
    until_gone(&pids).await;
}
