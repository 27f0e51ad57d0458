//! How calls fail. Each kind decides what happens next, so each must be told from the others.

use std::time::Duration;

use hello_cloud::{Change, DeploymentId, ErrorKind, Order, ProviderError, StartError};
use hello_local::Kind;
use tokio::time::Instant;

use crate::{
    bench::{Bench, Cloud, Face, SERVICE},
    contract,
};

contract!(
    both:
        expired_credentials_are_auth_with_a_way_out,
        a_denied_call_is_denied_and_names_what_to_grant,
        throttling_carries_how_long_to_wait,
        a_closed_connection_is_unavailable_and_passes,
        endless_and_malformed_answers_are_unexpected_in_time,
        a_denied_part_leaves_the_rest,
        a_denied_write_changed_nothing,
        a_followed_deployment_that_cannot_be_read_is_not_absent;
    ecs:;
    cloud_run:;
);

async fn failed(bench: &Bench) -> ProviderError {
    bench.provider.observe(SERVICE, None).await.unwrap_err()
}

async fn expired_credentials_are_auth_with_a_way_out(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    bench.observe().await;
    bench.trouble(None, Kind::Expired);
    let error = failed(&bench).await;
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    assert!(error.hint.as_ref().unwrap().contains("login"), "{error:?}");
    bench.clear_faults();
    bench.observe().await;
    bench.stop().await;
}

async fn a_denied_call_is_denied_and_names_what_to_grant(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    bench.trouble(Some(cloud.main_call()), Kind::Denied);
    let error = failed(&bench).await;
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.hint.as_ref().unwrap().contains(error.call), "{error:?}");
    bench.stop().await;
}

async fn throttling_carries_how_long_to_wait(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    bench.observe().await;
    bench.trouble(None, Kind::Throttle { retry_after: Some(30) });
    let error = failed(&bench).await;
    let ErrorKind::Throttled { retry_after } = error.kind else { panic!("{error}") };
    // ECS does not say how long; where the header is there it is read.
    assert!(retry_after == Some(Duration::from_secs(30)) || (cloud == Cloud::Ecs && retry_after.is_none()));
    bench.stop().await;
}

async fn a_closed_connection_is_unavailable_and_passes(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    bench.observe().await;
    bench.switch(false);
    let error = failed(&bench).await;
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    bench.switch(true);
    bench.observe().await;
    bench.stop().await;
}

async fn endless_and_malformed_answers_are_unexpected_in_time(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    bench.observe().await;
    for kind in [Kind::Endless, Kind::Malformed] {
        bench.trouble(Some(cloud.main_call()), kind);
        let begun = Instant::now();
        let error = failed(&bench).await;
        assert_eq!(error.kind, ErrorKind::Unexpected, "{kind:?}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(16), "{kind:?}: {:?}", begun.elapsed());
        bench.clear_faults();
    }
    bench.stop().await;
}

async fn a_denied_part_leaves_the_rest(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "denied").await;
    let seen = bench.observe().await;
    let denied = |error: Option<ProviderError>| error.is_some_and(|error| error.kind == ErrorKind::Denied);
    assert!(denied(seen.deployments.clone().err()), "{:?}", seen.deployments);
    assert_eq!(denied(seen.revisions.clone().err()), cloud == Cloud::CloudRun, "{:?}", seen.revisions);
    assert_eq!(seen.serving.len(), 1);
    assert!(seen.current.is_some() && seen.resolution.is_ok() && seen.events.is_ok());
    bench.stop().await;
}

async fn a_denied_write_changed_nothing(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let before = bench.observe().await;
    let call = if cloud == Cloud::Ecs { "UpdateService" } else { "run.services.patch" };
    bench.trouble(Some(call), Kind::Denied);
    let order = Order { change: Change::Redeploy, seen: before.fingerprint.clone() };
    let ended = bench.provider.start(SERVICE, &order).await;
    let Err(StartError::Refused(error)) = ended else { panic!("{ended:?}") };
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert_eq!(bench.observe().await.fingerprint, before.fingerprint);
    bench.stop().await;
}

async fn a_followed_deployment_that_cannot_be_read_is_not_absent(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let started = bench.start(Change::Redeploy).await;
    let (call, forgotten) = match cloud {
        Cloud::Ecs => {
            ("DescribeServiceDeployments", "arn:aws:ecs:eu-central-1:1:service-deployment/hello/hello/nobody")
        }
        Cloud::CloudRun => ("run.operations.get", "projects/acme-local/locations/europe-west1/operations/nobody"),
    };
    bench.trouble(Some(call), Kind::Denied);
    let seen = bench.provider.observe(SERVICE, Some(&started.deployment)).await.unwrap();
    assert_eq!(seen.deployments.clone().unwrap_err().kind, ErrorKind::Denied);
    let current = seen.current.as_ref().expect("the service itself tells how far it is");
    assert_eq!(current.id, started.deployment, "what we started is known without reading it");
    assert_eq!(seen.sight(&started.deployment), Ok(Some(current)));
    // Of another one nobody can tell.
    let other = DeploymentId::new(forgotten);
    let seen = bench.provider.observe(SERVICE, Some(&other)).await.unwrap();
    assert_eq!(seen.sight(&other).unwrap_err().kind, ErrorKind::Denied);
    bench.clear_faults();
    let seen = bench.provider.observe(SERVICE, Some(&other)).await.unwrap();
    assert_eq!(seen.sight(&other), Ok(None), "asked, and not known");
    bench.stop().await;
}

/// Only what has an address can be sent to another one.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_unavailable() {
    for cloud in [Cloud::Ecs, Cloud::CloudRun] {
        let bench = Bench::new(cloud, Face::Wire, "steady").await;
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = bench.elsewhere(&format!("http://{closed}")).await.observe(SERVICE, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
        bench.stop().await;
    }
}
