//! How a service is deployed: what its `deploymentConfiguration` says.

use serde_json::{Value, json};

/// How tasks and traffic go from the old revision to the new one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strategy {
    /// Tasks are replaced in place.
    Rolling,
    /// All new tasks beside the old ones, then all traffic at once.
    BlueGreen,
    /// All new tasks beside the old ones, then traffic in equal steps.
    Linear {
        /// Percent of each step.
        step: f64,
        /// Minutes between two steps.
        minutes: u64,
    },
    /// All new tasks beside the old ones, then a share of the traffic, then all of it.
    Canary {
        /// Percent of the first share.
        percent: f64,
        /// Minutes before the rest.
        minutes: u64,
    },
}

/// What the failures of a deployment lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerRule {
    /// Whether the old revision comes back.
    pub rollback: bool,
    /// Whether a task that comes up well sets the count back to zero.
    pub resets: bool,
    /// What the threshold is made from.
    pub threshold: Threshold,
}

/// What the threshold of the breaker is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many failures.
    Count(u64),
    /// So many percent of the wanted tasks, from 3 to 200.
    Bounded(u64),
    /// So many percent of the wanted tasks, at least 1.
    Unbounded(u64),
}

impl Threshold {
    /// Failures after which the breaker goes off.
    pub fn of(self, desired: usize) -> usize {
        let share = |percent: u64| (desired as u64).saturating_mul(percent).div_ceil(100);
        let failures = match self {
            Self::Count(count) => count,
            Self::Bounded(percent) => share(percent).clamp(3, 200),
            Self::Unbounded(percent) => share(percent).max(1),
        };
        usize::try_from(failures).unwrap_or(usize::MAX)
    }
}

/// A place where a deployment waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The API's words of the stages it waits in.
    pub stages: Vec<String>,
    /// Minutes it waits at most.
    pub minutes: u64,
    /// Whether it goes on when nobody came; else it goes back.
    pub goes_on: bool,
}

/// What a `deploymentConfiguration` says, with ECS's defaults.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How it goes.
    pub strategy: Strategy,
    /// Percent of the wanted tasks that run all the time.
    pub minimum: u64,
    /// Percent of the wanted tasks that are there at most.
    pub maximum: u64,
    /// Minutes everything is watched after all traffic has moved.
    pub bake: u64,
    /// The breaker, where it is on.
    pub breaker: Option<BreakerRule>,
    /// Alarms that are watched, and whether they bring the old revision back.
    pub alarms: Option<(Vec<String>, bool)>,
    /// Where it waits for a person.
    pub pauses: Vec<Pause>,
    /// All of it as the API shows it.
    pub shown: Value,
}

impl Default for Rules {
    fn default() -> Self {
        Self::of(&Value::Null)
    }
}

impl Rules {
    /// Reads the API's `DeploymentConfiguration`; absent parts get ECS's defaults.
    pub fn of(given: &Value) -> Self {
        let shown = completed(given);
        let number = |value: &Value, otherwise: u64| value.as_u64().unwrap_or(otherwise);
        let strategy = match shown["strategy"].as_str() {
            Some("BLUE_GREEN") => Strategy::BlueGreen,
            Some("LINEAR") => Strategy::Linear {
                step: shown["linearConfiguration"]["stepPercent"].as_f64().unwrap_or(10.0),
                minutes: number(&shown["linearConfiguration"]["stepBakeTimeInMinutes"], 6),
            },
            Some("CANARY") => Strategy::Canary {
                percent: shown["canaryConfiguration"]["canaryPercent"].as_f64().unwrap_or(5.0),
                minutes: number(&shown["canaryConfiguration"]["canaryBakeTimeInMinutes"], 10),
            },
            _ => Strategy::Rolling,
        };
        let breaker = &shown["deploymentCircuitBreaker"];
        let breaker = (breaker["enable"] == true).then(|| {
            let threshold = &breaker["thresholdConfiguration"];
            let value = number(&threshold["value"], 50);
            BreakerRule {
                rollback: breaker["rollback"] == true,
                resets: breaker["resetOnHealthyTask"].as_bool().unwrap_or(true),
                threshold: match threshold["type"].as_str() {
                    Some("COUNT") => Threshold::Count(value),
                    Some("UNBOUNDED_PERCENT") => Threshold::Unbounded(value),
                    _ => Threshold::Bounded(value),
                },
            }
        });
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        };
        let alarms = &shown["alarms"];
        let hooks = shown["lifecycleHooks"].as_array().into_iter().flatten();
        let pauses = hooks.filter(|hook| hook["targetType"] == "PAUSE").map(|hook| Pause {
            stages: texts(&hook["lifecycleStages"]),
            minutes: number(&hook["timeoutConfiguration"]["timeoutInMinutes"], 24 * 60),
            goes_on: hook["timeoutConfiguration"]["action"] == "CONTINUE",
        });
        Self {
            strategy,
            minimum: number(&shown["minimumHealthyPercent"], 100),
            maximum: number(&shown["maximumPercent"], 200),
            bake: number(&shown["bakeTimeInMinutes"], 0),
            breaker,
            alarms: (alarms["enable"] == true).then(|| (texts(&alarms["alarmNames"]), alarms["rollback"] == true)),
            pauses: pauses.collect(),
            shown,
        }
    }

    /// The same with the members of `given` in place of its own, as `UpdateService` does it.
    #[must_use]
    pub fn with(&self, given: &Value) -> Self {
        let mut merged = self.shown.clone();
        for (name, value) in given.as_object().into_iter().flatten() {
            merged[name] = value.clone();
        }
        Self::of(&merged)
    }

    /// Whether old and new tasks stand side by side until the traffic has moved.
    pub fn side_by_side(&self) -> bool {
        self.strategy != Strategy::Rolling
    }

    /// Least running and most living tasks during a rolling deployment.
    pub fn bounds(&self, desired: usize) -> (usize, usize) {
        let desired = desired as u64;
        let count = |tasks: u64| usize::try_from(tasks).unwrap_or(usize::MAX);
        (count((desired * self.minimum).div_ceil(100)), count(desired * self.maximum / 100))
    }
}

fn completed(given: &Value) -> Value {
    let mut shown = given.clone();
    if !shown.is_object() {
        shown = json!({});
    }
    let defaults = [
        ("deploymentCircuitBreaker", json!({"enable": false, "rollback": false})),
        ("maximumPercent", json!(200)),
        ("minimumHealthyPercent", json!(100)),
        ("strategy", json!("ROLLING")),
        ("bakeTimeInMinutes", json!(0)),
    ];
    for (name, value) in defaults {
        if shown[name].is_null() {
            shown[name] = value;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_ecs() {
        let rules = Rules::default();
        assert_eq!((rules.strategy, rules.breaker, rules.bounds(4)), (Strategy::Rolling, None, (4, 8)));
        assert_eq!(rules.shown["maximumPercent"], 200);
    }

    #[test]
    fn bounds_round_to_the_safe_side() {
        let rules = Rules::of(&json!({"minimumHealthyPercent": 50, "maximumPercent": 150}));
        assert_eq!(rules.bounds(3), (2, 4));
        assert_eq!(rules.with(&json!({"maximumPercent": 100})).bounds(3), (2, 3));
    }

    #[test]
    fn the_threshold_is_made_from_the_wanted_tasks() {
        let breaker = |threshold: Value| {
            let rules = Rules::of(&json!({"deploymentCircuitBreaker":
                {"enable": true, "rollback": true, "thresholdConfiguration": threshold}}));
            rules.breaker.unwrap().threshold
        };
        let bounded = breaker(Value::Null);
        assert_eq!([2, 7, 9, 1000].map(|desired| bounded.of(desired)), [3, 4, 5, 200]);
        assert_eq!(breaker(json!({"type": "COUNT", "value": 7})).of(1000), 7);
        assert_eq!(breaker(json!({"type": "UNBOUNDED_PERCENT", "value": 10})).of(5), 1);
    }
}
