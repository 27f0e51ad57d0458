//! Which revision is gone back to, and the reason against every other.

use hello_cloud::{Change, DeploymentState, Hold, Revision, RevisionId, RevisionState, Serving, Snapshot};

use super::world::{World, deployment, digest, revision, snapshot, target};
use crate::app::{
    operation::Kind,
    plan::{Plan, plan},
    rollback::{candidates, named},
};

fn with(revisions: Vec<Revision>, serving: &str) -> Snapshot {
    let mut seen = snapshot();
    seen.serving = vec![Serving { revision: RevisionId::new(serving), share: None, running: None }];
    seen.revisions = Ok(revisions);
    seen
}

fn chosen(seen: &Snapshot) -> Option<String> {
    candidates(seen).1.map(|revision| revision.id.as_str().to_owned())
}

fn against(seen: &Snapshot, index: usize) -> String {
    candidates(seen).0[index].against.clone().unwrap_or_default()
}

#[test]
fn the_newest_earlier_good_one() {
    assert_eq!(chosen(&snapshot()), Some("rev/2".into()));
}

#[test]
fn not_one_that_failed_or_is_gone_or_never_served_or_is_the_same_image() {
    let mut failed = revision(2);
    failed.state.state = RevisionState::Failed;
    let mut gone = revision(2);
    gone.gone = Some("definition deregistered".into());
    let mut never = revision(2);
    never.served = Some(false);
    let mut same = revision(2);
    same.image.as_mut().unwrap().digest = Some(digest(3));
    for (bad, why) in [(failed, "failed"), (gone, "deregistered"), (never, "never served"), (same, "same image")] {
        let seen = with(vec![revision(3), bad, revision(1)], "rev/3");
        assert_eq!(chosen(&seen), Some("rev/1".into()), "{why}");
        assert!(against(&seen, 1).contains(why), "{}", against(&seen, 1));
    }
}

#[test]
fn going_back_twice_goes_back_two_steps_not_to_and_fro() {
    // On ECS going back makes a new revision of the old image.
    let mut again = revision(4);
    again.name = revision(2).name;
    again.image = revision(2).image;
    let seen = with(vec![again, revision(3), revision(2), revision(1)], "rev/4");
    assert_eq!(chosen(&seen), Some("rev/1".into()));
    assert_eq!(against(&seen, 1), "newer than what serves now");
}

#[test]
fn nothing_is_chosen_when_nothing_tells_that_it_served() {
    let unknown = |n| Revision { served: None, ..revision(n) };
    assert_eq!(chosen(&with(vec![unknown(3), unknown(2)], "rev/3")), None);
}

#[test]
fn a_held_older_revision_is_the_starting_point() {
    let mut seen = with(vec![revision(3), revision(2), revision(1)], "rev/2");
    seen.hold = Some(Hold { revision: RevisionId::new("rev/2"), since: None, by: None });
    assert_eq!(chosen(&seen), Some("rev/1".into()));
}

#[test]
fn a_person_may_name_one_by_name_commit_or_id() {
    let seen = snapshot();
    for name in ["hello:1", "1111111", "rev/1"] {
        assert_eq!(named(&seen, name).unwrap().id.as_str(), "rev/1");
    }
    assert!(named(&seen, "hello:9").unwrap_err().contains("no revision hello:9"));
    assert!(named(&seen, "hello:3").unwrap_err().contains("serves now"));
}

/// `serving` serves, and a deployment to revision 3 is under way that cannot be stopped, as on Cloud Run.
fn under_way(serving: &str, state: DeploymentState) -> Snapshot {
    let mut seen = with(vec![revision(3), revision(2), revision(1)], serving);
    let mut current = deployment("dep/3", state, 3);
    current.stoppable = false;
    seen.current = Some(current);
    seen
}

fn planned(seen: &Snapshot, to: Option<&str>) -> Plan {
    let world = World::new(vec![target("gcp")]);
    plan(&world.state.targets[0], &std::sync::Arc::new(seen.clone()), Kind::Rollback, to)
}

fn change_to(n: usize) -> Change {
    Change::Rollback { to: RevisionId::new(format!("rev/{n}")) }
}

#[test]
fn a_deployment_under_way_is_undone_and_not_the_one_before_it() {
    for state in [DeploymentState::Pending, DeploymentState::Progressing] {
        let mut seen = under_way("rev/2", state);
        assert_eq!(chosen(&seen), Some("rev/2".into()));
        assert_eq!(against(&seen, 0), "newer than what serves now");
        assert_eq!(named(&seen, "hello:2").unwrap().id.as_str(), "rev/2", "it may be named as well");
        let plan = planned(&seen, None);
        assert_eq!(plan.change, Some(change_to(2)));
        assert_eq!(plan.from.unwrap().revision, "hello:3");
        assert!(plan.warnings.iter().any(|warning| warning.contains("stays on hello:2")), "{:?}", plan.warnings);
        // Whoever wants to go further back says so.
        assert_eq!(planned(&seen, Some("hello:1")).change, Some(change_to(1)));
        // A new revision that has no name yet is no reason to go further.
        seen.current.as_mut().unwrap().to = None;
        assert_eq!(planned(&seen, None).change, Some(change_to(2)));
    }
}

#[test]
fn a_deployment_that_ended_that_serves_already_or_that_gets_no_traffic_is_not_undone() {
    assert_eq!(chosen(&under_way("rev/2", DeploymentState::Failed)), Some("rev/1".into()));
    assert_eq!(chosen(&under_way("rev/3", DeploymentState::Progressing)), Some("rev/2".into()));
    let mut held = under_way("rev/2", DeploymentState::Progressing);
    held.hold = Some(Hold { revision: RevisionId::new("rev/2"), since: None, by: None });
    assert_eq!(chosen(&held), Some("rev/1".into()));
}

#[test]
fn where_it_can_be_stopped_the_list_shows_what_stopping_puts_back() {
    let mut seen = under_way("rev/2", DeploymentState::Progressing);
    seen.current.as_mut().unwrap().stoppable = true;
    assert_eq!(chosen(&seen), Some("rev/2".into()));
    assert!(matches!(planned(&seen, None).change, Some(Change::Stop { .. })));
    // The same by name: only stopping brings it back as it is, whatever its tag means by now.
    seen.revisions.as_mut().unwrap()[1].gone = Some("tag stable now means image 3".into());
    assert!(matches!(planned(&seen, Some("hello:2")).change, Some(Change::Stop { .. })));
    assert_eq!(planned(&seen, Some("hello:1")).change, Some(change_to(1)));
}

#[test]
fn what_the_cloud_puts_back_already_is_left_to_it() {
    for state in [DeploymentState::RollingBack, DeploymentState::Stopping] {
        let seen = under_way("rev/3", state);
        let plan = planned(&seen, None);
        assert_eq!(plan.change, None);
        assert!(plan.blocked.unwrap().contains("goes back already"), "{state:?}");
        assert_eq!(planned(&seen, Some("hello:1")).change, Some(change_to(1)), "but a person may name another");
    }
}

#[test]
fn traffic_left_split_is_undone_first() {
    for (old, new) in [(90, 10), (10, 90), (50, 50)] {
        let mut seen = snapshot();
        let share = |n: usize, share| Serving {
            revision: RevisionId::new(format!("rev/{n}")),
            share: Some(share),
            running: None,
        };
        seen.serving = vec![share(2, old), share(3, new)];
        seen.serving.sort_by_key(|serving| std::cmp::Reverse(serving.share));
        let plan = planned(&seen, None);
        assert_eq!(plan.change, Some(change_to(2)), "{old}/{new}");
        assert_eq!(plan.from.unwrap().revision, "hello:3", "{old}/{new}");
        assert!(plan.warnings.iter().any(|warning| warning.contains("split")), "{:?}", plan.warnings);
        for n in 1..=3 {
            let named = planned(&seen, Some(&format!("hello:{n}"))).change;
            assert_eq!(named, Some(change_to(n)), "a person may choose either side of {old}/{new}, or what was before");
        }
    }
}

#[test]
fn a_stop_goes_back_to_what_served_well_not_to_what_was_half_out() {
    let mut seen = under_way("rev/1", DeploymentState::Progressing);
    seen.revisions = Ok(vec![revision(3), Revision { served: Some(false), ..revision(2) }, revision(1)]);
    let current = seen.current.as_mut().unwrap();
    current.stoppable = true;
    current.from = vec![RevisionId::new("rev/2"), RevisionId::new("rev/1")];
    assert_eq!(planned(&seen, None).to.unwrap().revision, "hello:1");
}

#[test]
fn a_release_goes_to_the_newest_that_can_serve() {
    let mut failed = revision(3);
    failed.state.state = RevisionState::Failed;
    let mut seen = with(vec![failed, revision(2), revision(1)], "rev/1");
    seen.hold = Some(Hold { revision: RevisionId::new("rev/1"), since: None, by: None });
    let world = World::new(vec![target("gcp")]);
    let plan = plan(&world.state.targets[0], &std::sync::Arc::new(seen), Kind::Release, None);
    assert_eq!(plan.to.unwrap().revision, "hello:2");
    assert!(
        plan.warnings.iter().any(|warning| warning.contains("hello:3 is newer, but cannot serve")),
        "{:?}",
        plan.warnings
    );
}
