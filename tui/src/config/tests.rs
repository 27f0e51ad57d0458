use pretty::lines_of;

use super::*;

/// The complaints about a text, as a person reads them.
mod pretty {
    use super::{Config, Source};

    pub fn lines_of(text: &str, source: Source) -> Vec<String> {
        let error = Config::read(text, source).expect_err(text);
        error.to_string().lines().map(ToOwned::to_owned).collect()
    }
}

fn user() -> Source {
    Source::User("c.toml".into())
}

const AWS: &str = "[environment.staging]\n[service.hello]\n[[service.hello.target]]\nenvironment = \"staging\"\n\
                   provider = \"aws\"\nregion = \"eu-central-1\"\ncluster = \"hello\"\nurl = \"https://h.example\"\n";
const GCP: &str = "[environment.staging]\n[service.hello]\n[[service.hello.target]]\nenvironment = \"staging\"\n\
                   provider = \"gcp\"\nregion = \"europe-west1\"\nproject = \"acme\"\n";

#[test]
fn a_whole_configuration_is_understood() {
    let text = r#"
[environment.staging]
writable = true
[environment.production]
writable = true
protected = true

[service.zebra]
probe = "/health?full=1"
interval = "1m"
[[service.zebra.target]]
environment = "production"
provider = "aws"
region = "eu-central-1"
cluster = "Main_1"
service = "Hello_Svc"
profile = "prod"
url = "https://hello.example.com"
endpoint = "http://127.0.0.1:4566"
builds = { github = "acme/hello", branch = "feature/x", endpoint = "https://ghe.example.com/api" }

[service.apple]
[[service.apple.target]]
environment = "staging"
provider = "gcp"
project = "example.com:acme"
region = "europe-west1"
builds = { cloud_build = "global", branch = "main" }
"#;
    let address = |text: &str| Some(Url::parse(text).unwrap());
    let staging = Environment { name: "staging".into(), writable: true, protected: false };
    let production = Environment { name: "production".into(), writable: true, protected: true };
    let expected = Config {
        source: user(),
        environments: vec![staging.clone(), production.clone()],
        services: vec![
            Service {
                name: "zebra".into(),
                probe: "/health?full=1".into(),
                interval: Duration::from_mins(1),
                targets: vec![Target {
                    environment: production,
                    cloud: Cloud::Aws { cluster: "Main_1".into(), profile: Some("prod".into()) },
                    region: "eu-central-1".into(),
                    cloud_service: "Hello_Svc".into(),
                    url: address("https://hello.example.com"),
                    endpoint: address("http://127.0.0.1:4566"),
                    builds: Some(Builds::Github {
                        repository: "acme/hello".into(),
                        branch: Some("feature/x".into()),
                        endpoint: address("https://ghe.example.com/api"),
                    }),
                }],
            },
            Service {
                name: "apple".into(),
                probe: "/version".into(),
                interval: Duration::from_secs(10),
                targets: vec![Target {
                    environment: staging,
                    cloud: Cloud::Gcp { project: "example.com:acme".into() },
                    region: "europe-west1".into(),
                    cloud_service: "apple".into(),
                    url: None,
                    endpoint: None,
                    builds: Some(Builds::CloudBuild {
                        project: "example.com:acme".into(),
                        region: "global".into(),
                        trigger: None,
                        branch: Some("main".into()),
                        endpoint: None,
                    }),
                }],
            },
        ],
    };
    assert_eq!(Config::read(text, user()), Ok(expected));
}

#[test]
fn what_is_not_said_is_read_only() {
    let config = Config::read(AWS, user()).unwrap();
    assert!(config.environments.iter().all(|environment| !environment.writable && !environment.protected));
}

/// Each change of a good configuration makes exactly this one complaint.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn one_wrong_value_is_one_clear_line() {
    let target = "service.hello.target[1]";
    for (base, from, to, says) in [
        (
            AWS,
            "[environment.staging]",
            "[environment.staging]\nwriteable = true",
            "c.toml:2: environment.staging.writeable: unknown key; did you mean 'writable'?".to_owned(),
        ),
        (
            AWS,
            "[environment.staging]",
            "[environment.staging]\nwritable = \"yes\"",
            "c.toml:2: environment.staging.writable: expected true or false, found text".to_owned(),
        ),
        (
            AWS,
            "[environment.staging]",
            "[environment.staging]\n[environment.Prod_1]",
            "c.toml:2: environment.Prod_1: 'Prod_1' is not a name: 1 to 63 of a-z, 0-9 and -".to_owned(),
        ),
        (
            AWS,
            "[environment.staging]",
            "[enviroment.x]\n[environment.staging]",
            "c.toml:1: enviroment: unknown key; did you mean 'environment'?".to_owned(),
        ),
        (
            AWS,
            "[environment.staging]",
            "[environment.stagin]",
            format!("c.toml:4: {target}.environment: 'staging' is not declared; did you mean 'stagin'?"),
        ),
        (
            AWS,
            "[environment.staging]",
            "[environment.production]",
            format!("c.toml:4: {target}.environment: 'staging' is not declared; add an [environment.staging]"),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\nprobe = \"//evil.example\"",
            "c.toml:3: service.hello.probe: '//evil.example' is not a path like /version".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\nprobe = \"/\\\\evil.example\"",
            "c.toml:3: service.hello.probe: '/\\evil.example' is not a path like /version".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\nprobe = \"\"",
            "c.toml:3: service.hello.probe: is empty; leave the key out instead".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\ninterval = \"often\"",
            "c.toml:3: service.hello.interval: 'often' is not a duration like 10s, 5m or 1h".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\ninterval = \"0s\"",
            "c.toml:3: service.hello.interval: 0s is not between 1s and 10m".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\ninterval = \"11m\"",
            "c.toml:3: service.hello.interval: 11m is not between 1s and 10m".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.hello]\ninterval = 10",
            "c.toml:3: service.hello.interval: expected text in quotes, found a number".to_owned(),
        ),
        (
            AWS,
            "[service.hello]",
            "[service.other]\n[service.hello]",
            "c.toml:2: service.other: has no targets; add a [[service.other.target]]".to_owned(),
        ),
        (
            AWS,
            "[[service.hello.target]]",
            "[service.hello.target]",
            "c.toml:3: service.hello.target: expected a list of tables, found a table; write [[service.hello.target]]"
                .to_owned(),
        ),
        (AWS, "provider = \"aws\"\n", "", format!("c.toml:3: {target}.provider: missing: aws or gcp")),
        (AWS, "\"aws\"", "\"azure\"", format!("c.toml:5: {target}.provider: 'azure' is not a provider: aws or gcp")),
        (AWS, "region = \"eu-central-1\"\n", "", format!("c.toml:3: {target}.region: missing: as the cloud writes it")),
        (
            AWS,
            "\"eu-central-1\"",
            "\"evil.example/\"",
            format!("c.toml:6: {target}.region: 'evil.example/' is not a name: 1 to 63 of a-z, 0-9 and -"),
        ),
        (
            AWS,
            "environment = \"staging\"\n",
            "",
            format!("c.toml:3: {target}.environment: missing: the name of an [environment.NAME]"),
        ),
        (AWS, "cluster = \"hello\"\n", "", format!("c.toml:3: {target}.cluster: missing: the ECS cluster's name")),
        (
            AWS,
            "url = \"https://h.example\"\n",
            "",
            format!("c.toml:3: {target}.url: missing: what people reach, because ECS does not tell it"),
        ),
        (
            AWS,
            "cluster = ",
            "project = \"acme\"\ncluster = ",
            format!("c.toml:7: {target}.project: only gcp has projects; this target's provider is aws"),
        ),
        (
            AWS,
            "cluster = ",
            "service = \"a b\"\ncluster = ",
            format!("c.toml:7: {target}.service: 'a b' is not a name: 1 to 255 of letters, digits, - and _"),
        ),
        (
            AWS,
            "cluster = ",
            "profile = \"a b\"\ncluster = ",
            format!(
                "c.toml:7: {target}.profile: 'a b' is not a name: 1 to 255 of letters, digits and signs without spaces"
            ),
        ),
        (
            AWS,
            "cluster = ",
            "cluser = \"x\"\ncluster = ",
            format!("c.toml:7: {target}.cluser: unknown key; did you mean 'cluster'?"),
        ),
        (
            AWS,
            "cluster = ",
            "webhook = \"x\"\ncluster = ",
            format!(
                "c.toml:7: {target}.webhook: unknown key; known here: environment, provider, region, cluster, project, service, profile, url, endpoint, builds"
            ),
        ),
        (
            AWS,
            "https://h.example",
            "h.example",
            format!("c.toml:8: {target}.url: is not an address like https://hello.example.com"),
        ),
        (
            AWS,
            "https://h.example",
            "file:///etc/passwd",
            format!("c.toml:8: {target}.url: is not an address like https://hello.example.com"),
        ),
        (
            AWS,
            "https://h.example",
            "https://me:hunter2@h.example",
            format!("c.toml:8: {target}.url: must not hold a user or a password"),
        ),
        (
            AWS,
            "https://h.example",
            "https://h.example?a=b",
            format!("c.toml:8: {target}.url: must not hold a query (?) or a fragment (#)"),
        ),
        (
            AWS,
            "cluster = ",
            "endpoint = \"http://aws.example\"\ncluster = ",
            format!(
                "c.toml:7: {target}.endpoint: must begin with https unless it is on loopback: credentials are sent there"
            ),
        ),
        (
            AWS,
            "cluster = ",
            "endpoint = \"http://127.0.0.1.evil.example\"\ncluster = ",
            format!(
                "c.toml:7: {target}.endpoint: must begin with https unless it is on loopback: credentials are sent there"
            ),
        ),
        (
            AWS,
            "cluster = ",
            "builds = \"acme/hello\"\ncluster = ",
            format!("c.toml:7: {target}.builds: expected a table, found text"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = {}\ncluster = ",
            format!("c.toml:7: {target}.builds: needs github = \"owner/name\" or cloud_build = \"region\""),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { github = 1 }\ncluster = ",
            format!("c.toml:7: {target}.builds.github: expected text in quotes, found a number"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { github = \"acme\" }\ncluster = ",
            format!("c.toml:7: {target}.builds.github: 'acme' is not a repository like acme/hello"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { github = \"acme/..\" }\ncluster = ",
            format!("c.toml:7: {target}.builds.github: 'acme/..' is not a repository like acme/hello"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { github = \"a/b\", cloud_build = \"x\" }\ncluster = ",
            format!("c.toml:7: {target}.builds: names both github and cloud_build; keep one"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { github = \"a/b\", project = \"x\" }\ncluster = ",
            format!("c.toml:7: {target}.builds.project: belongs to cloud_build; these builds are github's"),
        ),
        (
            AWS,
            "cluster = ",
            "builds = { cloud_build = \"x\" }\ncluster = ",
            format!("c.toml:7: {target}.builds.project: missing: the id of the project that cloud_build runs in"),
        ),
        (
            GCP,
            "project = ",
            "builds = { github = \"a/b\", trigger = \"t\" }\nproject = ",
            format!("c.toml:7: {target}.builds.trigger: belongs to cloud_build; these builds are github's"),
        ),
        (
            GCP,
            "project = \"acme\"\n",
            "builds = { cloud_build = \"x\" }\n",
            format!("c.toml:3: {target}.project: missing: the id of the project"),
        ),
        (
            GCP,
            "project = ",
            "cluster = \"x\"\nproject = ",
            format!("c.toml:7: {target}.cluster: only aws has clusters; this target's provider is gcp"),
        ),
        (
            GCP,
            "project = ",
            "profile = \"x\"\nproject = ",
            format!("c.toml:7: {target}.profile: only aws has profiles; this target's provider is gcp"),
        ),
        (
            GCP,
            "project = ",
            "service = \"Hello\"\nproject = ",
            format!("c.toml:7: {target}.service: 'Hello' is not a name: 1 to 63 of a-z, 0-9 and -"),
        ),
        (
            GCP,
            "\"acme\"",
            "\"a/b\"",
            format!("c.toml:7: {target}.project: 'a/b' is not a name: 1 to 63 of a-z, 0-9, -, . and :"),
        ),
    ] {
        assert!(base.contains(from), "{from}");
        assert_eq!(lines_of(&base.replacen(from, to, 1), user()), [says]);
    }
}

#[test]
fn a_file_that_names_nothing_says_so() {
    let why = "c.toml: names no service; add a [service.NAME] with a [[service.NAME.target]]";
    for text in ["", "# nothing\n", "[environment.staging]\n", "[service]\n"] {
        assert_eq!(lines_of(text, user()), [why]);
    }
    let why = "c.toml:1: service.x.target[1]: expected a table, found a number";
    assert_eq!(lines_of("service.x.target = [1]\n", user()), [why]);
    let why = "c.toml:1: service.x: has no targets; add a [[service.x.target]]";
    assert_eq!(lines_of("service.x.target = []\n", user()), [why]);
    let why = "c.toml:1: service.hello: has no targets; add a [[service.hello.target]]";
    assert_eq!(lines_of("[service.hello]\n", user()), [why]);
}

#[test]
fn what_is_not_toml_names_line_and_word() {
    for (text, says) in [
        ("a = 1\nb = \n", "c.toml:2: not TOML: "),
        ("[environment.a]\n[environment.a]\n", "c.toml:2: a: not TOML: duplicate key"),
        ("[environment.a]\nwritable = true\nwritable = false\n", "c.toml:3: writable: not TOML: duplicate key"),
        ("[environment.a\n", "c.toml:1: "),
        ("\"\u{1b}[2J", "c.toml:1: "),
    ] {
        let lines = lines_of(text, user());
        assert!(lines.len() == 1 && lines[0].starts_with(says), "{text:?}: {lines:?}");
        assert!(!lines[0].contains('\u{1b}'), "{lines:?}");
    }
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_lines() {
    let text = AWS.replace("\"aws\"", "\"azure\"").replace("[environment.staging]", "[environment.staging]\nx = 1");
    let lines = lines_of(&text, user());
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("c.toml:2: ") && lines[1].starts_with("c.toml:6: "), "{lines:?}");
}

#[test]
fn a_byte_order_mark_and_other_line_ends_do_not_move_lines() {
    let text = format!("\u{feff}{}", AWS.replace("\"aws\"", "\"azure\"").replace('\n', "\r\n"));
    assert!(lines_of(&text, user())[0].starts_with("c.toml:5: "));
}

#[test]
fn the_same_service_of_a_cloud_cannot_be_two_targets() {
    let again = AWS.split_once("[[").map(|(_, rest)| format!("[[{rest}")).unwrap();
    let says = "c.toml:9: service.hello.target[2]: is the same service in the cloud as the target in line 3";
    assert_eq!(lines_of(&format!("{AWS}{again}"), user()), [says]);
    // Also when both stand in one line.
    let one = r#"{ environment = "a", provider = "gcp", project = "p", region = "r" }"#;
    let text = format!("environment.a = {{}}\nservice.x.target = [{one}, {one}]\n");
    let says = "c.toml:2: service.x.target[2]: is the same service in the cloud as the target in line 2";
    assert_eq!(lines_of(&text, user()), [says]);
    // Another account, where the same names may exist.
    let elsewhere = again.replace("cluster", "profile = \"other\"\ncluster");
    assert_eq!(Config::read(&format!("{AWS}{elsewhere}"), user()).map(|config| config.targets().count()), Ok(2));
}

#[test]
fn a_file_from_a_repository_says_only_what_to_look_at() {
    let source = || Source::Repository("hello-dash.toml".into());
    let config =
        Config::read(&AWS.replace("[environment.staging]", "[environment.staging]\nprotected = true"), source());
    let staging = Environment { name: "staging".into(), writable: false, protected: true };
    assert_eq!(config.map(|config| config.environments), Ok(vec![staging]));

    let endpoint = "not allowed in a repository's file, which cannot choose where credentials are sent: set it in your own configuration";
    let target = "service.hello.target[1]";
    for (from, to, says) in [
        ("[environment.staging]", "[environment.staging]\nwritable = true", "hello-dash.toml:2: environment.staging.writable: not allowed in a repository's file, which is always read-only: set it in your own configuration".to_owned()),
        ("[environment.staging]", "[environment.staging]\nwritable = false", "hello-dash.toml:2: environment.staging.writable: not allowed in a repository's file, which is always read-only: set it in your own configuration".to_owned()),
        ("cluster", "endpoint = \"http://127.0.0.1:1\"\ncluster", format!("hello-dash.toml:7: {target}.endpoint: {endpoint}")),
        ("cluster", "builds = { github = \"a/b\", endpoint = \"https://evil.example\" }\ncluster", format!("hello-dash.toml:7: {target}.builds.endpoint: {endpoint}")),
        ("cluster", "profile = \"admin\"\ncluster", format!("hello-dash.toml:7: {target}.profile: not allowed in a repository's file, which cannot choose whose credentials are used: set it in your own configuration")),
        ("https://h.example", "http://169.254.169.254", format!("hello-dash.toml:8: {target}.url: must begin with https: a file in a repository cannot aim a probe at your network")),
        ("https://h.example", "http://127.0.0.1:8080", format!("hello-dash.toml:8: {target}.url: must begin with https: a file in a repository cannot aim a probe at your network")),
        ("cluster", "command = \"rm -rf /\"\ncluster", format!("hello-dash.toml:7: {target}.command: unknown key; known here: environment, provider, region, cluster, project, service, profile, url, endpoint, builds")),
    ] {
        assert_eq!(lines_of(&AWS.replacen(from, to, 1), source()), [says]);
    }
    // The same lines are the user's to write.
    for source in [user(), Source::Flag("c".into()), Source::Variable("c".into()), Source::StandIn] {
        let own = AWS.replacen("cluster", "profile = \"admin\"\nendpoint = \"http://[::1]:1\"\ncluster", 1);
        let own = own.replace("[environment.staging]", "[environment.staging]\nwritable = true");
        assert!(Config::read(&own, source).is_ok_and(|config| config.environments[0].writable));
    }
}

#[test]
fn hostile_keys_cannot_drive_the_terminal() {
    let text = format!("[environment.\"\\u001b[2J{}\"]\n", "x".repeat(10_000));
    for line in lines_of(&text, user()) {
        assert!(line.chars().count() < 500 && !line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn the_report_says_what_was_understood() {
    let config = Config::read(
        &GCP.replace("[environment.staging]", "[environment.staging]\nprotected = true"),
        Source::Repository("r/hello-dash.toml".into()),
    );
    assert_eq!(
        report::report(&config.unwrap()),
        "source       r/hello-dash.toml (found in the repository, restricted)\n\
         restricted   writable, endpoint and profile are refused here; every environment is read-only\n\
         environment  staging: read-only\n\
         service      hello: probe /version, read every 10s\n\
         \x20 target     staging gcp europe-west1 hello (project acme): its own url; no builds\n"
    );
}

#[test]
fn loading_reads_the_file_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    std::fs::write(&file, AWS).unwrap();
    let config = Config::load(Some(&file), &Surroundings::default()).unwrap();
    assert_eq!((config.source, config.services.len()), (Source::Flag(file), 1));
}

#[test]
fn json_is_flat_and_holds_plain_words() {
    let json = serde_json::to_value(Config::read(AWS, user()).unwrap()).unwrap();
    assert_eq!(json["source"], serde_json::json!({ "from": "user", "file": "c.toml" }));
    assert_eq!(json["services"][0]["interval_seconds"], 10);
    assert_eq!(
        json["services"][0]["targets"][0],
        serde_json::json!({
            "environment": { "name": "staging", "writable": false, "protected": false },
            "provider": "aws", "cluster": "hello", "profile": null, "region": "eu-central-1", "service": "hello",
            "url": "https://h.example/", "endpoint": null, "builds": null
        })
    );
}
