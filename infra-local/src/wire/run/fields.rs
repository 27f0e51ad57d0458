//! Partial answers: `fields=services(name,template/containers/image),nextPageToken`.

use serde_json::{Map, Value};

/// The named part of a value; `None` when the text is no list of fields.
pub fn only(value: &Value, text: &str) -> Option<Value> {
    let mut rest = text;
    let tree = list(&mut rest)?;
    rest.is_empty().then(|| pick(value, &tree))
}

/// A field and what is wanted of it; nothing: all.
struct Wanted<'a> {
    name: &'a str,
    inner: Vec<Wanted<'a>>,
}

fn list<'a>(rest: &mut &'a str) -> Option<Vec<Wanted<'a>>> {
    let mut found = vec![path(rest)?];
    while let Some(after) = rest.strip_prefix(',') {
        *rest = after;
        found.push(path(rest)?);
    }
    Some(found)
}

fn path<'a>(rest: &mut &'a str) -> Option<Wanted<'a>> {
    let end = rest.find([',', '/', '(', ')', '.']).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let name = name.trim();
    let plain = name == "*" || name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_@-".contains(&byte));
    if name.is_empty() || !plain {
        return None;
    }
    *rest = after;
    let mut inner = Vec::new();
    if let Some(after) = rest.strip_prefix(['/', '.']) {
        *rest = after;
        inner.push(path(rest)?);
    } else if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        inner = list(rest)?;
        *rest = rest.strip_prefix(')')?;
    }
    Some(Wanted { name, inner })
}

fn pick(value: &Value, wanted: &[Wanted<'_>]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| pick(item, wanted)).collect(),
        Value::Object(fields) => {
            let mut kept = Map::new();
            for Wanted { name, inner } in wanted {
                for (key, value) in fields.iter().filter(|(key, _)| *name == "*" || key == name) {
                    let value = if inner.is_empty() { value.clone() } else { pick(value, inner) };
                    kept.insert(key.clone(), value);
                }
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_is_given() {
        let value = json!({"a": [{"b": 1, "c": {"d": 2, "e": 3}}], "f": 4, "g": 5});
        assert_eq!(only(&value, "a(b,c/d),f"), Some(json!({"a": [{"b": 1, "c": {"d": 2}}], "f": 4})));
        assert_eq!(only(&value, "*"), Some(value.clone()));
        assert_eq!(only(&value, "zzz"), Some(json!({})));
        for wrong in ["a(b", "a,,b", "", "a)", "a(b))"] {
            assert_eq!(only(&value, wrong), None, "{wrong}");
        }
    }
}
