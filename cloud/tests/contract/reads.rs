//! What can be seen.

use std::time::Duration;

use hello_cloud::{Commit, DeploymentState, ErrorKind, Readiness};
use hello_local::Kind;
use tokio::time::Instant;

use crate::{
    bench::{Bench, Cloud, SERVICE},
    contract,
};

contract!(
    observes_a_service,
    lists_revisions_newest_first,
    lists_services,
    knows_itself_without_a_call,
    does_not_know_an_unknown_service,
    resolves_the_wanted_image,
    an_observation_changes_nothing,
    an_observation_takes_two_calls_in_a_row_and_no_more,
    a_second_observation_asks_only_for_what_can_change,
);

async fn observes_a_service(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let seen = bench.observe().await;
    assert_eq!(seen.readiness.state, Readiness::Ready, "{:?}", seen.readiness);
    assert_eq!(seen.serving.len(), 1, "{:?}", seen.serving);
    let serving = seen.main_revision().expect("what serves is among the revisions");
    assert_eq!(seen.wanted.as_ref(), Some(&serving.id));
    assert_eq!(serving.commit.as_ref().map(Commit::as_str), newest_commit(&bench).as_deref());
    assert!(serving.image.as_ref().unwrap().digest.is_some());
    assert_eq!(serving.served, Some(true));
    assert_eq!((&serving.gone, serving.exact), (&None, true));
    let current = seen.current.as_ref().expect("a current deployment");
    assert_eq!(current.state.state, DeploymentState::Succeeded);
    assert_eq!(current.to.as_ref(), Some(&serving.id));
    assert!(seen.deployment(&current.id).is_some());
    assert!(seen.deployments.as_ref().unwrap().len() >= 3);
    assert_eq!(seen.hold, None);
    let instances = bench.provider.info().capabilities.instances;
    assert_eq!(seen.instances.is_some_and(|instances| instances.running == 2), instances);
    assert!(seen.events.is_ok() && seen.failures.is_ok());
    bench.stop().await;
}

/// The commit that the live instances say they were built from.
fn newest_commit(bench: &Bench) -> Option<String> {
    bench.control.instances().first().map(|instance| instance.commit.clone())
}

async fn lists_revisions_newest_first(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let revisions = bench.observe().await.revisions.unwrap();
    assert_eq!(revisions.len(), 3);
    assert!(revisions.is_sorted_by(|a, b| a.created_at > b.created_at), "{revisions:#?}");
    let mut commits: Vec<_> = revisions.iter().map(|revision| revision.commit.clone().unwrap()).collect();
    commits.dedup();
    assert_eq!(commits.len(), 3, "three commits were deployed in turn");
    bench.stop().await;
}

async fn lists_services(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    assert_eq!(bench.provider.services().await.unwrap(), [SERVICE]);
    bench.stop().await;
}

async fn knows_itself_without_a_call(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let info = bench.provider.info();
    assert!(!info.region.is_empty() && !info.scope.is_empty());
    assert!(info.endpoint.as_ref().unwrap().starts_with("http://127.0.0.1:"), "an override is told");
    assert_eq!(info.id, if cloud == Cloud::Ecs { "aws" } else { "gcp" });
    let calls = bench.control.counts().calls;
    assert!(calls.is_empty(), "{calls:?}");
    bench.stop().await;
}

async fn does_not_know_an_unknown_service(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let error = bench.provider.observe("nobody", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    bench.stop().await;
}

async fn resolves_the_wanted_image(cloud: Cloud) {
    let bench = Bench::new(cloud, "tag-moved").await;
    let seen = bench.observe().await;
    let resolution = seen.resolution.as_ref().unwrap().as_ref().expect("a tag resolves to something");
    let serving = seen.main_revision().unwrap().image.as_ref().unwrap().digest.as_ref().unwrap();
    assert_ne!(&resolution.digest, serving, "the tag has moved: a redeploy would ship other code");
    assert_ne!(resolution.commit, seen.main_revision().unwrap().commit);
    assert!(resolution.reference.raw().ends_with(":stable"));
    let all_exact = seen.revisions.unwrap().iter().all(|revision| revision.exact);
    assert_eq!(all_exact, cloud == Cloud::CloudRun, "ECS goes back to the text of a tag, Cloud Run to the image");
    bench.stop().await;
}

async fn an_observation_changes_nothing(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let (first, second) = (bench.observe().await, bench.observe().await);
    assert_eq!(first.fingerprint, second.fingerprint);
    assert_eq!(bench.control.writes(), 0);
    bench.stop().await;
}

async fn an_observation_takes_two_calls_in_a_row_and_no_more(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    bench.observe().await;
    bench.trouble(None, Kind::Latency { ms: 1000 });
    let begun = Instant::now();
    bench.observe().await;
    assert!(begun.elapsed() < Duration::from_millis(2900), "three in a row: {:?}", begun.elapsed());
    bench.stop().await;
}

async fn a_second_observation_asks_only_for_what_can_change(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    bench.observe().await;
    let first = bench.control.counts().calls;
    bench.observe().await;
    let both = bench.control.counts().calls;
    let again: Vec<_> = both.iter().filter(|(call, n)| first.get(*call) != Some(*n)).map(|(call, _)| call).collect();
    let total = both.values().sum::<u64>() - first.values().sum::<u64>();
    let unchanging = ["DescribeServiceRevisions", "DescribeTaskDefinition", "token"];
    assert!(!again.iter().any(|call| unchanging.iter().any(|never| call.contains(never))), "{again:?}");
    // On ECS one of them is for the target group; on Cloud Run the audit logs are not read each time.
    let limit = if cloud == Cloud::Ecs { 9 } else { 3 };
    assert!(total <= limit, "{total} calls: {again:?} of {both:?}");
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_without_history_falls_back_to_definitions() {
    let bench = Bench::new(Cloud::Ecs, "no-history").await;
    let seen = bench.observe().await;
    let serving = seen.main_revision().expect("what serves is among the revisions");
    assert!(serving.id.as_str().contains(":task-definition/hello:"), "{:?}", serving.id);
    assert_eq!(serving.commit.as_ref().map(Commit::as_str), newest_commit(&bench).as_deref());
    assert!(seen.current.unwrap().id.as_str().starts_with("ecs-svc/"));
    assert_eq!(seen.revisions.unwrap().len(), 3);
    assert!(seen.deployments.unwrap().iter().all(|deployment| deployment.id.as_str().starts_with("ecs-svc/")));
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cloud_run_says_that_traffic_is_held() {
    let bench = Bench::new(Cloud::CloudRun, "held").await;
    let seen = bench.observe().await;
    let hold = seen.hold.as_ref().expect("held");
    assert_eq!(seen.serving[0].revision, hold.revision);
    assert_ne!(seen.wanted.as_ref(), Some(&hold.revision), "the definition asks for a newer one");
    assert!(hold.since.is_some());
    bench.stop().await;
}
