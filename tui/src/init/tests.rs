use super::{part, text};
use crate::config::{Builds, Cloud, Config, Source};

fn outputs(environment: &str, target: &str) -> String {
    format!(
        r#"{{"url":{{"value":"x"}},"hello_dash":{{"sensitive":false,"value":{{
            "environment":{environment},"service":{{"hello":{{"target":[{target}]}}}}}}}}}}"#
    )
}

const AWS: &str = r#"{"environment":"staging","provider":"aws","region":"eu-central-1","cluster":"hello-staging",
    "url":"http://hello-staging-1.eu-central-1.elb.amazonaws.com","builds":{"github":"acme/hello","branch":"main"}}"#;
const GCP: &str = r#"{"environment":"staging","provider":"gcp","region":"europe-west1","project":"acme-staging",
    "service":"hello-staging","builds":{"cloud_build":"europe-west1"}}"#;

fn config(parts: &[String]) -> Result<Config, String> {
    let parts: Vec<_> = parts.iter().map(|outputs| part::read(outputs.as_bytes())).collect::<Result<_, _>>()?;
    Config::read(&text::of(&parts), Source::Flag("hello.toml".into())).map_err(|error| error.to_string())
}

#[test]
fn two_clouds_become_one_service() {
    let environment = r#"{"staging":{"protected":false}}"#;
    let config = config(&[outputs(environment, AWS), outputs(environment, GCP)]).unwrap();
    assert_eq!((config.environments.len(), config.services.len()), (1, 1));
    let [aws, gcp] = config.services[0].targets.as_slice() else { panic!("two targets") };
    assert_eq!(aws.cloud, Cloud::Aws { cluster: "hello-staging".into(), profile: None });
    assert_eq!(aws.url.as_ref().unwrap().scheme(), "http");
    assert_eq!(aws.cloud_service, "hello");
    assert_eq!(gcp.cloud_service, "hello-staging");
    assert!(matches!(&gcp.builds, Some(Builds::CloudBuild { project, .. }) if project == "acme-staging"));
}

#[test]
fn nothing_is_writable_and_one_part_is_enough_to_protect() {
    let parts = [outputs(r#"{"staging":{"protected":false}}"#, AWS), outputs(r#"{"staging":{"protected":true}}"#, GCP)];
    let config = config(&parts).unwrap();
    assert!(!config.environments[0].writable && config.environments[0].protected);
}

#[test]
fn outputs_may_not_say_who_signs_in_where_or_that_it_may_be_changed() {
    let staging = r#"{"staging":{"protected":false}}"#;
    for (key, parts) in [
        ("writable", outputs(r#"{"staging":{"protected":false,"writable":true}}"#, AWS)),
        ("profile", outputs(staging, &AWS.replace("\"cluster\"", "\"profile\":\"admin\",\"cluster\""))),
        ("endpoint", outputs(staging, &AWS.replace("\"cluster\"", "\"endpoint\":\"https://x.example\",\"cluster\""))),
        ("endpoint", outputs(staging, &AWS.replace("\"branch\"", "\"endpoint\""))),
    ] {
        let error = config(&[parts]).unwrap_err();
        assert!(error.contains(key), "{error}");
    }
}

#[test]
fn a_value_cannot_add_keys() {
    let breaking = AWS.replace(r#""hello-staging""#, r#""x\"\nprofile = \"admin""#);
    assert_ne!(breaking, AWS);
    let error = config(&[outputs(r#"{"staging":{"protected":false}}"#, &breaking)]).unwrap_err();
    assert!(error.contains("cluster"), "{error}");
    let named = outputs(r#"{"a]\nwritable = true\n[b":{"protected":false}}"#, AWS);
    assert!(config(&[named]).is_err());
}

#[test]
fn one_output_alone_is_read_too() {
    let alone =
        format!(r#"{{"environment":{{"staging":{{"protected":true}}}},"service":{{"hello":{{"target":[{GCP}]}}}}}}"#);
    assert_eq!(config(&[alone]).unwrap().environments[0].name, "staging");
}

#[test]
fn what_is_no_output_says_so() {
    for (outputs, why) in [
        ("", "not JSON"),
        ("{}", "no output hello_dash: apply it first"),
        (r#"{"hello_dash":{}}"#, "no value"),
        (r#"{"hello_dash":{"value":3}}"#, "not as expected"),
    ] {
        let error = part::read(outputs.as_bytes()).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn the_same_target_twice_is_told() {
    let part = outputs(r#"{"staging":{"protected":false}}"#, AWS);
    assert!(config(&[part.clone(), part]).unwrap_err().contains("is the same service"));
}
