//! Who may do what with a service: `getIamPolicy`, `setIamPolicy`. It is kept and given back; nothing depends on it here.

use serde_json::{Value, json};

use super::{Run, patch::Refusal};
use crate::ids::{Ids, seed_of};

/// Nobody may do anything.
pub fn empty() -> Value {
    json!({"etag": "ACAB"})
}

impl Run {
    /// Takes the policy instead of the one there is. Refuses an etag that is not the one there is.
    pub fn set_policy(&mut self, policy: &Value) -> Result<(), Refusal> {
        let etag = policy["etag"].as_str().unwrap_or_default();
        if !etag.is_empty() && self.policy["etag"] != etag {
            let text = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.";
            return Err(Refusal::Stale(text.to_owned()));
        }
        let next = Ids::new(seed_of(&policy.to_string()) ^ seed_of(etag)).hex(16);
        self.policy = policy.clone();
        self.policy["etag"] = json!(next);
        if self.policy["version"].is_null() {
            self.policy["version"] = json!(1);
        }
        Ok(())
    }
}
