use std::time::Duration;

use super::*;

fn read(line: &str) -> Arguments {
    parse(line.split(' ')).unwrap_or_else(|answer| panic!("{line}: {}", answer.text))
}

fn refused(line: &str) -> Answer {
    parse(line.split(' ')).expect_err(line)
}

#[test]
fn the_command_line_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn nothing_said_means_the_dashboard() {
    assert_eq!(read("hello-dash"), Arguments { global: Global::default(), command: None });
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let before = read("hello-dash --json --environment staging --config a.toml --allow-endpoint h1 status");
    let after = read("hello-dash status --json --environment staging --config a.toml --allow-endpoint h1");
    assert_eq!(before, after);
    assert_eq!(before.global.config, Some(PathBuf::from("a.toml")));
    assert_eq!(before.global.allow_endpoint, ["h1"]);
    let twice = read("hello-dash --ascii --no-color --allow-endpoint a --allow-endpoint b");
    assert_eq!(twice.global.allow_endpoint, ["a", "b"]);
    assert!(twice.global.ascii && twice.global.no_color);
}

#[test]
fn acts_take_a_selection_and_their_safeguards() {
    let arguments = read(
        "hello-dash rollback hello --target gcp --to hello-00002-abc --yes --wait --timeout 90s --confirm hello \
         --environment production",
    );
    let selection = Selection { service: Some("hello".into()), target: Some(ProviderName::Gcp) };
    let act = ActArgs {
        selection,
        yes: true,
        wait: true,
        timeout: Duration::from_secs(90),
        dry_run: false,
        confirm: Some("hello".into()),
    };
    let expected = RollbackArgs { act, to: Some("hello-00002-abc".into()) };
    assert_eq!(arguments.command, Some(Command::Rollback(expected)));
    assert_eq!(arguments.global.environment.as_deref(), Some("production"));
}

#[test]
fn what_is_left_out_has_the_default_of_the_help() {
    let Some(Command::Redeploy(act)) = read("hello-dash redeploy").command else { panic!() };
    assert_eq!((act.timeout, act.yes, act.wait, act.dry_run), (Duration::from_mins(10), false, false, false));
    let Some(Command::Watch(watch)) = read("hello-dash watch --until healthy").command else { panic!() };
    assert_eq!((watch.until, watch.timeout), (Some(Until::Healthy), Duration::from_mins(5)));
    let Some(Command::Builds(list)) = read("hello-dash builds").command else { panic!() };
    assert_eq!(list.limit, 10);
    assert_eq!(read("hello-dash local").command, Some(Command::Local { scenario: None, port: None }));
    assert_eq!(
        read("hello-dash local --scenario sick --port 4566").command,
        Some(Command::Local { scenario: Some("sick".into()), port: Some(4566) })
    );
    assert_eq!(read("hello-dash demo --scenario sick").command, Some(Command::Demo { scenario: Some("sick".into()) }));
    assert_eq!(read("hello-dash config check").command, Some(Command::Config(ConfigCommand::Check)));
    assert_eq!(read("hello-dash serve-instance").command, Some(Command::ServeInstance));
}

#[test]
fn nonsense_is_usage_and_says_what() {
    for (line, says) in [
        ("hello-dash nonsense", "unrecognized subcommand 'nonsense'"),
        ("hello-dash statsu", "'status'"),
        ("hello-dash --nonsense", "unexpected argument '--nonsense'"),
        ("hello-dash status --target azure", "[possible values: aws, gcp]"),
        ("hello-dash redeploy --wait --timeout ten", "'ten' is not a duration like 10s, 5m or 1h"),
        ("hello-dash redeploy --wait --timeout 0s", "0s is not between 1s and 24h"),
        ("hello-dash redeploy --timeout 10s", "--wait"),
        ("hello-dash redeploy --wait --dry-run", "cannot be used with '--dry-run'"),
        ("hello-dash redeploy --to hello:1", "unexpected argument '--to'"),
        ("hello-dash watch --timeout 10s", "--until"),
        ("hello-dash watch --until happy", "[possible values: healthy, serving]"),
        ("hello-dash watch --until serving", "--commit"),
        ("hello-dash watch --until serving --commit main", "'main' is not a commit"),
        ("hello-dash watch --until serving --deployment arn", "--commit"),
        ("hello-dash watch --commit 3f9ad58", "--until"),
        ("hello-dash watch --until healthy --commit 3f9ad58", "needs '--until serving'"),
        ("hello-dash builds --limit 0", "0 is not in 1..=20"),
        ("hello-dash local --port 70000", "70000 is not in 1..=65535"),
        ("hello-dash status one two", "unexpected argument 'two'"),
        ("hello-dash --json", "the dashboard has no JSON"),
    ] {
        let answer = refused(line);
        assert_eq!(answer.exit, Exit::Usage, "{line}");
        assert!(answer.text.starts_with("error: ") && answer.text.contains(says), "{line}: {}", answer.text);
    }
}

#[test]
fn help_and_version_are_answers_not_errors() {
    for line in ["hello-dash --help", "hello-dash -h", "hello-dash help rollback", "hello-dash check --help"] {
        let answer = refused(line);
        assert_eq!(answer.exit, Exit::Well, "{line}");
        assert!(answer.text.contains("Examples:") && answer.text.contains("Usage:"), "{line}: {}", answer.text);
        assert!(!answer.text.contains('\u{1b}'), "{line}: colours in {}", answer.text);
    }
    let version = refused("hello-dash --version");
    assert_eq!((version.exit, version.text), (Exit::Well, format!("hello-dash {}\n", env!("CARGO_PKG_VERSION"))));
}

/// Clap takes the doc comment of a flattened struct for the command's own when it can; people would read about types.
#[test]
fn help_speaks_of_commands_not_of_types() {
    for command in Arguments::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        let answer = refused(&format!("hello-dash {name} --help"));
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(answer.text.starts_with(&about), "{name}: {}", answer.text);
        assert!(!about.contains("Arguments"), "{name}: {about}");
    }
    let top = refused("hello-dash --help").text;
    assert!(refused("/usr/bin/other --help").text.contains("Usage: hello-dash [OPTIONS]"));
    assert!(top.starts_with("One terminal screen"), "{top}");
    assert!(!top.contains("serve-instance"), "{top}");
}

#[test]
fn the_long_help_lists_every_exit_code() {
    for line in ["hello-dash --help", "hello-dash redeploy --help"] {
        assert!(refused(line).text.contains(&Exit::table()), "{line}");
    }
    assert!(!refused("hello-dash -h").text.contains("Exit codes"));
}

/// An example that does not parse is a lie told to a newcomer.
#[test]
fn every_example_of_the_help_parses() {
    let texts = [
        help::TOP,
        help::STATUS,
        help::BUILDS,
        help::REVISIONS,
        help::SERVICES,
        help::EVENTS,
        help::LOGS,
        help::REDEPLOY,
        help::ROLLBACK,
        help::WATCH,
        help::CHECK,
        help::DEMO,
        help::LOCAL,
        help::CONFIG_CHECK,
        help::CONFIG_EXAMPLE,
    ];
    let examples = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("  "));
    let mut count = 0;
    for example in examples {
        let line = example.split("  ").next().and_then(|line| line.split(" ||").next()).unwrap();
        read(line.split(" >").next().unwrap());
        count += 1;
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn no_color_wins_whatever_it_is_set_to() {
    let plain = Surroundings::default();
    let variable = Surroundings { no_color: Some("0".into()), ..Surroundings::default() };
    let global = Global::default();
    let flag = Global { no_color: true, ..Global::default() };
    assert!(global.colors(&plain));
    assert!(!global.colors(&variable) && !flag.colors(&plain));
}
