//! Scenarios: the scripts of the stand-in, TOML files that are part of the binary.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use thiserror::Error;

use crate::{
    clouds::builds::Outcome,
    fault::{Aimed, FaultText},
    instance::{Manner, Provider},
};

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),+]
    };
}

/// Name and text of every scenario in the binary. The first one is used when nobody asks for another.
const SHIPPED: &[(&str, &str)] = shipped![
    "steady",
    "tag-moved",
    "tag-moved-crash",
    "sick",
    "sick-aws",
    "unhealthy-aws",
    "blue-green",
    "canary",
    "breaker-stops",
    "split",
    "aws-off",
    "gcp-off",
    "slow",
    "throttled",
    "denied",
    "expired",
    "malformed",
    "endless",
    "truncated",
    "cut-before",
    "cut-after",
    "clock-off",
    "throttled-silent",
    "unavailable",
    "no-history",
    "held",
    "slow-rollout",
    "builds-fail",
    "build-waits",
    "github-limit",
    "many",
    "lag",
];

/// Longest lag between a write and what readers see, in seconds.
pub(crate) const LONGEST_LAG: f64 = 600.0;

/// What a scenario is about, and what happens in it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// One word, as given on the command line.
    pub name: String,
    /// One plain sentence.
    pub about: String,
    /// How the clouds are when it starts.
    pub world: World,
    /// Injected trouble; times count from the start.
    pub faults: Vec<Aimed>,
    /// When running instances turn sick.
    pub answers: Vec<Answer>,
}

/// How the clouds are when the stand-in starts.
#[derive(Clone, Debug)]
pub struct World {
    /// Definitions name the image by the tag `stable` instead of by commit.
    pub moving_tag: bool,
    /// The tag `stable` has since moved to a build that behaves so.
    pub tag_moved_to: Option<Manner>,
    /// Cloud Run's traffic is held on the revision with this number.
    pub held: Option<usize>,
    /// Percent of Cloud Run's traffic that goes to the revision before the newest.
    pub split: Option<u32>,
    /// How the service on ECS goes from its old tasks to new ones.
    pub rollout: Rollout,
    /// What the breaker of the service on ECS does.
    pub breaker: Breaker,
    /// Whether ECS knows deployments and revisions of the service.
    pub deployment_calls: bool,
    /// How much longer than usual a deployment on ECS takes.
    pub ecs_pace: f64,
    /// How much longer than usual a deployment on Cloud Run takes.
    pub run_pace: f64,
    /// Calls GitHub answers in an hour.
    pub github_limit: u32,
    /// Services on each cloud. All but the first want no instance.
    pub services: usize,
    /// How long readers see the world as it was before a write.
    pub lag: Duration,
    /// Builds to come.
    pub builds: Vec<Upcoming>,
}

/// How a service on ECS goes from its old tasks to new ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// Task by task.
    #[default]
    Rolling,
    /// All new tasks beside the old ones, then all traffic at once, then a while in which both stay.
    BlueGreen,
    /// The same, with the traffic in steps.
    Linear,
    /// The same, with a small part of the traffic first.
    Canary,
}

/// What becomes of a deployment on ECS whose tasks fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breaker {
    /// It goes back.
    #[default]
    Rollback,
    /// It stops where it is.
    Stop,
    /// It goes on for ever.
    Off,
}

/// A build that starts while the stand-in runs.
#[derive(Clone, Debug)]
pub struct Upcoming {
    /// From the start.
    pub after: Duration,
    /// Once it has begun.
    pub runs_for: Duration,
    /// How it ends.
    pub outcome: Outcome,
    /// How it ends when it is run again; `None`: the same way.
    pub again: Option<Outcome>,
    /// Whether a person must approve it.
    pub approval: bool,
    /// How its image behaves.
    pub manner: Manner,
}

/// From when to when all instances of a cloud answer with this status.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Whose instances.
    pub cloud: Provider,
    /// HTTP status of every route but `/readyz`.
    pub status: u16,
    /// Whether `/readyz` goes on saying that they are ready, so that the cloud does not notice.
    #[serde(default = "yes")]
    pub ready: bool,
    /// Seconds from the start.
    #[serde(default)]
    pub from: f64,
    /// Seconds from the start; `None`: for good.
    pub until: Option<f64>,
}

fn yes() -> bool {
    true
}

/// Why a scenario cannot be played. One line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScenarioError {
    /// There is none with this name.
    #[error("there is no scenario {name:?}; there are: {known}")]
    Unknown {
        /// As asked for.
        name: String,
        /// The names that can be asked for.
        known: String,
    },
    /// Its file cannot be read.
    #[error("cannot read the scenario {file}: {why}")]
    Unreadable {
        /// As asked for.
        file: String,
        /// What the system says.
        why: String,
    },
    /// Its text is wrong.
    #[error("{file}:{line}: {problem}")]
    Text {
        /// Where it came from.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Key and what is wrong with it.
        problem: String,
    },
}

impl Scenario {
    /// Names of the scenarios in the binary, the default one first.
    pub fn names() -> Vec<&'static str> {
        SHIPPED.iter().map(|(name, _)| *name).collect()
    }

    /// The scenario used when nobody asks for another.
    pub fn default_name() -> &'static str {
        SHIPPED[0].0
    }

    /// A scenario in the binary.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        match SHIPPED.iter().find(|(known, _)| *known == name) {
            Some((name, text)) => Self::parse(&format!("scenarios/{name}.toml"), text),
            None => Err(ScenarioError::Unknown { name: name.to_owned(), known: Self::names().join(", ") }),
        }
    }

    /// A scenario of one's own.
    pub fn from_file(path: &Path) -> Result<Self, ScenarioError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path);
        Self::parse(
            &file,
            &text.map_err(|error| ScenarioError::Unreadable { file: file.clone(), why: error.to_string() })?,
        )
    }

    /// Reads a scenario; `file` is for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let wrong = |line: usize, problem: String| ScenarioError::Text { file: file.to_owned(), line, problem };
        let document: Document = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            let key = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
            let message = error.message().replace('\n', ", ");
            wrong(line, key.map_or(message.clone(), |key| format!("{key}: {message}")))
        })?;
        // The place of a value that is well-formed but senseless is the heading of its table, counted by order.
        let line_of = |heading: &str, index: usize| {
            let lines = text.lines().enumerate().filter(|(_, line)| line.trim() == heading);
            lines.map(|(number, _)| number + 1).nth(index).unwrap_or(1)
        };
        let mut faults = Vec::new();
        for (index, fault) in document.fault.into_iter().enumerate() {
            let problem = |problem| wrong(line_of("[[fault]]", index), format!("fault: {problem}"));
            faults.push(Aimed::try_from(fault).map_err(problem)?);
        }
        for (index, answer) in document.answer.iter().enumerate() {
            if !(200..=599).contains(&answer.status) {
                let problem = format!("answer: status must be from 200 to 599, not {}", answer.status);
                return Err(wrong(line_of("[[answer]]", index), problem));
            }
        }
        let world =
            document.world.check().map_err(|problem| wrong(line_of("[world]", 0), format!("world: {problem}")))?;
        let builds = document.build.into_iter().map(BuildText::into_upcoming).collect();
        let world = World { builds, ..world };
        Ok(Self { name: document.name, about: document.about, world, faults, answers: document.answer })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    about: String,
    #[serde(default)]
    world: WorldText,
    #[serde(default)]
    build: Vec<BuildText>,
    #[serde(default)]
    fault: Vec<FaultText>,
    #[serde(default)]
    answer: Vec<Answer>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldText {
    #[serde(default)]
    moving_tag: bool,
    tag_moved_to: Option<Manner>,
    held: Option<usize>,
    split: Option<u32>,
    #[serde(default)]
    rollout: Rollout,
    #[serde(default)]
    breaker: Breaker,
    deployment_calls: Option<bool>,
    ecs_pace: Option<f64>,
    run_pace: Option<f64>,
    github_limit: Option<u32>,
    services: Option<usize>,
    lag: Option<f64>,
}

impl WorldText {
    fn check(self) -> Result<World, String> {
        let pace = |name: &str, pace: Option<f64>| match pace.unwrap_or(1.0) {
            pace if (0.01..=1000.0).contains(&pace) => Ok(pace),
            other => Err(format!("{name} must be from 0.01 to 1000, not {other}")),
        };
        if let Some(held) = self.held.filter(|held| !(1..=3).contains(held)) {
            return Err(format!("held must be the number of one of the revisions 1 to 3, not {held}"));
        }
        if let Some(split) = self.split.filter(|split| !(1..=99).contains(split)) {
            return Err(format!("split must be from 1 to 99 percent, not {split}"));
        }
        if self.split.is_some() && self.held.is_some() {
            return Err("traffic is either held or split".to_owned());
        }
        if self.tag_moved_to.is_some() && !self.moving_tag {
            return Err("tag_moved_to needs moving_tag = true".to_owned());
        }
        let services = self.services.unwrap_or(1);
        if !(1..=1000).contains(&services) {
            return Err(format!("services must be from 1 to 1000, not {services}"));
        }
        let lag = self.lag.unwrap_or(0.0);
        if !(0.0..=LONGEST_LAG).contains(&lag) {
            return Err(format!("lag must be from 0 to {LONGEST_LAG} seconds, not {lag}"));
        }
        Ok(World {
            moving_tag: self.moving_tag,
            tag_moved_to: self.tag_moved_to,
            held: self.held,
            split: self.split,
            rollout: self.rollout,
            breaker: self.breaker,
            deployment_calls: self.deployment_calls.unwrap_or(true),
            ecs_pace: pace("ecs_pace", self.ecs_pace)?,
            run_pace: pace("run_pace", self.run_pace)?,
            github_limit: self.github_limit.unwrap_or(5000),
            services,
            lag: Duration::from_secs_f64(lag),
            builds: Vec::new(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BuildText {
    after: u32,
    runs_for: u32,
    outcome: Outcome,
    again: Option<Outcome>,
    #[serde(default)]
    approval: bool,
    #[serde(default)]
    manner: Manner,
}

impl BuildText {
    fn into_upcoming(self) -> Upcoming {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        Upcoming {
            after: seconds(self.after),
            runs_for: seconds(self.runs_for),
            outcome: self.outcome,
            again: self.again,
            approval: self.approval,
            manner: self.manner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_reads_and_is_named_like_its_file() {
        for name in Scenario::names() {
            let scenario = Scenario::named(name).unwrap();
            assert_eq!(scenario.name, name);
            assert!(scenario.about.len() > 20, "{name} says what it is about");
        }
    }

    #[test]
    fn mistakes_name_file_line_and_key() {
        let error = |text| Scenario::parse("mine.toml", text).unwrap_err().to_string();
        let typo = error("name = \"x\"\nabout = \"y\"\n[world]\nheldd = 2\n");
        assert!(typo.starts_with("mine.toml:4: heldd: unknown field"), "{typo}");
        let range = error("name = \"x\"\nabout = \"y\"\n\n[world]\nheld = 7\n");
        assert!(range.starts_with("mine.toml:4: world: held must be"), "{range}");
        let fault = error("name = \"x\"\nabout = \"y\"\n[[fault]]\ncloud = \"aws\"\nkind = \"rain\"\n");
        assert!(fault.starts_with("mine.toml:3: fault: kind must be"), "{fault}");
        for text in [typo, range, fault] {
            assert_eq!(text.lines().count(), 1);
        }
    }

    #[test]
    fn a_file_of_ones_own_is_read_and_a_missing_one_is_named() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/canary.toml");
        assert_eq!(Scenario::from_file(&shipped).unwrap().world.rollout, Rollout::Canary);
        let error = Scenario::from_file(Path::new("/nowhere/mine.toml")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the scenario /nowhere/mine.toml: "), "{error}");
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Scenario::named("rain").unwrap_err().to_string();
        assert!(error.contains("steady") && error.contains("tag-moved"), "{error}");
    }
}
