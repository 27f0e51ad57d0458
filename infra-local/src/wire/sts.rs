//! The one call of the Security Token Service that is read: who am I.

use serde_json::{Value, json};

use super::{
    aws::Exception,
    query::{STS, only, unknown},
};
use crate::clouds::ecs::ACCOUNT;

/// Answers one call. Whatever key signs, it is the same made-up person.
pub fn answer(name: &str, input: &Value) -> Result<Value, Exception> {
    match name {
        "GetCallerIdentity" => {
            only(input, &[])?;
            let arn = format!("arn:aws:iam::{ACCOUNT}:user/local");
            Ok(json!({"Account": ACCOUNT, "Arn": arn, "UserId": "AIDASTANDINSTANDIN000"}))
        }
        _ => Err(unknown(name, STS)),
    }
}
