//! A call without a wire: it is counted, takes as long as the faults say, and fails as they say. Reads are tried again
//! within a deadline, a write is sent once.

use std::time::Duration;

use hello_cloud::{ErrorKind, ProviderError, StartError};
use hello_local::{Kind, Moment, Party, clouds::Clouds};
use tokio::time::{Instant, sleep};

use crate::World;

/// One attempt takes no longer.
const ATTEMPT: Duration = Duration::from_secs(5);
/// All attempts of a read together take no longer.
const DEADLINE: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// How long the trace of a write without an answer is looked for.
const SEARCH: Duration = Duration::from_secs(10);
/// The longest wait that a cloud's word makes anybody wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Whose faults it meets.
    pub party: Party,
    /// Its name in faults and counts: `DescribeServices`, `run.services.get`.
    pub name: &'static str,
    /// Its name in IAM, which errors give: `ecs:DescribeServices`.
    pub iam: &'static str,
}

impl Call {
    /// A call of ECS or ECR.
    pub const fn aws(name: &'static str, iam: &'static str) -> Self {
        Self { party: Party::Aws, name, iam }
    }

    /// A call of Google Cloud.
    pub const fn gcp(name: &'static str, iam: &'static str) -> Self {
        Self { party: Party::Gcp, name, iam }
    }

    /// An error of this call.
    pub fn error(self, kind: ErrorKind, message: impl Into<String>) -> ProviderError {
        ProviderError::new(kind, self.iam, message)
    }

    /// Arrives, and waits as long as the call takes. `Err(None)`: longer than anybody waits.
    async fn arrive(self, world: &World, write: bool, left: Duration) -> Result<(), Option<Kind>> {
        let fate = world.with(|simulation| simulation.arrive(self.party, self.name, write));
        let patience = ATTEMPT.min(left);
        sleep(fate.latency.min(patience)).await;
        if fate.latency >= patience {
            return Err(None);
        }
        // Without signatures nobody's clock matters.
        fate.trouble.map_or(Ok(()), |kind| Err(Some(kind)))
    }

    /// Reads.
    pub async fn read<T>(
        self,
        world: &World,
        look: impl Fn(&Clouds, Moment) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let begun = Instant::now();
        let mut attempt = 1;
        loop {
            let error = match self.arrive(world, false, DEADLINE.saturating_sub(begun.elapsed())).await {
                Ok(()) => {
                    return world.with(|simulation| {
                        let now = simulation.now();
                        look(simulation.clouds(), now)
                    });
                }
                Err(trouble) => self.failed(trouble),
            };
            let pause = match error.kind {
                ErrorKind::Throttled { retry_after: Some(after) } => after,
                _ => PAUSE * attempt,
            };
            if !error.kind.is_passing() || attempt == ATTEMPTS || begun.elapsed() + pause >= DEADLINE {
                return Err(error);
            }
            attempt += 1;
            sleep(pause).await;
        }
    }

    /// Reads nothing: only whether the call would be answered.
    pub async fn pass(self, world: &World) -> Result<(), ProviderError> {
        self.read(world, |_, _| Ok(())).await
    }

    /// Writes, once. Where the answer is lost after the cloud did what was asked, the trace of it is found; where it is
    /// lost before, there is none, and nobody knows.
    pub async fn write<T>(
        self,
        world: &World,
        ask: impl FnOnce(&mut Clouds, Moment) -> Result<T, ProviderError>,
    ) -> Result<T, StartError> {
        let arrived = self.arrive(world, true, DEADLINE).await;
        let applied = match arrived {
            Ok(()) => true,
            Err(trouble) => trouble.is_some_and(|kind| kind.comes_after() && is_ambiguous(kind)),
        };
        if applied {
            return world.with(|simulation| simulation.ask(self.name, ask)).map_err(StartError::Refused);
        }
        let trouble = arrived.err().flatten();
        let error = self.failed(trouble);
        if trouble.is_none_or(is_ambiguous) {
            sleep(SEARCH).await;
            return Err(StartError::Unknown(error));
        }
        Err(StartError::Refused(error))
    }

    fn failed(self, trouble: Option<Kind>) -> ProviderError {
        let Some(trouble) = trouble else {
            return self.error(ErrorKind::Timeout, "no answer within the deadline");
        };
        let seconds = |seconds| Duration::from_secs(seconds).min(LONGEST_WAIT);
        match trouble {
            Kind::Latency { .. } | Kind::ClockSkew { .. } => {
                self.error(ErrorKind::Timeout, "no answer within the deadline")
            }
            Kind::Throttle { retry_after } => {
                self.error(ErrorKind::Throttled { retry_after: retry_after.map(seconds) }, "too many requests")
            }
            Kind::Error { status: 500..=599 } => self.error(ErrorKind::Unavailable, "temporarily unavailable"),
            Kind::Error { status } => self.error(ErrorKind::Unexpected, format!("HTTP status {status}")),
            Kind::Off | Kind::ResetBefore | Kind::ResetAfter | Kind::Truncated => {
                self.error(ErrorKind::Unavailable, "the connection was closed")
            }
            Kind::Malformed | Kind::Endless => self.error(ErrorKind::Unexpected, "an answer that cannot be read"),
            Kind::Denied => {
                let grant = format!("grant {} to the identity you are signed in with", self.iam);
                self.error(ErrorKind::Denied, "not allowed").hint(grant)
            }
            Kind::Expired => {
                let sign_in = match self.party {
                    Party::Aws => "aws sso login",
                    Party::Gcp | Party::Github => "gcloud auth application-default login",
                };
                self.error(ErrorKind::Auth, "the sign-in has ended").hint(sign_in)
            }
        }
    }
}

/// Whether the call may have taken effect, as far as the caller can tell.
fn is_ambiguous(kind: Kind) -> bool {
    match kind {
        Kind::Error { status } => status >= 500,
        Kind::Latency { .. }
        | Kind::Off
        | Kind::ResetBefore
        | Kind::ResetAfter
        | Kind::Truncated
        | Kind::Malformed
        | Kind::Endless => true,
        Kind::Throttle { .. } | Kind::Denied | Kind::Expired | Kind::ClockSkew { .. } => false,
    }
}
