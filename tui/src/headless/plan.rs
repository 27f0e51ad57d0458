//! A plan in words and in JSON: what a change would do to each target, and how it went.

use hello_cloud::text::sanitize;
use serde::Serialize;

use super::json::Name;
use crate::{
    app::{
        Operation, Outcome, State,
        operation::{Step, StepState},
        plan::Side,
        view,
    },
    exit::Exit,
};

/// `hello-dash/act/1`: printed once, at the end.
#[derive(Serialize)]
pub struct Document {
    schema: &'static str,
    at: String,
    exit: u8,
    change: &'static str,
    service: String,
    dry_run: bool,
    targets: Vec<Target>,
}

#[derive(Serialize)]
struct Target {
    #[serde(flatten)]
    name: Name,
    from: Option<End>,
    to: Option<End>,
    call: Option<String>,
    command: Option<String>,
    warnings: Vec<String>,
    notes: Vec<String>,
    candidates: Vec<Candidate>,
    changed_by: Option<String>,
    /// The deployment that was started, in the cloud's own words.
    deployment: Option<String>,
    /// Where it stands, in one line.
    state: String,
    /// How it ended; `null` while it has not.
    #[serde(flatten)]
    outcome: Ended,
}

/// `outcome` and `note`.
#[derive(Serialize)]
struct Ended {
    outcome: Option<&'static str>,
    note: Option<String>,
}

#[derive(Serialize)]
struct End {
    revision: String,
    commit: Option<String>,
    digest: Option<String>,
}

#[derive(Serialize)]
struct Candidate {
    revision: String,
    commit: Option<String>,
    against: Option<String>,
}

impl Document {
    /// Everything known of an operation. `accepted` are the deployments the cloud named, by target.
    pub fn of(state: &State, operation: &Operation, accepted: &[(usize, String)], exit: Exit) -> Self {
        Self {
            schema: "hello-dash/act/1",
            at: state.now.wall.to_rfc3339(),
            exit: exit.code(),
            change: operation.kind.word(),
            service: operation.service.clone(),
            dry_run: operation.dry_run,
            targets: operation.steps.iter().filter_map(|step| of_step(state, step, accepted)).collect(),
        }
    }
}

fn of_step(state: &State, step: &Step, accepted: &[(usize, String)]) -> Option<Target> {
    let target = state.targets.get(step.target)?;
    let plan = step.plan.as_ref();
    let preview = plan.and_then(|plan| plan.preview.as_ref());
    let ended = match &step.state {
        StepState::Ended(outcome) => Some(outcome),
        StepState::Waiting | StepState::Starting { .. } | StepState::Following { .. } | StepState::Verifying { .. } => {
            None
        }
    };
    let candidates = plan.map(|plan| plan.candidates.as_slice()).unwrap_or_default();
    Some(Target {
        name: Name::of(target),
        from: plan.and_then(|plan| plan.from.as_ref()).map(end),
        to: plan.and_then(|plan| plan.to.as_ref()).map(end),
        call: preview.map(|preview| sanitize(&preview.call)),
        command: preview.map(|preview| sanitize(&preview.command)),
        warnings: plan.map(|plan| plan.warnings.clone()).unwrap_or_default(),
        notes: preview.map(|preview| preview.notes.clone()).unwrap_or_default(),
        candidates: candidates
            .iter()
            .map(|candidate| Candidate {
                revision: candidate.name.clone(),
                commit: candidate.commit.as_ref().map(ToString::to_string),
                against: candidate.against.clone(),
            })
            .collect(),
        changed_by: plan.and_then(|plan| plan.changed_by.clone()),
        deployment: accepted.iter().find(|(index, _)| *index == step.target).map(|(_, id)| id.clone()),
        state: view::step(&step.state),
        outcome: Ended { outcome: ended.map(word), note: ended.and_then(Outcome::note).map(str::to_owned) },
    })
}

/// The outcome as programs read it.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "verified",
        Outcome::RolledBack(_) => "rolled_back",
        Outcome::Superseded(_) => "superseded",
        Outcome::Failed(_) => "failed",
        Outcome::TimedOut(_) => "timed_out",
        Outcome::Unknown(_) => "unknown",
        Outcome::Refused(_) => "refused",
        Outcome::NoAccess(_) => "no_access",
        Outcome::Unasked(_) => "unasked",
        Outcome::Skipped(_) => "skipped",
        Outcome::Cancelled => "cancelled",
        Outcome::Planned => "planned",
    }
}

fn end(side: &Side) -> End {
    End {
        revision: side.revision.clone(),
        commit: side.commit.as_ref().map(ToString::to_string),
        digest: side.digest.as_ref().map(|digest| digest.as_str().to_owned()),
    }
}

/// The plan for people, one line each.
pub fn lines(state: &State, operation: &Operation) -> Vec<String> {
    let mut lines = vec![view::operation_title(state, operation)];
    for step in &operation.steps {
        let Some(target) = state.targets.get(step.target) else { continue };
        lines.push(format!("  {} ({}, {})", target.target.path(), target.target.info.label, target.target.info.region));
        let mut add = |what: &str, text: &str| lines.push(format!("    {what:<9} {text}"));
        if let StepState::Ended(outcome) = &step.state
            && !outcome.is_good()
        {
            add("blocked", outcome.note().unwrap_or_else(|| outcome.word()));
        }
        let Some(plan) = &step.plan else { continue };
        let side = |side: &Option<Side>| side.as_ref().map_or_else(|| view::NOTHING.into(), with_digest);
        if plan.change.is_some() {
            add("change", &format!("{} -> {}", side(&plan.from), side(&plan.to)));
        }
        plan.warnings.iter().for_each(|warning| add("warning", warning));
        if let Some(preview) = &plan.preview {
            add("sends", &sanitize(&preview.call));
            add("same as", &sanitize(&preview.command));
            preview.notes.iter().for_each(|note| add("note", note));
        }
        if let Some(by) = &plan.changed_by {
            add("last by", by);
        }
        for candidate in &plan.candidates {
            let commit = candidate.commit.as_ref().map(|commit| format!(" · {}", commit.short())).unwrap_or_default();
            let against = candidate.against.as_deref().unwrap_or("possible");
            add("revision", &format!("{}{commit}: {against}", candidate.name));
        }
    }
    lines
}

fn with_digest(side: &Side) -> String {
    match &side.digest {
        Some(digest) => format!("{} ({})", side.text(), digest.short()),
        None => side.text(),
    }
}
