//! From JSON as Cloud Run sends it to the model: what serves, what failed, what is held, and what was never heard of.

use serde_json::{Value, json};

use super::*;
use crate::{
    error::{ErrorKind, ProviderError},
    model::{DeploymentId, DeploymentState, RevisionState},
};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn digest(c: char) -> String {
    format!("sha256:{}", c.to_string().repeat(64))
}

fn service(changes: &Value) -> wire::Service {
    let mut service = json!({
        "name": "projects/p/locations/r/services/hello", "generation": "4", "observedGeneration": "4", "etag": "e4",
        "uri": "https://hello.example", "updateTime": "2026-11-20T10:00:00.123456Z", "lastModifier": "ann@acme.example",
        "template": {"containers": [{"image": format!("europe-west1-docker.pkg.dev/p/apps/hello:{COMMIT}"),
                                     "env": [{"name": "TOKEN", "value": "hunter2"}]}]},
        "traffic": [{"type": LATEST, "percent": 100}],
        "trafficStatuses": [{"type": LATEST, "percent": 100}],
        "latestReadyRevision": "projects/p/locations/r/services/hello/revisions/hello-00002-b",
        "latestCreatedRevision": "projects/p/locations/r/services/hello/revisions/hello-00002-b",
        "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
    });
    let (Some(service), Some(changes)) = (service.as_object_mut(), changes.as_object()) else { unreachable!() };
    service.extend(changes.clone());
    serde_json::from_value(Value::Object(service.clone())).unwrap()
}

fn revision(name: &str, created: &str, c: char, ready: &str) -> wire::Revision {
    serde_json::from_value(json!({
        "name": format!("projects/p/locations/r/services/hello/revisions/{name}"), "createTime": created,
        "containers": [{"image": "europe-west1-docker.pkg.dev/p/apps/hello:stable"}],
        "containerStatuses": [{"imageDigest": format!("europe-west1-docker.pkg.dev/p/apps/hello@{}", digest(c))}],
        "conditions": [{"type": "Ready", "state": ready, "revisionReason": "HEALTH_CHECK_CONTAINER_ERROR",
                        "message": "did not start. Logs URL: https://long"}],
    }))
    .unwrap()
}

fn parts(service: wire::Service) -> Parts {
    Parts {
        service,
        revisions: Ok(vec![
            revision("hello-00001-a", "2026-11-19T10:00:00Z", 'a', "CONDITION_SUCCEEDED"),
            revision("hello-00002-b", "2026-11-20T10:00:00Z", 'b', "CONDITION_SUCCEEDED"),
        ]),
        followed: Ok(None),
        repository: Ok(None),
        events: Ok(Vec::new()),
        slowed: None,
        current_aim: None,
        followed_aim: None,
        followed_made_this: None,
    }
}

#[test]
fn a_service_at_rest_serves_its_newest_revision() {
    let snapshot = snapshot(&parts(service(&json!({}))));
    assert_eq!(snapshot.readiness.state, Readiness::Ready);
    assert_eq!(snapshot.serving.len(), 1);
    assert_eq!(snapshot.serving[0].revision, RevisionId::new("hello-00002-b"));
    assert_eq!(snapshot.serving[0].share, Some(100));
    assert_eq!((&snapshot.hold, &snapshot.instances), (&None, &None));
    assert_eq!(snapshot.fingerprint, Fingerprint::new("e4"));
    let names: Vec<_> = snapshot.revisions.as_ref().unwrap().iter().map(|r| r.name.raw()).collect();
    assert_eq!(names, ["hello-00002-b", "hello-00001-a"], "newest first");
    assert_eq!(snapshot.current.as_ref().unwrap().state.state, DeploymentState::Succeeded);
    assert_eq!(snapshot.current.as_ref().unwrap().id, DeploymentId::new("generation/4"));
    assert!(!serde_json::to_string(&snapshot).unwrap().contains("hunter2"), "environment values stay outside");
}

#[test]
fn a_failed_deployment_is_partly_ready_and_still_serves_the_old_revision() {
    let mut parts = parts(service(&json!({
        "observedGeneration": "3",
        "latestCreatedRevision": "projects/p/locations/r/services/hello/revisions/hello-00003-c",
        "terminalCondition": {"type": "Ready", "state": "CONDITION_FAILED", "revisionReason": "HEALTH_CHECK_CONTAINER_ERROR",
                              "message": "Revision 'hello-00003-c' is not ready. Logs URL: https://console.example/long"},
    })));
    parts.revisions.as_mut().unwrap().push(revision("hello-00003-c", "2026-11-20T10:00:00Z", 'c', "CONDITION_FAILED"));
    let snapshot = snapshot(&parts);
    assert_eq!(snapshot.readiness.state, Readiness::Partly);
    let reason = snapshot.readiness.reason.clone().unwrap();
    assert_eq!(reason.raw(), "HEALTH_CHECK_CONTAINER_ERROR: Revision 'hello-00003-c' is not ready.");
    assert_eq!(snapshot.serving[0].revision, RevisionId::new("hello-00002-b"));
    assert_eq!(snapshot.wanted, Some(RevisionId::new("hello-00003-c")));
    let current = snapshot.current.clone().unwrap();
    assert_eq!(current.state.state, DeploymentState::Failed);
    assert_eq!(current.to, Some(RevisionId::new("hello-00003-c")));
    let broken = snapshot.revision(&RevisionId::new("hello-00003-c")).unwrap();
    assert_eq!((broken.state.state, broken.served), (RevisionState::Failed, Some(false)));
    assert!(snapshot.failures.unwrap()[0].message.raw().contains("hello-00003-c"));
}

#[test]
fn nothing_serving_is_not_ready() {
    let service = service(&json!({"latestReadyRevision": "", "trafficStatuses": [],
        "terminalCondition": {"state": "CONDITION_FAILED", "reason": "REVISION_FAILED"}}));
    assert_eq!(readiness(&service).state, Readiness::NotReady);
    assert!(serving(&service).is_empty());
}

#[test]
fn pinned_traffic_is_a_hold_and_the_rollback_goes_to_the_pinned_revision() {
    let pin = json!([{"type": REVISION, "revision": "hello-00001-a", "percent": 100},
                     {"type": LATEST, "tag": "next"}]);
    let mut pinned = service(&json!({"traffic": [pin[0]], "trafficStatuses": [pin[0]],
                                    "updateTime": "2026-11-20T12:00:00Z"}));
    let held = snapshot(&parts(pinned.clone()));
    let pin_seen = held.hold.clone().unwrap();
    assert_eq!(pin_seen.revision, RevisionId::new("hello-00001-a"));
    assert_eq!(pin_seen.by.unwrap().raw(), "ann@acme.example");
    let current = held.current.clone().unwrap();
    assert_eq!(current.to, Some(RevisionId::new("hello-00001-a")), "no revision is as young as this change");
    assert_eq!(held.deployments.as_ref().unwrap().len(), 3, "the change of traffic and one per revision");
    pinned.traffic = serde_json::from_value(pin).unwrap();
    assert!(hold(&pinned).is_some(), "a tag on the newest revision brings it no traffic");
    pinned.traffic[1].percent = 10;
    assert_eq!(hold(&pinned), None);
    assert_eq!(hold(&service(&json!({"traffic": []}))), None, "no target means the newest revision");
}

#[test]
fn shares_that_do_not_make_a_hundred_are_not_shown() {
    let split = |a: i64, b: i64| {
        service(
            &json!({"trafficStatuses": [{"revision": "hello-00001-a", "percent": a}, {"type": LATEST, "percent": b}]}),
        )
    };
    let whole = serving(&split(30, 70));
    assert_eq!(whole.iter().map(|s| s.share).collect::<Vec<_>>(), [Some(70), Some(30)], "greatest first");
    assert!(serving(&split(30, 60)).iter().all(|serving| serving.share.is_none()));
}

#[test]
fn the_followed_operation_is_the_current_deployment_while_it_made_the_generation() {
    let name = "projects/p/locations/r/operations/op1";
    let operation = |generation: i64, done: bool, extra: Value| {
        let mut operation = json!({"name": name, "done": done, "metadata": {"generation": generation.to_string(),
            "updateTime": "2026-11-20T10:00:00Z",
            "latestCreatedRevision": "projects/p/locations/r/services/hello/revisions/hello-00002-b"}});
        operation.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Ok(Some(serde_json::from_value(operation).unwrap()))
    };
    let mut parts = parts(service(&json!({"reconciling": true})));
    parts.followed = operation(4, false, json!({}));
    let seen = snapshot(&parts);
    assert_eq!(seen.current.as_ref().unwrap().id, DeploymentId::new(name));
    assert_eq!(seen.current.as_ref().unwrap().state.state, DeploymentState::Progressing);
    assert_eq!(seen.deployments.as_ref().unwrap().iter().filter(|d| !d.state.state.is_settled()).count(), 1);

    parts.followed = operation(3, true, json!({"error": {"code": 9, "message": "failed to start. Logs URL: x"}}));
    let seen = snapshot(&parts);
    assert_eq!(seen.current.as_ref().unwrap().id, DeploymentId::new("generation/4"), "somebody came after us");
    let ours = seen.deployment(&DeploymentId::new(name)).unwrap();
    assert_eq!(ours.state.state, DeploymentState::Failed);
    assert_eq!(ours.state.reason.clone().unwrap().raw(), "failed to start.");
}

#[test]
fn an_operation_that_cannot_be_read_is_not_taken_for_another_deployment() {
    let ours = DeploymentId::new("projects/p/locations/r/operations/op1");
    let broken = ProviderError::new(ErrorKind::Unavailable, "run.operations.get", "no");
    let mut parts = parts(service(&json!({"reconciling": true})));
    parts.followed = Err(broken.clone());
    let unknown = snapshot(&parts);
    assert_eq!(unknown.sight(&ours), Err(broken.clone()), "nobody can tell whether the generation is ours");
    parts.followed_made_this = Some(ours.clone());
    let known = snapshot(&parts);
    assert_eq!(known.deployments, Err(broken));
    let seen = known.sight(&ours).unwrap().expect("we made this generation");
    assert_eq!(seen.state.state, DeploymentState::Progressing);
    assert_eq!(known.current.as_ref(), Some(seen));
    parts.followed = Ok(None);
    assert_eq!(snapshot(&parts).current.unwrap().id, ours, "forgotten, and still what made the generation");
}

#[test]
fn where_somebody_elses_change_goes_is_not_guessed_before_its_revision_is_there() {
    let reconciling = |changes: &Value| {
        let mut service = service(changes);
        (service.reconciling, service.generation) = (true, 5);
        service.update_time = "2026-11-20T10:05:00Z".into();
        service
    };
    let to = |service| snapshot(&parts(service)).current.unwrap().to;
    assert_eq!(to(reconciling(&json!({}))), None, "the newest serves already, and is five minutes older");
    let newer = json!({"latestCreatedRevision": "projects/p/locations/r/services/hello/revisions/hello-00003-c"});
    assert_eq!(to(reconciling(&newer)), Some(RevisionId::new("hello-00003-c")));
    let released = json!({"trafficStatuses": [
        {"type": REVISION, "revision": "hello-00001-a", "percent": 100},
    ]});
    assert_eq!(to(reconciling(&released)), Some(RevisionId::new("hello-00002-b")), "traffic moves to the newest");
}

#[test]
fn words_never_heard_of_are_unknown_and_kept() {
    let service = service(&json!({"terminalCondition": {"state": "CONDITION_PONDERING"}, "novelty": {"a": [1]}}));
    let readiness = readiness(&service);
    assert_eq!((readiness.state, readiness.word.raw()), (Readiness::Unknown, "CONDITION_PONDERING"));
    let bare = snapshot(&Parts { revisions: Ok(vec![wire::Revision::default()]), ..parts(wire::Service::default()) });
    assert_eq!(bare.readiness.state, Readiness::Unknown);
    assert_eq!(bare.current.unwrap().state.state, DeploymentState::Unknown);
}

#[test]
fn a_part_that_failed_is_an_error_in_its_section() {
    let denied = ProviderError::new(ErrorKind::Denied, "run.revisions.list", "no");
    let seen = snapshot(&Parts { revisions: Err(denied.clone()), ..parts(service(&json!({}))) });
    assert_eq!(seen.revisions, Err(denied.clone()));
    assert_eq!(seen.deployments, Err(denied));
    assert_eq!(seen.serving.len(), 1, "what the main call said stays");
    assert!(seen.current.is_some());
}

#[test]
fn the_registry_names_commits_and_what_is_gone() {
    let reference = "europe-west1-docker.pkg.dev/p/apps/hello:stable";
    let stored = crate::registry::Stored {
        digest: crate::model::Digest::parse(&digest('b')).unwrap(),
        tags: vec![COMMIT.into()],
        pushed_at: None,
    };
    let repository = Repository { images: vec![stored], complete: true };
    let mut parts = parts(service(&json!({})));
    parts.repository = Ok(Some((ImageName::of(reference).unwrap(), repository)));
    let seen = snapshot(&parts);
    let revision = |name: &str| seen.revision(&RevisionId::new(name)).unwrap();
    assert_eq!(revision("hello-00002-b").commit.clone().unwrap().as_str(), COMMIT);
    assert_eq!(revision("hello-00002-b").gone, None);
    assert!(revision("hello-00001-a").gone.is_some());
    assert_eq!(seen.resolution.unwrap().unwrap().digest.as_str(), digest('b'));
}
