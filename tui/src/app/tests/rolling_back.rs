//! Which revision is gone back to, and the reason against every other.

use hello_cloud::{Hold, Revision, RevisionId, RevisionState, Serving, Snapshot};

use super::world::{digest, revision, snapshot};
use crate::app::rollback::{candidates, named};

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
