//! The calls of both adapters, and where the answer to each one shows.

use hello_cloud::{
    Change, DeploymentId, DeploymentState, ErrorKind, Order, Provider, ProviderError, Section, Snapshot, StartError,
};

use crate::{
    End, Word,
    bench::{Bench, Cloud, SERVICE},
};

/// Where a call shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Services,
    Whole,
    Deployments,
    Followed,
    Revisions,
    Definitions,
    Failures,
    Resolution,
    Targets,
    Identity,
    Logs,
    Redeploy,
    Rollback,
    Stop,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub cloud: Cloud,
    /// Its name in faults and counts.
    pub name: &'static str,
    shows: Shows,
}

const fn ecs(name: &'static str, shows: Shows) -> Call {
    Call { cloud: Cloud::Ecs, name, shows }
}

const fn run(name: &'static str, shows: Shows) -> Call {
    Call { cloud: Cloud::CloudRun, name, shows }
}

/// All of them, reads before writes.
pub const ALL: [Call; 24] = [
    ecs("ListServices", Shows::Services),
    ecs("DescribeServices", Shows::Whole),
    ecs("ListServiceDeployments", Shows::Deployments),
    ecs("DescribeServiceDeployments", Shows::Deployments),
    ecs("DescribeServiceRevisions", Shows::Revisions),
    ecs("ListTaskDefinitions", Shows::Definitions),
    ecs("DescribeTaskDefinition", Shows::Resolution),
    ecs("ListTasks", Shows::Failures),
    ecs("DescribeTasks", Shows::Failures),
    ecs("DescribeImages", Shows::Resolution),
    ecs("DescribeTargetHealth", Shows::Targets),
    ecs("GetCallerIdentity", Shows::Identity),
    ecs("FilterLogEvents", Shows::Logs),
    ecs("UpdateService", Shows::Redeploy),
    ecs("UpdateService", Shows::Rollback),
    ecs("StopServiceDeployment", Shows::Stop),
    run("run.services.list", Shows::Services),
    run("run.services.get", Shows::Whole),
    run("run.revisions.list", Shows::Revisions),
    run("run.operations.get", Shows::Followed),
    run("artifactregistry.dockerImages.list", Shows::Resolution),
    run("logging.entries.list", Shows::Logs),
    run("run.services.patch", Shows::Redeploy),
    run("run.services.patch", Shows::Rollback),
];

/// What was done before the fault began.
pub struct Prepared {
    seen: Snapshot,
    started: Option<DeploymentId>,
}

impl Call {
    pub fn is_write(self) -> bool {
        matches!(self.shows, Shows::Redeploy | Shows::Rollback | Shows::Stop)
    }

    /// What the table calls it.
    pub fn title(self) -> String {
        match self.shows {
            Shows::Redeploy => format!("{} (redeploy)", self.name),
            Shows::Rollback => format!("{} (rollback)", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Whether the whole depends on it.
    pub fn is_main(self) -> bool {
        matches!(self.shows, Shows::Services | Shows::Whole | Shows::Identity | Shows::Logs)
    }

    pub async fn prepare(self, bench: &Bench) -> Prepared {
        if !matches!(self.shows, Shows::Stop | Shows::Followed) {
            return Prepared { seen: bench.until(None, "seen", |_| true).await, started: None };
        }
        let started = bench.start(Change::Redeploy).await.deployment;
        let running = |seen: &Snapshot| {
            let state = seen.deployment(&started).map(|deployment| deployment.state.state);
            self.shows == Shows::Followed || state == Some(DeploymentState::Progressing)
        };
        let seen = bench.until(Some(&started), "under way", running).await;
        Prepared { seen, started: Some(started) }
    }

    /// Makes it, and tells how it ended.
    pub async fn make(self, provider: &dyn Provider, prepared: &Prepared) -> End {
        let started = prepared.started.as_ref();
        match self.shows {
            Shows::Services => end(&provider.services().await),
            Shows::Identity => end(&provider.identity().await),
            Shows::Logs => end(&provider.logs(SERVICE, None, 10).await),
            Shows::Redeploy => self.write(provider, prepared, Change::Redeploy).await,
            Shows::Rollback => {
                let seen = &prepared.seen;
                let serving = seen.main_revision().expect("something serves").id.clone();
                let mut revisions = seen.revisions.as_ref().expect("revisions").iter();
                let to = revisions.find(|revision| revision.id != serving).expect("an older revision").id.clone();
                self.write(provider, prepared, Change::Rollback { to }).await
            }
            Shows::Stop => {
                let deployment = started.expect("a deployment to stop").clone();
                self.write(provider, prepared, Change::Stop { deployment }).await
            }
            Shows::Whole => end(&provider.observe(SERVICE, started).await),
            Shows::Deployments
            | Shows::Followed
            | Shows::Revisions
            | Shows::Definitions
            | Shows::Failures
            | Shows::Resolution
            | Shows::Targets => match provider.observe(SERVICE, started).await {
                Ok(seen) => self.part(&seen),
                Err(error) => End::Failed(Word::of(&error)),
            },
        }
    }

    fn part(self, seen: &Snapshot) -> End {
        match self.shows {
            Shows::Deployments | Shows::Followed => end(&seen.deployments),
            Shows::Revisions => end(&seen.revisions),
            Shows::Failures => end(&seen.failures),
            Shows::Resolution => end(&seen.resolution),
            Shows::Targets => end(&seen.targets),
            // Told as a fact: without it nothing but the age of definitions is unknown.
            Shows::Definitions => {
                let fact = seen.facts.iter().find(|fact| fact.label == "definitions not read");
                fact.map_or(End::Well, |fact| {
                    let said = fact.value.raw();
                    let kind = KINDS.into_iter().find(|kind| said.contains(kind.word())).expect("the kind is told");
                    End::Failed(Word { kind: kind.word().to_owned(), hint: None })
                })
            }
            Shows::Services
            | Shows::Whole
            | Shows::Identity
            | Shows::Logs
            | Shows::Redeploy
            | Shows::Rollback
            | Shows::Stop => End::Well,
        }
    }

    async fn write(self, provider: &dyn Provider, prepared: &Prepared, change: Change) -> End {
        let order = Order { change, seen: prepared.seen.fingerprint.clone() };
        match provider.start(SERVICE, &order).await {
            Ok(_) => End::Well,
            Err(StartError::Refused(error)) => End::Failed(Word::of(&error)),
            Err(StartError::Unknown(error)) => End::Unknown(Word::of(&error)),
        }
    }

    /// Whether only the kind of its error shows, and neither hint nor wait.
    pub fn shows_kind_only(self) -> bool {
        self.shows == Shows::Definitions
    }
}

const KINDS: [ErrorKind; 10] = [
    ErrorKind::Auth,
    ErrorKind::Denied,
    ErrorKind::NotFound,
    ErrorKind::Conflict,
    ErrorKind::Throttled { retry_after: None },
    ErrorKind::Unavailable,
    ErrorKind::Timeout,
    ErrorKind::Unsupported,
    ErrorKind::Rejected,
    ErrorKind::Unexpected,
];

fn end<T>(section: &Section<T>) -> End {
    match section {
        Ok(_) => End::Well,
        Err(error) => failed(error),
    }
}

fn failed(error: &ProviderError) -> End {
    End::Failed(Word::of(error))
}
