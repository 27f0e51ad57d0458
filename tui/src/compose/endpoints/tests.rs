use super::*;
use crate::config::Source;

const AWS: &str = "[environment.staging]\n[service.hello]\n[[service.hello.target]]\nenvironment = \"staging\"\n\
                   provider = \"aws\"\nregion = \"eu-central-1\"\ncluster = \"hello\"\nurl = \"https://h.example\"\n\
                   builds = { github = \"acme/hello\" }\n";
const GCP: &str = "[environment.staging]\n[service.hello]\n[[service.hello.target]]\nenvironment = \"staging\"\n\
                   provider = \"gcp\"\nregion = \"europe-west1\"\nproject = \"acme-staging\"\n";

fn collect(text: &str, variables: &[(&'static str, &str)], allowed: &[&str]) -> Result<Option<String>, String> {
    let config = Config::read(text, Source::User("c.toml".into())).unwrap();
    let endpoints = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let surroundings = Surroundings { endpoints, ..Surroundings::default() };
    let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
    let overrides = Overrides::collect(&config, &surroundings, &allowed);
    overrides.map(|overrides| overrides.banner()).map_err(|error| error.to_string())
}

#[test]
fn an_endpoint_elsewhere_needs_its_host_named_exactly() {
    for (endpoint, allowed, passes) in [
        ("http://127.0.0.1:4566", "", true),
        ("http://localhost:4566", "", true),
        ("https://ecs.example", "", false),
        ("https://ecs.example", "ecs.example", true),
        ("https://ecs.example", "example", false),
        ("https://ecs.example.evil.example", "ecs.example", false),
        ("https://localhost.evil.example", "", false),
        ("http://ecs.example", "ecs.example", false),
        ("ecs", "", false),
    ] {
        let by_variable = collect(AWS, &[("AWS_ENDPOINT_URL", endpoint)], &[allowed]);
        assert_eq!(by_variable.is_ok(), passes, "{endpoint} {allowed}");
        if endpoint.starts_with("https") || passes {
            let text = AWS.replacen("cluster", &format!("endpoint = \"{endpoint}\"\ncluster"), 1);
            assert_eq!(collect(&text, &[], &[allowed]).is_ok(), passes, "{endpoint} {allowed}");
        }
    }
}

#[test]
fn a_refusal_names_the_variable_or_the_key_and_the_way_on() {
    assert_eq!(
        collect(AWS, &[("AWS_ENDPOINT_URL_ECS", "https://evil.example")], &[]).unwrap_err(),
        "AWS_ENDPOINT_URL_ECS would send credentials to evil.example; remove it, or allow the host: \
         --allow-endpoint evil.example"
    );
    let text = GCP.replacen("project", "endpoint = \"https://evil.example/\"\nproject", 1);
    let error = collect(&text, &[], &[]).unwrap_err();
    assert!(error.starts_with("endpoint https://evil.example/ in c.toml (the user's own) would"), "{error}");
}

#[test]
fn only_what_applies_counts() {
    let evil = "https://evil.example";
    assert_eq!(collect(GCP, &[("AWS_ENDPOINT_URL", evil), ("GITHUB_API_URL", evil)], &[]), Ok(None));
    assert_eq!(collect(AWS, &[("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", evil)], &[]), Ok(None));
    assert_eq!(collect(AWS, &[("GITHUB_API_URL", "https://api.github.com")], &[]), Ok(None));
    assert!(collect(AWS, &[("GITHUB_API_URL", "http://api.github.com")], &[]).is_err());
    assert!(collect(AWS, &[("GITHUB_API_URL", evil)], &[]).is_err());
    let own = AWS.replacen("cluster", "endpoint = \"http://127.0.0.1:1\"\ncluster", 1);
    assert_eq!(
        collect(&own, &[("AWS_ENDPOINT_URL", evil)], &[]),
        Ok(Some("endpoint override: 127.0.0.1:1 (aws)".into()))
    );
}

#[test]
fn the_banner_names_each_place_once_and_all_that_goes_there() {
    let local = "http://127.0.0.1:4566";
    assert_eq!(
        collect(AWS, &[("AWS_ENDPOINT_URL_ECS", local), ("GITHUB_API_URL", local)], &[]),
        Ok(Some("endpoint override: 127.0.0.1:4566 (ecs, github)".into()))
    );
}

#[test]
fn what_hands_out_credentials_is_held_to_the_rule_too() {
    let evil = "https://evil.example";
    for name in ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"] {
        assert!(collect(AWS, &[(name, evil)], &[]).is_err(), "{name}");
        assert_eq!(collect(GCP, &[(name, evil)], &[]), Ok(None), "{name}");
    }
}
