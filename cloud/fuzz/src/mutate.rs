//! How an answer is broken: bytes flipped, cut short, values of another type, nested deeply, numbers too great, keys twice,
//! bytes that are no text. The same seed breaks the same answer in the same way.

use serde_json::{Value, json};

/// A sequence of numbers (`SplitMix64`).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }
}

/// Bytes that an answer may grow to: ways one after the other would multiply it beyond all memory.
const LIMIT: usize = 1 << 20;

/// A broken copy of an answer: one to three of the ways, one after the other.
pub fn broken(body: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..=chance.below(3) {
        body.truncate(LIMIT);
        body = match chance.below(10) {
            0 => flip(body, chance),
            1 => cut(body, chance),
            2..=4 => json(&body, chance, other).unwrap_or_else(|| markup(body, chance)),
            5 => json(&body, chance, nested).unwrap_or_else(|| markup(body, chance)),
            6 => json(&body, chance, great).unwrap_or_else(|| markup(body, chance)),
            7 => json(&body, chance, twisted).unwrap_or_else(|| markup(body, chance)),
            8 => twice(body, chance),
            _ => no_text(body, chance),
        };
    }
    body
}

/// As many times as fit into [`LIMIT`].
fn fitting(times: usize, length: usize) -> usize {
    times.min(LIMIT / length.max(1))
}

fn flip(mut body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    for _ in 0..=chance.below(8) {
        let at = chance.below(body.len());
        if let Some(byte) = body.get_mut(at) {
            *byte ^= 1 << chance.below(8);
        }
    }
    body
}

fn cut(mut body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let at = chance.below(body.len() + 1);
    body.truncate(at);
    body
}

/// Bytes that are no UTF-8, or that no text should hold.
fn no_text(mut body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    const BYTES: [&[u8]; 6] =
        [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0", "\u{202e}\u{1b}[2J".as_bytes()];
    let at = chance.below(body.len() + 1);
    let bytes = BYTES[chance.below(BYTES.len())];
    body.splice(at..at, bytes.iter().copied());
    body
}

/// A member of an object once more, with another value or the same.
fn twice(body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let keys: Vec<usize> = body.windows(2).enumerate().filter(|(_, two)| *two == b"\":").map(|(at, _)| at).collect();
    let Some(end) = keys.get(chance.below(keys.len())).copied() else { return markup(body, chance) };
    let Some(start) = body[..end].iter().rposition(|byte| *byte == b'"') else { return body };
    let key = body[start..=end].to_vec();
    let value: &[u8] = [b"null,".as_slice(), b"[1],", b"\"x\",", b"{},", b"-1e999,"][chance.below(5)];
    let mut twice = body[..start].to_vec();
    twice.extend_from_slice(&key);
    twice.push(b':');
    twice.extend_from_slice(value);
    twice.extend_from_slice(&body[start..]);
    twice
}

/// Breaks one value of a JSON answer; `None` for one that is not JSON.
fn json(body: &[u8], chance: &mut Chance, how: fn(&Value, &mut Chance) -> Value) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let mut places = 0;
    count(&value, &mut places);
    let mut at = chance.below(places);
    replace(&mut value, &mut at, chance, how);
    serde_json::to_vec(&value).ok()
}

fn count(value: &Value, places: &mut usize) {
    *places += 1;
    match value {
        Value::Array(items) => items.iter().for_each(|item| count(item, places)),
        Value::Object(members) => members.values().for_each(|member| count(member, places)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether the place was here.
fn replace(value: &mut Value, at: &mut usize, chance: &mut Chance, how: fn(&Value, &mut Chance) -> Value) -> bool {
    if *at == 0 {
        *value = how(value, chance);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, chance, how)),
        Value::Object(members) => members.values_mut().any(|member| replace(member, at, chance, how)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A value of another type, or none.
fn other(_: &Value, chance: &mut Chance) -> Value {
    match chance.below(9) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(""),
        4 => json!([]),
        5 => json!({}),
        6 => json!([null, {"name": null}, [[]]]),
        7 => json!("9".repeat(40)),
        _ => json!({"": {"": ""}}),
    }
}

/// The value deep inside lists or objects.
fn nested(value: &Value, chance: &mut Chance) -> Value {
    let depth = [3, 60, 126, 127, 128, 129, 400][chance.below(7)];
    let lists = chance.below(2) == 0;
    (0..depth).fold(value.clone(), |inner, _| if lists { json!([inner]) } else { json!({ "a": inner }) })
}

/// Numbers at and beyond every edge, as numbers and as text, and times that no calendar has.
fn great(value: &Value, chance: &mut Chance) -> Value {
    const EDGES: [f64; 8] = [1e308, -1e308, 1e19, -1e19, 9.3e18, 2_147_483_648.0, -0.0, 5e-324];
    const TIMES: [&str; 4] =
        ["9999-12-31T23:59:60Z", "-999999-01-01T00:00:00Z", "2026-02-30T25:61:61Z", "999999999999999999999999999999"];
    match chance.below(4) {
        0 => json!(EDGES[chance.below(EDGES.len())]),
        1 => json!([i64::MIN, i64::MAX, -1, 101, 4_294_967_296][chance.below(5)]),
        2 => json!(u64::MAX.to_string()),
        _ if value.is_string() => json!(TIMES[chance.below(TIMES.len())]),
        _ => json!(EDGES[chance.below(EDGES.len())].to_string()),
    }
}

/// A text in which characters are missing, doubled, out of order or without end; a list that lost or repeats something.
fn twisted(value: &Value, chance: &mut Chance) -> Value {
    match value {
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            let at = chance.below(letters.len() + 1);
            let (head, tail) = letters.split_at(at);
            let text: String = match chance.below(7) {
                0 => tail.iter().collect(),
                1 => head.iter().collect(),
                2 => tail.iter().chain(head).collect(),
                3 => letters.iter().rev().collect(),
                4 => text.repeat(fitting(1 + chance.below(200), text.len())),
                5 => head.iter().chain(&['/', ':', '@', '/', '𝕏', '\u{301}']).chain(tail).collect(),
                _ => text.replace([':', '/', '@', '-'], ""),
            };
            json!(text)
        }
        Value::Array(items) => {
            let mut items = items.clone();
            let at = chance.below(items.len());
            match (chance.below(3), items.get(at).cloned()) {
                (0, Some(_)) => drop(items.remove(at)),
                (1, Some(item)) => items.extend(std::iter::repeat_n(item, 1 + chance.below(40))),
                _ => items.reverse(),
            }
            Value::Array(items)
        }
        Value::Object(members) => {
            let mut members = members.clone();
            let key = members.keys().nth(chance.below(members.len())).cloned();
            if let Some(key) = key {
                members.remove(&key);
            }
            Value::Object(members)
        }
        Value::Number(number) => json!(number.to_string()),
        Value::Null | Value::Bool(_) => json!("true"),
    }
}

/// Breaks what is not JSON, such as XML: tags lost, doubled, nested deeply, entities without end.
fn markup(body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let tags: Vec<usize> = body.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(at, _)| at).collect();
    let Some(start) = tags.get(chance.below(tags.len())).copied() else { return flip(body, chance) };
    let end = body[start..].iter().position(|byte| *byte == b'>').map_or(body.len(), |end| start + end + 1);
    let tag = body[start..end].to_vec();
    let mut made = body[..start].to_vec();
    match chance.below(6) {
        0 => {}
        1 => made.extend(tag.repeat(2)),
        2 => made.extend(tag.repeat(fitting([60, 500, 5000][chance.below(3)], tag.len()))),
        3 => made.extend([&tag, b"&lol;&#xFFFFFFFF;&#0;&".as_slice()].concat()),
        4 => made.extend([&tag, b"99999999999999999999999".as_slice()].concat()),
        _ => made.extend([b"<![CDATA[]]><!-- -->".as_slice(), &tag].concat()),
    }
    made.extend_from_slice(&body[end..]);
    made
}
