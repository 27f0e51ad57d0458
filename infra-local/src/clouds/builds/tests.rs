use super::{attempt::Decision, change::Refusal, *};
use crate::clouds::repository::UPCOMING;

fn at(seconds: u64) -> Moment {
    Moment::from_millis(0).after(Duration::from_secs(seconds))
}

fn planned(outcome: Outcome, again: Outcome, gated: bool) -> Builds {
    let mut builds = Builds::default();
    let plan = Plan { at: at(20), runs_for: Duration::from_secs(22), outcome, again, gated, manner: Manner::Well };
    builds.push(&UPCOMING, plan);
    builds
}

fn progress(builds: &Builds, system: System, seconds: u64) -> Progress {
    builds.of(system, at(seconds))[0].progress(at(seconds))
}

#[test]
fn a_run_appears_runs_and_pushes_once_though_three_systems_push() {
    let (mut builds, mut images) = (planned(Outcome::Success, Outcome::Success, false), Images::default());
    for system in SYSTEMS {
        assert!(builds.of(system, at(19)).is_empty());
        assert_eq!(progress(&builds, system, 20), Progress::Queued);
        assert_eq!(progress(&builds, system, 30), Progress::Running);
        assert_eq!(progress(&builds, system, 45), Progress::Ended(Outcome::Success));
    }
    builds.advance(at(44), &mut images);
    assert!(images.by_tag(UPCOMING.sha).is_none());
    builds.advance(at(45), &mut images);
    assert_eq!(images.by_tag(UPCOMING.sha).unwrap().digest, builds.newest_first(at(45))[0].digest());
    assert_eq!(images.all().len(), 1);
}

#[test]
fn a_failed_run_pushes_nothing_until_it_is_run_again() {
    let (mut builds, mut images) = (planned(Outcome::Failure, Outcome::Success, false), Images::default());
    let id = builds.newest_first(at(20))[0].run_id;
    assert_eq!(builds.rerun(at(30), id, true, "x"), Err(Refusal::Running));
    builds.advance(at(45), &mut images);
    assert!(images.all().is_empty());
    builds.rerun(at(60), id, true, "amara").unwrap();
    let build = builds.newest_first(at(60))[0];
    assert_eq!((build.run_id, build.attempts.len(), build.attempt().by.as_str()), (id, 2, "amara"));
    assert_eq!(build.progress(at(60)), Progress::Queued);
    builds.advance(at(85), &mut images);
    assert_eq!(images.all().len(), 1);
    assert_eq!(builds.rerun(at(90), id, true, "x"), Err(Refusal::NothingFailed));
    assert_eq!(builds.rerun(at(90), 1, false, "x"), Err(Refusal::Unknown));
}

#[test]
fn a_run_that_waits_for_a_person_goes_on_when_they_approve() {
    let mut builds = planned(Outcome::Success, Outcome::Success, true);
    // GitHub waits between the parts, Cloud Build before the first, CodeBuild not at all.
    assert_eq!(progress(&builds, System::Github, 25), Progress::Running);
    assert_eq!(progress(&builds, System::Github, 500), Progress::Waiting);
    assert_eq!(progress(&builds, System::CloudBuild, 20), Progress::Waiting);
    assert_eq!(progress(&builds, System::CodeBuild, 45), Progress::Ended(Outcome::Success));
    let decide = |approved| Decision { at: at(600), approved, comment: "ok".to_owned(), by: "maria".to_owned() };
    let mut rejected = builds.clone();
    for system in [System::Github, System::CloudBuild] {
        builds.decide(system, |_| true, decide(true)).unwrap();
        assert_eq!(progress(&builds, system, 604), Progress::Running);
        assert_eq!(progress(&builds, system, 640), Progress::Ended(Outcome::Success));
        assert_eq!(builds.decide(system, |_| true, decide(true)).err(), Some(Refusal::NotWaiting));
        rejected.decide(system, |_| true, decide(false)).unwrap();
    }
    assert_eq!(progress(&rejected, System::Github, 600), Progress::Ended(Outcome::Failure));
    assert_eq!(progress(&rejected, System::CloudBuild, 600), Progress::Ended(Outcome::Cancelled));
    assert_eq!(builds.cancel(at(640), System::CodeBuild, |_| true).err(), Some(Refusal::Ended));
}

#[test]
fn a_cancelled_run_ends_at_once_in_one_system_only() {
    let (mut builds, mut images) = (planned(Outcome::Success, Outcome::Success, false), Images::default());
    builds.cancel(at(25), System::CloudBuild, |_| true).unwrap();
    assert_eq!(progress(&builds, System::CloudBuild, 25), Progress::Ended(Outcome::Cancelled));
    assert_eq!(progress(&builds, System::Github, 25), Progress::Running);
    let started = builds.start(at(30), System::CloudBuild, None, "amara").unwrap();
    assert_eq!((started.cause, started.number), (Cause::Dispatch, 42));
    builds.advance(at(60), &mut images);
    assert_eq!(builds.of(System::CloudBuild, at(60)).len(), 2);
    assert_eq!(builds.next_after(at(60)), None);
}
