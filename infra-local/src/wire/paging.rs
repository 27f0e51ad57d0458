//! Pages over lists. A token is good for one question only, and goes on after the entries that were shown: what is made or
//! goes between two pages neither repeats an entry nor hides one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Asked;
use crate::ids::seed_of;

/// Entries a token remembers: the next page begins after the last of them that is still there.
const REMEMBERED: usize = 16;
/// What a request says about its page, and not about its list.
const OF_PAGE: [&str; 7] = ["nextToken", "maxResults", "limit", "Marker", "PageSize", "pageToken", "pageSize"];
/// Members that name an entry, whichever of them it has.
const NAMES: [&str; 13] = [
    "name",
    "id",
    "uid",
    "arn",
    "serviceDeploymentArn",
    "repositoryName",
    "imageDigest",
    "imageTag",
    "TargetGroupArn",
    "LoadBalancerArn",
    "ListenerArn",
    "logGroupName",
    "logStreamName",
];

/// A page, and the token of the next one.
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Something that is listed.
pub trait Entry {
    /// What it is known by, whatever else changes.
    fn name(&self) -> String;
}

impl Entry for String {
    fn name(&self) -> String {
        self.clone()
    }
}

impl Entry for &str {
    fn name(&self) -> String {
        (*self).to_owned()
    }
}

impl Entry for Value {
    fn name(&self) -> String {
        NAMES.iter().filter_map(|name| self[*name].as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// What a call of AWS asks for, apart from the page.
pub fn input_asks(input: &Value) -> String {
    let members = input.as_object().into_iter().flatten();
    let members = members.map(|(name, value)| (name.as_str(), value.to_string()));
    asks(members)
}

/// What a call of Google's asks for, apart from the page.
pub fn query_asks(asked: &Asked) -> String {
    let members = asked.query.iter().map(|(name, value)| (name.as_str(), value.clone()));
    format!("{} {}", asked.path, asks(members))
}

fn asks<'a>(members: impl Iterator<Item = (&'a str, String)>) -> String {
    let members: BTreeMap<&str, String> = members.filter(|(name, _)| !OF_PAGE.contains(name)).collect();
    format!("{members:?}")
}

/// The page of `items` that `token` asks for; `None` when the token is not one of ours for this list and question.
pub fn page<T: Entry>(list: &str, asks: &str, items: Vec<T>, size: usize, token: Option<&str>) -> Option<Page<T>> {
    let question = format!("{list}.{:016x}", seed_of(asks));
    let names: Vec<String> = items.iter().map(|item| format!("{:016x}", seed_of(&item.name()))).collect();
    let start = match token {
        None => 0,
        Some(token) => {
            let (place, shown) = token.strip_prefix(&question)?.strip_prefix('.')?.split_once('.')?;
            let place = usize::from_str_radix(place, 16).ok()?;
            let shown: Vec<&str> = shown.split('.').collect();
            let anchor = names.iter().rposition(|name| shown.contains(&name.as_str()));
            // None of them is left: the place where they were is the best guess.
            anchor.map_or(place.saturating_sub(shown.len()).min(items.len()), |anchor| anchor + 1)
        }
    };
    let total = items.len();
    let items: Vec<T> = items.into_iter().skip(start).take(size.max(1)).collect();
    let end = start + items.len();
    let next = (end < total).then(|| {
        let shown = names.get(end.saturating_sub(REMEMBERED)..end).unwrap_or_default().join(".");
        format!("{question}.{end:x}.{shown}")
    });
    Some(Page { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &[&'static str], token: Option<&str>) -> Option<Page<&'static str>> {
        page("tasks", "all", items.to_vec(), 2, token)
    }

    #[test]
    fn pages_cover_the_list_once() {
        let all = ["a", "b", "c", "d", "e"];
        let first = of(&all, None).unwrap();
        let second = of(&all, first.next.as_deref()).unwrap();
        let third = of(&all, second.next.as_deref()).unwrap();
        assert_eq!([first.items, second.items, third.items].concat(), all);
        assert_eq!(third.next, None);
    }

    #[test]
    fn a_token_is_good_for_its_list_and_its_question_only() {
        let token = of(&["a", "b", "c"], None).unwrap().next;
        let ask = |list: &str, asks: &str, token: &str| page(list, asks, vec!["a", "b", "c"], 2, Some(token)).is_some();
        assert!(ask("tasks", "all", token.as_deref().unwrap()));
        assert!(!ask("services", "all", token.as_deref().unwrap()));
        assert!(!ask("tasks", "some", token.as_deref().unwrap()));
        assert!(!ask("tasks", "all", "nonsense"));
    }

    #[test]
    fn what_is_made_or_goes_between_two_pages_repeats_and_hides_nothing() {
        let token = of(&["d", "c", "b", "a"], None).unwrap().next;
        let next = |items: &[&'static str]| of(items, token.as_deref()).unwrap().items;
        assert_eq!(next(&["f", "e", "d", "c", "b", "a"]), ["b", "a"], "two were made");
        assert_eq!(next(&["d", "b", "a"]), ["b", "a"], "the last one shown went");
        assert_eq!(next(&["e", "c", "b", "a"]), ["b", "a"], "one was made and one went");
        assert_eq!(next(&["b", "a"]), ["b", "a"], "all that were shown went");
    }

    #[test]
    fn the_question_is_all_but_the_page() {
        let ask = |text: &str| input_asks(&serde_json::from_str(text).unwrap());
        assert_eq!(ask(r#"{"a": 1, "b": 2, "maxResults": 3}"#), ask(r#"{"b": 2, "a": 1, "nextToken": "x"}"#));
        assert_ne!(ask(r#"{"a": 1}"#), ask(r#"{"a": 2}"#));
    }
}
