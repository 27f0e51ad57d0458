//! Cloud Run: new revisions, traffic, failures, etags.

use serde_json::{Value, json};

use super::*;
use crate::clouds::run::{
    Verdict,
    operation::{End, Operation},
    patch::{Patch, Refusal},
    revision::State,
    traffic::Target,
};

impl Simulation {
    fn patch(&mut self, mask: &str, force_new_revision: bool, service: Value) -> Result<Operation, Refusal> {
        let clouds = &mut self.clouds;
        let patch = Patch {
            mask: mask.split(',').filter(|path| !path.is_empty()).map(ToOwned::to_owned).collect(),
            service,
            force_new_revision,
            validate_only: false,
            by: "tester@acme.example".to_owned(),
        };
        clouds.run.patch(self.now, &clouds.images, &patch)
    }

    fn new_revision(&mut self) -> Operation {
        let service = json!({"etag": self.clouds.run.etag(), "template": self.clouds.run.template});
        self.patch("template", true, service).unwrap()
    }

    fn pin(&mut self, index: usize) -> Operation {
        let name = self.clouds.run.revisions[index].name.clone();
        let traffic = json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": 100}]);
        self.patch("traffic", false, json!({"etag": self.clouds.run.etag(), "traffic": traffic})).unwrap()
    }

    fn until_done(&mut self, operation: &Operation) -> (f64, End) {
        let end = |clouds: &Clouds| {
            let found = clouds.run.operations.iter().find(|other| other.id == operation.id);
            found.and_then(|operation| operation.end.clone())
        };
        let took = self.until("the operation ends", |clouds| end(clouds).is_some());
        (took, end(&self.clouds).unwrap())
    }

    fn serving(&self) -> usize {
        let shares = self.clouds.run.shares();
        assert_eq!(shares.len(), 1, "one revision serves");
        shares[0].0
    }
}

#[test]
fn a_new_revision_proves_itself_and_takes_over() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.new_revision();
    let run = &simulation.clouds.run;
    assert!(run.reconcile.is_some());
    assert_eq!((run.generation, run.observed), (4, 3));
    assert_eq!(simulation.serving(), 2, "traffic does not move before the revision is ready");
    let (took, end) = simulation.until_done(&operation);
    assert_eq!(end, End::Done);
    assert!((2.0..4.0).contains(&took), "took {took} s");
    let run = &simulation.clouds.run;
    assert_eq!((run.generation, run.observed, run.latest_ready), (4, 4, 3));
    assert!(run.reconcile.is_none() && run.verdict == Verdict::Succeeded);
    assert_eq!(simulation.serving(), 3);
    simulation.run_for(3.0);
    assert!(simulation.clouds.run.revisions[2].instance.is_none(), "what gets no traffic goes to sleep");
    assert!(simulation.clouds.run.revisions[3].is_up());
}

#[test]
fn a_rollback_moves_traffic_only_and_holds_it() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.pin(0);
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!((simulation.serving(), simulation.clouds.run.revisions.len()), (0, 3));
    assert!(simulation.clouds.run.revisions[0].is_up(), "it was woken before traffic moved");
    let operation = simulation.new_revision();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.serving(), 0, "held traffic ignores a new revision");
    assert_eq!(simulation.clouds.run.latest_ready, 3);
    let release = json!({"traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]});
    let operation = simulation.patch("traffic", false, release).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.serving(), 3, "released traffic follows the newest");
}

#[test]
fn a_revision_that_cannot_serve_leaves_traffic_alone() {
    for scenario in ["tag-moved", "tag-moved-crash"] {
        let mut simulation = Simulation::new(scenario);
        let operation = simulation.new_revision();
        let (_, end) = simulation.until_done(&operation);
        assert!(
            matches!(&end, End::Failed { code: 9, message } if message.contains("is not ready")),
            "{scenario}: {end:?}"
        );
        let run = &simulation.clouds.run;
        assert!(matches!(&run.verdict, Verdict::Failed { reason: "REVISION_FAILED", .. }), "{scenario}");
        let reason = match &run.revisions[3].state {
            State::Failed { revision_reason, .. } => *revision_reason,
            State::Pending | State::Ready => None,
        };
        assert_eq!(reason, Some("HEALTH_CHECK_CONTAINER_ERROR"), "{scenario}");
        assert_eq!((simulation.serving(), run.latest_ready), (2, 2), "{scenario}");
        assert_eq!((run.observed, run.generation), (3, 4), "{scenario}: what serves is of the generation before");
        assert!(run.revisions[2].is_up(), "{scenario}: the old revision never stopped");
    }
}

#[test]
fn moving_traffic_after_a_failure_works_and_the_service_goes_on_saying_that_its_newest_failed() {
    let mut simulation = Simulation::new("tag-moved-crash");
    let operation = simulation.new_revision();
    simulation.until_done(&operation);
    let operation = simulation.pin(1);
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.serving(), 1);
    assert!(simulation.clouds.run.verdict != Verdict::Succeeded);
}

#[test]
fn moving_traffic_to_a_failed_revision_fails_and_starts_nothing() {
    for scenario in ["tag-moved", "tag-moved-crash"] {
        let mut simulation = Simulation::new(scenario);
        let operation = simulation.new_revision();
        simulation.until_done(&operation);
        let made = simulation.clouds.run.revisions[3].instances_made;
        let operation = simulation.pin(3);
        let (_, end) = simulation.until_done(&operation);
        let run = &simulation.clouds.run;
        let failed = format!("Revision '{}' is not ready and cannot serve traffic.", run.revisions[3].name);
        assert!(
            matches!(&end, End::Failed { code: 9, message } if message.starts_with(&failed)),
            "{scenario}: {end:?}"
        );
        assert!(matches!(&run.verdict, Verdict::Failed { message, .. } if message.starts_with(&failed)), "{scenario}");
        assert!(!run.is_reconciling(), "{scenario}");
        assert_eq!((run.revisions[3].instances_made, run.observed, run.generation), (made, 3, 5), "{scenario}");
        assert_eq!(simulation.serving(), 2, "{scenario}: what served goes on");
        let operation = simulation.pin(1);
        assert_eq!(simulation.until_done(&operation).1, End::Done, "{scenario}");
        assert_eq!((simulation.serving(), simulation.clouds.run.observed), (1, 6), "{scenario}");
    }
}

#[test]
fn traffic_to_a_revision_without_an_image_fails() {
    let mut simulation = Simulation::new("steady");
    let mut template = simulation.clouds.run.template.clone();
    template["containers"][0]["image"] = json!("europe-west1-docker.pkg.dev/acme-local/hello/hello:gone");
    let operation = simulation.patch("template", false, json!({"template": template})).unwrap();
    simulation.until_done(&operation);
    let operation = simulation.pin(3);
    assert!(matches!(simulation.until_done(&operation).1, End::Failed { code: 9, .. }));
    let operation = simulation.pin(1);
    assert_eq!(simulation.until_done(&operation).1, End::Done);
}

#[test]
fn an_instance_that_dies_while_traffic_moves_to_it_is_replaced_after_a_pause() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.pin(0);
    simulation.run_for(0.1);
    for _ in 0..20 {
        let id = simulation.clouds.run.revisions[0].instance.as_ref().unwrap().id.clone();
        simulation.clouds.happened(simulation.now, Provider::Gcp, &InstanceId(id), Happening::Exited { code: Some(1) });
        simulation.run_for(0.1);
    }
    let made = simulation.clouds.run.revisions[0].instances_made;
    assert!(made <= 5, "{made} instances in two seconds");
    assert_eq!(simulation.until_done(&operation).1, End::Done);
}

#[test]
fn operations_are_forgotten_after_a_month() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.pin(1);
    simulation.until_done(&operation);
    simulation.now = simulation.now.after(Duration::from_hours(29 * 24));
    simulation.run_for(0.1);
    assert_eq!(simulation.clouds.run.operations.len(), 1);
    simulation.now = simulation.now.after(Duration::from_hours(24));
    simulation.run_for(0.1);
    assert_eq!(simulation.clouds.run.operations.len(), 0);
}

#[test]
fn a_stale_etag_changes_nothing() {
    let mut simulation = Simulation::new("steady");
    let etag = simulation.clouds.run.etag();
    let operation = simulation.pin(1);
    simulation.until_done(&operation);
    assert_ne!(simulation.clouds.run.etag(), etag);
    let generation = simulation.clouds.run.generation;
    let service = json!({"etag": etag, "template": simulation.clouds.run.template});
    assert!(matches!(simulation.patch("template", true, service), Err(Refusal::Stale(_))));
    assert_eq!(simulation.clouds.run.generation, generation);
}

#[test]
fn a_taken_revision_name_is_refused() {
    let mut simulation = Simulation::new("steady");
    let mut template = simulation.clouds.run.template.clone();
    template["revision"] = json!(simulation.clouds.run.revisions[2].name);
    let refused = simulation.patch("template", true, json!({"template": template}));
    assert!(matches!(refused, Err(Refusal::NameTaken(_))));
    assert_eq!(simulation.clouds.run.revisions.len(), 3);
}

#[test]
fn only_masked_paths_change_and_unknown_ones_are_refused() {
    let mut simulation = Simulation::new("steady");
    let before = simulation.clouds.run.template.clone();
    let other = json!({"containers": [{"image": "europe-west1-docker.pkg.dev/acme-local/hello/hello:other"}]});
    let name = simulation.clouds.run.revisions[0].name.clone();
    let traffic = json!([{"type": 2, "revision": name, "percent": 100}]);
    let whole = json!({"name": "x", "template": other, "traffic": traffic});
    let operation = simulation.patch("traffic", false, whole.clone()).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.clouds.run.template, before);
    assert_eq!(simulation.clouds.run.revisions.len(), 3);
    assert!(matches!(simulation.patch("trafic", false, whole), Err(Refusal::Invalid(_))));
}

#[test]
fn an_unchanged_template_without_force_makes_no_revision() {
    let mut simulation = Simulation::new("steady");
    let template = simulation.clouds.run.template.clone();
    let operation = simulation.patch("template", false, json!({"template": template})).unwrap();
    assert_eq!(operation.end, Some(End::Done));
    assert_eq!((simulation.clouds.run.revisions.len(), simulation.clouds.run.generation), (3, 3));
}

#[test]
fn traffic_can_be_split_and_tags_are_kept() {
    let mut simulation = Simulation::new("steady");
    let name = simulation.clouds.run.revisions[1].name.clone();
    let traffic = json!([{"type": 1, "percent": 90}, {"type": 2, "revision": name, "percent": 10, "tag": "before"}]);
    let operation = simulation.patch("traffic", false, json!({"traffic": traffic})).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.clouds.run.shares(), [(2, 90), (1, 10)]);
    assert_eq!(simulation.clouds.run.statuses[1].tag.as_deref(), Some("before"));
    assert_eq!(simulation.clouds.run.routed().len(), 2);
}

#[test]
fn a_newer_write_ends_the_operation_under_way() {
    let mut simulation = Simulation::new("steady");
    let older = simulation.new_revision();
    simulation.run_for(0.5);
    let newer = simulation.new_revision();
    assert!(matches!(simulation.until_done(&older).1, End::Failed { code: 10, .. }));
    assert_eq!(simulation.until_done(&newer).1, End::Done);
    assert_eq!(simulation.serving(), 4);
    assert_eq!(simulation.clouds.run.revisions[3].state, State::Ready, "the older revision is settled all the same");
}

#[test]
fn traffic_can_be_held_while_a_broken_revision_is_still_on_its_way() {
    let mut simulation = Simulation::new("tag-moved");
    simulation.new_revision();
    simulation.run_for(0.5);
    let operation = simulation.pin(1);
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.serving(), 1);
    simulation.until("the broken revision is given up", |clouds| clouds.run.revisions[3].state != State::Pending);
    assert!(simulation.clouds.run.verdict != Verdict::Succeeded);
    assert_eq!(simulation.serving(), 1);
}

#[test]
fn traffic_held_while_a_good_revision_is_on_its_way_never_goes_there() {
    let mut simulation = Simulation::new("steady");
    let _ = simulation.new_revision();
    // Ready at 1.4 s; the hold takes 0.7 s to be in effect.
    simulation.run_for(1.2);
    let operation = simulation.pin(2);
    for _ in 0..40 {
        simulation.run_for(0.05);
        assert_eq!(simulation.serving(), 2);
    }
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!((simulation.serving(), simulation.clouds.run.latest_ready), (2, 3));
}

#[test]
fn a_held_service_starts_on_the_older_revision() {
    let simulation = Simulation::new("held");
    assert_eq!(simulation.serving(), 1);
    assert_ne!(simulation.clouds.run.traffic, [Target::latest()]);
    assert!(simulation.clouds.run.verdict == Verdict::Succeeded);
}

#[test]
fn a_split_service_starts_on_both_revisions_and_a_deployment_keeps_the_split() {
    let mut simulation = Simulation::new("split");
    assert_eq!(simulation.clouds.run.shares(), [(2, 75), (1, 25)]);
    assert_eq!(simulation.clouds.run.routed().len(), 2);
    let operation = simulation.new_revision();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.clouds.run.shares(), [(3, 75), (1, 25)]);
}

#[test]
fn an_instance_that_dies_is_replaced() {
    let mut simulation = Simulation::new("steady");
    let victim = simulation.clouds.run.routed()[0].0.clone();
    simulation.clouds.happened(simulation.now, Provider::Gcp, &victim, Happening::Exited { code: Some(1) });
    simulation.run_for(2.0);
    let (id, _) = simulation.clouds.run.routed()[0].clone();
    assert_ne!(id, victim);
    assert!(simulation.clouds.run.revisions[2].is_up());
}

mod services;
