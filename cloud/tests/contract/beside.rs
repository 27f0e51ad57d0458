//! What stands beside a service: who is signed in, all services at once, load balancers, logs.

use std::collections::BTreeSet;

use hello_cloud::{ErrorKind, InstanceId, Readiness, TargetState};
use hello_local::Kind;

use crate::{
    bench::{Bench, Cloud, SERVICE},
    contract,
};

contract!(
    tells_as_whom_it_calls,
    lists_services_with_how_they_stand,
    lists_many_services_in_the_fewest_calls,
    load_balancers_tell_of_every_instance_or_there_are_none,
    denied_target_health_leaves_the_rest,
    tells_the_newest_lines,
    denied_logs_leave_the_rest,
);

async fn tells_as_whom_it_calls(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let identity = bench.provider.identity().await.unwrap();
    assert!(!identity.account.is_empty());
    assert_eq!(identity.name.is_some_and(|name| name.raw().starts_with("arn:aws:")), cloud == Cloud::Ecs);
    bench.stop().await;
}

async fn lists_services_with_how_they_stand(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let summaries = bench.provider.summaries().await.unwrap();
    assert_eq!(summaries.iter().map(|summary| summary.name.raw()).collect::<Vec<_>>(), [SERVICE]);
    let standing = summaries[0].standing.clone().unwrap();
    let seen = bench.observe().await;
    assert_eq!(standing.readiness, seen.readiness);
    assert_eq!(standing.instances, seen.instances);
    assert_eq!(standing.url, seen.url);
    assert_eq!(standing.wanted.as_ref(), seen.main_revision().map(|revision| &revision.name));
    bench.stop().await;
}

async fn lists_many_services_in_the_fewest_calls(cloud: Cloud) {
    let bench = Bench::new(cloud, "many").await;
    let summaries = bench.provider.summaries().await.unwrap();
    let names: BTreeSet<_> = summaries.iter().map(|summary| summary.name.raw()).collect();
    assert_eq!(names.len(), summaries.len(), "each once");
    assert!(names.contains(SERVICE));
    assert!(summaries.iter().all(|summary| summary.standing.is_ok()));
    let n = u64::try_from(summaries.len()).unwrap();
    let bound = match cloud {
        Cloud::Ecs => n.div_ceil(100) + n.div_ceil(10),
        // Signing in is one more.
        Cloud::CloudRun => n.div_ceil(1000) + 1,
    };
    let calls = bench.control.counts().calls;
    assert_eq!(calls.values().sum::<u64>(), bound, "{n} services: {calls:?}");
    bench.stop().await;
}

async fn load_balancers_tell_of_every_instance_or_there_are_none(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let seen = bench
        .until(None, "healthy behind the balancer", |seen| {
            let targets = seen.targets.as_ref().unwrap().iter().flatten();
            targets.filter(|target| target.state.state == TargetState::Healthy).count()
                == seen.instances.map_or(0, |i| i.running as usize)
        })
        .await;
    let targets = seen.targets.unwrap();
    assert_eq!(targets.is_some(), cloud == Cloud::Ecs);
    if let Some(targets) = targets {
        let tasks: BTreeSet<_> = targets.iter().filter_map(|target| target.instance.clone()).collect();
        let started: BTreeSet<InstanceId> = seen.current.unwrap().started.into_iter().collect();
        assert!(tasks.is_subset(&started), "where an address is known for a task's, it is one of ours: {tasks:?}");
    }
    bench.stop().await;
}

async fn denied_target_health_leaves_the_rest(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    bench.trouble(Some("DescribeTargetHealth"), Kind::Denied);
    let seen = bench.observe().await;
    assert_eq!(seen.targets.clone().err().map(|error| error.kind), (cloud == Cloud::Ecs).then_some(ErrorKind::Denied));
    assert_eq!(seen.readiness.state, Readiness::Ready);
    assert!(seen.revisions.is_ok() && seen.deployments.is_ok() && seen.resolution.is_ok());
    bench.stop().await;
}

async fn tells_the_newest_lines(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let all = bench.provider.logs(SERVICE, None, 500).await.unwrap();
    assert!(all.complete && !all.lines.is_empty(), "{all:?}");
    assert!(all.lines.is_sorted_by(|a, b| a.at <= b.at), "oldest first");
    let ids: BTreeSet<_> = all.lines.iter().map(|line| &line.id).collect();
    assert_eq!(ids.len(), all.lines.len(), "each once");
    assert!(all.lines.iter().all(|line| line.at.is_some() && line.from.is_some()));
    let newest = bench.provider.logs(SERVICE, None, 1).await.unwrap();
    assert_eq!(newest.lines.len(), 1);
    let newest = newest.lines[0].at;
    assert!(newest >= all.lines.last().unwrap().at);
    let since = bench.provider.logs(SERVICE, newest, 500).await.unwrap();
    assert!(!since.lines.is_empty() && since.lines.iter().all(|line| line.at >= newest));
    bench.stop().await;
}

async fn denied_logs_leave_the_rest(cloud: Cloud) {
    let bench = Bench::new(cloud, "steady").await;
    let call = if cloud == Cloud::Ecs { "FilterLogEvents" } else { "logging.entries.list" };
    bench.trouble(Some(call), Kind::Denied);
    let error = bench.provider.logs(SERVICE, None, 10).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied, "{error}");
    assert!(error.hint.unwrap().contains(error.call));
    let seen = bench.observe().await;
    assert_eq!(seen.events.is_err(), cloud == Cloud::CloudRun, "its events are in the same logs");
    assert_eq!(seen.readiness.state, Readiness::Ready);
    assert!(seen.revisions.is_ok() && seen.deployments.is_ok() && seen.resolution.is_ok() && seen.failures.is_ok());
    bench.stop().await;
}
