//! Everything the program knows, in one value. Faces draw it and never change it; [`reduce`](super::reduce()) changes it and
//! never draws.

use std::{collections::VecDeque, time::Duration};

use hello_cloud::Timestamp;

use super::{
    event::Now,
    operation::Operation,
    target::{Target, TargetState},
    verdict::VerdictState,
};

/// How many ended operations and changes of verdict are kept.
pub const KEPT: usize = 64;

/// The whole state.
#[derive(Clone, Debug)]
pub struct State {
    /// When the newest event happened.
    pub now: Now,
    /// Services in an environment, in the order of the configuration.
    pub groups: Vec<Group>,
    /// All targets; groups point here.
    pub targets: Vec<TargetState>,
    /// The selected row.
    pub selected: Row,
    /// What keys mean at the moment.
    pub mode: Mode,
    /// What the detail pane shows, and how far it is scrolled.
    pub pane: Pane,
    pub scroll: usize,
    /// The health board instead of the table.
    pub board: bool,
    /// What rows must contain to be shown.
    pub filter: String,
    /// Changes we started, oldest first; ended ones are kept for a while.
    pub operations: Vec<Operation>,
    /// Short notes about what ended or could not be done, oldest first.
    pub toasts: Vec<Toast>,
    /// Changes of verdict, oldest first, with a number that only rises.
    pub changes: VecDeque<VerdictChange>,
    pub changes_seen: u64,
    /// Something true of the whole session that must stay in sight: stand-in, overridden endpoints, read-only.
    pub banner: Option<String>,
    /// Set when neither clouds nor services answer, on no target: it may be this machine.
    pub offline: bool,
    /// Set when it is time to leave.
    pub quit: bool,
}

/// One service in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub service: String,
    pub environment: String,
    /// Indices into [`State::targets`].
    pub targets: Vec<usize>,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The service row: both clouds.
    Group(usize),
    /// One target.
    Target(usize),
}

/// What keys mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The table.
    Browse,
    /// The list of keys.
    Help,
    /// Typing into the filter.
    Filter,
    /// The plan sheet of the newest operation.
    Plan,
}

/// What the detail pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Revisions,
    Deployments,
    Builds,
    Events,
}

impl Pane {
    pub const ALL: [Self; 4] = [Self::Revisions, Self::Deployments, Self::Builds, Self::Events];

    pub fn title(self) -> &'static str {
        match self {
            Self::Revisions => "Revisions",
            Self::Deployments => "Deployments",
            Self::Builds => "Builds",
            Self::Events => "Events",
        }
    }
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Neutral,
}

/// A short note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub tone: Tone,
    /// When it goes by itself.
    pub until: Duration,
}

/// A verdict that became another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    pub number: u64,
    pub at: Timestamp,
    pub target: usize,
    pub from: VerdictState,
    pub to: VerdictState,
    pub causes: Vec<String>,
}

impl State {
    /// A state that knows nothing yet but its targets.
    pub fn new(targets: Vec<Target>, banner: Option<String>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (index, target) in targets.iter().enumerate() {
            match groups.iter_mut().find(|g| g.service == target.service && g.environment == target.environment) {
                Some(group) => group.targets.push(index),
                None => groups.push(Group {
                    service: target.service.clone(),
                    environment: target.environment.clone(),
                    targets: vec![index],
                }),
            }
        }
        Self {
            now: Now { mono: Duration::ZERO, wall: Timestamp::default() },
            groups,
            targets: targets.into_iter().map(TargetState::new).collect(),
            selected: Row::Group(0),
            mode: Mode::Browse,
            pane: Pane::Revisions,
            scroll: 0,
            board: false,
            filter: String::new(),
            operations: Vec::new(),
            toasts: Vec::new(),
            changes: VecDeque::new(),
            changes_seen: 0,
            banner,
            offline: false,
            quit: false,
        }
    }

    /// The rows that the filter leaves, in order. A group is shown when one of its targets is.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let shown: Vec<_> = group.targets.iter().copied().filter(|target| self.passes(*target)).collect();
            if !shown.is_empty() {
                rows.push(Row::Group(index));
                rows.extend(shown.into_iter().map(Row::Target));
            }
        }
        rows
    }

    fn passes(&self, target: usize) -> bool {
        let Some(state) = self.targets.get(target) else { return false };
        let needle = self.filter.to_lowercase();
        let t = &state.target;
        [&t.service, &t.environment, t.info.label, t.info.id, &t.info.region, state.verdict.state.word()]
            .iter()
            .any(|text| text.to_lowercase().contains(&needle))
    }

    /// The targets a row stands for. A service row stands for all its targets, also those the filter hides.
    pub fn targets_of(&self, row: Row) -> Vec<usize> {
        match row {
            Row::Group(group) => self.groups.get(group).map(|group| group.targets.clone()).unwrap_or_default(),
            Row::Target(target) => vec![target],
        }
    }

    /// The operation whose plan sheet is open.
    pub fn planned(&self) -> Option<&Operation> {
        self.operations.last().filter(|operation| operation.is_planned())
    }

    /// The operation that changes this target now, if any.
    pub fn operation_on(&self, target: usize) -> Option<&Operation> {
        self.operations.iter().rev().find(|operation| operation.is_busy_with(target))
    }

    /// Adds a note; the oldest go when there are too many.
    pub fn toast(&mut self, tone: Tone, text: impl Into<String>) {
        const SHOWN_FOR: Duration = Duration::from_secs(12);
        self.toasts.push(Toast { text: text.into(), tone, until: self.now.mono + SHOWN_FOR });
        if self.toasts.len() > 4 {
            self.toasts.remove(0);
        }
    }
}
