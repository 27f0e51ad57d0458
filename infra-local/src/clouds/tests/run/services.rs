//! Cloud Run: many services, made and ended; masks; revisions that go; sleep.

use super::*;
use crate::clouds::{
    images::ARTIFACT_REGISTRY,
    run::{Run, SERVICE, create::Create, delete::Kept, policy, traffic::Allocation},
};

fn image(tag: &str) -> Value {
    json!({"containers": [{"image": format!("{ARTIFACT_REGISTRY}:{tag}")}]})
}

fn order(name: &str, service: Value) -> Create {
    Create { name: name.to_owned(), service, by: "tester@acme.example".to_owned() }
}

impl Simulation {
    fn create(&mut self, name: &str, service: Value) -> Result<Operation, Refusal> {
        let create = order(name, service);
        self.clouds.create_run_service(self.now, &create).map(|(_, operation)| operation)
    }

    fn service(&mut self, name: &str) -> &mut Run {
        self.clouds.run_service_mut(name).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.clouds.run_services(self.now, false).iter().map(|run| run.name.clone()).collect()
    }

    fn ended_with(&mut self, operation: &Operation) -> End {
        let end = |clouds: &Clouds| {
            let mut all = clouds.run_operations();
            all.find(|(_, other)| other.id == operation.id).and_then(|(_, operation)| operation.end.clone())
        };
        self.until("the operation ends", |clouds| end(clouds).is_some());
        end(&self.clouds).unwrap()
    }
}

#[test]
fn a_service_is_made_serves_and_ends() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.create("orders", json!({"template": image("stable"), "labels": {"team": "a"}})).unwrap();
    let run = simulation.service("orders");
    assert!(run.is_reconciling() && run.shares().is_empty(), "nothing serves yet");
    assert_eq!(run.observed, 0);
    assert_eq!(simulation.ended_with(&operation), End::Done);
    let run = simulation.service("orders");
    assert_eq!((run.observed, run.generation, run.shares()), (1, 1, vec![(0, 100)]));
    assert!(run.revisions[0].name.starts_with("orders-00001-"));
    assert_eq!(simulation.names(), ["orders", SERVICE], "newest first");
    assert!(matches!(simulation.create("orders", json!({"template": image("stable")})), Err(Refusal::NameTaken(_))));
    simulation.run_for(3.0);
    let run = simulation.service("orders");
    assert!(run.revisions[0].instance.is_none() && !run.is_moving(), "nobody asks it for anything");
    let now = simulation.now;
    let etag = simulation.service("orders").etag();
    assert!(matches!(simulation.service("orders").delete(now, "\"old\"", false), Err(Refusal::Stale(_))));
    let operation = simulation.service("orders").delete(now, &etag, false).unwrap();
    assert_eq!(simulation.names(), ["orders", SERVICE], "it goes on its way out");
    assert_eq!(simulation.ended_with(&operation), End::Done);
    assert_eq!(simulation.names(), [SERVICE]);
    assert_eq!(simulation.clouds.run_services(simulation.now, true).len(), 2);
}

#[test]
fn names_and_templates_that_cannot_be_are_refused() {
    let mut simulation = Simulation::new("steady");
    for name in ["", "Orders", "1st", "orders-", "a_b", &"x".repeat(50)] {
        let refused = simulation.create(name, json!({"template": image("stable")}));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{name}");
    }
    assert!(matches!(simulation.create("orders", json!({})), Err(Refusal::Invalid(_))));
    assert_eq!(simulation.names(), [SERVICE]);
}

#[test]
fn a_new_service_without_its_image_fails_and_serves_nothing() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.create("orders", json!({"template": image("no-such-tag")})).unwrap();
    assert!(matches!(simulation.ended_with(&operation), End::Failed { code: 9, .. }));
    let run = simulation.service("orders");
    assert!(matches!(&run.revisions[0].state, State::Failed { reason: Some("CONTAINER_MISSING"), .. }));
    assert!(run.shares().is_empty() && run.verdict != Verdict::Succeeded);
    // Mended by the next one.
    let images = simulation.clouds.images.clone();
    let now = simulation.now;
    let patch = Patch { service: json!({"template": image("stable")}), ..Patch::default() };
    let operation = simulation.service("orders").patch(now, &images, &patch).unwrap();
    assert_eq!(simulation.ended_with(&operation), End::Done);
    assert_eq!(simulation.service("orders").shares(), [(1, 100)]);
}

#[test]
fn the_service_with_processes_can_end_and_come_back() {
    let mut simulation = Simulation::new("steady");
    let now = simulation.now;
    let operation = simulation.clouds.run.delete(now, "", false).unwrap();
    assert!(simulation.clouds.routed(Provider::Gcp).is_empty());
    assert_eq!(simulation.ended_with(&operation), End::Done);
    assert!(simulation.clouds.run_service(simulation.now, SERVICE).is_none());
    assert!(simulation.clouds.wanted().iter().all(|wanted| wanted.provider == Provider::Aws));
    let template = json!({"containers": image("stable")["containers"], "scaling": {"minInstanceCount": 1}});
    let again = simulation.create(SERVICE, json!({"template": template})).unwrap();
    assert_eq!(simulation.ended_with(&again), End::Done);
    assert_eq!(simulation.clouds.routed(Provider::Gcp).len(), 1);
    assert!(simulation.ended_with(&operation) == End::Done, "the operation of the old one is still known");
}

#[test]
fn a_scenario_may_have_many_services_and_all_but_one_sleep() {
    let simulation = Simulation::new("many");
    assert_eq!(simulation.names().len(), 250);
    assert_eq!(simulation.clouds.run_services(simulation.now, false)[0].name, SERVICE);
    let on_run = simulation.clouds.wanted().into_iter().filter(|wanted| wanted.provider == Provider::Gcp);
    assert_eq!(on_run.count(), 1);
    assert!(!simulation.clouds.is_moving());
    let asleep = simulation.clouds.run_service(simulation.now, "worker-250").unwrap();
    assert_eq!((asleep.shares(), asleep.is_reconciling()), (vec![(0, 100)], false));
}

#[test]
fn readers_see_a_write_when_its_lag_is_over() {
    let mut simulation = Simulation::new("lag");
    let now = simulation.now;
    simulation.clouds.before_run_write(now);
    simulation.create("orders", json!({"template": image("stable")})).unwrap();
    assert_eq!(simulation.names(), [SERVICE]);
    assert!(simulation.clouds.run_service(now, "orders").is_none());
    simulation.run_for(3.0);
    assert_eq!(simulation.names(), ["orders", SERVICE]);
}

#[test]
fn a_mask_reaches_into_the_template_and_the_settings() {
    let mut simulation = Simulation::new("steady");
    let before = simulation.clouds.run.template.clone();
    let scaling = json!({"template": {"scaling": {"minInstanceCount": 1, "maxInstanceCount": 9}, "timeout": "5s"}});
    let operation = simulation.patch("template.scaling.max_instance_count", false, scaling).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    let run = &simulation.clouds.run;
    assert_eq!(run.template["scaling"], json!({"minInstanceCount": 1, "maxInstanceCount": 9}));
    assert_eq!(run.template["timeout"], before["timeout"], "the mask does not name it");
    assert_eq!(run.revisions.len(), 4);
    let body = json!({"labels": {"team": "a"}, "description": "d", "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"});
    let operation = simulation.patch("labels,description,updateTime", false, body).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    let run = &simulation.clouds.run;
    assert_eq!((&run.settings["labels"]["team"], &run.settings["description"]), (&json!("a"), &json!("d")));
    assert_eq!(run.settings["ingress"], "INGRESS_TRAFFIC_ALL");
    assert_eq!((run.revisions.len(), run.generation, run.observed), (4, 5, 5), "settings make no revision");
    simulation.patch("description", false, json!({})).unwrap();
    assert_eq!(simulation.clouds.run.settings["description"], Value::Null, "masked and absent is taken out");
}

#[test]
fn an_image_is_taken_by_digest_and_by_tag() {
    let mut simulation = Simulation::new("steady");
    let digest = simulation.clouds.run.revisions[0].digest.clone().unwrap();
    for (written, number) in [(format!("@{digest}"), 3), (format!(":stable@{digest}"), 4)] {
        let template = json!({"containers": [{"image": format!("{ARTIFACT_REGISTRY}{written}")}]});
        let operation = simulation.patch("template.containers", false, json!({"template": template})).unwrap();
        assert_eq!(simulation.until_done(&operation).1, End::Done, "{written}");
        assert_eq!(simulation.clouds.run.revisions[number].digest.as_ref(), Some(&digest));
    }
    let operation = simulation.patch("template.containers", false, json!({"template": image("gone")})).unwrap();
    assert!(matches!(simulation.until_done(&operation).1, End::Failed { .. }));
    assert_eq!(simulation.serving(), 4);
}

#[test]
fn what_is_only_tried_changes_nothing() {
    let mut simulation = Simulation::new("steady");
    let before = format!("{:?}", simulation.clouds.run.revisions);
    let patch = Patch {
        mask: vec!["template.timeout".to_owned()],
        service: json!({"template": {"timeout": "9s"}}),
        validate_only: true,
        ..Patch::default()
    };
    let images = simulation.clouds.images.clone();
    let now = simulation.now;
    let operation = simulation.clouds.run.patch(now, &images, &patch).unwrap();
    assert_eq!(operation.end, Some(End::Done));
    assert_eq!(simulation.clouds.run.tried(&patch).unwrap().template["timeout"], "9s");
    assert_eq!((format!("{:?}", simulation.clouds.run.revisions), simulation.clouds.run.generation), (before, 3));
    assert!(simulation.clouds.run.operations.is_empty(), "its operation cannot be asked for");
    let (shown, operation) =
        simulation.clouds.try_run_service(now, &order("orders", json!({"template": image("stable")}))).unwrap();
    assert_eq!((shown.name.as_str(), operation.end), ("orders", Some(End::Done)));
    assert_eq!(simulation.names(), [SERVICE]);
}

#[test]
fn a_change_to_what_is_there_already_is_done_at_once_and_its_operation_is_known() {
    let mut simulation = Simulation::new("steady");
    let service = json!({"template": simulation.clouds.run.template, "traffic": [{"type": 1, "percent": 100}]});
    let operation = simulation.patch("", false, service).unwrap();
    assert_eq!((operation.end, simulation.clouds.run.generation), (Some(End::Done), 3));
    assert_eq!(simulation.clouds.run.operations[0].id, operation.id);
}

#[test]
fn a_revision_goes_unless_it_is_needed() {
    let mut simulation = Simulation::new("steady");
    let now = simulation.now;
    let name = simulation.clouds.run.revisions[1].name.clone();
    let tagged = json!([{"type": 1, "percent": 100}, {"type": 2, "revision": name, "tag": "old"}]);
    let operation = simulation.patch("traffic", false, json!({"traffic": tagged})).unwrap();
    simulation.until_done(&operation);
    let run = &mut simulation.clouds.run;
    for needed in [1, 2] {
        assert!(matches!(run.delete_revision(now, needed, "", false), Err(Kept::Needed(_))), "{needed}");
    }
    assert!(matches!(run.delete_revision(now, 0, "\"old\"", false), Err(Kept::Stale(_))));
    let etag = run.revisions[0].etag();
    let operation = run.delete_revision(now, 0, &etag, false).unwrap();
    assert_eq!((run.revisions.len(), run.latest_ready, simulation.serving()), (2, 1, 1));
    assert_eq!(simulation.ended_with(&operation), End::Done);
    let operation = simulation.new_revision();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    let newest = simulation.clouds.run.revisions.last().unwrap();
    assert!(newest.name.starts_with("hello-00004-"), "numbers are not used twice: {}", newest.name);
}

#[test]
fn beyond_a_thousand_revisions_the_oldest_that_is_not_needed_goes() {
    let mut simulation = Simulation::new("steady");
    let pinned = simulation.pin(0);
    simulation.until_done(&pinned);
    let (first, second) = (simulation.clouds.run.revisions[0].clone(), simulation.clouds.run.revisions[1].clone());
    let run = &mut simulation.clouds.run;
    for number in 0..997 {
        let mut more = second.clone();
        more.name = format!("hello-more-{number}");
        run.revisions.insert(2, more);
    }
    run.latest_ready = run.latest_created();
    let operation = simulation.new_revision();
    simulation.until_done(&operation);
    let run = &simulation.clouds.run;
    assert_eq!((run.revisions.len(), simulation.serving()), (1000, 0));
    assert_eq!(run.revisions[0].name, first.name, "it serves");
    assert!(run.revision(&second.name).is_none());
}

#[test]
fn without_least_instances_it_sleeps_and_a_request_wakes_it() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.patch("template.scaling", false, json!({})).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    simulation.until("it sleeps", |clouds| clouds.run.revisions[3].instance.is_none());
    assert!(simulation.clouds.routed(Provider::Gcp).is_empty());
    assert_eq!(simulation.clouds.run.verdict, Verdict::Succeeded);
    assert!(simulation.clouds.knock(simulation.now, Provider::Gcp, None), "worth the wait");
    let took = simulation.until("it is up", |clouds| clouds.run.revisions[3].is_up());
    assert!(took < 1.0, "{took} s");
    assert!(!simulation.clouds.knock(simulation.now, Provider::Gcp, None));
    simulation.run_for(10.0);
    assert!(simulation.clouds.run.revisions[3].is_up(), "somebody asked not long ago");
    let took = simulation.until("it sleeps again", |clouds| clouds.run.revisions[3].instance.is_none());
    assert!((5.0..8.0).contains(&took), "{took} s");
}

#[test]
fn a_tag_has_an_instance_of_its_own_when_it_is_asked() {
    let mut simulation = Simulation::new("steady");
    let name = simulation.clouds.run.revisions[0].name.clone();
    let traffic = json!([{"type": 1, "percent": 100}, {"type": 2, "revision": name, "tag": "old"}]);
    let operation = simulation.patch("traffic", false, json!({"traffic": traffic})).unwrap();
    simulation.until_done(&operation);
    assert!(simulation.clouds.run.routed_to("old").is_empty());
    assert!(simulation.clouds.knock(simulation.now, Provider::Gcp, Some("old")));
    simulation.until("the tagged revision is up", |clouds| clouds.run.revisions[0].is_up());
    let tagged = simulation.clouds.run.routed_to("old");
    assert!(tagged[0].0.0.starts_with(&name), "{tagged:?}");
    assert_eq!(simulation.clouds.routed(Provider::Gcp).len(), 1, "the others do not reach it");
    assert!(!simulation.clouds.knock(simulation.now, Provider::Gcp, Some("nobody")));
}

#[test]
fn tags_are_labels_and_used_once() {
    let mut simulation = Simulation::new("steady");
    let tagged = |one: &str, two: &str| json!({"traffic": [{"type": 1, "percent": 100, "tag": one}, {"type": 1, "percent": 0, "tag": two}]});
    for (one, two) in [("a", "a"), ("Up", "b"), ("a", "under_score"), ("a", &*"x".repeat(47))] {
        assert!(
            matches!(simulation.patch("traffic", false, tagged(one, two)), Err(Refusal::Invalid(_))),
            "{one} {two}"
        );
    }
    assert!(simulation.patch("traffic", false, tagged("a", "b")).is_ok());
    assert!(simulation.clouds.run.traffic.iter().all(|target| target.allocation == Allocation::Latest));
}

#[test]
fn a_policy_is_replaced_only_by_who_has_seen_it() {
    let mut simulation = Simulation::new("steady");
    let run = &mut simulation.clouds.run;
    assert_eq!(run.policy, policy::empty());
    let bindings = json!([{"role": "roles/run.invoker", "members": ["allUsers"]}]);
    run.set_policy(&json!({"bindings": bindings, "etag": "ACAB"})).unwrap();
    assert_eq!((&run.policy["bindings"], &run.policy["version"]), (&bindings, &json!(1)));
    assert!(matches!(run.set_policy(&json!({"etag": "ACAB"})), Err(Refusal::Stale(_))));
    assert_eq!(run.policy["bindings"], bindings);
}

#[test]
fn operations_can_be_forgotten() {
    let mut simulation = Simulation::new("steady");
    let operation = simulation.pin(1);
    simulation.until_done(&operation);
    assert!(simulation.clouds.forget_run_operation(&operation.id));
    assert!(!simulation.clouds.forget_run_operation(&operation.id));
    assert_eq!(simulation.clouds.run_operations().count(), 0);
}

#[test]
fn a_name_given_to_a_revision_stays_in_the_template_until_it_is_taken_out() {
    let mut simulation = Simulation::new("steady");
    let mut template = simulation.clouds.run.template.clone();
    template["revision"] = json!("hello-mine");
    template["timeout"] = json!("60s");
    let operation = simulation.patch("template", false, json!({"template": template.clone()})).unwrap();
    assert_eq!(simulation.until_done(&operation).1, End::Done);
    assert_eq!(simulation.clouds.run.revisions[3].name, "hello-mine");
    let same = simulation.patch("template", false, json!({"template": template.clone()})).unwrap();
    assert_eq!((same.end, simulation.clouds.run.revisions.len()), (Some(End::Done), 4));
    assert!(simulation.patch("labels", false, json!({"labels": {"a": "b"}})).is_ok(), "the template is not touched");
    // The name is part of what is sent back, or of what the mask leaves as it is.
    let other = json!({"template": {"timeout": "61s", "revision": "hello-mine"}});
    for mask in ["template.timeout", "template.timeout,template.revision"] {
        assert!(matches!(simulation.patch(mask, false, other.clone()), Err(Refusal::NameTaken(_))), "{mask}");
    }
    let unnamed =
        simulation.patch("template.timeout,template.revision", false, json!({"template": {"timeout": "61s"}}));
    assert_eq!(simulation.until_done(&unnamed.unwrap()).1, End::Done);
    assert!(simulation.clouds.run.revisions[4].name.starts_with("hello-00005-"));
    assert_eq!(simulation.clouds.run.named, None);
}
