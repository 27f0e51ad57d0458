//! `[environment.NAME]`: what may be done there.

use super::{
    Environment,
    document::Document,
    table::{Placed, Table},
    value,
};

/// Reads one environment; `None` when something in it is wrong, which is noted.
pub(super) fn read(document: &mut Document<'_>, name: &str, table: &Table<'_, '_>) -> Option<Environment> {
    table.expect(document, &["writable", "protected"]);
    let name = value::name(document, &Placed { value: name, place: table.place.clone() });
    let writable = if document.is_restricted() {
        table.refuse(
            document,
            "writable",
            "not allowed in a repository's file, which is always read-only: set it in your own configuration",
        );
        Some(false)
    } else {
        table.switch(document, "writable")
    };
    let protected = table.switch(document, "protected");
    Some(Environment { name: name?, writable: writable?, protected: protected? })
}
