//! State, sickness, files, and starting and ending.

use std::path::Path;

use hello_local::{Launch, Options, Provider, Scenario, StandIn, StandInError};
use serde_json::{Value, json};

use crate::{
    client::{address_of, aws, control, ecs, get, google, until},
    stand_in,
};

#[tokio::test]
async fn the_state_tells_what_runs_and_what_was_asked() {
    let stand_in = stand_in("steady").await;
    let at = stand_in.address();
    ecs(at, "ListServices", json!({"cluster": "hello"})).await;
    let state = control(at, "GET", "state", &Value::Null).await.json();
    assert_eq!((state["scenario"].as_str(), state["clouds"]["aws"]["on"].as_bool()), (Some("steady"), Some(true)));
    assert_eq!(state["calls"], json!({"aws:ListServices": 1}));
    assert_eq!((&state["writes"], &state["problems"]), (&json!({}), &json!([])));
    let instances = state["instances"].as_array().unwrap();
    assert_eq!(instances.len(), 3);
    for instance in instances {
        assert!(instance["ready"] == true && instance["pid"].is_null());
        let own = get(instance["address"].as_str().unwrap().parse().unwrap(), "/version").await.json();
        assert_eq!((&own["revision"], &own["commit"]), (&instance["revision"], &instance["commit"]));
        assert_eq!(own["provider"], instance["provider"]);
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn a_sick_service_answers_so_although_the_cloud_calls_it_ready() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.gcp_url()));
    control(at, "PUT", "clouds/gcp/answer", &json!({"status": 500})).await;
    until("it is sick", || async { (get(public, "/version").await.status == 500).then_some(()) }).await;
    assert_eq!(get(address_of(&stand_in.aws_url()), "/version").await.status, 200, "only that cloud");
    assert!(stand_in.control().instances().iter().all(|instance| instance.ready));
    stand_in.control().answer(Provider::Gcp, None);
    until("it is well again", || async { (get(public, "/version").await.status == 200).then_some(()) }).await;
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn ecs_replaces_instances_that_say_that_they_are_not_ready() {
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.aws_url()));
    until("it serves", || async { (get(public, "/version").await.status == 200).then_some(()) }).await;
    assert_eq!(control(at, "PUT", "clouds/aws/ready", &json!({"ready": "no"})).await.status, 400);
    assert_eq!(control(at, "PUT", "clouds/aws/ready", &json!({"ready": false})).await.status, 200);
    until("ECS tells of it", || async {
        let asked = json!({"cluster": "hello", "services": ["hello"]});
        let services = ecs(at, "DescribeServices", asked).await.json();
        let events = services["services"][0]["events"].as_array().unwrap().clone();
        let told =
            |event: &Value| event["message"].as_str().unwrap().contains(") failed ELB health checks in (target-");
        events.iter().any(told).then_some(())
    })
    .await;
    assert_eq!(control(at, "PUT", "clouds/aws/ready", &json!({"ready": true})).await.status, 200);
    until("other instances serve", || async { (get(public, "/version").await.status == 200).then_some(()) }).await;
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn an_image_can_be_pushed_again_and_behave_otherwise() {
    const COMMIT: &str = "c04f7be1a98d35260e1fb94c7d830a5e92b6174d";
    const SERVICE: &str = "/v2/projects/acme-local/locations/europe-west1/services/hello";
    let stand_in = stand_in("steady").await;
    let (at, public) = (stand_in.address(), address_of(&stand_in.gcp_url()));
    let pushed = control(at, "POST", "images", &json!({"commit": COMMIT, "manner": "sick"})).await.json();
    let again = control(at, "POST", "images", &json!({"commit": COMMIT})).await.json();
    assert_ne!(again["digest"], pushed["digest"], "another image of the same commit");
    let by_tag = json!({"repositoryName": "hello", "imageIds": [{"imageTag": COMMIT}]});
    let found = aws(at, "AmazonEC2ContainerRegistry_V20150921.DescribeImages", by_tag).await.unwrap().json();
    assert_eq!(found["imageDetails"][0]["imageDigest"], again["digest"], "the tag has moved");

    let digest = pushed["digest"].as_str().unwrap();
    let image = format!("europe-west1-docker.pkg.dev/acme-local/hello/hello@{digest}");
    let change = json!({"template": {"containers": [{"image": image}]}});
    google(at, "PATCH", &format!("{SERVICE}?updateMask=template"), change).await;
    let sick = || async { (get(public, "/version").await.status == 500).then_some(()) };
    until("the cloud calls it ready, and it is not well", sick).await;

    for wrong in [json!({}), json!({"commit": "0000000"}), json!({"commit": COMMIT, "manner": "odd"})] {
        assert_eq!(control(at, "POST", "images", &wrong).await.status, 400, "{wrong}");
    }
    stand_in.stop().await.unwrap();
}

#[tokio::test]
async fn the_environment_names_files_that_live_as_long_as_the_stand_in() {
    let stand_in = stand_in("steady").await;
    let environment = stand_in.environment();
    let value = |name: &str| environment.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let (adc, config) = (value("GOOGLE_APPLICATION_CREDENTIALS"), value("HELLO_DASH_CONFIG"));
    let text = std::fs::read_to_string(&adc).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), stand_in.adc());
    assert_eq!(std::fs::read_to_string(&config).unwrap(), stand_in.config());
    let parsed: toml::Table = toml::from_str(&stand_in.config()).unwrap();
    let targets = parsed["service"]["hello"]["target"].as_array().unwrap();
    assert_eq!(targets[0]["url"].as_str(), Some(stand_in.aws_url().as_str()));
    assert_eq!(targets[1]["project"].as_str(), Some("acme-local"));
    assert_eq!(value("AWS_ENDPOINT_URL"), format!("http://{}", stand_in.address()));
    stand_in.stop().await.unwrap();
    assert!(!Path::new(&adc).exists() && !Path::new(&config).exists());
}

#[tokio::test]
async fn dropping_it_frees_port_and_folder() {
    let stand_in = stand_in("steady").await;
    let (address, environment) = (stand_in.address(), stand_in.environment());
    drop(stand_in);
    let again = until("the port is free", || async {
        let scenario = Scenario::named("steady").unwrap();
        StandIn::start(Options { scenario, launch: Launch::Task, port: address.port() }).await.ok()
    })
    .await;
    let file = environment.iter().find(|(key, _)| key == "HELLO_DASH_CONFIG").unwrap().1.clone();
    assert!(!Path::new(&file).exists());
    again.stop().await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_one_clear_line() {
    let first = stand_in("steady").await;
    let scenario = Scenario::named("steady").unwrap();
    let port = first.address().port();
    let error = StandIn::start(Options { scenario, launch: Launch::Task, port }).await.unwrap_err();
    assert!(matches!(error, StandInError::Bind { .. }));
    let line = error.to_string();
    assert!(line.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")) && !line.contains('\n'), "{line}");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn a_program_that_is_not_there_is_one_clear_line() {
    let scenario = Scenario::named("steady").unwrap();
    let launch = Launch::Process { program: "/nowhere/hello".into(), args: Vec::new() };
    let error = StandIn::start(Options { scenario, launch, port: 0 }).await.unwrap_err().to_string();
    assert!(error.contains("cannot run /nowhere/hello") && !error.contains('\n'), "{error}");
}

#[tokio::test]
async fn every_scenario_starts() {
    for name in Scenario::names() {
        stand_in(name).await.stop().await.unwrap();
    }
}
