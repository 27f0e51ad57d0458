//! Reading a request's JSON.

use serde_json::{Map, Value, json};

use super::{Kind, camel, is_default, schema};

/// One thing that is wrong with a request, as Google words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where: `service.template`. Empty when the sentence says it.
    pub field: String,
    /// The sentence.
    pub description: String,
}

/// The message in the form that is kept. `at` is its name in the request, or nothing for the request itself. The error is
/// everything that is wrong.
pub fn read(message: &str, value: &Value, at: &str) -> Result<Value, Vec<Violation>> {
    let mut wrong = Vec::new();
    let value = message_of(message, value, at, &mut wrong);
    if wrong.is_empty() { Ok(value) } else { Err(wrong) }
}

fn message_of(message: &str, value: &Value, at: &str, wrong: &mut Vec<Violation>) -> Value {
    let Value::Object(fields) = value else {
        wrong.push(mistyped(at, message, value));
        return Value::Null;
    };
    let mut kept = Map::new();
    for (given, value) in fields {
        let name = camel(given);
        let Some(field) = schema().get(message, &name) else {
            let place = if at.is_empty() { String::new() } else { format!(" at '{at}'") };
            let description =
                format!("Invalid JSON payload received. Unknown name \"{given}\"{place}: Cannot find field.");
            wrong.push(Violation { field: at.to_owned(), description });
            continue;
        };
        if value.is_null() {
            continue;
        }
        let value = kind_of(&field.kind, value, &inside(at, given), wrong);
        if !field.output && !is_default(&value) {
            kept.insert(name, value);
        }
    }
    Value::Object(kept)
}

/// Where a field is, in the words of an error.
fn inside(at: &str, name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    if at.is_empty() { snake } else { format!("{at}.{snake}") }
}

fn kind_of(kind: &Kind, value: &Value, at: &str, wrong: &mut Vec<Violation>) -> Value {
    let read = match kind {
        Kind::Message(message) => return message_of(message, value, at, wrong),
        Kind::List(of) => {
            let Value::Array(items) = value else {
                wrong.push(mistyped(at, "list", value));
                return Value::Null;
            };
            let items = items.iter().enumerate();
            return items.map(|(index, item)| kind_of(of, item, &format!("{at}[{index}]"), wrong)).collect();
        }
        Kind::Map(of) => {
            let Value::Object(entries) = value else {
                wrong.push(mistyped(at, "map", value));
                return Value::Null;
            };
            let entries = entries.iter().map(|(key, value)| (key.clone(), kind_of(of, value, at, wrong)));
            let entries: Map<_, _> = entries.collect();
            return if entries.is_empty() { Value::Null } else { Value::Object(entries) };
        }
        Kind::Text => value.as_str().map(|text| json!(text)),
        Kind::Time => value.as_str().filter(|text| text.contains('T')).map(|text| json!(text)),
        Kind::Duration => value.as_str().filter(|text| seconds(text).is_some()).map(|text| json!(text)),
        Kind::Bool => value.as_bool().map(|flag| json!(flag)),
        Kind::Double => number(value).map(|number| json!(number)),
        // Numbers may come as text, and 64-bit text as numbers.
        Kind::Int => whole(value).and_then(|number| i32::try_from(number).ok()).map(|number| json!(number)),
        Kind::Long => whole(value).map(|number| json!(number.to_string())),
        Kind::Enum(name) => {
            // A number without a word is kept by proto3; there is no word to keep here.
            let number = value.as_str().map_or(value.as_i64(), |word| schema().number(name, word));
            number.and_then(|number| Some((number, schema().word(name, number)?))).map(|(number, word)| {
                // The first word of every enum says nothing.
                if number == 0 { Value::Null } else { json!(word) }
            })
        }
    };
    read.unwrap_or_else(|| {
        wrong.push(mistyped(at, type_name(kind), value));
        Value::Null
    })
}

/// Seconds of `"3.5s"`; none when it is no duration.
pub fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    let plain = number.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    number.parse().ok().filter(|_| plain)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Message(_) | Kind::List(_) | Kind::Map(_) => "TYPE_STRING",
        Kind::Long => "TYPE_INT64",
        Kind::Int => "TYPE_INT32",
        Kind::Double => "TYPE_DOUBLE",
        Kind::Bool => "TYPE_BOOL",
        Kind::Time => "type.googleapis.com/google.protobuf.Timestamp",
        Kind::Duration => "type.googleapis.com/google.protobuf.Duration",
        Kind::Enum(name) => name,
    }
}

fn mistyped(at: &str, kind: &str, value: &Value) -> Violation {
    let kind = if kind.starts_with("TYPE_") || kind.starts_with("type.") {
        kind.to_owned()
    } else {
        format!("type.googleapis.com/google.cloud.run.v2.{kind}")
    };
    let description = format!("Invalid value at '{at}' ({kind}), {value}");
    Violation { field: at.to_owned(), description }
}
