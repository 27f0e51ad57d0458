//! One stand-in and one adapter on it.

use std::time::Duration;

use hello_cloud::{
    DeploymentId, Order, Provider, Snapshot, Started,
    aws::{self, Ecs},
    gcp::{self, CloudRun, Credentials},
};
use hello_local::{Control, Fault, Kind, Launch, Options, Party, Scenario, StandIn};
use tokio::time::{Instant, sleep};

pub const SERVICE: &str = "hello";
/// Nothing in the stand-in takes nearly as long, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Which adapter is on the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    Ecs,
    CloudRun,
}

impl Cloud {
    pub fn party(self) -> Party {
        match self {
            Self::Ecs => Party::Aws,
            Self::CloudRun => Party::Gcp,
        }
    }

    /// The call by which the adapter reads the service.
    pub fn main_call(self) -> &'static str {
        match self {
            Self::Ecs => "DescribeServices",
            Self::CloudRun => "run.services.get",
        }
    }
}

/// A stand-in that plays a scenario, and an adapter that is connected to it.
pub struct Bench {
    pub cloud: Cloud,
    pub stand_in: StandIn,
    pub provider: Box<dyn Provider>,
    pub control: Control,
}

impl Bench {
    pub async fn new(cloud: Cloud, scenario: &str) -> Self {
        let scenario = Scenario::named(scenario).unwrap();
        let stand_in = StandIn::start(Options { scenario, launch: Launch::Task, port: 0 }).await.unwrap();
        let provider = connect(cloud, &stand_in, &format!("http://{}", stand_in.address())).await;
        let control = stand_in.control();
        Self { cloud, stand_in, provider, control }
    }

    /// The same adapter at another address.
    pub async fn elsewhere(&self, address: &str) -> Box<dyn Provider> {
        connect(self.cloud, &self.stand_in, address).await
    }

    /// Lets calls of this cloud fail from now on; all of them, or the one that is named.
    pub fn trouble(&self, call: Option<&str>, kind: Kind) {
        let call = call.map(str::to_owned);
        self.control.add_fault(Fault { cloud: self.cloud.party(), call, from: 0.0, until: None, kind });
    }

    pub async fn observe(&self) -> Snapshot {
        self.provider.observe(SERVICE, None).await.unwrap()
    }

    /// Starts a change on what is seen now.
    pub async fn start(&self, change: hello_cloud::Change) -> Started {
        let seen = self.observe().await.fingerprint;
        self.provider.start(SERVICE, &Order { change, seen }).await.unwrap()
    }

    /// Observes until something is true of the snapshot, and gives that snapshot.
    pub async fn until(&self, follow: Option<&DeploymentId>, what: &str, is: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let end = Instant::now() + PATIENCE;
        loop {
            let snapshot = self.provider.observe(SERVICE, follow).await.unwrap();
            if is(&snapshot) {
                return snapshot;
            }
            assert!(Instant::now() < end, "never {what}: {snapshot:#?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Follows a deployment by its id until it settles. It must be seen all the way.
    pub async fn settled(&self, started: &Started) -> Snapshot {
        self.until(Some(&started.deployment), "settled", |snapshot| {
            let deployment = snapshot.deployment(&started.deployment).expect("the deployment we started is visible");
            deployment.state.state.is_settled()
        })
        .await
    }

    pub async fn stop(self) {
        let problems = self.control.problems();
        self.stand_in.stop().await.unwrap();
        assert!(problems.is_empty(), "{problems:?}");
    }
}

async fn connect(cloud: Cloud, stand_in: &StandIn, address: &str) -> Box<dyn Provider> {
    match cloud {
        Cloud::Ecs => {
            let variables = stand_in.environment();
            let variable =
                |name| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap();
            let keys = aws::Keys { id: variable("AWS_ACCESS_KEY_ID"), secret: variable("AWS_SECRET_ACCESS_KEY") };
            let settings = aws::Settings {
                region: variable("AWS_REGION"),
                cluster: "hello".into(),
                profile: None,
                endpoint: Some(address.to_owned()),
                credentials: Some(keys),
                ..aws::Settings::default()
            };
            Box::new(Ecs::new(settings).await)
        }
        Cloud::CloudRun => {
            let settings = gcp::Settings {
                project: "acme-local".into(),
                region: "europe-west1".into(),
                run: Some(address.to_owned()),
                artifacts: Some(address.to_owned()),
                logging: Some(address.to_owned()),
                credentials: Credentials::Json(stand_in.adc()),
                ..gcp::Settings::default()
            };
            Box::new(CloudRun::new(settings).unwrap())
        }
    }
}

/// Makes a test of each function for each adapter, named after it.
#[macro_export]
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod ecs {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::bench::Cloud::Ecs).await;
            })+
        }
        mod cloud_run {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::bench::Cloud::CloudRun).await;
            })+
        }
    };
}
