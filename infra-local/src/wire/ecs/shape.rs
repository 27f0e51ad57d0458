//! What a request may hold. As AWS does it: members it does not know are ignored, wrong types and missing members refused.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Map, Value};

use crate::wire::aws::Exception;

/// Written by `scripts/ecs-shapes.py`, which says how to read it.
const SHAPES: &str = include_str!("shapes.txt");

type Members = Vec<Member>;

struct Member {
    name: &'static str,
    required: bool,
    kind: &'static str,
}

static STRUCTURES: LazyLock<BTreeMap<&'static str, Members>> = LazyLock::new(|| {
    let structure = |line: &'static str| {
        let mut words = line.split(' ');
        let name = words.next()?;
        let member = |word: &'static str| {
            let (name, kind) = word.split_once(':')?;
            let required = name.ends_with('!');
            Some(Member { name: name.trim_end_matches('!'), required, kind })
        };
        Some((name, words.filter_map(member).collect()))
    };
    SHAPES.lines().filter_map(structure).collect()
});

/// The input of an operation, without what ECS does not know.
pub fn read(operation: &str, input: &Value) -> Result<Value, Exception> {
    let members = STRUCTURES.get(format!("@{operation}").as_str()).ok_or_else(Exception::unknown)?;
    structure(members, "", input)
}

fn structure(members: &Members, path: &str, value: &Value) -> Result<Value, Exception> {
    let Value::Object(given) = value else { return Err(serialization(value, "a structure")) };
    let mut kept = Map::new();
    for member in members {
        let path = if path.is_empty() { member.name.to_owned() } else { format!("{path}.{}", member.name) };
        match given.get(member.name) {
            None | Some(Value::Null) if member.required => return Err(missing(&path)),
            None | Some(Value::Null) => {}
            Some(value) => {
                kept.insert(member.name.to_owned(), checked(member.kind, &path, value)?);
            }
        }
    }
    Ok(Value::Object(kept))
}

fn checked(kind: &str, path: &str, value: &Value) -> Result<Value, Exception> {
    if let Some(inner) = enclosed(kind, '[', ']') {
        let Value::Array(items) = value else { return Err(serialization(value, "a list")) };
        let item = |(index, item): (usize, &Value)| checked(inner, &format!("{path}.{}.member", index + 1), item);
        return items.iter().enumerate().map(item).collect();
    }
    if let Some(name) = enclosed(kind, '{', '}') {
        return match STRUCTURES.get(name) {
            Some(members) if !members.is_empty() => structure(members, path, value),
            // A document, or one without members: anything goes.
            _ => Ok(value.clone()),
        };
    }
    if let Some(words) = enclosed(kind, '(', ')') {
        let Value::String(word) = value else { return Err(serialization(value, "a String")) };
        if words.split('|').any(|known| known == word) {
            return Ok(value.clone());
        }
        let known = words.replace('|', ", ");
        return Err(Exception::invalid(&format!(
            "1 validation error detected: Value '{word}' at '{path}' failed to satisfy constraint: Member must satisfy enum \
             value set: [{known}]"
        )));
    }
    let (fits, wanted) = match kind {
        "s" => (value.is_string(), "a String"),
        "i" => (value.is_i64() || value.is_u64(), "an Integer"),
        "n" => (value.is_number(), "a Double"),
        "b" => (value.is_boolean(), "a Boolean"),
        "t" => (value.is_number(), "a Timestamp"),
        _ => (value.is_object(), "a Map"),
    };
    if fits { Ok(value.clone()) } else { Err(serialization(value, wanted)) }
}

fn enclosed(kind: &str, open: char, close: char) -> Option<&str> {
    kind.strip_prefix(open)?.strip_suffix(close)
}

fn serialization(value: &Value, wanted: &str) -> Exception {
    let got = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(_) => "BOOLEAN_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    Exception("SerializationException", format!("{got} cannot be converted to {wanted}"))
}

/// ECS names what is missing with a capital letter.
fn missing(path: &str) -> Exception {
    let mut letters = path.chars();
    let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    Exception::invalid(&format!("{name} cannot be empty."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_members_are_ignored_at_every_depth() {
        let input = json!({
            "service": "hello", "servise": "x", "desiredCount": 2,
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "vpc": 1}, "other": []},
        });
        let kept = json!({
            "service": "hello", "desiredCount": 2, "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"]}},
        });
        assert_eq!(read("UpdateService", &input), Ok(kept));
    }

    #[test]
    fn wrong_requests_are_refused_by_what_is_wrong() {
        let name = |operation: &str, input: Value| read(operation, &input).unwrap_err();
        let wrong = name("UpdateService", json!({"service": "hello", "desiredCount": "2"}));
        assert_eq!(wrong, Exception("SerializationException", "STRING_VALUE cannot be converted to an Integer".into()));
        assert_eq!(name("DescribeServices", json!({})), Exception::invalid("Services cannot be empty."));
        let word = name("CreateService", json!({"serviceName": "x", "launchType": "MOON"}));
        assert!(word.0 == "InvalidParameterException" && word.1.contains("'MOON' at 'launchType'"), "{}", word.1);
        let deep = json!({"service": "x", "loadBalancers": [{"containerPort": {}}]});
        assert_eq!(name("UpdateService", deep).0, "SerializationException");
        assert_eq!(name("DescribeCapacityProviders", json!({})).0, "UnknownOperationException");
        assert_eq!(name("Tag", json!({"key": "x"})).0, "UnknownOperationException", "a structure is no operation");
    }
}
