//! The program as scripts use it: the real binary, against stand-in clouds whose instances are processes of that binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first thing that is wrong"
)]

#[path = "headless/clouds.rs"]
mod clouds;

use std::time::Duration;

use clouds::{Clouds, Ended, gone, until};
use hello_local::{Fault, Kind, Party, Provider};
use serde_json::Value;

const BOTH: [&str; 2] = ["hello/local/aws", "hello/local/gcp"];

#[tokio::test(flavor = "multi_thread")]
async fn status_lists_both_targets() {
    let clouds = Clouds::start("steady").await;
    let ended = clouds.run(["status", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let status = ended.json();
    assert_eq!(status["schema"], "hello-dash/status/1");
    for (target, path) in ended.targets().iter().zip(BOTH) {
        assert_eq!(target["target"], path);
        assert_eq!(target["verdict"], "healthy", "{target}");
        assert_eq!(target["causes"], serde_json::json!([]));
        assert_eq!(target["commit"].as_str().map(str::len), Some(40), "{target}");
        assert!(target["revision"].as_str().unwrap().starts_with("hello"), "{target}");
        assert_eq!(target["probe"]["signal"], "up");
        assert_eq!(target["build"]["newest"]["state"]["state"], "succeeded", "{target}");
        assert_eq!(target["error"], Value::Null);
    }
    assert_eq!(status["parity"][0]["same"], true);
    let text = clouds.run(["status", "hello"]).await;
    assert_eq!((text.code, text.out.lines().count()), (0, 4), "{text:?}");
    assert!(text.err.contains("endpoint override: 127.0.0.1:"), "an override stays in sight: {text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_and_revisions_are_listed() {
    let clouds = Clouds::start("steady").await;
    let (builds, revisions) = (clouds.run(["builds", "--json"]).await, clouds.run(["revisions", "--json"]).await);
    assert_eq!((builds.code, revisions.code), (0, 0), "{builds:?} {revisions:?}");
    for target in builds.targets() {
        assert!(target["items"].as_array().unwrap().len() >= 3, "{target}");
    }
    for target in revisions.targets() {
        let items = target["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["against"]), (3, &"serves now".into()), "{target}");
        assert_eq!((&items[0]["rollback"], &items[1]["rollback"]), (&false.into(), &true.into()), "{target}");
    }
    assert_eq!(clouds.run(["revisions", "--limit", "1"]).await.out.lines().count(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_listed_with_who_asks() {
    let clouds = Clouds::start("many").await;
    let ended = clouds.run(["services", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let document = ended.json();
    assert_eq!(document["schema"], "hello-dash/services/1");
    let places = document["places"].as_array().unwrap();
    assert_eq!(places.len(), 2, "each account and region once");
    assert!(places[0]["identity"]["name"].as_str().unwrap().starts_with("arn:aws:"), "{}", places[0]["identity"]);
    assert_eq!(places[1]["services"].as_array().unwrap().len(), 250, "every page");
    let services = places[0]["services"].as_array().unwrap();
    let hello = services.iter().find(|service| service["name"] == "hello").unwrap();
    assert_eq!((&hello["configured"], &hello["error"]), (&true.into(), &Value::Null));
    assert_eq!(hello["readiness"]["state"], "ready", "{hello}");
    assert_eq!(hello["instances"]["running"], 2);
    clouds.stand_in.control().switch(Party::Aws, false);
    let ended = clouds.run(["services", "--json"]).await;
    assert_eq!(ended.code, 3, "{ended:?}");
    let document = ended.json();
    assert_eq!(document["places"][0]["services"], Value::Null, "an error is no empty list");
    assert_eq!(document["places"][0]["error"]["kind"], "unavailable");
    assert!(!document["places"][1]["services"].as_array().unwrap().is_empty(), "one cloud's trouble is its own");
    let text = clouds.run(["services", "--target", "gcp"]).await;
    assert_eq!(text.code, 0, "{text:?}");
    assert!(text.out.starts_with("Cloud Run europe-west1, project acme-local, as "), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_printed_once_each_and_followed() {
    use rustix::process::Signal;
    let clouds = Clouds::start("steady").await;
    let ended = clouds.run(["logs", "hello", "--target", "aws", "--limit", "5", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let lines: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty() && lines.len() <= 5, "{ended:?}");
    for line in &lines {
        assert_eq!((&line["schema"], &line["target"]), (&"hello-dash/logs/1".into(), &BOTH[0].into()));
        assert!(line["at"].is_string() && line["from"].is_string(), "{line}");
    }
    let mut follow = clouds.spawn(["logs", "hello", "--target", "aws", "--follow", "--limit", "1"]);
    let first = follow.line().await;
    assert!(first.starts_with("20"), "{first}");
    follow.signal(Signal::TERM);
    assert_eq!(follow.end().await.code, 143);
    let fault =
        Fault { cloud: Party::Aws, call: Some("FilterLogEvents".into()), from: 0.0, until: None, kind: Kind::Denied };
    clouds.stand_in.control().add_fault(fault);
    let denied = clouds.run(["logs", "hello", "--target", "aws", "--follow"]).await;
    assert_eq!(denied.code, 9, "what may not be read is not waited for: {denied:?}");
    assert!(denied.err.contains("hint: grant logs:FilterLogEvents"), "{denied:?}");
    assert_eq!(clouds.run(["status", "--target", "aws"]).await.code, 0, "nothing else is blanked");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_newest_first() {
    let clouds = Clouds::start("steady").await;
    let ended = clouds.run(["events", "--target", "aws", "--json"]).await;
    assert_eq!((ended.code, &ended.json()["schema"]), (0, &"hello-dash/events/1".into()), "{ended:?}");
    let targets = ended.targets();
    let items = targets[0]["items"].as_array().unwrap();
    assert!(items.is_sorted_by(|a, b| a["at"].as_str() >= b["at"].as_str()), "{items:?}");
    assert!(items.iter().any(|item| item["message"].as_str().unwrap().contains("steady state")), "{items:?}");
    let text = clouds.run(["events", "--target", "aws", "--limit", "1"]).await;
    assert_eq!((text.code, text.out.lines().count()), (0, 3), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redeploy_and_rollback_on_both_clouds_are_verified() {
    let clouds = Clouds::start("steady").await;
    let before: Vec<_> = clouds.instances();
    let redeploy = clouds.run(["redeploy", "--wait", "--yes", "--json"]).await;
    assert_eq!(redeploy.code, 0, "{redeploy:?}");
    for target in redeploy.targets() {
        assert_eq!((&target["outcome"], target["deployment"].is_string()), (&"verified".into(), true), "{target}");
    }
    until("every instance is a new process", || clouds.instances().iter().all(|pid| !before.contains(pid))).await;
    let was = clouds.run(["status", "--json"]).await.targets()[0]["commit"].clone();

    let rollback = clouds.run(["rollback", "--wait", "--yes"]).await;
    assert_eq!(rollback.code, 0, "{rollback:?}");
    let status = clouds.run(["status", "--json"]).await;
    assert_eq!(status.code, 1, "held traffic is not well: {status:?}");
    let (aws, gcp) = (&status.targets()[0], &status.targets()[1]);
    assert_eq!(aws["commit"], gcp["commit"]);
    assert_ne!(aws["commit"], was);
    assert_eq!((&aws["held"], &gcp["held"]), (&Value::Null, &gcp["revision"]));

    let blocked = clouds.run(["redeploy", "--target", "gcp", "--yes"]).await;
    assert_eq!(blocked.code, 8, "it would reach nobody: {blocked:?}");
    let release = clouds.run(["release", "--wait", "--yes"]).await;
    assert_eq!(release.code, 0, "{release:?}");
    let status = clouds.run(["status", "--target", "gcp", "--json"]).await;
    assert_eq!((status.code, &status.targets()[0]["held"]), (0, &Value::Null), "{status:?}");
    assert_eq!(clouds.run(["release", "--target", "aws", "--yes"]).await.code, 8, "ECS holds nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_undoes_the_deployment_under_way_and_not_the_one_before_it() {
    let clouds = Clouds::start("slow-rollout").await;
    let gcp = |ended: Ended| ended.targets()[0].clone();
    let before = gcp(clouds.run(["status", "--target", "gcp", "--json"]).await);
    // Whoever is asked next knows nothing of this one but what the cloud shows.
    let redeploy = clouds.run(["redeploy", "--target", "gcp", "--yes"]).await;
    assert_eq!(redeploy.code, 0, "{redeploy:?}");
    let rollback = clouds.run(["rollback", "--target", "gcp", "--yes", "--wait"]).await;
    assert_eq!(rollback.code, 0, "{rollback:?}");
    assert!(rollback.err.contains("a deployment is running"), "{rollback:?}");
    let after = gcp(clouds.run(["status", "--target", "gcp", "--json"]).await);
    assert_eq!((&after["revision"], &after["held"]), (&before["revision"], &before["revision"]), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_wait_it_says_that_nothing_is_verified() {
    let clouds = Clouds::start("steady").await;
    let ended = clouds.run(["redeploy", "--target", "gcp", "--yes", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    let target = &ended.targets()[0];
    assert_eq!((&target["outcome"], target["deployment"].is_string()), (&Value::Null, true), "{target}");
    assert!(ended.err.contains("not verified"), "{ended:?}");
    let both = clouds.run(["redeploy", "--yes"]).await;
    assert_eq!(both.code, 64, "the second target needs the first one's outcome: {both:?}");
    assert_eq!(clouds.stand_in.control().writes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_build_is_never_shown_as_success() {
    let clouds = Clouds::start("tag-moved").await;
    let (aws, gcp) = tokio::join!(
        clouds.run(["redeploy", "--target", "aws", "--wait", "--yes"]),
        clouds.run(["redeploy", "--target", "gcp", "--wait", "--yes"]),
    );
    assert_eq!(aws.code, 4, "{aws:?}");
    assert_eq!(gcp.code, 2, "{gcp:?}");
    assert!(aws.out.contains("rolled back") && gcp.out.contains("still serving hello-00003"), "{aws:?} {gcp:?}");
    for ended in [aws, gcp] {
        assert!(ended.err.contains("SHIPS OTHER CODE"), "{ended:?}");
        assert!(!ended.out.contains("verified"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_without_consent() {
    let clouds = Clouds::start("steady").await;
    let protected = clouds.config(|text| text.replace("writable = true", "writable = true\nprotected = true"));
    let read_only = clouds.config(|text| text.replace("writable = true", "writable = false"));
    for (arguments, code, part) in [
        (vec!["redeploy", "--target", "aws", "--dry-run"], 0, "forceNewDeployment"),
        (vec!["rollback", "--dry-run"], 0, "hello:2"),
        (vec!["rollback", "--target", "aws"], 8, "add --yes"),
        (vec!["rollback", "--target", "aws", "--yes", "--confirm", "other"], 8, "which is hello"),
        (vec!["rollback", "--target", "aws", "--yes", "--config", &protected], 8, "--confirm hello"),
        (vec!["rollback", "--target", "aws", "--confirm", "hello", "--config", &protected], 8, "--yes"),
        (vec!["rollback", "--target", "aws", "--yes", "--config", &read_only], 8, "read-only"),
        (vec!["rollback", "--target", "aws", "--yes", "--to", "hello:9"], 8, "no revision hello:9"),
        (vec!["rollback", "--target", "aws", "--yes", "--to", "hello:3"], 8, "serves now"),
        (vec!["rollback", "--yes", "--wait", "--to", "hello:2"], 64, "--target"),
    ] {
        let ended = clouds.run(&arguments).await;
        assert_eq!(ended.code, code, "{arguments:?} {ended:?}");
        assert!(ended.out.contains(part) || ended.err.contains(part), "{arguments:?} {ended:?}");
    }
    assert_eq!(clouds.stand_in.control().writes(), 0);
    let named = ["rollback", "--target", "gcp", "--yes", "--confirm", "hello", "--wait", "--config", &protected];
    let ended = clouds.run(named).await;
    assert_eq!((ended.code, clouds.stand_in.control().writes()), (0, 1), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_runs_out_and_signals_leave_the_cloud_at_it() {
    let clouds = Clouds::start("slow-rollout").await;
    let late = clouds.run(["redeploy", "--target", "aws", "--yes", "--wait", "--timeout", "2s"]).await;
    assert_eq!(late.code, 124, "{late:?}");
    let child = clouds.spawn(["redeploy", "--target", "gcp", "--yes", "--wait"]);
    until("the change was sent", || clouds.stand_in.control().writes() == 2).await;
    child.signal(rustix::process::Signal::INT);
    let ended = child.end().await;
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.err.contains("goes on in the cloud"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_tells_each_change_and_ends_when_all_is_healthy_or_nobody_reads() {
    let clouds = Clouds::start("steady").await;
    let until_healthy = clouds.run(["watch", "--until", "healthy", "--timeout", "60s"]).await;
    assert_eq!((until_healthy.code, until_healthy.out.lines().count()), (0, 2), "{until_healthy:?}");

    let mut watch = clouds.spawn(["watch", "--json"]);
    let first = [watch.line().await, watch.line().await].map(|line| serde_json::from_str::<Value>(&line).unwrap());
    for line in &first {
        assert_eq!((&line["schema"], &line["from"]), (&"hello-dash/watch/1".into(), &Value::Null), "{line}");
        assert_eq!(line["to"], "healthy");
    }
    clouds.stand_in.control().answer(Provider::Aws, Some(500));
    let mut was = Value::from("healthy");
    while was != "unhealthy" {
        let change: Value = serde_json::from_str(&watch.line().await).unwrap();
        assert_eq!(
            (&change["target"], &change["from"]),
            (&"hello/local/aws".into(), &was),
            "each change once: {change}"
        );
        was = change["to"].clone();
        let causes = change["causes"].to_string();
        assert!(was != "unhealthy" || causes.contains("answers 500"), "{change}");
    }

    let check = clouds.run(["check"]).await;
    assert_eq!((check.code, check.out.lines().count()), (2, 2), "{check:?}");
    assert!(check.out.starts_with("hello/local/aws Unhealthy: "), "{check:?}");
    let late = clouds.run(["watch", "--until", "healthy", "--timeout", "6s"]).await;
    assert_eq!(late.code, 124, "{late:?}");
    assert!(late.err.contains("not healthy in time: hello/local/aws is"), "{late:?}");

    watch.stop_reading();
    assert_eq!(watch.end().await.code, 141, "a reader that leaves ends it, as any program in a pipe");
}

/// Starts a redeployment as a pipeline would, without following it; returns the cloud's id for it.
async fn started(clouds: &Clouds, target: &str) -> String {
    let ended = clouds.run(["redeploy", "--target", target, "--yes", "--json"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.targets()[0]["deployment"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_means_that_this_deployment_brought_this_commit() {
    let clouds = Clouds::start("steady").await;
    let status = clouds.run(["status", "--json"]).await;
    let commit = status.targets()[0]["commit"].as_str().unwrap().to_owned();
    for target in ["aws", "gcp"] {
        let id = started(&clouds, target).await;
        let line = ["watch", "--json", "--target", target, "--until", "serving", "--commit", &commit];
        let ended = clouds.run(line.into_iter().chain(["--deployment", &id])).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        let served = ended.json();
        assert_eq!((&served["schema"], &served["outcome"]), (&"hello-dash/serving/1".into(), &"verified".into()));
        assert_eq!((&served["provider"], &served["deployment"]), (&target.into(), &id.as_str().into()), "{served}");
        assert!(ended.err.contains("verifying"), "it says how far it is: {ended:?}");
    }
    let both = clouds.run(["watch", "--until", "serving", "--commit", &commit]).await;
    assert_eq!((both.code, both.out.lines().count()), (0, 2), "{both:?}");
    let other = ["watch", "--target", "gcp", "--until", "serving", "--commit", "0000000", "--timeout", "4s"];
    let late = clouds.run(other).await;
    assert_eq!(late.code, 124, "200 alone does not serve a commit: {late:?}");
    let vague = ["watch", "--until", "serving", "--commit", &commit, "--deployment", "some"];
    assert_eq!(clouds.run(vague).await.code, 64, "one deployment is on one cloud");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_learns_how_its_deployment_ended() {
    const BROKEN: &str = "c04f7be1a98d35260e1fb94c7d830a5e92b6174d";
    let clouds = Clouds::start("tag-moved").await;
    for (target, code) in [("aws", 4), ("gcp", 2)] {
        let id = started(&clouds, target).await;
        let line = ["watch", "--target", target, "--until", "serving", "--commit", BROKEN, "--deployment", &id];
        let ended = clouds.run(line).await;
        assert_eq!(ended.code, code, "{ended:?}");
    }
    let clouds = Clouds::start("slow-rollout").await;
    for target in ["aws", "gcp"] {
        let (first, _) = (started(&clouds, target).await, started(&clouds, target).await);
        let line = ["watch", "--target", target, "--until", "serving", "--commit", BROKEN, "--deployment", &first];
        let ended = clouds.run(line).await;
        assert_eq!(ended.code, 5, "somebody deployed after us: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_ends_by_the_signal_it_gets() {
    let clouds = Clouds::start("steady").await;
    let mut watch = clouds.spawn(["watch"]);
    watch.line().await;
    watch.signal(rustix::process::Signal::TERM);
    assert_eq!(watch.end().await.code, 143);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_one_clear_line_and_a_code() {
    let clouds = Clouds::start("steady").await;
    let one = |ended: &Ended, part: &str| {
        let lines: Vec<_> = ended.out.lines().filter(|line| line.contains(part)).collect();
        assert_eq!(lines.len(), 1, "{part}: {ended:?}");
    };
    let wrong = clouds.config(|text| text.replace("writable", "writeable"));
    let unknown = clouds.config(|text| text.replace("cluster =", "service = \"nope\"\ncluster ="));
    let script = clouds.config(|_| "name = \"mine\"\nabout = \"Mine.\"\n[world]\nlags = 1\n".to_owned());
    let elsewhere = clouds.config(|text| text.replace("cluster =", "endpoint = \"https://evil.example\"\ncluster ="));
    for (arguments, code, part) in [
        (vec!["status", "--config", &wrong], 78, "did you mean 'writable'?"),
        (vec!["status", "--config", "/nowhere.toml"], 78, "/nowhere.toml"),
        (vec!["status", "--config", &elsewhere], 78, "--allow-endpoint evil.example"),
        (vec!["status", "helo"], 64, "no service 'helo'; there is hello"),
        (vec!["status", "--environment", "x"], 64, "no environment 'x'; there is local"),
        (vec!["local", "--scenario", "x"], 64, "there is no scenario"),
        (vec!["local", "--scenario", &script], 78, "lags"),
        (vec!["local", "--scenario", "./nowhere.toml"], 78, "nowhere.toml"),
        (vec!["demo"], 64, "needs a terminal"),
        (vec!["status", "--target", "aws", "--config", &unknown], 3, "the services there are hello"),
    ] {
        let ended = clouds.run(&arguments).await;
        assert_eq!(ended.code, code, "{arguments:?} {ended:?}");
        assert!(ended.err.contains(part), "{arguments:?} {ended:?}");
    }

    let bare = clouds.without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]).run(["status", "--target", "aws"]).await;
    assert_eq!(bare.code, 9, "{bare:?}");
    one(&bare, "not signed in");
    let closed = clouds.with("AWS_ENDPOINT_URL", "http://127.0.0.1:9").run(["status", "--target", "aws"]).await;
    assert_eq!(closed.code, 3, "{closed:?}");
    one(&closed, "unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_one_clear_line_each() {
    let clouds = Clouds::start("steady").await;
    for (kind, code, part) in [
        (Kind::Malformed, 3, "unexpected answer"),
        (Kind::Endless, 3, "unexpected answer"),
        (Kind::Expired, 9, "not signed in"),
        (Kind::Off, 3, "unavailable"),
    ] {
        // Not the token endpoint as well, where nonsense means that nobody can sign in.
        for (cloud, call) in [(Party::Aws, "DescribeServices"), (Party::Gcp, "run.services.get")] {
            let call = Some(call.to_owned());
            clouds.stand_in.control().add_fault(Fault { cloud, call, from: 0.0, until: None, kind });
        }
        let ended = clouds.run(["status", "--json"]).await;
        assert_eq!(ended.code, code, "{kind:?} {ended:?}");
        for target in ended.targets() {
            assert_ne!(target["verdict"], "healthy", "{kind:?} {target}");
            let causes: Vec<_> = target["causes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let telling = causes.iter().filter(|cause| cause.contains(part)).count();
            assert_eq!(telling, 1, "{kind:?} {target}");
            assert!(causes.iter().all(|cause| cause.lines().count() == 1 && cause.len() < 500), "{causes:?}");
        }
        let act = clouds.run(["redeploy", "--target", "aws", "--yes"]).await;
        assert_eq!((act.code, clouds.stand_in.control().writes()), (code, 0), "nothing is changed unseen: {act:?}");
        clouds.stand_in.control().clear_faults();
    }
    let denied = Fault { cloud: Party::Github, call: None, from: 0.0, until: None, kind: Kind::Denied };
    clouds.stand_in.control().add_fault(denied);
    let builds = clouds.run(["builds", "--json"]).await;
    assert_eq!(builds.code, 9, "{builds:?}");
    assert_eq!(builds.targets()[0]["items"], Value::Null, "an error is not an empty list");
    assert_eq!(builds.targets()[0]["error"]["kind"], "denied");
    assert!(builds.targets()[1]["items"].is_array(), "one source's trouble is its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_alone_serves_other_shells_and_leaves_no_process() {
    use rustix::process::Signal;
    for (signal, code) in [(Signal::TERM, Some(143)), (Signal::INT, Some(130)), (Signal::KILL, None)] {
        let mut local = clouds::spawn(&[], ["local", "--json"]);
        let told: Value = serde_json::from_str(&local.line().await).unwrap();
        assert_eq!(told["schema"], "hello-dash/local/1");
        let environment = told["environment"].as_object().unwrap();
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let check = clouds::spawn(&environment, ["check"]).end().await;
        assert_eq!(check.code, 0, "{check:?}");
        let children = local.children();
        assert!(children.len() >= 3, "{children:?}");
        local.signal(signal);
        let ended = local.end().await;
        assert_eq!(code.unwrap_or(-1), ended.code, "{ended:?}");
        until("no instance is left", || children.iter().all(|pid| gone(*pid))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_checked_and_an_example_is_printed() {
    let clouds = Clouds::start("steady").await;
    let example = clouds.run(["config", "example"]).await;
    assert_eq!(example.code, 0, "{example:?}");
    let file = clouds.config(|_| example.out.clone());
    let check = clouds.run(["config", "check", "--config", &file]).await;
    assert_eq!((check.code, check.err.as_str()), (0, ""), "{check:?}");
    let broken = clouds.config(|text| text.replace("writable", "writeable"));
    let check = clouds.run(["config", "check", "--json", "--config", &broken]).await;
    assert_eq!((check.code, &check.json()["problems"][0]["line"]), (78, &2.into()), "{check:?}");
    let none = clouds::spawn(&[], ["status"]).end().await;
    assert_eq!(none.code, 78, "{none:?}");
    assert!(none.err.contains("hello-dash demo") && none.err.contains("config example"), "{none:?}");
}

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
