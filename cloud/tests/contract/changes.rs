//! What can be changed, and how it is followed.

use hello_cloud::{
    Change, DeploymentState, ErrorKind, Fingerprint, Order, Readiness, RevisionId, Snapshot, StartError,
};

use crate::{
    bench::{Bench, Cloud, Face, SERVICE},
    contract,
};

contract!(
    both:
        a_redeploy_is_visible_by_its_id_and_succeeds,
        a_rollback_makes_the_named_revision_serve,
        a_failing_rollout_says_why_and_the_old_revision_serves_on,
        a_stale_view_is_a_conflict_and_writes_nothing,
        a_second_change_on_the_same_view_is_a_conflict,
        known_shares_make_a_hundred_all_the_way,
        what_it_cannot_do_is_unsupported_and_writes_nothing,
        a_rollback_to_nothing_known_writes_nothing_that_takes_effect,
        a_preview_names_the_call_and_a_command;
    ecs: ecs_stops_a_running_deployment_and_goes_back, ecs_names_the_instances_that_a_deployment_started, ecs_without_history_is_changed_and_followed_all_the_same;
    cloud_run: cloud_run_under_a_hold_gives_a_new_revision_no_traffic_and_says_so_before;
);

async fn a_redeploy_is_visible_by_its_id_and_succeeds(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let before = bench.observe().await;
    let started = bench.start(Change::Redeploy).await;
    let at_once = bench.provider.observe(SERVICE, Some(&started.deployment)).await.unwrap();
    assert!(at_once.deployment(&started.deployment).is_some(), "visible at once: {:#?}", at_once.deployments);
    assert_ne!(at_once.fingerprint, before.fingerprint);
    assert_eq!(at_once.current.as_ref().unwrap().id, started.deployment);
    let under_way = at_once.deployment(&started.deployment).unwrap();
    assert_eq!(under_way.stoppable, bench.provider.info().capabilities.stop, "{under_way:?}");
    let after = bench.settled(&started).await;
    let deployment = after.deployment(&started.deployment).unwrap();
    assert_eq!(deployment.state.state, DeploymentState::Succeeded, "{deployment:?}");
    assert!(!deployment.stoppable, "{deployment:?}");
    let target = deployment.to.clone().unwrap();
    assert!(!before.revisions.as_ref().unwrap().iter().any(|revision| revision.id == target), "a new revision");
    let after = bench.until(None, "serving the new revision alone", |seen| serves_only(seen, &target)).await;
    assert_eq!(after.main_revision().unwrap().commit, before.main_revision().unwrap().commit);
    assert_eq!(bench.writes(), 1, "sent once");
    bench.stop().await;
}

fn serves_only(seen: &Snapshot, revision: &RevisionId) -> bool {
    seen.serving.len() == 1 && seen.serving[0].revision == *revision
}

async fn a_rollback_makes_the_named_revision_serve(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let before = bench.observe().await;
    let older = before.revisions.as_ref().unwrap()[1].clone();
    let started = bench.start(Change::Rollback { to: older.id.clone() }).await;
    let after = bench.settled(&started).await;
    let deployment = after.deployment(&started.deployment).unwrap();
    assert_eq!(deployment.state.state, DeploymentState::Succeeded, "{deployment:?}");
    let target = deployment.to.clone().expect("a rollback goes somewhere");
    let after = bench.until(None, "serving the older revision alone", |seen| serves_only(seen, &target)).await;
    let serving = after.main_revision().unwrap();
    assert_eq!((&serving.name, &serving.commit), (&older.name, &older.commit));
    assert_eq!(after.hold.is_some(), bench.provider.info().capabilities.hold, "a rollback by traffic holds it");
    if after.hold.is_some() {
        let started = bench.start(Change::Release).await;
        assert_eq!(
            bench.settled(&started).await.deployment(&started.deployment).unwrap().state.state,
            DeploymentState::Succeeded
        );
        let newest = before.serving[0].revision.clone();
        let seen = bench.until(None, "released", |seen| serves_only(seen, &newest)).await;
        assert_eq!(seen.hold, None);
    }
    bench.stop().await;
}

async fn a_failing_rollout_says_why_and_the_old_revision_serves_on(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "tag-moved").await;
    let before = bench.observe().await;
    let started = bench.start(Change::Redeploy).await;
    let after = bench.settled(&started).await;
    let deployment = after.deployment(&started.deployment).unwrap();
    let expected = if cloud == Cloud::Ecs { DeploymentState::RolledBack } else { DeploymentState::Failed };
    assert_eq!(deployment.state.state, expected, "{deployment:?}");
    assert!(deployment.state.reason.is_some(), "{deployment:?}");
    let old = &before.serving[0].revision;
    let after = bench.until(Some(&started.deployment), "serving the old revision", |seen| serves_only(seen, old)).await;
    let broken = deployment.to.as_ref().and_then(|to| after.revision(to)).expect("the broken revision is listed");
    assert_eq!(broken.served, Some(false));
    if cloud == Cloud::CloudRun {
        assert_eq!(after.readiness.state, Readiness::Partly, "something serves, the newest change does not");
    }
    assert!(!after.failures.unwrap().is_empty());
    bench.stop().await;
}

async fn a_stale_view_is_a_conflict_and_writes_nothing(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let revision = bench.observe().await.revisions.unwrap()[1].id.clone();
    for change in [Change::Redeploy, Change::Rollback { to: revision }] {
        let order = Order { change, seen: Fingerprint::new("what was here yesterday") };
        let Err(StartError::Refused(error)) = bench.provider.start(SERVICE, &order).await else {
            panic!("not refused")
        };
        assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    }
    assert_eq!(bench.writes(), 0);
    bench.stop().await;
}

async fn a_second_change_on_the_same_view_is_a_conflict(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let seen = bench.observe().await.fingerprint;
    let order = Order { change: Change::Redeploy, seen };
    bench.provider.start(SERVICE, &order).await.unwrap();
    let Err(StartError::Refused(error)) = bench.provider.start(SERVICE, &order).await else { panic!("not refused") };
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert_eq!(bench.writes(), 1);
    bench.stop().await;
}

async fn known_shares_make_a_hundred_all_the_way(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let started = bench.start(Change::Redeploy).await;
    let whole = |seen: &Snapshot| {
        let shares: Option<Vec<_>> = seen.serving.iter().map(|serving| serving.share).collect();
        let sum = shares.map(|shares| shares.iter().map(|share| u32::from(*share)).sum::<u32>());
        assert!(seen.serving.is_empty() || sum.is_none_or(|sum| sum == 100), "{:?}", seen.serving);
        assert_eq!(sum.is_some(), cloud == Cloud::CloudRun, "{:?}", seen.serving);
    };
    bench
        .until(Some(&started.deployment), "settled", |seen| {
            whole(seen);
            seen.deployment(&started.deployment).unwrap().state.state.is_settled()
        })
        .await;
    bench.stop().await;
}

async fn what_it_cannot_do_is_unsupported_and_writes_nothing(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let seen = bench.observe().await;
    let deployment = seen.current.unwrap().id;
    let change = match cloud {
        Cloud::Ecs => Change::Release,
        Cloud::CloudRun => Change::Stop { deployment },
    };
    let ended = bench.provider.start(SERVICE, &Order { change, seen: seen.fingerprint }).await;
    let Err(StartError::Refused(error)) = ended else { panic!("{ended:?}") };
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    assert_eq!(bench.writes(), 0);
    bench.stop().await;
}

async fn a_rollback_to_nothing_known_writes_nothing_that_takes_effect(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let before = bench.observe().await;
    let change = Change::Rollback { to: RevisionId::new("hello-99999-zzz") };
    let ended = bench.provider.start(SERVICE, &Order { change, seen: before.fingerprint.clone() }).await;
    assert!(matches!(ended, Err(StartError::Refused(_))), "{ended:?}");
    assert_eq!(bench.observe().await.fingerprint, before.fingerprint);
    bench.stop().await;
}

async fn a_preview_names_the_call_and_a_command(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let seen = bench.observe().await;
    let older = seen.revisions.as_ref().unwrap()[1].clone();
    let calls = bench.counts();
    let redeploy = bench.provider.preview(SERVICE, &Change::Redeploy, &seen);
    let rollback = bench.provider.preview(SERVICE, &Change::Rollback { to: older.id.clone() }, &seen);
    let (tool, wanted) = match cloud {
        Cloud::Ecs => ("aws ecs update-service ", format!("--task-definition {}", older.name.raw())),
        Cloud::CloudRun => ("gcloud run ", format!("--to-revisions={}=100", older.name.raw())),
    };
    assert!(redeploy.command.starts_with(tool) && rollback.command.starts_with(tool), "{redeploy:?} {rollback:?}");
    assert!(rollback.command.contains(&wanted), "{}", rollback.command);
    assert!(!redeploy.call.is_empty() && !redeploy.notes.is_empty() && !rollback.notes.is_empty());
    assert_eq!(bench.counts(), calls, "told without a call");
    bench.stop().await;
}

async fn ecs_stops_a_running_deployment_and_goes_back(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "slow-rollout").await;
    let before = bench.observe().await;
    let started = bench.start(Change::Redeploy).await;
    let running =
        |seen: &Snapshot| seen.deployment(&started.deployment).unwrap().state.state == DeploymentState::Progressing;
    let seen = bench.until(Some(&started.deployment), "under way", running).await;
    assert!(seen.deployment(&started.deployment).unwrap().stoppable);
    let change = Change::Stop { deployment: started.deployment.clone() };
    let stopped = bench.provider.start(SERVICE, &Order { change, seen: seen.fingerprint }).await.unwrap();
    assert_eq!(stopped.deployment, started.deployment, "the one to follow is the one that was stopped");
    let going_back = bench.provider.observe(SERVICE, Some(&stopped.deployment)).await.unwrap();
    assert!(!going_back.deployment(&stopped.deployment).unwrap().stoppable, "it is on its way back already");
    let after = bench.settled(&stopped).await;
    assert_eq!(after.deployment(&stopped.deployment).unwrap().state.state, DeploymentState::RolledBack);
    let old = before.serving[0].revision.clone();
    bench.until(None, "serving the old revision", |seen| serves_only(seen, &old)).await;
    bench.stop().await;
}

async fn ecs_names_the_instances_that_a_deployment_started(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "steady").await;
    let before = bench.observe().await;
    let old = before.current.unwrap().started;
    assert_eq!(old.len(), 2);
    let started = bench.start(Change::Redeploy).await;
    let after = bench.settled(&started).await;
    let new = &after.deployment(&started.deployment).unwrap().started;
    assert!(!new.is_empty() && new.iter().all(|instance| !old.contains(instance)), "{old:?} {new:?}");
    bench.stop().await;
}

async fn ecs_without_history_is_changed_and_followed_all_the_same(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "no-history").await;
    let before = bench.observe().await;
    let older = before.revisions.as_ref().unwrap()[1].clone();
    let started = bench.start(Change::Rollback { to: older.id.clone() }).await;
    assert!(started.deployment.as_str().starts_with("ecs-svc/"));
    let under_way = bench.provider.observe(SERVICE, Some(&started.deployment)).await.unwrap();
    let under_way = under_way.deployment(&started.deployment).unwrap();
    assert!(!under_way.state.state.is_settled() && !under_way.stoppable, "{under_way:?}");
    let after = bench.settled(&started).await;
    assert_eq!(after.deployment(&started.deployment).unwrap().state.state, DeploymentState::Succeeded);
    bench.until(None, "serving the older definition", |seen| serves_only(seen, &older.id)).await;
    bench.stop().await;
}

async fn cloud_run_under_a_hold_gives_a_new_revision_no_traffic_and_says_so_before(cloud: Cloud, face: Face) {
    let bench = Bench::new(cloud, face, "held").await;
    let before = bench.observe().await;
    let notes = bench.provider.preview(SERVICE, &Change::Redeploy, &before).notes;
    assert!(notes.iter().any(|note| note.contains("held")), "{notes:?}");
    let started = bench.start(Change::Redeploy).await;
    let after = bench.settled(&started).await;
    let deployment = after.deployment(&started.deployment).unwrap();
    assert_eq!(deployment.state.state, DeploymentState::Succeeded);
    assert_eq!(deployment.to, after.wanted, "it went to the new revision, which nobody is sent to");
    assert_ne!(after.wanted, before.wanted);
    assert_eq!(after.serving, before.serving);
    bench.stop().await;
}
