//! Long-running operations.

use serde_json::{Value, json};

use super::location_name;
use crate::moment::Moment;

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With the service as it is.
    Done,
    /// With a status.
    Failed {
        /// `google.rpc.Code`.
        code: u32,
        /// The API's sentence.
        message: String,
    },
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Last part of its name.
    pub id: String,
    /// Generation it brings into effect.
    pub generation: u64,
    /// Made.
    pub created_at: Moment,
    /// How it ended, once it has.
    pub end: Option<End>,
}

impl Operation {
    /// Full name.
    pub fn name(&self) -> String {
        format!("{}/operations/{}", location_name(), self.id)
    }

    /// The API's JSON around the service as it is now, but of the generation that this operation brings into effect: later ones
    /// are not its own.
    pub fn to_json(&self, service: &Value) -> Value {
        let mut any = service.clone();
        any["generation"] = json!(self.generation.to_string());
        any["@type"] = json!("type.googleapis.com/google.cloud.run.v2.Service");
        match &self.end {
            None => json!({"name": self.name(), "metadata": any}),
            Some(End::Done) => json!({"name": self.name(), "metadata": any, "done": true, "response": any}),
            Some(End::Failed { code, message }) => json!({
                "name": self.name(), "metadata": any, "done": true, "error": {"code": code, "message": message},
            }),
        }
    }
}
