//! The jobs of GitHub's runs: their steps and what they print.

use std::time::Duration;

use serde_json::{Value, json};

use super::github_json::{Base, WORKFLOW, conclusion};
use crate::{
    clouds::{
        builds::{
            Build, Outcome,
            part::{PARTS, Part, State},
        },
        repository::{BRANCH, REPOSITORY},
    },
    moment::Moment,
};

/// Time of a job before its first real step.
const SET_UP: Duration = Duration::from_secs(1);
/// The step in which a job fails.
const FAILING: usize = 2;

/// The number of a job: its run, its attempt, its part.
pub fn job_id(build: &Build, number: usize, part: Part) -> u64 {
    build.run_id * 100 + (number as u64 % 50) * 2 + u64::from(part == Part::Image)
}

/// Run, attempt and part in the number of a job.
pub fn read_job_id(id: u64) -> Option<(u64, usize, Part)> {
    let number = usize::try_from(id % 100 / 2).ok().filter(|number| *number > 0)?;
    Some((id / 100, number, if id % 2 == 1 { Part::Image } else { Part::Test }))
}

/// The jobs of an attempt, `None` for the newest: attempt and part of each. What was taken over from the attempt before is
/// its job; what has not had its turn is none yet.
pub fn jobs_of(build: &Build, number: Option<usize>, now: Moment) -> Vec<(usize, Part)> {
    let number = number.unwrap_or(build.attempts.len());
    let attempt = &build.attempts[number - 1];
    let begun = |part: &Part| *part == Part::Test || attempt.part(*part, now).state != State::Ahead;
    let of = |part: Part| {
        let first = (1..=number).rev().find(|number| !build.attempts[number - 1].keeps_first).unwrap_or(number);
        (if part == Part::Test { first } else { number }, part)
    };
    PARTS.into_iter().filter(begun).map(of).collect()
}

/// Name of a job.
fn job_name(part: Part) -> &'static str {
    match part {
        Part::Test => "test",
        Part::Image => "image",
    }
}

/// The steps of a job, each with what it prints.
fn steps_of(part: Part) -> &'static [(&'static str, &'static str)] {
    match part {
        Part::Test => &[
            ("Set up job", "Current runner version: '2.330.0'"),
            ("Run actions/checkout@v5", "Syncing repository: acme/hello"),
            ("Run cargo test --workspace", "cargo test --workspace"),
            ("Complete job", "Cleaning up orphan processes"),
        ],
        Part::Image => &[
            ("Set up job", "Current runner version: '2.330.0'"),
            ("Run actions/checkout@v5", "Syncing repository: acme/hello"),
            ("Build the image", "docker build -f service/Dockerfile ."),
            ("Push to both registries", "docker push"),
            ("Complete job", "Cleaning up orphan processes"),
        ],
    }
}

/// Begin and end of each step: the first and the last are short, the others share what is between.
fn step_times(part: Part, from: Moment, until: Moment) -> Vec<(Moment, Moment)> {
    let steps = steps_of(part).len();
    let set_up = SET_UP.min(until.since(from) / 4);
    let (first, last) = (from.after(set_up), until.before(set_up));
    let each = last.since(first) / u32::try_from(steps - 2).unwrap_or(1);
    let mut edges = vec![from];
    edges.extend((0..).take(steps - 2).map(|step: u32| first.after(each * step)));
    edges.extend([last, until]);
    edges.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// One job.
pub fn job_json(build: &Build, number: usize, part: Part, now: Moment, base: Base) -> Value {
    let attempt = &build.attempts[number - 1];
    let view = attempt.part(part, now);
    let id = job_id(build, number, part);
    let line = attempt.line();
    let asked = match part {
        Part::Test => attempt.created_at,
        Part::Image => line.first_ends.or(line.ends_at).unwrap_or(attempt.created_at),
    };
    let (status, conclusion) = match view.state {
        State::Ahead => ("pending", None),
        State::Queued => ("queued", None),
        State::Waiting => ("waiting", None),
        State::Running => ("in_progress", None),
        State::Ended(outcome) => ("completed", Some(conclusion(outcome))),
        State::Skipped => {
            let rejected = attempt.decision.as_ref().is_some_and(|decision| !decision.approved);
            let word = match line.outcome {
                Outcome::Cancelled => "cancelled",
                Outcome::Failure if rejected => "failure",
                Outcome::Success | Outcome::Failure | Outcome::TimedOut => "skipped",
            };
            ("completed", Some(word))
        }
    };
    let ran = matches!(view.state, State::Running | State::Ended(_));
    let started = view.starts_at.filter(|_| ran).unwrap_or(asked);
    let completed = match view.state {
        State::Ended(_) => view.ends_at,
        State::Skipped => line.ends_at,
        State::Ahead | State::Queued | State::Waiting | State::Running => None,
    };
    let steps = if ran { steps_json(build, number, part, now) } else { Vec::new() };
    let runner = ran.then_some(());
    json!({
        "id": id,
        "run_id": build.run_id,
        "run_url": format!("{base}/repos/{REPOSITORY}/actions/runs/{}", build.run_id),
        "run_attempt": number,
        "node_id": format!("CR_local{id}"),
        "head_sha": build.commit.sha,
        "head_branch": BRANCH,
        "url": format!("{base}/repos/{REPOSITORY}/actions/jobs/{id}"),
        "html_url": format!("https://github.com/{REPOSITORY}/actions/runs/{}/job/{id}", build.run_id),
        "status": status,
        "conclusion": conclusion,
        "created_at": asked.rfc3339_seconds(),
        "started_at": started.rfc3339_seconds(),
        "completed_at": completed.map(Moment::rfc3339_seconds),
        "name": job_name(part),
        "steps": steps,
        "check_run_url": format!("{base}/repos/{REPOSITORY}/check-runs/{id}"),
        "labels": ["ubuntu-24.04"],
        "runner_id": runner.map(|()| 1_000_000 + id % 1000),
        "runner_name": runner.map(|()| format!("GitHub Actions {}", 1_000_000 + id % 1000)),
        "runner_group_id": runner.map(|()| 0),
        "runner_group_name": runner.map(|()| "GitHub Actions"),
        "workflow_name": WORKFLOW,
    })
}

fn steps_json(build: &Build, number: usize, part: Part, now: Moment) -> Vec<Value> {
    let attempt = &build.attempts[number - 1];
    let view = attempt.part(part, now);
    // A part that a person cut short keeps the steps it had.
    let planned = view.starts_at.zip(view.ends_at.or(Some(now)));
    let Some((from, until)) = planned else { return Vec::new() };
    let over = match view.state {
        State::Ended(outcome) => Some(outcome),
        _ => None,
    };
    let times = step_times(part, from, until);
    let last = times.len() - 1;
    let mut steps = Vec::new();
    for (place, ((name, _), (starts, ends))) in steps_of(part).iter().zip(times).enumerate() {
        let conclusion = match over {
            Some(Outcome::Success) => Some("success"),
            Some(outcome) if place == FAILING => {
                Some(conclusion(outcome)).map(|word| if word == "timed_out" { "cancelled" } else { word })
            }
            Some(_) if place > FAILING && place < last => Some("skipped"),
            Some(_) => Some("success"),
            None => (now >= ends).then_some("success"),
        };
        let status = match conclusion {
            Some(_) => "completed",
            None if now >= starts => "in_progress",
            None => "queued",
        };
        steps.push(json!({
            "name": name,
            "status": status,
            "conclusion": conclusion,
            "number": place + 1,
            "started_at": (status != "queued").then(|| starts.rfc3339()),
            "completed_at": conclusion.map(|_| ends.rfc3339()),
        }));
    }
    steps
}

/// What a job printed.
pub fn log_text(build: &Build, number: usize, part: Part, now: Moment) -> String {
    let view = build.attempts[number - 1].part(part, now);
    let Some((from, until)) = view.starts_at.zip(view.ends_at) else { return String::new() };
    let failed = matches!(view.state, State::Ended(outcome) if outcome != Outcome::Success);
    let mut text = String::new();
    for (place, ((name, says), (starts, ends))) in steps_of(part).iter().zip(step_times(part, from, until)).enumerate()
    {
        let mut say = |at: Moment, line: &str| {
            text.push_str(&at.rfc3339().replace('Z', "0000Z"));
            text.push(' ');
            text.push_str(line);
            text.push('\n');
        };
        if failed && place > FAILING && place + 1 < steps_of(part).len() {
            continue;
        }
        say(starts, &format!("##[group]{name}"));
        say(starts, says);
        say(starts, "##[endgroup]");
        match (part, place) {
            (Part::Test, FAILING) if failed => {
                say(ends, "test greets_in_the_language_of_the_caller ... FAILED");
                say(ends, "test result: FAILED. 41 passed; 1 failed; 0 ignored");
                say(ends, "##[error]Process completed with exit code 101.");
            }
            (Part::Test, FAILING) => say(ends, "test result: ok. 42 passed; 0 failed; 0 ignored"),
            (_, FAILING) if failed => say(ends, "##[error]The operation was canceled."),
            (Part::Image, 3) => say(ends, &format!("{}: digest: {} size: 1371", build.commit.sha, build.digest())),
            _ => {}
        }
    }
    text
}
