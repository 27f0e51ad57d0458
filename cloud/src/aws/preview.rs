//! What a change would send to ECS, in words and as a command a person can check. Told without a call.

use super::{
    Settings,
    change::{STOP, UPDATE},
    map,
};
use crate::{
    change::{Change, Preview},
    model::{ProviderInfo, Snapshot},
    shell,
    text::sanitize,
};

/// What `start` would send.
pub(super) fn preview(
    settings: &Settings,
    info: &ProviderInfo,
    service: &str,
    change: &Change,
    snapshot: &Snapshot,
) -> Preview {
    let place = |operation: &'static str| {
        let mut words = vec!["aws", "ecs", operation, "--region", info.region.as_str()];
        if let Some(profile) = &settings.profile {
            words.extend(["--profile", profile.as_str()]);
        }
        if let Some(endpoint) = &info.endpoint {
            words.extend(["--endpoint-url", endpoint.as_str()]);
        }
        words
    };
    let here = ["--cluster", &settings.cluster, "--service", service];
    match change {
        Change::Redeploy => Preview {
            call: format!("{UPDATE} forceNewDeployment"),
            command: shell::command(place("update-service").into_iter().chain(here).chain(["--force-new-deployment"])),
            notes: vec![
                "starts a rolling deployment of the same definition, which may take minutes".into(),
                "image tags are resolved anew: a tag that has moved brings other code".into(),
            ],
        },
        Change::Rollback { to } => {
            let name = snapshot.revision(to).map(|revision| revision.name.show());
            // The command-line tool reads family:revision; the call sends the whole ARN.
            let definition = name.unwrap_or_else(|| sanitize(map::definition_name(to.as_str())));
            let exact = snapshot.revision(to).is_some_and(|revision| revision.exact);
            let mut notes = vec![
                "starts a new rolling deployment of the older definition, which may take minutes".to_owned(),
                "does not restore data, or configuration kept outside the definition".to_owned(),
            ];
            if !exact {
                notes.push("the definition names a tag that may mean another image by now".to_owned());
            }
            let words = place("update-service").into_iter().chain(here).chain(["--task-definition", &definition]);
            Preview { call: format!("{UPDATE} taskDefinition {definition}"), command: shell::command(words), notes }
        }
        Change::Stop { deployment } => Preview {
            call: format!("{STOP} stopType ROLLBACK"),
            command: shell::command(place("stop-service-deployment").into_iter().chain([
                "--service-deployment-arn",
                deployment.as_str(),
                "--stop-type",
                "ROLLBACK",
            ])),
            notes: vec!["ECS goes back to the revision that served before this deployment".into()],
        },
        Change::Release => Preview {
            call: "nothing: ECS holds no traffic".into(),
            command: String::new(),
            notes: vec!["ECS has no hold to release".into()],
        },
    }
}
