//! One world and one provider in it: an adapter over the wire, or the direct provider on the same state machine.

use std::time::Duration;

use hello_cloud::{
    DeploymentId, ErrorKind, Order, Provider, Snapshot, Started,
    aws::{self, Ecs},
    gcp::{self, CloudRun, Credentials},
};
use hello_direct::World;
use hello_local::{Control, Counts, Fault, Kind, Launch, Options, Party, Scenario, StandIn};
use tokio::time::{Instant, sleep};

pub const SERVICE: &str = "hello";
/// Nothing in the stand-in takes nearly as long, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Which cloud is on the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    Ecs,
    CloudRun,
}

/// How it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Through the shipped adapter, over the vendor's protocol, in real time.
    Wire,
    /// Straight on the state machine, under paused time.
    Direct,
}

impl Cloud {
    pub fn party(self) -> Party {
        match self {
            Self::Ecs => Party::Aws,
            Self::CloudRun => Party::Gcp,
        }
    }

    /// The call by which the provider reads the service.
    pub fn main_call(self) -> &'static str {
        match self {
            Self::Ecs => "DescribeServices",
            Self::CloudRun => "run.services.get",
        }
    }
}

/// A scenario that is played, and a provider that is connected to it.
pub struct Bench {
    pub cloud: Cloud,
    pub provider: Box<dyn Provider>,
    ground: Ground,
}

enum Ground {
    Wire(StandIn),
    Direct(World),
}

impl Bench {
    pub async fn new(cloud: Cloud, face: Face, scenario: &str) -> Self {
        let scenario = Scenario::named(scenario).unwrap();
        match face {
            Face::Wire => {
                let stand_in = StandIn::start(Options { scenario, launch: Launch::Task, port: 0 }).await.unwrap();
                let provider = connect(cloud, &stand_in, &format!("http://{}", stand_in.address())).await;
                Self { cloud, provider, ground: Ground::Wire(stand_in) }
            }
            Face::Direct => {
                let world = World::new(scenario, 0);
                let provider: Box<dyn Provider> = match cloud {
                    Cloud::Ecs => Box::new(world.ecs()),
                    Cloud::CloudRun => Box::new(world.cloud_run()),
                };
                Self { cloud, provider, ground: Ground::Direct(world) }
            }
        }
    }

    /// The stand-in with its sockets, where there is one.
    pub fn stand_in(&self) -> &StandIn {
        match &self.ground {
            Ground::Wire(stand_in) => stand_in,
            Ground::Direct(_) => panic!("a direct provider has no sockets"),
        }
    }

    pub fn control(&self) -> Control {
        self.stand_in().control()
    }

    /// The same provider again, which remembers nothing.
    #[allow(dead_code, reason = "for the table of faults")]
    pub async fn afresh(&self) -> Box<dyn Provider> {
        self.provider_of(self.cloud).await
    }

    /// A provider of the other cloud in the same world.
    #[allow(dead_code, reason = "for the table of faults")]
    pub async fn beside(&self) -> Box<dyn Provider> {
        self.provider_of(match self.cloud {
            Cloud::Ecs => Cloud::CloudRun,
            Cloud::CloudRun => Cloud::Ecs,
        })
        .await
    }

    #[allow(dead_code, reason = "for the table of faults")]
    async fn provider_of(&self, cloud: Cloud) -> Box<dyn Provider> {
        match (&self.ground, cloud) {
            (Ground::Wire(stand_in), _) => connect(cloud, stand_in, &format!("http://{}", stand_in.address())).await,
            (Ground::Direct(world), Cloud::Ecs) => Box::new(world.ecs()),
            (Ground::Direct(world), Cloud::CloudRun) => Box::new(world.cloud_run()),
        }
    }

    /// The same adapter at another address.
    pub async fn elsewhere(&self, address: &str) -> Box<dyn Provider> {
        connect(self.cloud, self.stand_in(), address).await
    }

    /// Lets calls of this cloud fail from now on; all of them, or the one that is named.
    pub fn trouble(&self, call: Option<&str>, kind: Kind) {
        let call = call.map(str::to_owned);
        let fault = Fault { cloud: self.cloud.party(), call, from: 0.0, until: None, kind };
        match &self.ground {
            Ground::Wire(stand_in) => stand_in.control().add_fault(fault),
            Ground::Direct(world) => world.with(|simulation| {
                let now = simulation.now();
                simulation.faults().add(now, fault);
            }),
        }
    }

    pub fn clear_faults(&self) {
        match &self.ground {
            Ground::Wire(stand_in) => stand_in.control().clear_faults(),
            Ground::Direct(world) => world.with(|simulation| simulation.faults().clear()),
        }
    }

    /// Switches the API of this cloud off or on.
    pub fn switch(&self, on: bool) {
        match &self.ground {
            Ground::Wire(stand_in) => stand_in.control().switch(self.cloud.party(), on),
            Ground::Direct(world) => world.with(|simulation| simulation.faults().switch(self.cloud.party(), on)),
        }
    }

    /// Calls so far.
    pub fn counts(&self) -> Counts {
        match &self.ground {
            Ground::Wire(stand_in) => stand_in.control().counts(),
            Ground::Direct(world) => world.with(|simulation| simulation.counts().clone()),
        }
    }

    /// Writes so far, both clouds.
    pub fn writes(&self) -> u64 {
        self.counts().writes.values().sum()
    }

    /// The commit that the live instances say they were built from.
    pub fn served_commit(&self) -> Option<String> {
        match &self.ground {
            Ground::Wire(stand_in) => stand_in.control().instances().first().map(|instance| instance.commit.clone()),
            Ground::Direct(world) => world.with(|simulation| {
                let provider = match self.cloud {
                    Cloud::Ecs => hello_local::Provider::Aws,
                    Cloud::CloudRun => hello_local::Provider::Gcp,
                };
                simulation.serve(provider, 0).map(|served| served.commit)
            }),
        }
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
            match self.provider.observe(SERVICE, follow).await {
                Ok(snapshot) if is(&snapshot) => return snapshot,
                // A busy machine may miss a deadline: that is no answer yet. Any other error is one.
                Err(error) if error.kind != ErrorKind::Timeout => panic!("never {what}: {error}"),
                seen => assert!(Instant::now() < end, "never {what}: {seen:#?}"),
            }
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
        match self.ground {
            Ground::Wire(stand_in) => {
                let problems = stand_in.control().problems();
                stand_in.stop().await.unwrap();
                assert!(problems.is_empty(), "{problems:?}");
            }
            Ground::Direct(_) => {}
        }
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

/// Makes a test of each function for each cloud and each face, named after them: `ecs::wire::name`. What only one of the
/// clouds can do stands behind its name.
#[macro_export]
macro_rules! contract {
    (both: $($both:ident),+; ecs: $($ecs:ident),*; cloud_run: $($run:ident),* $(;)?) => {
        mod ecs {
            $crate::faces!($crate::bench::Cloud::Ecs, $($both,)+ $($ecs),*);
        }
        mod cloud_run {
            $crate::faces!($crate::bench::Cloud::CloudRun, $($both,)+ $($run),*);
        }
    };
}

/// The same functions through both faces.
#[macro_export]
macro_rules! faces {
    ($cloud:expr, $($name:ident),* $(,)?) => {
        mod wire {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::super::$name($cloud, $crate::bench::Face::Wire).await;
            })*
        }
        mod direct {
            $(#[tokio::test(start_paused = true)]
            async fn $name() {
                super::super::$name($cloud, $crate::bench::Face::Direct).await;
            })*
        }
    };
}
