//! Nobody is signed in. The vendors' chains look at the environment, so this runs in a process of its own with an empty
//! one: the test starts itself again.

use std::process::Command;

use hello_cloud::{
    ErrorKind, Provider,
    aws::{self, Ecs},
    gcp::{self, CloudRun},
};

use crate::server::{Answer, Server};

const MARK: &str = "HELLO_DASH_TEST_WITHOUT_CREDENTIALS";

/// Nobody's credentials, but addresses in place of the vendor's.
const CONFIG: &str = "\
[profile registry]
services = elsewhere
[services elsewhere]
ecr =
  endpoint_url = http://127.0.0.1:10
[profile everything]
endpoint_url = http://127.0.0.1:11
[profile ignoring]
endpoint_url = http://127.0.0.1:11
ignore_configured_endpoint_urls = true
";

#[test]
fn missing_credentials_are_auth_and_nothing_is_sent_unsigned() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    let nowhere = std::env::temp_dir().join("hello-dash-no-such-folder");
    let config = std::env::temp_dir().join(format!("hello-dash-aws-config-{}", std::process::id()));
    std::fs::write(&config, CONFIG).unwrap();
    let output = again
        .args(["--exact", "nobody::in_an_empty_environment", "--nocapture"])
        .env_clear()
        .env(MARK, "1")
        .env("HOME", &nowhere)
        .env("AWS_CONFIG_FILE", &config)
        .env("AWS_SHARED_CREDENTIALS_FILE", nowhere.join("credentials"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL_ECS", "http://127.0.0.1:9")
        .env("GOOGLE_APPLICATION_CREDENTIALS", nowhere.join("adc.json"))
        .output()
        .unwrap();
    std::fs::remove_file(&config).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said} {}", String::from_utf8_lossy(&output.stderr));
}

/// Does nothing unless the test above started it.
#[tokio::test]
async fn in_an_empty_environment() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let server = Server::start(|_| Answer::Nothing).await;
    let settings = |profile: Option<&str>| aws::Settings {
        region: "eu-central-1".into(),
        cluster: "hello".into(),
        profile: profile.map(str::to_owned),
        endpoint: Some(server.url()),
        ..aws::Settings::default()
    };
    let error = Ecs::new(settings(None)).await.observe("hello", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    assert!(error.hint.unwrap().contains("AWS_ACCESS_KEY_ID"));
    let error = Ecs::new(settings(Some("team a"))).await.observe("hello", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    assert_eq!(error.hint.as_deref(), Some("aws sso login --profile 'team a'"));

    // What is in force is told for each service: the environment names ECS, profiles name the registry, or everything.
    let (nine, ten, eleven) = ("http://127.0.0.1:9", "http://127.0.0.1:10", "http://127.0.0.1:11");
    let url = server.url();
    for (profile, endpoint, told) in [
        (None, None, vec![("ecs", nine)]),
        (Some("registry"), None, vec![("ecs", nine), ("ecr", ten)]),
        (
            Some("everything"),
            None,
            vec![("ecs", nine), ("ecr", eleven), ("load balancing", eleven), ("logs", eleven), ("sts", eleven)],
        ),
        (Some("ignoring"), None, vec![]),
        (
            Some("registry"),
            Some(&url),
            ["ecs", "ecr", "load balancing", "logs", "sts"].map(|word| (word, url.as_str())).to_vec(),
        ),
    ] {
        let ecs = Ecs::new(aws::Settings { endpoint: endpoint.cloned(), ..settings(profile) }).await;
        let in_force = ecs.endpoints().to_vec();
        let in_force: Vec<_> = in_force.iter().map(|(service, url)| (*service, url.as_str())).collect();
        assert_eq!(in_force, told, "{profile:?}");
        let main = told.iter().find(|(service, _)| *service == "ecs").map(|(_, url)| (*url).to_owned());
        assert_eq!(ecs.info().endpoint, main, "{profile:?}");
    }

    // Somebody signs in again, and the configuration, read anew, sends calls where nobody has agreed to.
    let moved = Ecs::new(aws::Settings { endpoint: None, ..settings(Some("registry")) }).await;
    assert_eq!(moved.observe("hello", None).await.unwrap_err().kind, ErrorKind::Auth);
    std::fs::write(std::env::var_os("AWS_CONFIG_FILE").unwrap(), CONFIG.replace("127.0.0.1:10", "127.0.0.1:12"))
        .unwrap();
    for _ in 0..2 {
        let error = moved.observe("hello", None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unexpected, "{error}");
        assert!(error.message.raw().contains("endpoint"), "{error}");
    }

    let run = CloudRun::new(gcp::Settings {
        project: "acme".into(),
        region: "europe-west1".into(),
        run: Some(server.url()),
        ..gcp::Settings::default()
    });
    let error = run.unwrap().observe("hello", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    assert_eq!(error.hint.as_deref(), Some("gcloud auth application-default login"));
    assert!(server.seen().is_empty(), "nothing was sent unsigned");
}
