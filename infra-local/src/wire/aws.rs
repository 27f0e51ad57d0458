//! What all JSON 1.1 services of AWS have in common.

use serde_json::{Value, json};

use super::{
    Asked,
    call::{Api, Call},
    reply::{Reply, without_nulls},
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

/// Whether the header has the shape of a Signature Version 4. The signature itself is not checked: the keys are fake.
pub fn is_signed(authorization: &str) -> bool {
    authorization.starts_with("AWS4-HMAC-SHA256 ")
        && ["Credential=", "SignedHeaders=", "Signature="].iter().all(|part| authorization.contains(part))
}

/// The answer to a call without a signature.
pub fn unsigned() -> Reply {
    error(400, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

/// The answer to a call of a service that is not served here.
pub fn unknown_service() -> Reply {
    Exception::unknown().reply()
}

/// An injected fault, in AWS's words.
pub fn trouble(call: &Call, kind: Kind) -> Reply {
    let service = if call.api == Api::Ecr { "ecr" } else { "ecs" };
    match kind {
        Kind::Throttle { retry_after } => {
            let reply = error(400, "ThrottlingException", "Rate exceeded");
            retry_after.map_or(reply.clone(), |seconds| reply.header("retry-after", seconds.to_string()))
        }
        Kind::Denied => {
            let name = &call.name;
            let message = format!(
                "User: arn:aws:iam::123456789012:user/local is not authorized to perform: {service}:{name} on resource: \
                 * because no identity-based policy allows the {service}:{name} action"
            );
            error(400, "AccessDeniedException", &message)
        }
        Kind::Expired => error(400, "ExpiredTokenException", "The security token included in the request is expired"),
        Kind::Error { status } => error(status, "ServerException", "The service is temporarily unavailable."),
        Kind::Latency { .. } | Kind::Off | Kind::Malformed | Kind::Endless => {
            error(500, "ServerException", "The service is temporarily unavailable.")
        }
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
