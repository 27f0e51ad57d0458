//! The metadata server of Google's machines, as far as clients ask it for a project and a token.

use serde_json::json;

use super::{Asked, reply::Reply};
use crate::clouds::run::{LOCATION, PROJECT, PROJECT_NUMBER};

/// The account that things run as.
const ACCOUNT: &str = "hello-dash@acme-local.iam.gserviceaccount.com";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Answers `GET` of anything under `/computeMetadata/v1/`, and of the root, by which clients find out whether there is a
/// metadata server at all.
pub fn answer(asked: &Asked) -> Reply {
    let flavoured = |reply: Reply| reply.header("metadata-flavor", "Google").header("server", "Metadata Server for VM");
    if asked.header("metadata-flavor") != Some("Google") && asked.path != "/" {
        return flavoured(Reply::text(403, "Missing Metadata-Flavor:Google header.\n"));
    }
    if asked.header("x-forwarded-for").is_some() {
        return flavoured(Reply::text(403, "Request carries X-Forwarded-For.\n"));
    }
    let text = |text: &str| Reply::raw(200, "application/text", text.to_owned());
    let path = asked.path.strip_prefix("/computeMetadata/v1/").unwrap_or_default();
    let account = path.strip_prefix("instance/service-accounts/").and_then(|rest| rest.split_once('/'));
    let account = account.filter(|(name, _)| ["default", ACCOUNT].contains(name)).map(|(_, rest)| rest);
    let reply = match (path, account) {
        ("", _) => text("computeMetadata/\ninstance/\nproject/\n"),
        ("project/project-id", _) => text(PROJECT),
        ("project/numeric-project-id", _) => text(PROJECT_NUMBER),
        ("universe/universe-domain" | "universe/universe_domain", _) => text("googleapis.com"),
        ("instance/region", _) => text(&format!("projects/{PROJECT_NUMBER}/regions/{LOCATION}")),
        ("instance/zone", _) => text(&format!("projects/{PROJECT_NUMBER}/zones/{LOCATION}-1")),
        ("instance/id", _) => text("4180937552101742"),
        ("instance/service-accounts/", _) => text(&format!("default/\n{ACCOUNT}/\n")),
        (_, Some("")) if asked.query("recursive").is_some_and(|word| word.eq_ignore_ascii_case("true")) => {
            json_of(&json!({"aliases": ["default"], "email": ACCOUNT, "scopes": [SCOPE]}))
        }
        (_, Some("")) => text("aliases\nemail\nscopes\ntoken\n"),
        (_, Some("email")) => text(ACCOUNT),
        (_, Some("scopes")) => text(SCOPE),
        (_, Some("aliases")) => text("default"),
        (_, Some("token")) => {
            json_of(&json!({"access_token": "stand-in-metadata-token", "expires_in": 3599, "token_type": "Bearer"}))
        }
        _ => Reply::text(404, "not found\n"),
    };
    flavoured(reply)
}

fn json_of(value: &serde_json::Value) -> Reply {
    Reply::json(200, "application/json", value)
}
