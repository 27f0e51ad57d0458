//! `builds = { .. }` of a target: where its images are built.

use super::{
    Builds,
    document::Document,
    table::Table,
    target::{endpoint, optional},
    value,
};

/// The project of the target itself, where Cloud Build runs unless something else is said.
#[derive(Clone, Copy)]
pub(super) enum Project<'a> {
    /// It has one.
    Own(&'a str),
    /// It has one that is wrong, which is noted already.
    Wrong,
    /// Its provider knows no projects.
    None,
}

/// Reads where images are built; `None` when something in it is wrong, which is noted.
pub(super) fn read(document: &mut Document<'_>, table: &Table<'_, '_>, target: Project<'_>) -> Option<Builds> {
    table.expect(document, &["github", "branch", "cloud_build", "project", "trigger", "endpoint"]);
    let endpoint = endpoint(document, table);
    let github = table.text(document, "github");
    let cloud_build = table.text(document, "cloud_build");
    match (github, cloud_build) {
        (Some(github), None) => {
            table.refuse(document, "project", "belongs to cloud_build; these builds are github's");
            let repository = value::repository(document, &github);
            table.refuse(document, "trigger", "belongs to cloud_build; these builds are github's");
            let branch = optional(document, table, "branch", value::label);
            Some(Builds::Github { repository: repository?, branch: branch.ok()?, endpoint: endpoint.ok()? })
        }
        (None, Some(cloud_build)) => {
            let branch = optional(document, table, "branch", value::label);
            let trigger = optional(document, table, "trigger", value::label);
            let region = value::name(document, &cloud_build);
            let project = match (optional(document, table, "project", value::project).ok()?, target) {
                (Some(own), _) => Some(own),
                (None, Project::Own(project)) => Some(project.to_owned()),
                (None, Project::Wrong) => None,
                (None, Project::None) => {
                    let why = "missing: the id of the project that cloud_build runs in";
                    document.wrong(&table.below("project"), why);
                    None
                }
            };
            Some(Builds::CloudBuild {
                project: project?,
                region: region?,
                trigger: trigger.ok()?,
                branch: branch.ok()?,
                endpoint: endpoint.ok()?,
            })
        }
        (Some(_), Some(_)) => {
            document.wrong(&table.place, "names both github and cloud_build; keep one");
            None
        }
        // One of the wrong type was noted already.
        (None, None) if table.has("github") || table.has("cloud_build") => None,
        (None, None) => {
            document.wrong(&table.place, "needs github = \"owner/name\" or cloud_build = \"region\"");
            None
        }
    }
}
