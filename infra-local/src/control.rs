//! What a person or a test may do to a running stand-in: look at its state, inject and clear faults, switch a cloud off,
//! make the service sick. As methods, and over HTTP under `/_local/`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    clouds::{Clouds, repository},
    fault::{Aimed, FaultText, Party},
    instance::{Manner, Provider},
    scenario::LONGEST_LAG,
    site::{Counts, Live, Site},
    wire::{Asked, Reply},
};

/// A handle on a running stand-in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    site: Arc<Site>,
}

impl Control {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self { site }
    }

    /// Injects a fault; its times count from now.
    pub fn add_fault(&self, fault: impl Into<Aimed>) {
        self.site.faults().add(self.site.clock.now(), fault);
    }

    /// Takes all faults back, those of the scenario included.
    pub fn clear_faults(&self) {
        self.site.faults().clear();
    }

    /// Switches a cloud's API off (connections are closed without an answer) or on. The service itself goes on.
    pub fn switch(&self, party: Party, on: bool) {
        self.site.faults().switch(party, on);
    }

    /// From now on all instances of a cloud answer with this status on every route but `/readyz`. `None`: they are well.
    pub fn answer(&self, provider: Provider, status: Option<u16>) {
        self.site.answers().by_hand.insert(provider, status);
        self.site.wake.notify_one();
    }

    /// From now on all instances of a cloud say that they are ready, as far as they are, or that they are not.
    pub fn say_ready(&self, provider: Provider, ready: bool) {
        self.site.answers().ready_by_hand.insert(provider, ready);
        self.site.wake.notify_one();
    }

    /// From now on readers of both clouds see each write this much later.
    pub fn set_lag(&self, lag: Duration) {
        self.site.clouds().set_lag(lag);
    }

    /// Pushes the image of one of the repository's commits to both registries, and moves its tag there; returns its digest. `None`: there
    /// is no such commit.
    pub fn push(&self, commit: &str, manner: Manner) -> Option<String> {
        let commit = repository::commit(commit)?;
        let now = self.site.clock.now();
        Some(self.with_clouds(|clouds| clouds.images.push_anew(commit, manner, now)))
    }

    /// Calls so far.
    pub fn counts(&self) -> Counts {
        self.site.counts()
    }

    /// Writes so far, both clouds.
    pub fn writes(&self) -> u64 {
        self.site.counts().writes.values().sum()
    }

    /// Live instances.
    pub fn instances(&self) -> Vec<Live> {
        self.site.fleet().values().cloned().collect()
    }

    /// What went wrong inside the stand-in itself, newest first.
    pub fn problems(&self) -> Vec<String> {
        self.site.problems()
    }

    /// Looks at, or changes, the clouds themselves, for tests of what no call can bring about.
    pub fn with_clouds<T>(&self, look: impl FnOnce(&mut Clouds) -> T) -> T {
        let answer = look(&mut self.site.clouds());
        self.site.wake.notify_one();
        answer
    }

    /// Everything at once, as `GET /_local/state` answers.
    pub fn state(&self) -> Value {
        state(&self.site)
    }
}

fn state(site: &Site) -> Value {
    let now = site.clock.now();
    let (aws, gcp) = {
        let clouds = site.clouds();
        let hello = clouds.ecs.hello();
        let aws = json!({
            "url": site.public_url(Provider::Aws),
            "deployment": hello.map(|service| service.current().status.word()),
            "definition": hello.map(|service| service.wished().definition.clone()),
        });
        let run = &clouds.run;
        let gcp = json!({
            "url": site.public_url(Provider::Gcp),
            "reconciling": run.is_reconciling(),
            "newest": run.revisions[run.latest_created()].name,
        });
        (aws, gcp)
    };
    let clouds = [(Party::Aws, "aws", aws), (Party::Gcp, "gcp", gcp), (Party::Github, "github", json!({}))];
    let faults = site.faults();
    let clouds = clouds.into_iter().map(|(party, name, mut value)| {
        value["on"] = json!(faults.is_on(party));
        (name.to_owned(), value)
    });
    let instances: Vec<Value> = site
        .fleet()
        .iter()
        .map(|(id, live)| {
            let mut value = json!(live);
            value["id"] = json!(id);
            value
        })
        .collect();
    let counts = site.counts();
    json!({
        "scenario": site.scenario,
        "seconds": now.since(site.clock.origin()).as_secs_f64(),
        "clouds": clouds.collect::<serde_json::Map<_, _>>(),
        "faults": faults.pending(now),
        "instances": instances,
        "calls": counts.calls,
        "writes": counts.writes,
        "problems": site.problems(),
    })
}

/// Answers under `/_local/`; `path` is what comes after it.
pub(crate) fn answer(site: &Arc<Site>, path: &str, asked: &Asked) -> Reply {
    let control = Control::new(Arc::clone(site));
    let done = || Reply::json(200, "application/json", &json!({"done": true}));
    let wrong = |problem: &str| Reply::json(400, "application/json", &json!({"error": problem}));
    match (asked.method.as_str(), path) {
        ("GET", "state") => Reply::json(200, "application/json", &control.state()),
        ("POST", "faults") => match read_fault(asked) {
            Ok(fault) => {
                control.add_fault(fault);
                done()
            }
            Err(problem) => wrong(&problem),
        },
        ("POST", "images") => match push(&control, asked) {
            Ok(digest) => Reply::json(200, "application/json", &json!({"digest": digest})),
            Err(problem) => wrong(&problem),
        },
        ("DELETE", "faults") => {
            control.clear_faults();
            done()
        }
        ("PUT", _) => match put(&control, path, asked) {
            Ok(()) => done(),
            Err(problem) => wrong(&problem),
        },
        _ => Reply::json(404, "application/json", &json!({"error": "there is no such control"})),
    }
}

fn read_fault(asked: &Asked) -> Result<Aimed, String> {
    serde_json::from_slice::<FaultText>(&asked.body).map_err(|error| error.to_string())?.try_into()
}

/// `{"commit": sha, "manner": "well" | "crash" | "never-ready" | "sick"}`.
fn push(control: &Control, asked: &Asked) -> Result<String, String> {
    let body = asked.json().map_err(|error| error.to_string())?;
    let manner = match &body["manner"] {
        Value::Null => Manner::Well,
        word => serde_json::from_value(word.clone()).map_err(|error| error.to_string())?,
    };
    let commit = body["commit"].as_str().ok_or("\"commit\" must be a commit of the repository")?;
    control.push(commit, manner).ok_or_else(|| format!("the repository has no commit {commit:?}"))
}

/// `lag` with `{"seconds": 5}`, `clouds/{aws|gcp|github}` with `{"on": bool}`, `clouds/{aws|gcp}/answer` with `{"status": 500}` or `{"status": null}`,
/// `clouds/{aws|gcp}/ready` with `{"ready": bool}`.
fn put(control: &Control, path: &str, asked: &Asked) -> Result<(), String> {
    let body = asked.json().map_err(|error| error.to_string())?;
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["lag"] => {
            let seconds = body["seconds"].as_f64().filter(|seconds| (0.0..=LONGEST_LAG).contains(seconds));
            let seconds = seconds.ok_or_else(|| format!("\"seconds\" must be from 0 to {LONGEST_LAG}"))?;
            control.set_lag(Duration::from_secs_f64(seconds));
        }
        ["clouds", cloud] => {
            let party: Party = read(cloud)?;
            control.switch(party, body["on"].as_bool().ok_or("\"on\" must be true or false")?);
        }
        ["clouds", cloud, "answer"] => {
            let provider: Provider = read(cloud)?;
            let status = match &body["status"] {
                Value::Null => None,
                value => {
                    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
                    Some(
                        status
                            .filter(|status| (200..=599).contains(status))
                            .ok_or("\"status\" must be from 200 to 599")?,
                    )
                }
            };
            control.answer(provider, status);
        }
        ["clouds", cloud, "ready"] => {
            let provider: Provider = read(cloud)?;
            control.say_ready(provider, body["ready"].as_bool().ok_or("\"ready\" must be true or false")?);
        }
        _ => return Err("there is no such control".to_owned()),
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, String> {
    serde_json::from_value(json!(word)).map_err(|_| format!("there is no cloud {word:?}"))
}
