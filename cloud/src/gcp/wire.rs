//! The JSON shapes of Google's APIs, as much as is read. Absent means default, numbers of 64 bits come as text, and words
//! stay words: an enum that grows must not break a parse.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// `{"error": {..}}`, as every Google API refuses.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorAnswer {
    pub error: Status,
}

/// `google.rpc.Status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    /// The word for the code; operations leave it out.
    #[serde(rename = "status")]
    pub word: String,
    pub message: String,
    pub details: Vec<Detail>,
}

/// `google.rpc.ErrorInfo`; other details leave it empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    pub reason: String,
    /// Only `ErrorInfo` has text values here; what is not text is left out rather than an error inside an error.
    #[serde(deserialize_with = "texts")]
    pub metadata: BTreeMap<String, String>,
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
    Ok(values.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect())
}

/// An int64, which Google writes as text and which some servers write as a number.
pub(crate) fn int64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(0),
        Value::Number(number) => number.as_i64().ok_or_else(|| D::Error::custom("not an int64")),
        Value::String(text) => text.parse().map_err(|_| D::Error::custom("not an int64")),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(D::Error::custom("not an int64")),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Service {
    pub name: String,
    #[serde(deserialize_with = "int64")]
    pub generation: i64,
    #[serde(deserialize_with = "int64")]
    pub observed_generation: i64,
    pub etag: String,
    pub uri: String,
    pub template: Template,
    pub traffic: Vec<Traffic>,
    pub traffic_statuses: Vec<Traffic>,
    pub latest_ready_revision: String,
    pub latest_created_revision: String,
    pub terminal_condition: Condition,
    pub reconciling: bool,
    pub create_time: String,
    pub update_time: String,
    pub last_modifier: String,
    pub ingress: Value,
    pub launch_stage: Value,
    pub client: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Template {
    pub containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    pub name: String,
    pub image: String,
    pub ports: Vec<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Traffic {
    pub r#type: String,
    /// The revision's short name.
    pub revision: String,
    pub percent: i64,
    pub tag: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Condition {
    pub r#type: String,
    pub state: String,
    pub message: String,
    pub reason: String,
    pub revision_reason: String,
    pub last_transition_time: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Revision {
    pub name: String,
    pub create_time: String,
    pub containers: Vec<Container>,
    pub container_statuses: Vec<ContainerStatus>,
    pub conditions: Vec<Condition>,
    pub reconciling: bool,
    pub creator: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContainerStatus {
    pub name: String,
    pub image_digest: String,
}

/// A long-running operation on a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Operation {
    pub name: String,
    pub done: bool,
    pub metadata: Option<Service>,
    pub response: Option<Service>,
    pub error: Option<Status>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceList {
    pub services: Vec<Service>,
    pub next_page_token: String,
    pub unreachable: Vec<String>,
}

/// An entry of a log. What it says is in one of four payloads.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LogEntry {
    pub insert_id: String,
    pub timestamp: String,
    pub receive_timestamp: String,
    pub severity: Value,
    pub resource: MonitoredResource,
    pub text_payload: String,
    pub json_payload: Value,
    pub proto_payload: AuditLog,
    pub http_request: HttpRequest,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MonitoredResource {
    pub labels: BTreeMap<String, Value>,
}

/// `google.cloud.audit.AuditLog`, as much as says who did what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AuditLog {
    pub method_name: String,
    pub resource_name: String,
    pub status: AuditStatus,
    pub authentication_info: AuthenticationInfo,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuditStatus {
    pub code: i32,
    pub message: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct AuthenticationInfo {
    pub principal_email: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HttpRequest {
    pub request_method: String,
    pub request_url: String,
    pub status: i32,
    pub latency: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LogEntryList {
    pub entries: Vec<LogEntry>,
    pub next_page_token: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RevisionList {
    pub revisions: Vec<Revision>,
    pub next_page_token: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct OperationList {
    pub operations: Vec<Operation>,
    pub next_page_token: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DockerImageList {
    pub docker_images: Vec<DockerImage>,
    pub next_page_token: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DockerImage {
    pub uri: String,
    pub tags: Vec<String>,
    pub upload_time: String,
}

/// The last part of a full resource name.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
