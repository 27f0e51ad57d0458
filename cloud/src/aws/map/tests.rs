//! From the SDK's types to the model: what serves, what rolled back, what a service without history still shows.

use aws_sdk_ecs::types::{
    ContainerImage, Deployment as EcsDeployment, DeploymentRolloutState, Rollback, ServiceCurrentRevisionSummary,
    ServiceDeploymentCircuitBreaker, ServiceDeploymentRollbackMonitorsStatus, ServiceDeploymentStatus,
    ServiceRevisionSummary, TaskStopCode,
};

use super::*;
use crate::model::RevisionState;

const OLD: &str = "arn:aws:ecs:r:1:task-definition/hello:2";
const NEW: &str = "arn:aws:ecs:r:1:task-definition/hello:3";
const REPOSITORY: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/hello";

fn revision_arn(n: u8) -> String {
    format!("arn:aws:ecs:r:1:service-revision/c/hello/{n}")
}

fn deployment_arn(n: u8) -> String {
    format!("arn:aws:ecs:r:1:service-deployment/c/hello/{n}")
}

fn digest(c: char) -> String {
    format!("sha256:{}", c.to_string().repeat(64))
}

fn rolling(id: &str, status: &str, definition: &str, rollout: &str) -> EcsDeployment {
    EcsDeployment::builder()
        .id(id)
        .status(status)
        .task_definition(definition)
        .rollout_state(DeploymentRolloutState::from(rollout))
        .rollout_state_reason("because")
        .created_at(DateTime::from_secs(100))
        .running_count(1)
        .build()
}

fn current(n: u8, running: i32) -> ServiceCurrentRevisionSummary {
    ServiceCurrentRevisionSummary::builder().arn(revision_arn(n)).running_task_count(running).build()
}

fn revision(n: u8, definition: &str, c: char) -> ServiceRevision {
    let image = ContainerImage::builder().container_name("web").image(format!("{REPOSITORY}:stable"));
    ServiceRevision::builder()
        .service_revision_arn(revision_arn(n))
        .task_definition(definition)
        .created_at(DateTime::from_secs(i64::from(n)))
        .container_images(image.image_digest(digest(c)).build())
        .build()
}

fn deployment(n: u8, target: u8, status: &str) -> aws_sdk_ecs::types::builders::ServiceDeploymentBuilder {
    ServiceDeployment::builder()
        .service_deployment_arn(deployment_arn(n))
        .created_at(DateTime::from_secs(i64::from(n) * 10))
        .status(ServiceDeploymentStatus::from(status))
        .target_service_revision(ServiceRevisionSummary::builder().arn(revision_arn(target)).build())
}

fn task(id: &str, definition: &str, created: i64, c: char) -> Task {
    Task::builder()
        .task_arn(format!("arn:aws:ecs:r:1:task/c/{id}"))
        .task_definition_arn(definition)
        .last_status("RUNNING")
        .started_by("ecs-svc/2")
        .created_at(DateTime::from_secs(created))
        .containers(aws_sdk_ecs::types::Container::builder().name("web").image_digest(digest(c)).build())
        .build()
}

/// Two tasks of definition 3 serve; it was deployed well as revision 2 by deployment 2, after revision 1 by deployment 1.
fn parts() -> Parts {
    let service = Service::builder()
        .service_name("hello")
        .status("ACTIVE")
        .desired_count(2)
        .running_count(2)
        .task_definition(NEW)
        .deployments(rolling("ecs-svc/2", "PRIMARY", NEW, "COMPLETED"))
        .current_service_deployment(deployment_arn(2))
        .current_service_revisions(current(2, 2))
        .build();
    Parts {
        service,
        history: Ok(Some(vec![deployment(1, 1, "SUCCESSFUL").build(), deployment(2, 2, "SUCCESSFUL").build()])),
        revisions: Ok(vec![revision(1, OLD, 'a'), revision(2, NEW, 'b')]),
        definitions: Ok(Definitions { active: vec![NEW.into(), OLD.into()], complete: true }),
        described: BTreeMap::new(),
        tasks: Ok((vec![task("t1", NEW, 21, 'b'), task("t0", OLD, 11, 'a')], Vec::new())),
        repository: Ok(None),
        targets: Ok(None),
        slowed: None,
        follow: None,
    }
}

fn without_history(parts: Parts) -> Parts {
    let image = vec![("web".to_owned(), format!("{REPOSITORY}:abcdef1"))];
    let definition =
        Definition { images: image, logs: Vec::new(), registered_at: None, registered_by: Some("ann".into()) };
    let service = parts.service;
    let service = Service::builder()
        .status("ACTIVE")
        .desired_count(2)
        .running_count(2)
        .task_definition(NEW)
        .set_deployments(service.deployments)
        .build();
    Parts {
        service,
        history: Ok(None),
        revisions: Ok(Vec::new()),
        described: BTreeMap::from([(NEW.into(), definition.clone()), (OLD.into(), definition)]),
        ..parts
    }
}

#[test]
fn a_service_at_rest() {
    let seen = snapshot(&parts());
    assert_eq!(seen.readiness.state, Readiness::Ready);
    assert_eq!(seen.wanted, Some(RevisionId::new(revision_arn(2))));
    assert_eq!(seen.serving[0].revision, RevisionId::new(revision_arn(2)));
    assert_eq!((seen.serving[0].share, seen.serving[0].running), (None, Some(2)));
    let revisions = seen.revisions.as_ref().unwrap();
    let names: Vec<_> = revisions.iter().map(|r| (r.name.raw(), r.served, r.state.state)).collect();
    let ready = RevisionState::Ready;
    assert_eq!(names, [("hello:3", Some(true), ready), ("hello:2", Some(true), ready)], "newest first");
    let current = seen.current.unwrap();
    assert_eq!((current.id, current.state.state), (DeploymentId::new(deployment_arn(2)), DeploymentState::Succeeded));
    assert_eq!(current.started.iter().map(crate::model::InstanceId::as_str).collect::<Vec<_>>(), ["t1"]);
    let older = &seen.deployments.as_ref().unwrap()[1];
    assert_eq!(older.started.iter().map(crate::model::InstanceId::as_str).collect::<Vec<_>>(), ["t0"]);
}

#[test]
fn a_breaker_that_tripped_is_rolled_back_and_says_why() {
    let mut parts = parts();
    let breaker = ServiceDeploymentCircuitBreaker::builder()
        .status(ServiceDeploymentRollbackMonitorsStatus::Triggered)
        .failure_count(3)
        .threshold(3);
    let failed = deployment(3, 3, "ROLLBACK_SUCCESSFUL")
        .status_reason("done")
        .rollback(Rollback::builder().reason("circuit breaker").service_revision_arn(revision_arn(2)).build())
        .deployment_circuit_breaker(breaker.build());
    parts.history.as_mut().unwrap().as_mut().unwrap().insert(0, failed.build());
    parts.revisions.as_mut().unwrap().push(revision(3, NEW, 'c'));
    parts.service.current_service_deployment = Some(deployment_arn(3));
    let seen = snapshot(&parts);
    let current = seen.current.clone().unwrap();
    assert_eq!((current.state.state, current.failed), (DeploymentState::RolledBack, Some(3)));
    assert_eq!(current.state.reason.unwrap().raw(), "circuit breaker");
    assert_eq!(current.started.len(), 0, "tasks with another digest are not of this deployment");
    assert_eq!(seen.wanted, Some(RevisionId::new(revision_arn(2))), "what ECS went back to");
    let outcome = |n| seen.revision(&RevisionId::new(revision_arn(n))).map(|r| (r.served, r.state.state)).unwrap();
    assert_eq!(outcome(3), (Some(false), RevisionState::Failed));
    assert_eq!(outcome(2), (Some(true), RevisionState::Ready));
}

#[test]
fn during_a_rollout_primary_is_not_what_serves() {
    let mut parts = parts();
    parts.service.deployments = Some(vec![
        rolling("ecs-svc/3", "PRIMARY", NEW, "IN_PROGRESS"),
        rolling("ecs-svc/2", "ACTIVE", OLD, "COMPLETED"),
    ]);
    parts.service.current_service_revisions = Some(vec![current(2, 0), current(1, 2)]);
    let seen = snapshot(&parts);
    assert_eq!(seen.readiness.state, Readiness::Pending);
    assert_eq!(seen.serving.len(), 1);
    assert_eq!(seen.serving[0].revision, RevisionId::new(revision_arn(1)));
}

#[test]
fn weights_are_shares_only_when_they_make_a_whole() {
    let weigh = |new: f64, old: f64| {
        let mut parts = parts();
        let summary = |n, weight| {
            ServiceRevisionSummary::builder().arn(revision_arn(n)).requested_production_traffic_weight(weight).build()
        };
        let canary = deployment(2, 2, "IN_PROGRESS").target_service_revision(summary(2, new));
        parts.history = Ok(Some(vec![canary.source_service_revisions(summary(1, old)).build()]));
        parts.service.current_service_revisions = Some(vec![current(2, 1), current(1, 2)]);
        snapshot(&parts).serving.iter().map(|serving| serving.share).collect::<Vec<_>>()
    };
    assert_eq!(weigh(10.0, 90.0), [Some(90), Some(10)], "greatest first");
    assert_eq!(weigh(10.0, 80.0), [None, None]);
    assert_eq!(weigh(f64::NAN, 100.0), [None, None]);
}

#[test]
fn without_history_definitions_are_the_revisions() {
    let seen = snapshot(&without_history(parts()));
    assert_eq!(seen.wanted, Some(RevisionId::new(NEW)));
    let revisions = seen.revisions.as_ref().unwrap();
    assert_eq!(revisions.iter().map(|r| r.name.raw()).collect::<Vec<_>>(), ["hello:3", "hello:2"]);
    assert_eq!(revisions[0].image.as_ref().unwrap().digest.as_ref().unwrap().as_str(), digest('b'), "from its task");
    assert_eq!(revisions[0].commit.as_ref().unwrap().as_str(), "abcdef1");
    assert_eq!((revisions[0].served, revisions[1].served), (Some(true), None), "what nobody knows stays unknown");
    let current = seen.current.unwrap();
    assert_eq!(current.id, DeploymentId::new("ecs-svc/2"));
    assert_eq!(current.started[0].as_str(), "t1");
    assert_eq!(seen.serving.iter().map(|s| s.running).collect::<Vec<_>>(), [Some(1), Some(1)], "counted from tasks");
    assert!(seen.facts.iter().any(|fact| fact.label == "history"));
}

#[test]
fn a_rolling_deployment_that_something_newer_replaced_was_stopped() {
    let mut parts = without_history(parts());
    parts.service.deployments =
        Some(vec![rolling("ecs-svc/3", "PRIMARY", NEW, "FAILED"), rolling("ecs-svc/2", "ACTIVE", OLD, "IN_PROGRESS")]);
    let states: Vec<_> = snapshot(&parts).deployments.unwrap().into_iter().map(|d| (d.id, d.state.state)).collect();
    assert!(states.contains(&(DeploymentId::new("ecs-svc/3"), DeploymentState::Failed)));
    assert!(states.contains(&(DeploymentId::new("ecs-svc/2"), DeploymentState::Stopped)));
}

#[test]
fn a_denied_history_leaves_the_rest() {
    let denied = ProviderError::new(ErrorKind::Denied, "ecs:ListServiceDeployments", "no");
    let seen = snapshot(&Parts { history: Err(denied.clone()), ..parts() });
    assert_eq!(seen.deployments, Err(denied));
    assert_eq!(seen.current.as_ref().unwrap().id, DeploymentId::new(deployment_arn(2)), "from the main call");
    assert_eq!(seen.revisions.as_ref().unwrap().len(), 2);
    assert_eq!(seen.serving.len(), 1);
    let follow = Some(DeploymentId::new("ecs-svc/2"));
    let denied = ProviderError::new(ErrorKind::Denied, "ecs:ListServiceDeployments", "no");
    let followed = snapshot(&Parts { history: Err(denied), follow: follow.clone(), ..parts() });
    assert_eq!(followed.current.map(|current| current.id), follow, "what is followed is seen under its id");
}

#[test]
fn words_never_heard_of_are_unknown_and_kept() {
    let mut parts = parts();
    parts.history = Ok(Some(vec![deployment(2, 2, "PONDERING").build()]));
    parts.service.status = Some("DREAMING".into());
    let seen = snapshot(&parts);
    let state = seen.current.unwrap().state;
    assert_eq!((state.state, state.word.raw()), (DeploymentState::Unknown, "PONDERING"));
    assert_eq!(seen.readiness.state, Readiness::Unknown);
    assert!(seen.readiness.word.raw().starts_with("DREAMING"));
}

#[test]
fn what_cannot_be_returned_to_says_why() {
    let mut parts = parts();
    parts.definitions = Ok(Definitions { active: vec![NEW.into()], complete: true });
    let kept = crate::registry::Stored {
        digest: crate::model::Digest::parse(&digest('a')).unwrap(),
        tags: vec!["stable".into()],
        pushed_at: None,
    };
    let repository = Repository { images: vec![kept], complete: true };
    parts.repository = Ok(Some((EcrName::of(&format!("{REPOSITORY}:stable")).unwrap(), repository)));
    let seen = snapshot(&parts);
    let revision = |n| seen.revision(&RevisionId::new(revision_arn(n))).unwrap();
    assert_eq!(revision(1).gone.as_deref(), Some("task definition hello:2 is no longer active"));
    assert!(revision(2).gone.as_ref().unwrap().contains("no longer in the registry"));
    assert!(revision(1).exact, "the tag still means this image");
    assert!(!revision(2).exact, "the tag has moved on");
    parts.definitions = Ok(Definitions { active: vec![NEW.into()], complete: false });
    assert_eq!(snapshot(&parts).revision(&RevisionId::new(revision_arn(1))).unwrap().gone, None, "not all was listed");
}

#[test]
fn another_image_of_the_definition_in_force_cannot_be_returned_to() {
    let mut parts = parts();
    // Definition 3 was deployed twice, and its tag moved in between.
    parts.revisions = Ok(vec![revision(1, NEW, 'a'), revision(2, NEW, 'b')]);
    let seen = snapshot(&parts);
    let [now, before] = &seen.revisions.as_ref().unwrap()[..] else { panic!("{:?}", seen.revisions) };
    assert_eq!((now.id.as_str(), &now.gone), (revision_arn(2).as_str(), &None));
    assert!(before.gone.as_ref().unwrap().contains("hello:3 is in force already"), "{:?}", before.gone);
}

#[test]
fn tasks_that_a_rollout_replaced_are_no_failures() {
    let ended = |code, reason: &str| {
        Task::builder()
            .task_arn("a/t9")
            .stop_code(code)
            .stopped_reason(reason)
            .stopped_at(DateTime::from_secs(5))
            .build()
    };
    let mut parts = parts();
    parts.tasks = Ok((
        Vec::new(),
        vec![
            ended(TaskStopCode::ServiceSchedulerInitiated, "Scaling activity initiated by (deployment ecs-svc/2)"),
            ended(TaskStopCode::EssentialContainerExited, "Essential container in task exited"),
        ],
    ));
    let failures = snapshot(&parts).failures.unwrap();
    assert_eq!(failures.len(), 1);
    assert!(failures[0].message.raw().contains("t9; EssentialContainerExited"));
}

#[test]
fn the_fingerprint_moves_with_the_deployment_and_the_definition() {
    let before = fingerprint(&parts().service);
    let mut parts = parts();
    parts.service.task_definition = Some(OLD.into());
    assert_ne!(fingerprint(&parts.service), before);
    parts.service.task_definition = Some(NEW.into());
    parts.service.current_service_deployment = Some(deployment_arn(9));
    assert_ne!(fingerprint(&parts.service), before);
}

#[test]
fn only_a_numbered_definition_may_be_returned_to() {
    assert!(is_pinnable(NEW));
    for loose in ["hello", "hello:3", "arn:aws:ecs:r:1:task-definition/hello", "arn:aws:ecs:r:1:task-definition/hello:"]
    {
        assert!(!is_pinnable(loose), "{loose}");
    }
}

#[test]
fn only_a_deployment_that_still_goes_forward_and_came_from_somewhere_can_be_stopped() {
    let source = |arn: Option<String>| ServiceRevisionSummary::builder().set_arn(arn).build();
    for (status, stoppable) in [
        ("PENDING", true),
        ("IN_PROGRESS", true),
        ("SUCCESSFUL", false),
        ("STOP_REQUESTED", false),
        ("STOPPED", false),
        ("ROLLBACK_REQUESTED", false),
        ("ROLLBACK_IN_PROGRESS", false),
        ("ROLLBACK_SUCCESSFUL", false),
        ("ROLLBACK_FAILED", false),
        ("NOVELTY", false),
    ] {
        let can = |sources: Vec<ServiceRevisionSummary>| {
            let running = deployment(2, 2, status).set_source_service_revisions(Some(sources)).build();
            snapshot(&Parts { history: Ok(Some(vec![running])), ..parts() }).current.unwrap().stoppable
        };
        assert_eq!(can(vec![source(Some(revision_arn(1)))]), stoppable, "{status}");
        assert!(!can(vec![]) && !can(vec![source(None)]), "{status}: nothing to go back to");
    }
    let mut old = without_history(parts());
    old.service.deployments = Some(vec![rolling("ecs-svc/3", "PRIMARY", NEW, "IN_PROGRESS")]);
    assert!(!snapshot(&old).current.unwrap().stoppable, "no service deployment that could be stopped");
}
