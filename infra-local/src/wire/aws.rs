//! What all JSON 1.1 services of AWS have in common.

use serde_json::{Value, json};

use super::{
    Asked,
    call::{Api, Call},
    query,
    reply::{Reply, without_nulls},
    request_id,
    signature::Flaw,
};
use crate::fault::Kind;

const JSON: &str = "application/x-amz-json-1.1";

/// A refused call: the exception's name, and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception(pub &'static str, pub String);

impl Exception {
    /// `InvalidParameterException`.
    pub fn invalid(message: &str) -> Self {
        Self("InvalidParameterException", message.to_owned())
    }

    /// The operation is not known here.
    pub fn unknown() -> Self {
        Self("UnknownOperationException", "The requested operation is not known.".to_owned())
    }

    fn reply(&self) -> Reply {
        error(400, self.0, &self.1)
    }
}

/// Reads the input, asks, writes the output.
pub fn answer(asked: &Asked, ask: impl FnOnce(&Value) -> Result<Value, Exception>) -> Reply {
    let Ok(input) = asked.json() else {
        return error(400, "SerializationException", "The request body is not valid JSON.");
    };
    match ask(&input) {
        Ok(output) => Reply::json(200, JSON, &without_nulls(output)),
        Err(exception) => exception.reply(),
    }
}

/// The answer to a call without a good signature. The Query services have their own words for it.
pub fn unsigned(call: &Call, number: u64, flaw: Flaw) -> Reply {
    let (json, query, message) = match flaw {
        Flaw::Missing => {
            let message = "Missing Authentication Token".to_owned();
            ("MissingAuthenticationTokenException", "MissingAuthenticationToken", message)
        }
        Flaw::Incomplete(message) => ("IncompleteSignatureException", "IncompleteSignature", message),
        Flaw::Invalid(message) => ("InvalidSignatureException", "SignatureDoesNotMatch", message),
    };
    refuse(call, number, (400, json), (403, query), &message)
}

/// A refusal in the words of either protocol.
fn refuse(call: &Call, number: u64, json: (u16, &str), query: (u16, &str), message: &str) -> Reply {
    match call.face() {
        Some(face) => query::error(face, &request_id(number), query.0, query.1, message),
        None => error(json.0, json.1, message),
    }
}

/// The answer to a call of a service that is not served here.
pub fn unknown_service() -> Reply {
    Exception::unknown().reply()
}

/// An injected fault, in AWS's words.
pub fn trouble(call: &Call, number: u64, kind: Kind) -> Reply {
    let service = call.signing_name();
    let unavailable = |status| {
        let message = "The service is temporarily unavailable.";
        let (json, query) = out_of_order(call.api, status);
        refuse(call, number, (status, json), (status, query), message)
    };
    match kind {
        Kind::Throttle { retry_after } => {
            let reply = refuse(call, number, (400, "ThrottlingException"), (400, "Throttling"), "Rate exceeded");
            retry_after.map_or(reply.clone(), |seconds| reply.header("retry-after", seconds.to_string()))
        }
        Kind::Denied => {
            let name = &call.name;
            let message = format!(
                "User: arn:aws:iam::123456789012:user/local is not authorized to perform: {service}:{name} on resource: \
                 * because no identity-based policy allows the {service}:{name} action"
            );
            refuse(call, number, (400, "AccessDeniedException"), (403, "AccessDenied"), &message)
        }
        Kind::Expired => {
            let message = "The security token included in the request is expired";
            refuse(call, number, (400, "ExpiredTokenException"), (403, "ExpiredToken"), message)
        }
        Kind::Error { status } => unavailable(status),
        Kind::Latency { .. }
        | Kind::ClockSkew { .. }
        | Kind::Off
        | Kind::ResetBefore
        | Kind::ResetAfter
        | Kind::Truncated
        | Kind::Malformed
        | Kind::Endless => unavailable(500),
    }
}

/// The names of an error of this status: what the service declares, else what all services have in common. A status that
/// AWS has no name for goes by the nearest one.
fn out_of_order(api: Api, status: u16) -> (&'static str, &'static str) {
    match (api, status) {
        (_, ..500) => ("ValidationException", "ValidationError"),
        (_, 503) => ("ServiceUnavailable", "ServiceUnavailable"),
        (Api::Ecs | Api::Ecr, _) => ("ServerException", "InternalFailure"),
        (Api::Logs, _) => ("ServiceUnavailableException", "InternalFailure"),
        (
            Api::CodeBuild
            | Api::Elb
            | Api::Sts
            | Api::Run
            | Api::CloudBuild
            | Api::ArtifactRegistry
            | Api::Logging
            | Api::Token
            | Api::GoogleMetadata
            | Api::Github,
            _,
        ) => ("InternalFailure", "InternalFailure"),
    }
}

fn error(status: u16, name: &str, message: &str) -> Reply {
    Reply::json(status, JSON, &json!({"__type": name, "message": message}))
}

/// Texts of a list parameter; absent is an empty list.
pub fn texts<'a>(input: &'a Value, name: &str) -> Vec<&'a str> {
    input[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `maxResults`, checked.
pub fn page_size(input: &Value, default: usize, most: usize) -> Result<usize, Exception> {
    match &input["maxResults"] {
        Value::Null => Ok(default),
        value => value
            .as_u64()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| Exception::invalid(&format!("maxResults must be between 1 and {most}"))),
    }
}
