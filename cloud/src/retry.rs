//! How a read is made: in turn with every other call of its account, within a deadline, again after a passing failure.
//! One way for every adapter. Writes do not come here: they are sent once.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::{Instant, sleep, timeout};

use crate::{
    budget::{Allowance, Budget, Budgets},
    error::{ErrorKind, ProviderError},
    model::Slowed,
};

/// All attempts of a read together take no longer, waits included.
const DEADLINE: Duration = Duration::from_secs(10);
/// The reads of one observation end by then, however many of them hang one after the other. Each ends as a part that fails
/// alone, a moment before the observation as a whole is given up.
const OBSERVATION: Duration = Duration::from_secs(14);
const ATTEMPTS: u32 = 3;
/// The pause before the second attempt; before the third it is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// An attempt needs about as long; a pause that leaves less is the caller's to make.
const ROOM: Duration = Duration::from_millis(500);

/// The budget that calls draw from. For one observation also how long its calls waited for it, and when they end.
#[derive(Clone)]
pub(crate) struct Turns {
    account: Arc<Account>,
    /// In milliseconds.
    waited: Arc<AtomicU64>,
    /// When the observation has to be complete.
    end: Option<Instant>,
}

/// Which budget an account draws from; becomes exact when the account's name is known.
struct Account {
    budgets: Budgets,
    allowance: Allowance,
    budget: Mutex<Arc<Budget>>,
}

impl Turns {
    /// Turns of the account behind a key.
    pub fn new(budgets: &Budgets, key: &str, allowance: Allowance) -> Self {
        let budget = Mutex::new(budgets.of(key, allowance));
        let account = Account { budgets: budgets.clone(), allowance, budget };
        Self { account: Arc::new(account), waited: Arc::default(), end: None }
    }

    /// The same budget for an observation that begins now: with a count of its own of what was waited, and an end.
    pub fn anew(&self) -> Self {
        let end = Instant::now().checked_add(OBSERVATION);
        Self { account: Arc::clone(&self.account), waited: Arc::default(), end }
    }

    /// From now on the budget behind another key: two sign-ins turned out to be one account.
    pub fn join(&self, key: &str) {
        let joined = self.account.budgets.of(key, self.account.allowance);
        *self.account.budget.lock().unwrap_or_else(PoisonError::into_inner) = joined;
    }

    /// How far the budget is from whole; `None` when it is whole and nothing waited.
    pub fn slowed(&self) -> Option<Slowed> {
        self.budget().slowed(Duration::from_millis(self.waited.load(Ordering::Relaxed)))
    }

    /// A write is about to go. It does not wait.
    pub fn spend(&self) {
        self.budget().spend();
    }

    /// Hears how a call ended.
    pub fn heard(&self, error: &ProviderError) {
        if let ErrorKind::Throttled { retry_after } = error.kind {
            self.budget().throttled(retry_after);
        }
    }

    /// Leaves the account alone for so long: it said that nothing is left.
    pub fn pause(&self, duration: Duration) {
        self.budget().pause(duration);
    }

    fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.account.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn turn(&self, call: &'static str, left: Duration) -> Result<(), ProviderError> {
        let waited = self.budget().turn(call, left).await?;
        self.waited.fetch_add(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(())
    }
}

/// Reads: attempt after attempt until one ends well, or not in a passing way, or the time is over.
pub(crate) async fn read<T, E, F>(turns: &Turns, call: &'static str, attempt: impl Fn() -> F) -> Result<T, E>
where
    E: From<ProviderError> + AsRef<ProviderError>,
    F: Future<Output = Result<T, E>>,
{
    let begun = Instant::now();
    let whole = turns.end.map_or(DEADLINE, |end| DEADLINE.min(end.saturating_duration_since(begun)));
    let left = || whole.saturating_sub(begun.elapsed());
    if whole.is_zero() {
        return Err(ProviderError::new(ErrorKind::Timeout, call, "no time was left to ask").into());
    }
    let mut number = 1;
    loop {
        // A turn that does not come in time ends the read: the budget said how long to wait, and we would only ask again.
        turns.turn(call, left()).await?;
        let error = match timeout(left(), attempt()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => ProviderError::new(ErrorKind::Timeout, call, "no answer within the deadline").into(),
        };
        let kind = error.as_ref().kind;
        turns.heard(error.as_ref());
        let asked = error.as_ref().retry_after().unwrap_or_default();
        let pause = asked.max(jitter(PAUSE * number));
        if !kind.is_passing() || number == ATTEMPTS || pause.saturating_add(ROOM) >= left() {
            return Err(error);
        }
        number += 1;
        sleep(pause).await;
    }
}

/// Between half and all of a pause, so that many clients do not come back in step.
pub(crate) fn jitter(pause: Duration) -> Duration {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    pause / 2 + (pause / 2) * (nanos % 1000) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure as adapters have them.
    #[derive(Debug)]
    struct Failure(ProviderError);

    impl From<ProviderError> for Failure {
        fn from(error: ProviderError) -> Self {
            Self(error)
        }
    }

    impl AsRef<ProviderError> for Failure {
        fn as_ref(&self) -> &ProviderError {
            &self.0
        }
    }

    const USUAL: Allowance = Allowance { rate: 10.0, burst: 10.0 };

    /// How many attempts a read takes that fails so each time, and how it ends.
    async fn attempts(turns: &Turns, kind: ErrorKind) -> (u64, ErrorKind, Duration) {
        let count = AtomicU64::new(0);
        let begun = Instant::now();
        let end: Result<(), Failure> = read(turns, "call", || async {
            count.fetch_add(1, Ordering::Relaxed);
            Err(Failure(ProviderError::new(kind, "call", "no")))
        })
        .await;
        (count.into_inner(), end.unwrap_err().0.kind, begun.elapsed())
    }

    fn turns() -> Turns {
        Turns::new(&Budgets::default(), "account", USUAL)
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_passes_is_tried_again() {
        assert_eq!(attempts(&turns(), ErrorKind::Unavailable).await.0, 3);
        for kind in [ErrorKind::Auth, ErrorKind::Denied, ErrorKind::NotFound, ErrorKind::Unexpected] {
            assert_eq!(attempts(&turns(), kind).await.0, 1, "{kind:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_the_cloud_asks_for_is_kept_where_it_fits() {
        let short = ErrorKind::Throttled { retry_after: Some(Duration::from_secs(2)) };
        let (n, kind, took) = attempts(&turns(), short).await;
        assert_eq!((n, kind), (3, short));
        assert!(took >= Duration::from_secs(4) && took < Duration::from_secs(5), "{took:?}");
        let long = ErrorKind::Throttled { retry_after: Some(Duration::from_secs(30)) };
        let (n, kind, took) = attempts(&turns(), long).await;
        assert_eq!((n, kind, took), (1, long, Duration::ZERO), "the caller's to make");
    }

    #[tokio::test(start_paused = true)]
    async fn so_is_the_wait_of_a_cloud_that_is_down() {
        for (wait, attempts) in [(2, 3), (30, 1)] {
            let (begun, count) = (Instant::now(), AtomicU64::new(0));
            let end: Result<(), Failure> = read(&turns(), "call", || async {
                count.fetch_add(1, Ordering::Relaxed);
                let down = ProviderError::new(ErrorKind::Unavailable, "call", "no");
                Err(Failure(down.after(Some(Duration::from_secs(wait)))))
            })
            .await;
            assert_eq!(end.unwrap_err().0.retry_after(), Some(Duration::from_secs(wait)));
            assert_eq!(count.into_inner(), attempts);
            assert_eq!(begun.elapsed(), Duration::from_secs(wait) * u32::try_from(attempts - 1).unwrap());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_holds_back_every_call_of_the_account_and_is_told() {
        let budgets = Budgets::default();
        let (one, other) = (Turns::new(&budgets, "profile", USUAL), Turns::new(&budgets, "other profile", USUAL));
        let asked = ErrorKind::Throttled { retry_after: Some(Duration::from_secs(30)) };
        attempts(&one, asked).await;
        assert_eq!(other.slowed(), None, "another sign-in, as far as is known");
        one.join("aws:1");
        other.join("aws:1");
        attempts(&one, asked).await;
        let (n, kind, _) = attempts(&other, ErrorKind::Unavailable).await;
        assert_eq!((n, kind), (0, asked), "not even sent");
        assert_eq!(other.slowed().unwrap().pause, Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_without_end_ends_at_the_deadline() {
        let begun = Instant::now();
        let end: Result<(), Failure> = read(&turns(), "call", std::future::pending).await;
        assert_eq!(end.unwrap_err().0.kind, ErrorKind::Timeout);
        assert_eq!(begun.elapsed(), DEADLINE);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_an_observation_that_hang_one_after_the_other_end_together() {
        let (begun, one) = (Instant::now(), turns().anew());
        let hang = || read::<(), Failure, _>(&one, "call", std::future::pending);
        let mut ends = Vec::new();
        for _ in 0..3 {
            assert_eq!(hang().await.unwrap_err().0.kind, ErrorKind::Timeout);
            ends.push(begun.elapsed());
        }
        assert_eq!(ends, [DEADLINE, OBSERVATION, OBSERVATION], "the third had no time left");
    }

    #[tokio::test(start_paused = true)]
    async fn without_time_nothing_is_sent() {
        let one = turns().anew();
        tokio::time::advance(OBSERVATION).await;
        let sent = AtomicU64::new(0);
        let end: Result<(), Failure> = read(&one, "call", || async {
            sent.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .await;
        assert_eq!((end.unwrap_err().0.kind, sent.into_inner()), (ErrorKind::Timeout, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_observation_waited_is_its_own() {
        let turns = Turns::new(&Budgets::default(), "account", Allowance { rate: 10.0, burst: 1.0 });
        let one = turns.anew();
        let read_one = || read::<(), Failure, _>(&one, "call", || async { Ok(()) });
        for _ in 0..3 {
            read_one().await.unwrap();
        }
        assert!(one.slowed().unwrap().waited >= Duration::from_millis(190), "{:?}", one.slowed());
        assert_eq!(turns.anew().slowed(), None);
    }
}
