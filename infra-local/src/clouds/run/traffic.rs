//! Where requests go, as the API writes it.

use serde_json::{Value, json};

use super::template::is_name;

/// Longest tag.
const TAG: usize = 46;

/// What a target points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// The newest revision that can serve, whichever that is.
    Latest,
    /// This revision, by short name.
    Revision(String),
}

/// One entry of `traffic[]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it points at.
    pub allocation: Allocation,
    /// Percent of requests.
    pub percent: u32,
    /// A name of its own in front of the service's address.
    pub tag: Option<String>,
}

impl Target {
    /// Everything to the newest.
    pub fn latest() -> Self {
        Self { allocation: Allocation::Latest, percent: 100, tag: None }
    }

    /// Everything to one revision.
    pub fn pinned(revision: &str) -> Self {
        Self { allocation: Allocation::Revision(revision.to_owned()), percent: 100, tag: None }
    }

    /// The API's JSON. `uri` is added to entries with a tag when it is given: that is how statuses differ from targets.
    pub fn to_json(&self, uri: Option<&str>) -> Value {
        let (kind, revision) = match &self.allocation {
            Allocation::Latest => ("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", ""),
            Allocation::Revision(name) => ("TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", name.as_str()),
        };
        let tagged = self.tag.as_ref().and(uri);
        json!({"type": kind, "revision": revision, "percent": self.percent, "tag": self.tag, "uri": tagged})
    }
}

/// Reads `traffic[]`. Nothing means everything to the newest. The error is the API's sentence.
pub fn parse(traffic: &Value, exists: &dyn Fn(&str) -> bool) -> Result<Vec<Target>, String> {
    let entries = match traffic {
        Value::Null => return Ok(vec![Target::latest()]),
        Value::Array(entries) if entries.is_empty() => return Ok(vec![Target::latest()]),
        Value::Array(entries) => entries,
        _ => return Err("Invalid value at 'service.traffic': expected a list".to_owned()),
    };
    let targets: Vec<Target> = entries.iter().map(|entry| parse_target(entry, exists)).collect::<Result<_, _>>()?;
    let tags: Vec<&String> = targets.iter().filter_map(|target| target.tag.as_ref()).collect();
    for (index, tag) in tags.iter().enumerate() {
        if tag.len() > TAG || !is_name(tag) {
            return Err(format!("spec.traffic.tag: '{tag}' must be a DNS label of at most {TAG} characters"));
        }
        if tags[..index].contains(tag) {
            return Err(format!("spec.traffic.tag: '{tag}' is used more than once"));
        }
    }
    let sum: u32 = targets.iter().map(|target| target.percent).sum();
    if sum != 100 {
        return Err(format!("spec.traffic: Traffic targets must sum to 100, got {sum}."));
    }
    Ok(targets)
}

fn parse_target(entry: &Value, exists: &dyn Fn(&str) -> bool) -> Result<Target, String> {
    let percent = match &entry["percent"] {
        Value::Null => 0,
        value => value
            .as_u64()
            .and_then(|percent| u32::try_from(percent).ok())
            .filter(|percent| *percent <= 100)
            .ok_or("spec.traffic.percent: must be a number from 0 to 100")?,
    };
    let tag = entry["tag"].as_str().filter(|tag| !tag.is_empty()).map(ToOwned::to_owned);
    let revision = entry["revision"].as_str().filter(|name| !name.is_empty());
    // Enums may come as names or as numbers: the generated clients send numbers.
    let latest = match (&entry["type"], revision) {
        (Value::String(kind), revision) if kind.ends_with("_UNSPECIFIED") => revision.is_none(),
        (Value::String(kind), _) => kind == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST",
        (Value::Number(kind), _) => kind.as_u64() == Some(1),
        (_, revision) => revision.is_none(),
    };
    let allocation = match (latest, revision) {
        (true, None) => Allocation::Latest,
        (true, Some(_)) => return Err("spec.traffic.revision: must not be set for a target of type LATEST".to_owned()),
        (false, None) => return Err("spec.traffic.revision: must be set for a target of type REVISION".to_owned()),
        (false, Some(name)) => {
            let name = name.rsplit('/').next().unwrap_or(name);
            if !exists(name) {
                return Err(format!("Revision named '{name}' does not exist."));
            }
            Allocation::Revision(name.to_owned())
        }
    };
    Ok(Target { allocation, percent, tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(traffic: &Value) -> Result<Vec<Target>, String> {
        parse(traffic, &|name| name == "hello-00001-abc")
    }

    #[test]
    fn enums_are_read_as_names_and_as_numbers() {
        let named =
            json!([{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "hello-00001-abc", "percent": 100}]);
        let numbered = json!([{"type": 2, "revision": "hello-00001-abc", "percent": 100}]);
        assert_eq!(read(&named), Ok(vec![Target::pinned("hello-00001-abc")]));
        assert_eq!(read(&numbered), read(&named));
        assert_eq!(read(&json!([{"type": 1, "percent": 100}])), Ok(vec![Target::latest()]));
        assert_eq!(read(&json!([])), Ok(vec![Target::latest()]));
    }

    #[test]
    fn percents_must_sum_to_a_hundred() {
        let short = json!([{"type": 1, "percent": 40}, {"type": 2, "revision": "hello-00001-abc", "percent": 40}]);
        assert!(read(&short).unwrap_err().contains("sum to 100"));
    }

    #[test]
    fn an_unknown_revision_is_refused() {
        let unknown = json!([{"type": 2, "revision": "hello-00009-zzz", "percent": 100}]);
        assert!(read(&unknown).unwrap_err().contains("does not exist"));
    }
}
