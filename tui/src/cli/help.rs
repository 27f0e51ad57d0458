//! The texts behind the options in the help: examples, and the exit codes in its long form.

use crate::exit::Exit;

pub(super) const TOP: &str = "\
Examples:
  hello-dash demo                       try it: both clouds on this machine, no account
  hello-dash                            open the dashboard
  hello-dash status --json              the same for programs
  hello-dash redeploy hello --target aws --yes --wait
  hello-dash config example             a configuration to start from

Use --help instead of -h for the configuration's places and the exit codes.";

/// The end of `hello-dash --help`.
pub(super) fn top_long() -> String {
    let examples = TOP.rsplit_once("\n\n").map_or(TOP, |(examples, _)| examples);
    format!("{examples}\n\n{PLACES}\n\n{}", Exit::table())
}

/// The end of a command's `--help`.
pub(super) fn long(examples: &str) -> String {
    format!("{examples}\n\n{}", Exit::table())
}

const PLACES: &str = "\
Configuration, the first that exists:
  --config FILE
  HELLO_DASH_CONFIG
  $XDG_CONFIG_HOME/hello-dash/config.toml, or ~/.config/hello-dash/config.toml
  hello-dash.toml in this folder or a parent, up to the one that holds .git; always read-only";

pub(super) const STATUS: &str = "\
Examples:
  hello-dash status
  hello-dash status hello --target gcp
  hello-dash status --environment production --json";

pub(super) const BUILDS: &str = "\
Examples:
  hello-dash builds
  hello-dash builds hello --limit 3 --json";

pub(super) const REVISIONS: &str = "\
Examples:
  hello-dash revisions hello
  hello-dash revisions hello --target aws --json";

pub(super) const SERVICES: &str = "\
Services that the configuration does not name are listed too. The exit code says whether everything could be read, not
how the services are: that is what status is for.

Examples:
  hello-dash services
  hello-dash services --target aws --json";

pub(super) const EVENTS: &str = "\
Examples:
  hello-dash events hello
  hello-dash events hello --target gcp --limit 5 --json";

pub(super) const LOGS: &str = "\
What looks like a key or a token is replaced by [secret]. With --follow more is asked for every 5 seconds.

Examples:
  hello-dash logs hello
  hello-dash logs hello --target aws --since 10m --limit 500
  hello-dash logs hello --follow --json";

pub(super) const REDEPLOY: &str = "\
Without --target it does so on both clouds, one after the other, verified between.

Examples:
  hello-dash redeploy hello --dry-run
  hello-dash redeploy hello --target aws --yes --wait
  hello-dash redeploy hello --environment production --yes --confirm hello --wait --timeout 15m";

pub(super) const ROLLBACK: &str = "\
Without --to it returns to the newest revision that served well and runs other code.

Examples:
  hello-dash rollback hello --dry-run
  hello-dash rollback hello --target gcp --yes --wait
  hello-dash rollback hello --target aws --to hello:41 --yes --wait";

pub(super) const RELEASE: &str = "\
A rollback on Cloud Run holds traffic on the older revision, and later deployments reach nobody until it is released.
Providers that do not hold traffic are left out.

Examples:
  hello-dash release hello --dry-run
  hello-dash release hello --yes --wait";

pub(super) const WATCH: &str = "\
--until serving is for pipelines: it follows the deployment they started, on ECS by the ARN of the service deployment, on
Cloud Run by the name of the operation, and ends well once the service itself has named the commit five times in a row.

Examples:
  hello-dash watch
  hello-dash watch hello --json
  hello-dash watch hello --until healthy --timeout 2m
  hello-dash watch hello --until serving --commit 3f9ad58
  hello-dash watch hello --target aws --until serving --commit 3f9ad58 --deployment ARN --timeout 15m";

pub(super) const CHECK: &str = "\
Examples:
  hello-dash check
  hello-dash check hello --environment production || echo 'not well'";

pub(super) const DEMO: &str = "\
Examples:
  hello-dash demo
  hello-dash demo --scenario tag-moved
  hello-dash demo --scenario ./our-bad-day.toml";

pub(super) const LOCAL: &str = "\
Examples:
  hello-dash local
  hello-dash local --scenario aws-off --port 4566";

pub(super) const INIT: &str = "\
A folder is asked with `terraform output -json`; a file holds what that printed. Nothing written is writable: that is
for you to add.

Examples:
  hello-dash init --from infra-aws/environments/staging --from infra-gcp/environments/staging
  hello-dash init --from aws.json --from gcp.json --output - | less
  hello-dash init --from infra-aws/environments/staging --terraform tofu";

pub(super) const CONFIG_CHECK: &str = "\
Examples:
  hello-dash config check
  hello-dash --config ./other.toml config check";

pub(super) const CONFIG_EXAMPLE: &str = "\
Examples:
  hello-dash config example > ~/.config/hello-dash/config.toml";
