//! One target: what the configuration says of it, and everything known about it.

use std::{sync::Arc, time::Duration};

use hello_cloud::{Build, Commit, Deployment, ErrorKind, Identity, ProviderInfo, Revision, Snapshot};

use super::{
    awaited::Awaited,
    feed::Feed,
    probe::{Answer, Signal, Window},
    verdict::Verdict,
};

/// What is fixed about a target while the program runs.
#[derive(Clone, Debug)]
pub struct Target {
    /// Our name of the service; group title on the screen.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// What the cloud is and can do.
    pub info: ProviderInfo,
    /// The address people reach, where the configuration names it; else the cloud's own word is used.
    pub url: Option<String>,
    /// The path that is asked for health.
    pub probe_path: String,
    /// How often it is read when nothing happens.
    pub interval: Duration,
    /// Whether the user's own configuration lets us change it.
    pub writable: bool,
    /// Whether a change needs the service's name typed.
    pub protected: bool,
    /// Where its images are built: a name for the screen. `None` when nobody said.
    pub builds: Option<String>,
}

impl Target {
    /// `hello/staging/aws`: how errors, the journal and JSON name it. Unique within a configuration but for regions.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.service, self.environment, self.info.id)
    }
}

/// As whom a target's cloud is called. It is asked once, when the sign-in has proved good, and again after a sign-in
/// that was not: somebody else may have signed in since.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Signed {
    /// Nobody asked yet.
    #[default]
    Unknown,
    /// It was asked for.
    Asked,
    /// Somebody.
    In(Identity),
}

/// Everything about one target.
#[derive(Clone, Debug)]
pub struct TargetState {
    pub target: Target,
    /// The control plane's side.
    pub snapshot: Feed<Arc<Snapshot>>,
    /// As whom its cloud is called.
    pub identity: Signed,
    /// Its builds.
    pub builds: Feed<Vec<Build>>,
    /// The service's own side: when it was asked, and whether that is under way.
    pub probing: Feed<()>,
    /// The last answers.
    pub window: Window,
    /// What it is waited for to serve, when somebody asked.
    pub awaited: Option<Awaited>,
    /// The conclusion, made anew after every event.
    pub verdict: Verdict,
}

impl TargetState {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            snapshot: Feed::default(),
            identity: Signed::default(),
            builds: Feed::default(),
            probing: Feed::default(),
            window: Window::default(),
            awaited: None,
            verdict: Verdict::default(),
        }
    }

    /// Notes how a read went, and tells whether it is time to ask who is signed in.
    pub fn wants_identity(&mut self, failed: Option<ErrorKind>) -> bool {
        match failed {
            Some(ErrorKind::Auth) => self.identity = Signed::Unknown,
            None if self.identity == Signed::Unknown => {
                self.identity = Signed::Asked;
                return true;
            }
            Some(_) | None => {}
        }
        false
    }

    /// The last good snapshot, however old.
    pub fn seen(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.value()
    }

    /// The address to probe: the configured one, else what the cloud says.
    pub fn url(&self) -> Option<String> {
        let base = match &self.target.url {
            Some(url) => url.clone(),
            None => self.seen()?.url.as_ref()?.raw().to_owned(),
        };
        Some(format!("{}{}", base.trim_end_matches('/'), self.target.probe_path))
    }

    /// The revision with most traffic, as the cloud tells.
    pub fn main_revision(&self) -> Option<&Revision> {
        self.seen()?.main_revision()
    }

    /// The deployment that is not over, if any.
    pub fn running_deployment(&self) -> Option<&Deployment> {
        self.seen()?.current.as_ref().filter(|deployment| !deployment.state.state.is_settled())
    }

    /// The last answer of the service, as long as the service is up.
    pub fn answer(&self) -> Option<&Answer> {
        match self.window.signal() {
            Signal::Up | Signal::Slow | Signal::Erratic => self.window.last_answer(),
            Signal::Unknown | Signal::Down => None,
        }
    }

    /// Whether the service itself is known to answer well, whatever its cloud says or does not say.
    pub fn is_serving(&self, now: Duration) -> bool {
        self.answer().is_some() && self.probing.age(now).is_some_and(|age| age <= self.patience())
    }

    /// The commit that serves: what the service answers, else what the cloud's main revision was built from.
    pub fn commit(&self) -> Option<&Commit> {
        self.answer()
            .and_then(|answer| answer.commit.as_ref())
            .or_else(|| self.main_revision().and_then(|revision| revision.commit.as_ref()))
    }

    /// How old a good fact may be before it is not trusted: three intervals, at least five seconds.
    pub fn patience(&self) -> Duration {
        self.target.interval.saturating_mul(3).max(Duration::from_secs(5))
    }
}
