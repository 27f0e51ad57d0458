//! A configuration being read: its text for line numbers, its trust, and the problems found so far. Reading goes on after
//! a problem, so that one run tells them all.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{
    Config, Environment, Source,
    error::{ConfigError, Problem},
    service,
    table::{Place, Table},
};

/// What is read from, and where problems go.
pub(super) struct Document<'t> {
    text: &'t str,
    source: &'t Source,
    problems: Vec<Problem>,
    /// The identity of every target so far, with the line that named it.
    pub(super) seen: BTreeMap<String, usize>,
}

impl Document<'_> {
    /// Notes a problem with the key at this place.
    pub(super) fn wrong(&mut self, place: &Place, why: impl Into<String>) {
        let line = Some(self.line(place));
        let file = self.source.file().to_owned();
        self.problems.push(Problem { file, line, key: place.key.clone(), why: why.into() });
    }

    /// Whether the file came with a repository.
    pub(super) fn is_restricted(&self) -> bool {
        self.source.is_restricted()
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, place: &Place) -> usize {
        line_at(self.text, place.offset)
    }
}

/// Reads a whole configuration.
pub(super) fn read(text: &str, source: Source) -> Result<Config, ConfigError> {
    let mut document = Document { text, source: &source, problems: Vec::new(), seen: BTreeMap::new() };
    // Editors on some systems begin a file with a byte order mark; the parser counts offsets from behind it.
    document.text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let entries = DeTable::parse(document.text).map_err(|error| not_toml(document.text, &source, &error))?;
    let top = Table::new(Place::top(), entries.get_ref());
    top.expect(&mut document, &["environment", "service"]);

    let environments: Vec<Environment> = top
        .children(&mut document, "environment")
        .into_iter()
        .filter_map(|(name, table)| super::environment::read(&mut document, name, &table))
        .collect();
    // Declared is declared: a target is not told that its environment is missing because something else in it is wrong.
    let declared = top.child_names("environment");
    let services = top
        .children(&mut document, "service")
        .into_iter()
        .filter_map(|(name, table)| service::read(&mut document, name, &table, &environments, &declared))
        .collect::<Vec<_>>();
    if document.problems.is_empty() && services.is_empty() {
        let why = "names no service; add a [service.NAME] with a [[service.NAME.target]]";
        return Err(Problem::of_file(source.file(), why).into());
    }
    if document.problems.is_empty() {
        return Ok(Config { source, environments, services });
    }
    let mut problems = document.problems;
    problems.sort_by_key(|problem| problem.line);
    Err(ConfigError::Wrong(problems))
}

/// The parser's own complaint on one line, with the word it stumbled over as the key.
fn not_toml(text: &str, source: &Source, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or_default();
    let line = Some(line_at(text, span.start));
    let key = text.get(span).filter(|word| !word.contains('\n')).map(str::trim).unwrap_or_default().to_owned();
    let why = format!("not TOML: {}", error.message());
    Problem { file: source.file().to_owned(), line, key, why }.into()
}

/// The line of an offset, from 1. The end of a file that ends with a line break is on its last line.
fn line_at(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    let before = if offset >= text.len() { before.strip_suffix('\n').unwrap_or(before) } else { before };
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}
