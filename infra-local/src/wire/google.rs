//! What all of Google's REST APIs have in common.

use serde_json::{Value, json};

use super::{
    Asked,
    call::{Api, Call},
    paging::{self, Page},
    reply::{Reply, without_defaults},
};
use crate::{clouds::run::schema::read::Violation, fault::Kind};

const JSON: &str = "application/json; charset=UTF-8";

/// An answer.
pub fn ok(value: Value) -> Reply {
    Reply::json(200, JSON, &without_defaults(value))
}

/// An answer from which defaults are gone already.
pub fn whole(value: &Value) -> Reply {
    Reply::json(200, JSON, value)
}

/// An error in Google's shape. `status` is the word of `google.rpc.Code`.
pub fn error(code: u16, status: &str, message: &str) -> Reply {
    Reply::json(code, JSON, &json!({"error": {"code": code, "message": message, "status": status}}))
}

fn detailed(code: u16, status: &str, message: &str, reason: &str) -> Reply {
    let details =
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]);
    let error = json!({"error": {"code": code, "message": message, "status": status, "details": details}});
    Reply::json(code, JSON, &error)
}

/// 400 with everything that is wrong, by field.
pub fn bad_request(message: &str, violations: &[Violation]) -> Reply {
    let violations: Vec<Value> = violations
        .iter()
        .map(|violation| without_defaults(json!({"field": violation.field, "description": violation.description})))
        .collect();
    let details = json!([{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]);
    let error = json!({"code": 400, "message": message, "status": "INVALID_ARGUMENT", "details": details});
    Reply::json(400, JSON, &json!({"error": error}))
}

/// 400.
pub fn invalid(message: &str) -> Reply {
    error(400, "INVALID_ARGUMENT", message)
}

/// 404 for something that is no resource of ours.
pub fn no_method() -> Reply {
    error(404, "NOT_FOUND", "Method not found.")
}

/// The answer to a call without a token.
pub fn unauthenticated() -> Reply {
    let message = "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or \
                   other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    detailed(401, "UNAUTHENTICATED", message, "CREDENTIALS_MISSING")
}

/// The page a list call asks for, by `pageSize` and `pageToken`. Zero and absent mean the default.
pub fn page<T: paging::Entry>(
    list: &str,
    items: Vec<T>,
    asked: &Asked,
    default: usize,
    most: usize,
) -> Result<Page<T>, Reply> {
    let size = match asked.query("pageSize").map(str::parse::<usize>) {
        None | Some(Ok(0)) => default,
        Some(Ok(size)) => size.min(most),
        Some(Err(_)) => return Err(invalid("Invalid value at 'page_size'")),
    };
    let page = paging::page(list, &paging::query_asks(asked), items, size, asked.query("pageToken"));
    page.ok_or_else(|| invalid("The provided page token is not valid."))
}

/// An injected fault, in Google's words.
pub fn trouble(call: &Call, kind: Kind) -> Reply {
    match kind {
        Kind::Throttle { retry_after } => {
            let message = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'.";
            let reply = detailed(429, "RESOURCE_EXHAUSTED", message, "RATE_LIMIT_EXCEEDED");
            retry_after.map_or(reply.clone(), |seconds| reply.header("retry-after", seconds.to_string()))
        }
        Kind::Denied => {
            let name = &call.name;
            let message = format!("Permission '{name}' denied on resource (or it may not exist).");
            detailed(403, "PERMISSION_DENIED", &message, "IAM_PERMISSION_DENIED")
        }
        Kind::Expired if call.api == Api::Token => {
            let body = json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."});
            Reply::json(400, JSON, &body)
        }
        Kind::Expired => {
            let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie \
                           or other valid authentication credential.";
            detailed(401, "UNAUTHENTICATED", message, "ACCESS_TOKEN_EXPIRED")
        }
        Kind::Error { status } => {
            let word = match status {
                400 => "INVALID_ARGUMENT",
                404 => "NOT_FOUND",
                409 => "ABORTED",
                500 => "INTERNAL",
                504 => "DEADLINE_EXCEEDED",
                _ => "UNAVAILABLE",
            };
            error(status, word, "The service is currently unavailable.")
        }
        Kind::Latency { .. }
        | Kind::ClockSkew { .. }
        | Kind::Off
        | Kind::ResetBefore
        | Kind::ResetAfter
        | Kind::Truncated
        | Kind::Malformed
        | Kind::Endless => error(503, "UNAVAILABLE", "The service is currently unavailable."),
    }
}
