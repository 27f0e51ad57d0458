//! What a call asks for: its parameters and its body, checked as Google's front end does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{super::Asked, fields};
use crate::{
    clouds::run::schema::{self, camel, read::Violation},
    wire::{
        google::{bad_request, invalid, page},
        reply::Reply,
    },
};

/// Parameters that every method of Google's has.
const COMMON: [&str; 12] = [
    "xgafv",
    "accessToken",
    "alt",
    "callback",
    "fields",
    "key",
    "oauthToken",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "uploadProtocol",
    "userProject",
];

/// The parameters of a method of its own.
fn parameters(method: &str) -> &'static [&'static str] {
    match method {
        "services.list" | "revisions.list" => &["pageSize", "pageToken", "showDeleted"],
        "services.create" => &["serviceId", "validateOnly"],
        "services.patch" => &["updateMask", "validateOnly", "allowMissing", "forceNewRevision"],
        "services.delete" | "revisions.delete" => &["etag", "validateOnly"],
        "services.getIamPolicy" => &["options.requestedPolicyVersion"],
        "operations.list" => &["filter", "pageSize", "pageToken", "returnPartialSuccess"],
        _ => &[],
    }
}

/// One call, read.
pub struct Ask<'a> {
    /// `services.get`
    pub method: &'static str,
    /// Region in the path.
    pub location: &'a str,
    /// What comes after it.
    pub rest: Vec<&'a str>,
    /// Whether enums are asked for as numbers.
    pub numbers: bool,
    asked: &'a Asked,
    query: BTreeMap<String, &'a str>,
}

impl<'a> Ask<'a> {
    /// Refuses parameters that the method does not have.
    pub fn read(asked: &'a Asked, method: &'static str, location: &'a str, rest: &[&'a str]) -> Result<Self, Reply> {
        let mut query = BTreeMap::new();
        let mut wrong = Vec::new();
        for (given, value) in &asked.query {
            let name = camel(given.trim_start_matches("$.").trim_start_matches('$'));
            if !COMMON.contains(&name.as_str()) && !parameters(method).contains(&name.as_str()) {
                let description = format!(
                    "Invalid JSON payload received. Unknown name \"{given}\": Cannot bind query parameter. Field '{given}' \
                     could not be found in request message."
                );
                wrong.push(Violation { field: String::new(), description });
            }
            query.insert(name, value.as_str());
        }
        if !wrong.is_empty() {
            return Err(refuse(&wrong));
        }
        let numbers = query.get("alt").is_some_and(|alt| alt.contains("enum-encoding=int"));
        Ok(Self { method, location, rest: rest.to_vec(), numbers, asked, query })
    }

    /// The name at this place of the path, without a verb after a colon.
    pub fn segment(&self, index: usize) -> &str {
        self.rest.get(index).map_or("", |segment| segment.split(':').next().unwrap_or_default())
    }

    /// A parameter's text; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.query.get(name).copied().filter(|text| !text.is_empty())
    }

    /// A parameter that is true or false.
    pub fn flag(&self, name: &str) -> Result<bool, Reply> {
        match self.text(name) {
            None | Some("false" | "False" | "0") => Ok(false),
            Some("true" | "True" | "1") => Ok(true),
            Some(other) => Err(self.mistyped(name, "TYPE_BOOL", other)),
        }
    }

    fn mistyped(&self, name: &str, kind: &str, value: &str) -> Reply {
        let snake: String = name
            .chars()
            .flat_map(|letter| {
                let (before, letter) =
                    if letter.is_ascii_uppercase() { (Some('_'), letter.to_ascii_lowercase()) } else { (None, letter) };
                before.into_iter().chain([letter])
            })
            .collect();
        let description = format!("Invalid value at '{snake}' ({kind}), {}", json!(value));
        refuse(&[Violation { field: snake, description }])
    }

    /// The body as this message; `at` is its name in the request, or nothing for the request itself.
    pub fn message(&self, message: &str, at: &str) -> Result<Value, Reply> {
        let body = self.asked.json().map_err(|error| {
            let description = format!("Invalid JSON payload received. {error}");
            refuse(&[Violation { field: String::new(), description }])
        })?;
        schema::read::read(message, &body, at).map_err(|wrong| refuse(&wrong))
    }

    /// The page of a list, written as the answer.
    pub fn page(&self, list: &str, items: Vec<Value>, default: usize, most: usize) -> Result<Value, Reply> {
        if let Some(size) = self.text("pageSize") {
            match size.parse::<i32>() {
                Err(_) => return Err(self.mistyped("pageSize", "TYPE_INT32", size)),
                Ok(size) if size < 0 => return Err(invalid("page_size must not be negative")),
                Ok(_) => {}
            }
        }
        let page = page(list, items, self.asked, default, most)?;
        let mut answer = json!({});
        if !page.items.is_empty() {
            answer[list] = Value::Array(page.items);
        }
        if let Some(next) = page.next {
            answer["nextPageToken"] = json!(next);
        }
        Ok(answer)
    }

    /// The part of an answer that `fields` names.
    pub fn only_asked_for(&self, value: Value) -> Result<Value, Reply> {
        let Some(text) = self.text("fields") else { return Ok(value) };
        fields::only(&value, text).ok_or_else(|| {
            let description = format!("Request contains an invalid argument: '{text}' is no field mask.");
            refuse(&[Violation { field: "fields".to_owned(), description }])
        })
    }
}

fn refuse(wrong: &[Violation]) -> Reply {
    let message: Vec<&str> = wrong.iter().map(|violation| violation.description.as_str()).collect();
    bad_request(&message.join("\n"), wrong)
}
