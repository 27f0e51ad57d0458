//! The messages of the API: what may be in a request, and how an answer is written. The table is `schema.txt`.
//!
//! - [`read`]: a request's JSON in the form that is kept: camelCase names, enums as words, 64-bit numbers as text, nothing
//!   that is a default or the server's to say
//! - [`write`](fn@write): an answer's JSON, defaults left out
//! - [`path`]: what a field mask names

pub mod read;

use std::{collections::BTreeMap, sync::OnceLock};

use serde_json::{Map, Value, json};

/// Type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of any kind.
    Text,
    /// Text that stands for a 64-bit number.
    Long,
    /// RFC 3339.
    Time,
    /// `"3.5s"`.
    Duration,
    /// 32 bits.
    Int,
    /// Any number.
    Double,
    /// True or false.
    Bool,
    /// A word of this enum.
    Enum(&'static str),
    /// Another message.
    Message(&'static str),
    /// Many.
    List(Box<Kind>),
    /// By name.
    Map(Box<Kind>),
}

/// One field of a message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Type.
    pub kind: Kind,
    /// Set by the server only.
    pub output: bool,
}

/// All messages and enums.
#[derive(Debug, Default)]
pub struct Schema {
    messages: BTreeMap<&'static str, BTreeMap<&'static str, Field>>,
    enums: BTreeMap<&'static str, Vec<(&'static str, i64)>>,
}

/// The table, read once.
pub fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| parse(include_str!("schema.txt")))
}

fn parse(text: &'static str) -> Schema {
    let mut schema = Schema::default();
    let (mut message, mut words) = ("", "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let inside = line.starts_with(' ');
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["message", name] if !inside => (message, words) = (name, ""),
            ["enum", name] if !inside => (message, words) = ("", name),
            [word, number] if !words.is_empty() => {
                schema.enums.entry(words).or_default().push((word, number.parse().unwrap_or(0)));
            }
            [name, kind @ .., "output"] => schema.field(message, name, kind, true),
            [name, kind @ ..] => schema.field(message, name, kind, false),
            [] => {}
        }
        if !message.is_empty() {
            schema.messages.entry(message).or_default();
        }
    }
    schema
}

fn kind(words: &[&'static str]) -> Kind {
    match words {
        ["repeated", rest @ ..] => Kind::List(Box::new(kind(rest))),
        ["map", rest @ ..] => Kind::Map(Box::new(kind(rest))),
        ["enum", name] => Kind::Enum(name),
        ["int64"] => Kind::Long,
        ["time"] => Kind::Time,
        ["duration"] => Kind::Duration,
        ["int32"] => Kind::Int,
        ["double"] => Kind::Double,
        ["bool"] => Kind::Bool,
        [name] if name.starts_with(char::is_uppercase) => Kind::Message(name),
        _ => Kind::Text,
    }
}

impl Schema {
    fn field(&mut self, message: &'static str, name: &'static str, words: &[&'static str], output: bool) {
        self.messages.entry(message).or_default().insert(name, Field { kind: kind(words), output });
    }

    /// The field of this name.
    pub fn get(&self, message: &str, name: &str) -> Option<&Field> {
        self.messages.get(message)?.get(name)
    }

    /// The word with this number.
    pub fn word(&self, name: &str, number: i64) -> Option<&'static str> {
        self.enums.get(name)?.iter().find(|(_, other)| *other == number).map(|(word, _)| *word)
    }

    /// The number of this word.
    pub fn number(&self, name: &str, word: &str) -> Option<i64> {
        self.enums.get(name)?.iter().find(|(other, _)| *other == word).map(|(_, number)| *number)
    }
}

/// `snake_case` as `camelCase`; camelCase stays as it is.
pub fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut up = false;
    for letter in name.chars() {
        match letter {
            '_' => up = true,
            letter if up => {
                out.push(letter.to_ascii_uppercase());
                up = false;
            }
            letter => out.push(letter),
        }
    }
    out
}

/// The steps of a mask's path, in camelCase, and whether it leads to what the server only sets. `None`: the message has no
/// such field.
pub fn path(message: &'static str, path: &str) -> Option<(Vec<String>, bool)> {
    let (mut at, mut steps, mut output) = (Kind::Message(message), Vec::new(), false);
    for step in path.split('.') {
        at = match at {
            Kind::Message(message) => {
                let name = camel(step);
                let field = schema().get(message, &name)?;
                output |= field.output;
                steps.push(name);
                field.kind.clone()
            }
            Kind::Map(of) => {
                steps.push(step.trim_matches('`').to_owned());
                *of
            }
            // A list can only be named as a whole.
            _ => return None,
        };
    }
    Some((steps, output))
}

/// A message as an answer has it: what is empty is left out, and enums are numbers where that was asked for.
pub fn write(message: &str, value: Value, numbers: bool) -> Value {
    let Value::Object(fields) = value else { return value };
    let kept = fields.into_iter().filter_map(|(name, value)| {
        let kind = schema().get(message, &name).map(|field| &field.kind);
        debug_assert!(kind.is_some() || value.is_null(), "{message} has no field {name}");
        let value = write_kind(kind.unwrap_or(&Kind::Text), value, numbers);
        (!is_default(&value)).then_some((name, value))
    });
    Value::Object(kept.collect())
}

fn write_kind(kind: &Kind, value: Value, numbers: bool) -> Value {
    match (kind, value) {
        (Kind::Message(message), value) => write(message, value, numbers),
        (Kind::List(of), Value::Array(items)) => items.into_iter().map(|item| write_kind(of, item, numbers)).collect(),
        (Kind::Map(of), Value::Object(entries)) if entries.is_empty() => {
            let _ = of;
            Value::Null
        }
        (Kind::Map(of), Value::Object(entries)) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key, write_kind(of, value, numbers))).collect())
        }
        (Kind::Enum(name), Value::String(word)) => match schema().number(name, &word) {
            Some(0) => Value::Null,
            Some(number) if numbers => json!(number),
            _ => Value::String(word),
        },
        (_, value) => value,
    }
}

/// What proto3 leaves out. An empty message is not nothing.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Object(_) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
    }
}

/// The fields of a message that a client may set.
pub fn settable(message: &str) -> impl Iterator<Item = &'static str> {
    let fields = schema().messages.get(message);
    fields.into_iter().flatten().filter(|(_, field)| !field.output).map(|(name, _)| *name)
}

/// The value at these steps.
pub fn get<'a>(value: &'a Value, steps: &[String]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| value.get(step)).filter(|value| !value.is_null())
}

/// Puts a value at these steps, or takes out what is there.
pub fn put(value: &mut Value, steps: &[String], new: Option<Value>) {
    let Some((step, rest)) = steps.split_first() else { return };
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else { return };
    match (rest.is_empty(), new) {
        (true, Some(new)) => drop(fields.insert(step.clone(), new)),
        (true, None) => drop(fields.remove(step)),
        (false, None) if !fields.contains_key(step) => {}
        (false, new) => put(fields.entry(step.clone()).or_insert(Value::Null), rest, new),
    }
}

#[cfg(test)]
mod tests;
