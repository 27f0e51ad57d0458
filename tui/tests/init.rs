//! `init` as people use it: the real binary, with a program in Terraform's place.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

const AWS: &str = r#"{"hello_dash":{"value":{"environment":{"staging":{"protected":false}},"service":{"hello":{"target":[
    {"environment":"staging","provider":"aws","region":"eu-central-1","cluster":"hello-staging","url":"https://hello.example.com"}]}}}}}"#;
const GCP: &str = r#"{"hello_dash":{"value":{"environment":{"staging":{"protected":false}},"service":{"hello":{"target":[
    {"environment":"staging","provider":"gcp","region":"europe-west1","project":"acme-staging","service":"hello-staging"}]}}}}}"#;

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hello-dash"));
    command.args(arguments).env_clear().env("HOME", folder).current_dir(folder);
    let output = command.output().unwrap();
    (output.status.code(), output)
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with saved outputs, and a program that answers as Terraform does.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gcp.json"), GCP).unwrap();
    fs::create_dir(folder.path().join("aws")).unwrap();
    fs::write(folder.path().join("aws/outputs"), AWS).unwrap();
    let program = folder.path().join("asked");
    fs::write(&program, "#!/bin/sh\nset -e\n[ \"$2 $3\" = 'output -json' ]\nexec /bin/cat \"${1#-chdir=}/outputs\"\n")
        .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn what_it_writes_passes_the_check_and_is_not_written_over() {
    let folder = folder();
    let from = ["init", "--terraform", "./asked", "--from", "aws", "--from", "gcp.json"];
    let (code, output) = run(folder.path(), &from);
    assert_eq!(code, Some(0), "{}", talk(&output));
    assert!(talk(&output).contains("environments 1, targets 2"), "{}", talk(&output));

    let written = folder.path().join(".config/hello-dash/config.toml");
    let text = fs::read_to_string(&written).unwrap();
    let (code, output) = run(folder.path(), &["config", "check"]);
    assert_eq!(code, Some(0), "{}", talk(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("environment  staging: read-only"));

    let (code, output) = run(folder.path(), &from);
    assert_eq!(code, Some(8), "{}", talk(&output));
    fs::write(&written, "mine").unwrap();
    let (code, _) = run(folder.path(), &from);
    assert_eq!((code, fs::read_to_string(&written).unwrap().as_str()), (Some(8), "mine"));

    let (code, output) = run(folder.path(), &[&from[..], &["--force"]].concat());
    assert_eq!(code, Some(0), "{}", talk(&output));
    assert_eq!(fs::read_to_string(&written).unwrap(), text);
    let left: Vec<_> =
        fs::read_dir(written.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["config.toml"], "no draft is left");
}

#[test]
fn stdout_is_a_place_too() {
    let folder = folder();
    let (code, output) = run(folder.path(), &["init", "--from", "gcp.json", "--output", "-"]);
    assert_eq!(code, Some(0), "{}", talk(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("[[service.hello.target]]"));
}

#[test]
fn what_goes_wrong_is_one_clear_line_and_nothing_is_written() {
    let folder = folder();
    fs::write(folder.path().join("none.json"), "{}").unwrap();
    for (arguments, code, why) in [
        (&["--from", "none.json"][..], 78, "none.json: has no output hello_dash: apply it first"),
        (&["--from", "absent.json"], 3, "absent.json: cannot be read"),
        (&["--from", "aws", "--terraform", "./absent"], 3, "./absent cannot be run"),
        (&["--from", ".", "--terraform", "./asked"], 3, "output failed"),
        (&["--from", "gcp.json", "--from", "gcp.json"], 78, "is the same service in the cloud"),
        (&[], 64, "--from"),
    ] {
        let (ended, output) = run(folder.path(), &[&["init"], arguments].concat());
        assert_eq!(ended, Some(code), "{arguments:?}: {}", talk(&output));
        assert!(talk(&output).contains(why), "{arguments:?}: {}", talk(&output));
        assert!(!folder.path().join(".config").exists(), "{arguments:?}");
    }
}
