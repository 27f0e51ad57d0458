//! One table of a configuration: typed values by key, each with its place, and complaints about the rest.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{document::Document, nearest::nearest};

/// Where something stands: the key with its tables, and the offset in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) key: String,
    pub(super) offset: usize,
}

impl Place {
    /// The whole file.
    pub(super) fn top() -> Self {
        Self { key: String::new(), offset: 0 }
    }

    fn below(&self, key: &str, offset: usize) -> Self {
        let key = if self.key.is_empty() { key.to_owned() } else { format!("{}.{key}", self.key) };
        Self { key, offset }
    }
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// A table with its place.
pub(super) struct Table<'a, 't> {
    pub(super) place: Place,
    entries: &'a DeTable<'t>,
}

impl<'a, 't> Table<'a, 't> {
    pub(super) fn new(place: Place, entries: &'a DeTable<'t>) -> Self {
        Self { place, entries }
    }

    /// Complains about every key that is not one of these.
    pub(super) fn expect(&self, document: &mut Document<'_>, known: &[&str]) {
        for key in self.entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let near = nearest(key.get_ref(), known.iter().copied());
            let meant = near.map_or_else(|| format!("known here: {}", known.join(", ")), did_you_mean);
            document.wrong(&self.place.below(key.get_ref(), key.span().start), format!("unknown key; {meant}"));
        }
    }

    /// Complains when the key is there, saying why it must not be.
    pub(super) fn refuse(&self, document: &mut Document<'_>, key: &str, why: &str) {
        if let Some((place, _)) = self.get(key) {
            document.wrong(&place, why);
        }
    }

    /// The text at a key, when there is one. Empty text is a problem: leaving the key out says the same, clearly.
    pub(super) fn text(&self, document: &mut Document<'_>, key: &str) -> Option<Placed<&'a str>> {
        let (place, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::String(text) if text.is_empty() => document.wrong(&place, "is empty; leave the key out instead"),
            DeValue::String(text) => return Some(Placed { value: text, place }),
            other => wrong_type(document, &place, "text in quotes", other),
        }
        None
    }

    /// The text at a key that must be there.
    pub(super) fn required(&self, document: &mut Document<'_>, key: &str, why: &str) -> Option<Placed<&'a str>> {
        if !self.has(key) {
            document.wrong(&self.below(key), format!("missing: {why}"));
        }
        self.text(document, key)
    }

    /// The switch at a key; false when it is not there.
    pub(super) fn switch(&self, document: &mut Document<'_>, key: &str) -> Option<bool> {
        let Some((place, value)) = self.get(key) else { return Some(false) };
        let switch = value.get_ref().as_bool();
        if switch.is_none() {
            wrong_type(document, &place, "true or false", value.get_ref());
        }
        switch
    }

    /// The table at a key.
    pub(super) fn table(&self, document: &mut Document<'_>, key: &str) -> Option<Table<'a, 't>> {
        let (place, value) = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table { place, entries }),
            other => {
                wrong_type(document, &place, "a table", other);
                None
            }
        }
    }

    /// The tables in the list at a key, in the order of the file, counted from 1 in their keys. Empty when the key is not
    /// there or its list is, `None` when there is something but no table.
    pub(super) fn list(&self, document: &mut Document<'_>, key: &str) -> Option<Vec<Table<'a, 't>>> {
        let Some((place, value)) = self.get(key) else { return Some(Vec::new()) };
        let DeValue::Array(items) = value.get_ref() else {
            let why = format!("expected a list of tables, found {}; write [[{}]]", word(value.get_ref()), place.key);
            document.wrong(&place, why);
            return None;
        };
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = Place { key: format!("{}[{}]", place.key, index + 1), offset: item.span().start };
            match item.get_ref() {
                DeValue::Table(entries) => tables.push(Table { place, entries }),
                other => wrong_type(document, &place, "a table", other),
            }
        }
        (items.is_empty() || !tables.is_empty()).then_some(tables)
    }

    /// The named tables below a key, `[environment.staging]`, in the order of the file.
    pub(super) fn children(&self, document: &mut Document<'_>, key: &str) -> Vec<(&'a str, Table<'a, 't>)> {
        let Some(parent) = self.table(document, key) else { return Vec::new() };
        let mut names: Vec<&'a Spanned<_>> = parent.entries.keys().collect();
        names.sort_by_key(|name| name.span().start);
        names.into_iter().filter_map(|n| Some((n.get_ref().as_ref(), parent.table(document, n.get_ref())?))).collect()
    }

    /// The names below a key, right or wrong.
    pub(super) fn child_names(&self, key: &str) -> Vec<&'a str> {
        let parent = self.get(key).and_then(|(_, value)| value.get_ref().as_table());
        parent.map_or_else(Vec::new, |table| table.keys().map(|name| name.get_ref().as_ref()).collect())
    }

    /// Whether the key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The place of a key that is not there: that of the table.
    pub(super) fn below(&self, key: &str) -> Place {
        self.place.below(key, self.place.offset)
    }

    fn get(&self, key: &str) -> Option<(Place, &'a Spanned<DeValue<'t>>)> {
        let (name, value) = self.entries.get_key_value(key)?;
        Some((self.place.below(key, name.span().start), value))
    }
}

/// The hint behind a name that is close to one we know.
pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean '{name}'?")
}

fn wrong_type(document: &mut Document<'_>, place: &Place, expected: &str, found: &DeValue<'_>) {
    document.wrong(place, format!("expected {expected}, found {}", word(found)));
}

/// What kind of value it is, in plain words.
fn word(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
