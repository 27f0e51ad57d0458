//! What the person can ask for, in one table: keys, titles and help on the screen, in the README and in tests all come
//! from here. Lower-case keys look, upper-case keys act.

use hello_cloud::{Commit, DeploymentId};

use super::{
    operation::{Agreement, Kind, Operation},
    state::{Mode, Row, State},
};

/// Something the person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Up,
    Down,
    First,
    Last,
    NextPane,
    PreviousPane,
    ScrollDown,
    ScrollUp,
    Filter,
    Board,
    Help,
    Refresh,
    Quit,
    /// Start planning a change of the selected row.
    Plan(Kind),
    /// Agree to the plan on the screen, or leave a text field.
    Accept,
    /// Leave the plan, the help, the filter or the notes.
    Cancel,
    /// Plan a change of given targets and agree to it at once, as far as the plan allows: for callers without a screen. `to`
    /// names a revision to roll back to.
    /// `agreed` is what a person agreed to on an earlier plan; empty when there was none.
    Order {
        kind: Kind,
        targets: Vec<usize>,
        to: Option<String>,
        dry_run: bool,
        agreed: Vec<Agreement>,
    },
    /// Wait for a commit to be served, and for the deployment that brings it when its id is known: for callers without a
    /// screen.
    Await {
        target: usize,
        commit: Commit,
        deployment: Option<DeploymentId>,
    },
}

/// One line of the table.
pub struct Spec {
    pub command: Command,
    /// As typed, for the keymap: one name per key.
    pub keys: &'static [&'static str],
    /// One or two words, for the footer.
    pub title: &'static str,
    /// One sentence, for help and README.
    pub help: &'static str,
    /// Whether it changes something in a cloud.
    pub acts: bool,
    /// Whether the footer shows it.
    pub footer: bool,
}

const fn look(
    command: Command,
    keys: &'static [&'static str],
    title: &'static str,
    footer: bool,
    help: &'static str,
) -> Spec {
    Spec { command, keys, title, help, acts: false, footer }
}

const fn act(kind: Kind, keys: &'static [&'static str], title: &'static str, help: &'static str) -> Spec {
    Spec { command: Command::Plan(kind), keys, title, help, acts: true, footer: true }
}

/// Every command of the table view.
pub const COMMANDS: &[Spec] = &[
    look(Command::Up, &["k", "Up"], "up", false, "Select the row above."),
    look(Command::Down, &["j", "Down"], "down", false, "Select the row below."),
    look(Command::First, &["g", "Home"], "first", false, "Select the first row."),
    look(Command::Last, &["G", "End"], "last", false, "Select the last row."),
    look(
        Command::NextPane,
        &["Tab", "l", "Right"],
        "pane",
        true,
        "Next detail: revisions, deployments, builds, events.",
    ),
    look(Command::PreviousPane, &["BackTab", "h", "Left"], "pane back", false, "Previous detail."),
    look(Command::ScrollDown, &["PageDown"], "scroll", false, "Scroll the detail down."),
    look(Command::ScrollUp, &["PageUp"], "scroll up", false, "Scroll the detail up."),
    look(Command::Filter, &["/"], "filter", true, "Show only rows that contain a text; Esc clears it."),
    look(Command::Board, &["w"], "watch", true, "Health board: every target's probe, large."),
    look(Command::Refresh, &["r", "Ctrl-r"], "refresh", true, "Read everything again now. Never changes anything."),
    act(
        Kind::Redeploy,
        &["D"],
        "redeploy",
        "Deploy the same definition again, on the selected target or, on the service row, on both clouds in turn.",
    ),
    act(
        Kind::Rollback,
        &["B"],
        "roll back",
        "Undo the deployment under way; else go back to the newest earlier revision that served well with another image.",
    ),
    act(Kind::Stop, &["X"], "stop", "Stop the running deployment and put back what served before it."),
    act(Kind::Release, &["H"], "release", "Release held traffic, so that it follows the newest revision again."),
    look(
        Command::Accept,
        &["Enter"],
        "start now",
        false,
        "In a plan: start at once (or, where asked, after typing the name).",
    ),
    look(Command::Cancel, &["Esc"], "cancel", false, "Leave a plan without a change; close help, filter or notes."),
    look(Command::Help, &["?"], "help", true, "This list."),
    look(Command::Quit, &["q", "Ctrl-c"], "quit", true, "Leave. What a cloud is doing goes on there."),
];

/// Whether a command can be given now; else the reason, in a sentence.
pub fn availability(state: &State, command: &Command) -> Result<(), String> {
    let Command::Plan(kind) = command else { return Ok(()) };
    if state.mode != Mode::Browse {
        return Err("close this first (Esc)".into());
    }
    // A row that the filter hides is not what the person means.
    let shown = state.rows().contains(&state.selected);
    let targets = if shown { state.targets_of(state.selected) } else { Vec::new() };
    let mut reasons: Vec<String> = Vec::new();
    for target in &targets {
        match can_change(state, *target, *kind) {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push(reason),
        }
    }
    reasons.dedup();
    Err(match state.selected {
        _ if reasons.is_empty() => "nothing is selected".into(),
        Row::Target(_) | Row::Group(_) => reasons.join("; "),
    })
}

/// Whether this kind of change makes sense for this target, before any plan is made.
pub fn can_change(state: &State, target: usize, kind: Kind) -> Result<(), String> {
    let Some(t) = state.targets.get(target) else { return Err("no such target".into()) };
    let label = t.target.info.label;
    if !t.target.writable {
        return Err(format!(
            "{} is read-only: set writable = true for environment {} in your own configuration",
            t.target.path(),
            t.target.environment
        ));
    }
    if state.operation_on(target).is_some_and(|own| !undoes(kind, own, target)) {
        return Err(format!("a change of {label} is under way"));
    }
    match kind {
        Kind::Redeploy | Kind::Rollback => Ok(()),
        Kind::Stop if !t.target.info.capabilities.stop => Err(format!("{label} cannot stop a deployment")),
        Kind::Stop => match t.running_deployment() {
            Some(running) if running.stoppable => Ok(()),
            Some(_) => Err(format!("the running deployment of {label} cannot be stopped")),
            None => Err(format!("no deployment is running on {label}")),
        },
        Kind::Release if !t.target.info.capabilities.hold => Err(format!("{label} does not hold traffic")),
        Kind::Release => match t.seen().and_then(|seen| seen.hold.as_ref()) {
            Some(_) => Ok(()),
            None => Err(format!("no traffic is held on {label}")),
        },
    }
}

/// Whether this kind of change undoes one of ours that is under way on the target. Everything else waits for its end.
fn undoes(kind: Kind, own: &Operation, target: usize) -> bool {
    match kind {
        Kind::Stop => own.kind != Kind::Stop,
        // Not before it was accepted: until then nobody knows what there is to undo.
        Kind::Rollback => matches!(own.kind, Kind::Redeploy | Kind::Release) && own.followed(target).is_some(),
        Kind::Redeploy | Kind::Release => false,
    }
}
