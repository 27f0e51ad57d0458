//! Trouble injected into calls: which calls, when, and what happens to them.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// Whose calls are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// ECS and ECR.
    Aws,
    /// Cloud Run, Cloud Build, Artifact Registry, and the token endpoint.
    Gcp,
    /// GitHub.
    Github,
}

impl Party {
    /// The word in counts and files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Github => "github",
        }
    }
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Kind {
    /// It takes longer, and is answered.
    Latency {
        /// Milliseconds added.
        ms: u64,
    },
    /// Too many calls.
    Throttle {
        /// Seconds the caller should wait, where the cloud says so.
        retry_after: Option<u64>,
    },
    /// This HTTP status.
    Error {
        /// 400 to 599.
        status: u16,
    },
    /// The connection is accepted and closed.
    Off,
    /// The connection is reset once the request is read; nothing is done.
    ResetBefore,
    /// What was asked is done, and the connection is reset instead of an answer.
    ResetAfter,
    /// What was asked is done, and the second half of the answer never comes.
    Truncated,
    /// The vendor's clock is off: it judges signatures by it and shows it in `Date`.
    ClockSkew {
        /// Seconds ahead of the real time; negative: behind it.
        seconds: i64,
    },
    /// What was asked is done, and the answer's body is not what it claims to be.
    Malformed,
    /// What was asked is done, and the answer's body has no end.
    Endless,
    /// Not allowed.
    Denied,
    /// The credentials are no longer good.
    Expired,
}

impl Kind {
    /// Whether the cloud has done what was asked before the trouble begins.
    pub fn comes_after(self) -> bool {
        match self {
            Self::Latency { .. }
            | Self::ClockSkew { .. }
            | Self::ResetAfter
            | Self::Truncated
            | Self::Malformed
            | Self::Endless => true,
            Self::Throttle { .. }
            | Self::Error { .. }
            | Self::Off
            | Self::ResetBefore
            | Self::Denied
            | Self::Expired => false,
        }
    }
}

/// A fault as it is written in scenarios and sent to the control address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultText {
    cloud: Party,
    target: Option<String>,
    call: Option<String>,
    #[serde(default)]
    from: f64,
    until: Option<f64>,
    kind: String,
    ms: Option<u64>,
    status: Option<u16>,
    retry_after: Option<u64>,
    seconds: Option<i64>,
}

/// A fault that can be injected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// Whose calls.
    pub cloud: Party,
    /// Only this call: `DescribeServices`, `run.services.get`, `actions.runs.list`. `None`: all of them.
    pub call: Option<String>,
    /// Seconds from its beginning (start of the stand-in, or when it was added).
    pub from: f64,
    /// Seconds after which it is over. `None`: never.
    pub until: Option<f64>,
    /// What happens.
    #[serde(flatten)]
    pub kind: Kind,
}

impl TryFrom<FaultText> for Fault {
    type Error = String;

    fn try_from(text: FaultText) -> Result<Self, String> {
        let kind = match text.kind.as_str() {
            "latency" => Kind::Latency { ms: text.ms.ok_or("kind \"latency\" needs ms")? },
            "throttle" => Kind::Throttle { retry_after: text.retry_after },
            "error" => match text.status.ok_or("kind \"error\" needs status")? {
                status @ 400..=599 => Kind::Error { status },
                other => return Err(format!("status must be from 400 to 599, not {other}")),
            },
            "off" => Kind::Off,
            "reset-before" => Kind::ResetBefore,
            "reset-after" => Kind::ResetAfter,
            "truncated" => Kind::Truncated,
            "clock-skew" => match text.seconds.ok_or("kind \"clock-skew\" needs seconds")? {
                seconds @ -1_000_000_000..=1_000_000_000 => Kind::ClockSkew { seconds },
                other => return Err(format!("seconds must be at most a thousand million either way, not {other}")),
            },
            "malformed" => Kind::Malformed,
            "endless" => Kind::Endless,
            "denied" => Kind::Denied,
            "expired" => Kind::Expired,
            other => {
                let known = "latency, throttle, error, off, reset-before, reset-after, truncated, clock-skew, malformed, \
                             endless, denied, expired";
                return Err(format!("kind must be one of {known}; not {other:?}"));
            }
        };
        let fits = |seconds: f64| seconds.is_finite() && (0.0..=1e6).contains(&seconds);
        if !fits(text.from) || !text.until.is_none_or(|until| fits(until) && until > text.from) {
            return Err("from and until must be seconds, until after from".to_owned());
        }
        Ok(Self { cloud: text.cloud, call: text.call, from: text.from, until: text.until, kind })
    }
}

/// A fault, and whom it meets beside what it says itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aimed {
    /// Only requests that name this, such as a service or a repository. `None`: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What happens, and when.
    #[serde(flatten)]
    pub fault: Fault,
}

impl From<Fault> for Aimed {
    fn from(fault: Fault) -> Self {
        Self { target: None, fault }
    }
}

impl TryFrom<FaultText> for Aimed {
    type Error = String;

    fn try_from(mut text: FaultText) -> Result<Self, String> {
        let target = text.target.take();
        if target.as_ref().is_some_and(String::is_empty) {
            return Err("target must not be empty".to_owned());
        }
        Ok(Self { target, fault: text.try_into()? })
    }
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Added before anything else.
    pub latency: Duration,
    /// Instead of an answer.
    pub trouble: Option<Kind>,
    /// Seconds the vendor's clock is ahead.
    pub skew: i64,
}

/// All faults, and which clouds are switched off by hand.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    faults: Vec<(Moment, Aimed)>,
    off: BTreeMap<Party, bool>,
}

impl Faults {
    /// Injects a fault; its times count from `at`.
    pub fn add(&mut self, at: Moment, fault: impl Into<Aimed>) {
        self.faults.push((at, fault.into()));
    }

    /// Takes all faults back, those of the scenario included. Switches stay as they are.
    pub fn clear(&mut self) {
        self.faults.clear();
    }

    /// Switches a cloud's API on or off.
    pub fn switch(&mut self, party: Party, on: bool) {
        self.off.insert(party, !on);
    }

    /// Whether a cloud's API is switched on.
    pub fn is_on(&self, party: Party) -> bool {
        !self.off.get(&party).copied().unwrap_or(false)
    }

    /// The faults that are in force or to come.
    pub fn pending(&self, now: Moment) -> Vec<&Aimed> {
        let open = |at: &Moment, fault: &Fault| fault.until.is_none_or(|until| now.since(*at).as_secs_f64() < until);
        self.faults.iter().filter(|(at, aimed)| open(at, &aimed.fault)).map(|(_, aimed)| aimed).collect()
    }

    /// What becomes of this call: latencies and skews add up, the first other fault wins. `names`: whether the request
    /// names a target.
    pub fn fate(&self, now: Moment, party: Party, call: &str, names: impl Fn(&str) -> bool) -> Fate {
        let mut fate = Fate { trouble: (!self.is_on(party)).then_some(Kind::Off), ..Fate::default() };
        for (at, Aimed { target, fault }) in &self.faults {
            let age = now.since(*at).as_secs_f64();
            let meant = fault.cloud == party
                && fault.call.as_deref().is_none_or(|only| only == call)
                && target.as_deref().is_none_or(&names);
            if !meant || age < fault.from || fault.until.is_some_and(|until| age >= until) {
                continue;
            }
            match fault.kind {
                Kind::Latency { ms } => fate.latency += Duration::from_millis(ms),
                Kind::ClockSkew { seconds } => fate.skew += seconds,
                Kind::Throttle { .. }
                | Kind::Error { .. }
                | Kind::Off
                | Kind::ResetBefore
                | Kind::ResetAfter
                | Kind::Truncated
                | Kind::Malformed
                | Kind::Endless
                | Kind::Denied
                | Kind::Expired => fate.trouble = fate.trouble.or(Some(fault.kind)),
            }
        }
        fate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Result<Fault, String> {
        toml::from_str::<FaultText>(text).map_err(|error| error.to_string())?.try_into()
    }

    #[test]
    fn a_fault_meets_only_its_calls_and_its_time() {
        let start = Moment::from_millis(0);
        let at = |seconds| start.after(Duration::from_secs(seconds));
        let mut faults = Faults::default();
        let text =
            "cloud = \"aws\"\ncall = \"DescribeServices\"\nkind = \"throttle\"\nretry_after = 2\nfrom = 5\nuntil = 10";
        faults.add(start, fault(text).unwrap());
        faults.add(start, fault("cloud = \"aws\"\nkind = \"latency\"\nms = 100").unwrap());
        let fate = |seconds, party, call| faults.fate(at(seconds), party, call, |_| true);
        assert_eq!(fate(4, Party::Aws, "DescribeServices").trouble, None);
        let hit = fate(5, Party::Aws, "DescribeServices");
        assert_eq!(
            hit,
            Fate {
                latency: Duration::from_millis(100),
                trouble: Some(Kind::Throttle { retry_after: Some(2) }),
                skew: 0,
            }
        );
        assert_eq!(fate(5, Party::Aws, "ListTasks").trouble, None);
        assert_eq!(fate(5, Party::Gcp, "DescribeServices"), Fate::default());
        assert_eq!(fate(10, Party::Aws, "DescribeServices").trouble, None);
    }

    #[test]
    fn a_switch_wins_over_faults_and_outlives_them() {
        let mut faults = Faults::default();
        faults.switch(Party::Gcp, false);
        faults.clear();
        let fate = |faults: &Faults| faults.fate(Moment::default(), Party::Gcp, "run.services.get", |_| true).trouble;
        assert_eq!(fate(&faults), Some(Kind::Off));
        faults.switch(Party::Gcp, true);
        assert_eq!(fate(&faults), None);
    }

    #[test]
    fn a_fault_with_a_target_meets_only_requests_that_name_it() {
        let text = "cloud = \"aws\"\ntarget = \"hello\"\nkind = \"clock-skew\"\nseconds = -1200";
        let aimed = Aimed::try_from(toml::from_str::<FaultText>(text).unwrap()).unwrap();
        let mut faults = Faults::default();
        faults.add(Moment::default(), aimed);
        let skew = |asked: &str| faults.fate(Moment::default(), Party::Aws, "X", |target| target == asked).skew;
        assert_eq!((skew("hello"), skew("other")), (-1200, 0));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(fault("cloud = \"aws\"\nkind = \"latency\"").unwrap_err().contains("needs ms"));
        assert!(fault("cloud = \"aws\"\nkind = \"error\"\nstatus = 200").unwrap_err().contains("400 to 599"));
        assert!(fault("cloud = \"aws\"\nkind = \"rain\"").unwrap_err().contains("must be one of"));
        assert!(fault("cloud = \"aws\"\nkind = \"clock-skew\"").unwrap_err().contains("needs seconds"));
        assert!(
            fault("cloud = \"aws\"\nkind = \"off\"\nfrom = 5\nuntil = 5").unwrap_err().contains("until after from")
        );
    }
}
