//! From how each target ended to the one number a script sees.

use crate::{
    app::{Operation, Outcome, operation::StepState},
    exit::Exit,
};

/// All good: Well. Some good: one target only. None good: the gravest tells, and one that was skipped because of another
/// does not count beside it.
pub fn exit(operation: &Operation) -> Exit {
    let outcomes = operation.steps.iter().map(|step| match &step.state {
        StepState::Ended(outcome) => of(outcome),
        StepState::Waiting | StepState::Starting { .. } | StepState::Following { .. } | StepState::Verifying { .. } => {
            Exit::Unknown
        }
    });
    combine(outcomes)
}

/// The same of outcomes that belong to no operation.
pub fn of_all<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Exit {
    combine(outcomes.map(of))
}

fn combine(outcomes: impl Iterator<Item = Exit>) -> Exit {
    let all: Vec<Exit> = outcomes.collect();
    let good = all.iter().filter(|exit| **exit == Exit::Well).count();
    match good {
        _ if good == all.len() => Exit::Well,
        0 => all.into_iter().max_by_key(|exit| gravity(*exit)).unwrap_or(Exit::Defect),
        _ => Exit::OneTargetOnly,
    }
}

fn of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Verified | Outcome::Planned => Exit::Well,
        Outcome::RolledBack(_) => Exit::RolledBack,
        Outcome::Superseded(_) => Exit::Superseded,
        Outcome::Failed(_) => Exit::Unhealthy,
        Outcome::TimedOut(_) => Exit::Deadline,
        Outcome::Unknown(_) => Exit::Unknown,
        Outcome::Refused(_) | Outcome::Cancelled | Outcome::Skipped(_) => Exit::Refused,
        Outcome::NoAccess(_) => Exit::Credentials,
        Outcome::Unasked(_) => Exit::NotAsked,
    }
}

/// What a person must know first.
fn gravity(exit: Exit) -> u8 {
    match exit {
        Exit::Unknown => 8,
        Exit::Unhealthy => 7,
        Exit::RolledBack => 6,
        Exit::Deadline => 5,
        Exit::Superseded => 4,
        Exit::Credentials => 3,
        Exit::NotAsked => 2,
        Exit::Refused => 1,
        Exit::Well
        | Exit::Degraded
        | Exit::OneTargetOnly
        | Exit::Usage
        | Exit::Configuration
        | Exit::Defect
        | Exit::Signal(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_tells_the_whole() {
        let refused = || Outcome::Refused(String::new());
        let back = || Outcome::RolledBack(String::new());
        for (outcomes, exit) in [
            (vec![Outcome::Verified, Outcome::Verified], Exit::Well),
            (vec![Outcome::Verified, back()], Exit::OneTargetOnly),
            (vec![Outcome::Verified, Outcome::Skipped(String::new())], Exit::OneTargetOnly),
            (vec![back(), Outcome::Skipped(String::new())], Exit::RolledBack),
            (vec![Outcome::Failed(String::new()), back()], Exit::Unhealthy),
            (vec![refused(), Outcome::Unknown(String::new())], Exit::Unknown),
            (vec![refused(), Outcome::NoAccess(String::new())], Exit::Credentials),
            (vec![Outcome::TimedOut(String::new())], Exit::Deadline),
            (vec![Outcome::Superseded(String::new())], Exit::Superseded),
            (vec![refused()], Exit::Refused),
        ] {
            assert_eq!(combine(outcomes.iter().map(of)), exit, "{outcomes:?}");
        }
    }
}
