//! What the Query services of AWS have in common: a form in, XML out.
//!
//! A form is read into the same JSON that the JSON 1.1 services get (`Targets.member.1.Id=a` is
//! `{"Targets": [{"Id": "a"}]}`), with texts for leaves; an answer is JSON that is written as XML.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Asked, aws::Exception, call::parse_query, reply::Reply};

/// Deepest nesting of a name that is read.
const DEEPEST: usize = 12;

/// One of the Query services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Face {
    /// Its XML namespace.
    pub namespace: &'static str,
    /// The only value of `Version` it takes.
    pub version: &'static str,
}

/// Elastic Load Balancing, version 2.
pub const ELB: Face =
    Face { namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/", version: "2015-12-01" };
/// The Security Token Service.
pub const STS: Face = Face { namespace: "https://sts.amazonaws.com/doc/2011-06-15/", version: "2011-06-15" };

/// The operation and the version a form names; `None` when it is no form of a Query service.
pub fn operation(asked: &Asked) -> Option<(String, String)> {
    let content_type = asked.header("content-type").unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let form = parse_query(std::str::from_utf8(&asked.body).ok()?);
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    Some((field("Action")?, field("Version").unwrap_or_default()))
}

/// Reads the form, asks, writes the output. `id` is the number of the request.
pub fn answer(
    face: Face,
    name: &str,
    id: &str,
    asked: &Asked,
    ask: impl FnOnce(&Value) -> Result<Value, Exception>,
) -> Reply {
    let form = parse_query(&String::from_utf8_lossy(&asked.body));
    let version = form.iter().find(|(key, _)| key == "Version").map_or("", |(_, value)| value.as_str());
    if version != face.version {
        let message = format!("Could not find operation {name} for version {version}");
        return error(face, id, 400, "InvalidAction", &message);
    }
    let fields = form.iter().filter(|(key, _)| key != "Action" && key != "Version");
    match read(fields.map(|(key, value)| (key.as_str(), value.as_str()))).and_then(|input| ask(&input)) {
        Ok(output) => {
            let mut xml = format!("<{name}Response xmlns=\"{}\">", face.namespace);
            write(&mut xml, &format!("{name}Result"), &output);
            write(&mut xml, "ResponseMetadata", &json!({"RequestId": id}));
            let _ = write!(xml, "</{name}Response>");
            Reply::raw(200, "text/xml", xml)
        }
        Err(Exception(code, message)) => {
            let status = if code == "AccessDenied" { 403 } else { 400 };
            error(face, id, status, code, &message)
        }
    }
}

/// The operation is not known here.
pub fn unknown(name: &str, face: Face) -> Exception {
    Exception("InvalidAction", format!("Could not find operation {name} for version {}", face.version))
}

/// A refusal.
pub fn error(face: Face, id: &str, status: u16, code: &str, message: &str) -> Reply {
    let mut xml = format!("<ErrorResponse xmlns=\"{}\">", face.namespace);
    let by = if status < 500 { "Sender" } else { "Receiver" };
    write(&mut xml, "Error", &json!({"Type": by, "Code": code, "Message": message}));
    write(&mut xml, "RequestId", &json!(id));
    xml.push_str("</ErrorResponse>");
    Reply::raw(status, "text/xml", xml)
}

/// Refuses what is not among these parameters, so that a misspelt one is seen.
pub fn only(input: &Value, known: &[&str]) -> Result<(), Exception> {
    match input.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(invalid(&format!("The parameter '{name}' is not recognized"))),
        None => Ok(()),
    }
}

/// `ValidationError`.
pub fn invalid(message: &str) -> Exception {
    Exception("ValidationError", message.to_owned())
}

/// A whole number among the texts of a form.
pub fn number(input: &Value, name: &str) -> Result<Option<u32>, Exception> {
    match input[name].as_str() {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| invalid(&format!("'{name}' must be a number, not '{text}'"))),
    }
}

fn read<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Value, Exception> {
    let mut root = Map::new();
    for (key, value) in fields {
        let steps: Vec<&str> = key.split('.').collect();
        let malformed = || Exception("MalformedInput", format!("Unexpected parameter {key}"));
        if steps.len() > DEEPEST || steps.iter().any(|step| step.is_empty()) {
            return Err(malformed());
        }
        let (last, path) = steps.split_last().ok_or_else(malformed)?;
        let mut place = &mut root;
        for step in path {
            let child = place.entry(*step).or_insert_with(|| Value::Object(Map::new()));
            place = child.as_object_mut().ok_or_else(malformed)?;
        }
        if place.insert((*last).to_owned(), json!(value)).is_some() {
            return Err(malformed());
        }
    }
    Ok(lists(Value::Object(root)))
}

/// `{"member": {"1": .., "2": ..}}` is a list, in the order of its numbers.
fn lists(value: Value) -> Value {
    let Value::Object(mut fields) = value else { return value };
    let is_list = fields.len() == 1 && fields.get("member").is_some_and(Value::is_object);
    if is_list && let Some(Value::Object(members)) = fields.remove("member") {
        let mut members: Vec<(u32, Value)> =
            members.into_iter().map(|(place, value)| (place.parse().unwrap_or(u32::MAX), lists(value))).collect();
        members.sort_by_key(|(place, _)| *place);
        return Value::Array(members.into_iter().map(|(_, value)| value).collect());
    }
    Value::Object(fields.into_iter().map(|(key, value)| (key, lists(value))).collect())
}

/// Writes one element; `null` is nothing, a list is a row of `member`s.
fn write(xml: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    let _ = write!(xml, "<{name}>");
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, value)| write(xml, name, value)),
        Value::Array(items) => items.iter().for_each(|item| write(xml, "member", item)),
        Value::String(text) => escape(xml, text),
        Value::Bool(_) | Value::Number(_) => {
            let _ = write!(xml, "{value}");
        }
    }
    let _ = write!(xml, "</{name}>");
}

fn escape(xml: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            // XML 1.0 has no way to write the other control characters.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => xml.push('\u{fffd}'),
            '\r' => xml.push_str("&#xD;"),
            other => xml.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_become_lists_in_the_order_of_their_numbers() {
        let fields = [("T.member.10.Id", "j"), ("T.member.2.Id", "b"), ("T.member.2.Port", "80"), ("Name", "x")];
        let input = read(fields.into_iter()).unwrap();
        assert_eq!(input, json!({"T": [{"Id": "b", "Port": "80"}, {"Id": "j"}], "Name": "x"}));
        assert!(read([("A", "x"), ("A.B", "y")].into_iter()).is_err(), "text and structure at once");
        assert!(read([("A..B", "y")].into_iter()).is_err());
    }

    #[test]
    fn answers_are_escaped_and_absent_members_left_out() {
        let mut xml = String::new();
        write(&mut xml, "R", &json!({"a": "<&\"\u{1b}", "b": null, "c": [1, true]}));
        assert_eq!(xml, "<R><a>&lt;&amp;&quot;\u{fffd}</a><c><member>1</member><member>true</member></c></R>");
    }
}
