//! Real answers: the adapters read a stand-in in several states, and a relay between them keeps every answer.

use std::{collections::BTreeMap, time::Duration};

use hello_cloud::{
    Budgets, BuildSource, Change, Order, Provider,
    aws::{self, Ecs},
    builds::{CloudBuild, GitHubActions},
    gcp::{self, CloudRun, Credentials},
};
use hello_local::{Launch, Options, Scenario, StandIn};

use super::relay::Relay;

/// One real answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Real {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Real answers by call: `DescribeServices`, `run.services.get`. Every one of them once.
pub type Corpus = BTreeMap<&'static str, Vec<Real>>;

/// States worth recording.
const SCENARIOS: [&str; 6] = ["steady", "tag-moved", "no-history", "held", "denied", "builds-fail"];

/// Records it. Takes a few seconds.
pub async fn record() -> Corpus {
    let mut corpus = Corpus::new();
    let mut scenes = tokio::task::JoinSet::new();
    for scenario in SCENARIOS {
        scenes.spawn(scene(scenario));
    }
    for heard in scenes.join_all().await {
        for heard in heard {
            if let Some(call) = call_of(&heard.asked) {
                let call = if call.contains('.') && heard.status >= 400 { "refusal" } else { call };
                corpus.entry(call).or_default().push(Real { status: heard.status, body: heard.body });
            }
        }
    }
    for answers in corpus.values_mut() {
        answers.sort();
        answers.dedup();
    }
    corpus
}

async fn scene(scenario: &str) -> Vec<super::relay::Heard> {
    let scenario = Scenario::named(scenario).expect("a scenario of the stand-in");
    let options = Options { scenario, launch: Launch::Task, port: 0 };
    let stand_in = StandIn::start(options).await.expect("the stand-in runs");
    let relay = Relay::start(stand_in.address()).await.expect("a free port");
    let address = format!("http://{}", relay.address);
    let ecs = Ecs::new(settings(Some(address.clone()), None)).await;
    let credentials = Credentials::Json(stand_in.adc());
    let run = CloudRun::new(gcp::Settings {
        project: "acme-local".into(),
        region: "europe-west1".into(),
        run: Some(address.clone()),
        artifacts: Some(address.clone()),
        logging: Some(address.clone()),
        credentials: credentials.clone(),
        budgets: Budgets::default(),
    })
    .expect("settings");
    for provider in [&ecs as &dyn Provider, &run] {
        look(provider, None).await;
        let seen = provider.observe("hello", None).await;
        let Ok(seen) = seen else { continue };
        let order = Order { change: Change::Redeploy, seen: seen.fingerprint };
        if let Ok(started) = provider.start("hello", &order).await {
            for _ in 0..2 {
                tokio::time::sleep(Duration::from_millis(1200)).await;
                look(provider, Some(&started.deployment)).await;
            }
        }
    }
    let github =
        GitHubActions::new("acme/hello", None, &address, Some("stand-in-github-token".into())).expect("settings");
    let cloud_build = CloudBuild::new("acme-local", "europe-west1", Some(&address), &credentials).expect("settings");
    for source in [&github as &dyn BuildSource, &cloud_build] {
        // What it answers is what is wanted; whether it is good is for other tests.
        let _ = source.recent(20).await;
    }
    let heard = relay.heard();
    stand_in.stop().await.expect("the stand-in ends");
    heard
}

async fn look(provider: &dyn Provider, follow: Option<&hello_cloud::DeploymentId>) {
    let _ = provider.observe("hello", follow).await;
    let _ =
        tokio::join!(provider.services(), provider.summaries(), provider.identity(), provider.logs("hello", None, 50));
}

/// An AWS adapter at an address, or behind a client of ours.
pub fn settings(
    endpoint: Option<String>,
    http: Option<aws_smithy_runtime_api::client::http::SharedHttpClient>,
) -> aws::Settings {
    aws::Settings {
        region: "eu-central-1".into(),
        cluster: "hello".into(),
        profile: None,
        endpoint,
        credentials: Some(aws::Keys { id: "AKIASTANDINSTANDIN00".into(), secret: "stand-in".into() }),
        budgets: Budgets::default(),
        http,
    }
}

/// Calls by a part of what was asked, the longer parts first where one holds another.
const CALLS: [(&str, &str); 24] = [
    ("DescribeServiceDeployments", "DescribeServiceDeployments"),
    ("DescribeServiceRevisions", "DescribeServiceRevisions"),
    ("DescribeServices", "DescribeServices"),
    ("ListServiceDeployments", "ListServiceDeployments"),
    ("ListServices", "ListServices"),
    ("DescribeTaskDefinition", "DescribeTaskDefinition"),
    ("ListTaskDefinitions", "ListTaskDefinitions"),
    ("DescribeTasks", "DescribeTasks"),
    ("ListTasks", "ListTasks"),
    ("UpdateService", "UpdateService"),
    ("DescribeImages", "DescribeImages"),
    ("DescribeTargetHealth", "DescribeTargetHealth"),
    ("GetCallerIdentity", "GetCallerIdentity"),
    ("FilterLogEvents", "FilterLogEvents"),
    ("/dockerImages", "artifactregistry.dockerimages.list"),
    ("/v2/entries:list", "logging.logEntries.list"),
    ("/operations/", "run.operations.get"),
    ("/revisions", "run.revisions.list"),
    ("GET /v2/projects/acme-local/locations/europe-west1/services/hello", "run.services.get"),
    ("PATCH /v2/", "run.operations.get"),
    ("/services?", "run.services.list"),
    ("/actions/runs/", "github.jobs"),
    ("/actions/runs", "github.runs"),
    ("/builds", "cloudbuild.builds.list"),
];

/// All of them.
pub fn calls() -> impl Iterator<Item = &'static str> {
    CALLS.iter().map(|(_, call)| *call).chain(["refusal"])
}

/// Which call was asked for; `None` for what is no call, such as a token.
pub fn call_of(asked: &str) -> Option<&'static str> {
    CALLS.iter().find(|(part, _)| asked.contains(part)).map(|(_, call)| *call)
}
