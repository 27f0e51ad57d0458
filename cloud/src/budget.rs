//! One request budget for each account: a token bucket that every call of the account draws from, whichever target it is
//! for. It adapts as TCP does: a throttle halves the rate, quiet brings it back slowly.
//!
//! Reads wait for their turn, but no longer than a few seconds: then they are told how long, as the cloud would tell them.
//! Writes draw too, and never wait: what a person asked for goes out, and the reads after it pay.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    error::{ErrorKind, ProviderError},
    model::Slowed,
};

/// The longest a read waits for its turn.
const PATIENCE: Duration = Duration::from_secs(4);
/// Throttles of calls that were under way together count once.
const TOGETHER: Duration = Duration::from_secs(1);
/// From the lowest rate back to the usual one, without a throttle.
const RECOVERY: Duration = Duration::from_mins(2);
/// The rate never falls below this part of the usual one.
const FLOOR: f64 = 1.0 / 32.0;

/// How much an account may be asked when nobody is throttled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Allowance {
    /// Calls a second, for as long as one likes.
    pub rate: f64,
    /// Calls at once, after a pause.
    pub burst: f64,
}

/// The budgets of all accounts, by key. Clones share them: whoever gives every adapter the same one makes calls of one
/// account draw from one budget.
#[derive(Clone, Default)]
pub struct Budgets(Arc<Mutex<HashMap<String, Weak<Budget>>>>);

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Budgets(..)")
    }
}

impl Budgets {
    /// The budget of an account, made on first use.
    pub(crate) fn of(&self, key: &str, allowance: Allowance) -> Arc<Budget> {
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = budgets.get(key).and_then(Weak::upgrade) {
            return budget;
        }
        budgets.retain(|_, budget| budget.strong_count() > 0);
        let budget = Arc::new(Budget::new(allowance));
        budgets.insert(key.to_owned(), Arc::downgrade(&budget));
        budget
    }
}

/// The budget of one account.
pub(crate) struct Budget {
    usual: Allowance,
    level: Mutex<Level>,
}

struct Level {
    /// Calls that may go at once; below zero when turns were promised ahead.
    tokens: f64,
    rate: f64,
    refilled: Instant,
    /// No read goes before this moment: the cloud asked for it.
    until: Option<Instant>,
    throttled: Option<Instant>,
}

impl Budget {
    pub fn new(usual: Allowance) -> Self {
        let now = Instant::now();
        let level = Level { tokens: usual.burst, rate: usual.rate, refilled: now, until: None, throttled: None };
        Self { usual, level: Mutex::new(level) }
    }

    /// Waits for a turn to read and gives how long that took. Refused as throttled, and nothing taken, where it would take
    /// longer than a read may wait, or than `left` of its deadline.
    pub async fn turn(&self, call: &'static str, left: Duration) -> Result<Duration, ProviderError> {
        let begun = Instant::now();
        let mut wait = self.draw(call, left)?;
        // What the cloud asked for while we waited holds for us too.
        while !wait.is_zero() {
            tokio::time::sleep(wait).await;
            wait = self.asked_pause();
            if wait > left.min(PATIENCE).saturating_sub(begun.elapsed()) {
                return Err(refused(call, wait));
            }
        }
        Ok(begun.elapsed())
    }

    /// A write goes now, whatever the budget says; it is counted all the same.
    pub fn spend(&self) {
        let mut level = self.level();
        level.tokens -= 1.0;
    }

    /// The cloud answered "too many": half as fast from now on, and nothing before what it asked for.
    pub fn throttled(&self, retry_after: Option<Duration>) {
        let mut level = self.level();
        let now = level.refilled;
        if level.throttled.is_none_or(|last| now.saturating_duration_since(last) >= TOGETHER) {
            level.rate = (level.rate / 2.0).max(self.usual.rate * FLOOR);
        }
        level.throttled = Some(now);
        level.tokens = level.tokens.min(0.0);
        drop(level);
        if let Some(after) = retry_after {
            self.pause(after);
        }
    }

    /// No read goes for so long.
    pub fn pause(&self, duration: Duration) {
        let mut level = self.level();
        if let Some(until) = level.refilled.checked_add(duration) {
            level.until = level.until.max(Some(until));
        }
    }

    /// How far the budget is from whole, with what a read waited for it; `None` when it is whole and nothing waited.
    pub fn slowed(&self, waited: Duration) -> Option<Slowed> {
        let pause = self.asked_pause();
        let rate = self.level().rate;
        // Waits that no person would notice are not worth a word.
        let is_whole = rate >= self.usual.rate && pause.is_zero() && waited < Duration::from_millis(50);
        (!is_whole).then_some(Slowed { waited, rate, usual: self.usual.rate, pause })
    }

    /// Takes a turn and gives how long until it comes.
    fn draw(&self, call: &'static str, left: Duration) -> Result<Duration, ProviderError> {
        let mut level = self.level();
        let pause = level.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(level.refilled));
        let short = (1.0 - level.tokens).max(0.0) / level.rate;
        let wait = pause.max(Duration::try_from_secs_f64(short).unwrap_or(Duration::MAX));
        if wait > left.min(PATIENCE) {
            return Err(refused(call, wait));
        }
        level.tokens -= 1.0;
        Ok(wait)
    }

    fn asked_pause(&self) -> Duration {
        let level = self.level();
        level.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(level.refilled))
    }

    /// The level as it is now: refilled, and recovered by as much as it was quiet.
    fn level(&self) -> MutexGuard<'_, Level> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = now.saturating_duration_since(level.refilled).as_secs_f64();
        level.tokens = (level.tokens + passed * level.rate).min(self.usual.burst);
        let is_quiet = level.until.is_none_or(|until| until <= now);
        if is_quiet {
            level.until = None;
            level.rate = (level.rate + passed * self.usual.rate / RECOVERY.as_secs_f64()).min(self.usual.rate);
        }
        level.refilled = now;
        level
    }
}

/// Our own refusal, in the form of the cloud's.
fn refused(call: &'static str, wait: Duration) -> ProviderError {
    // Whole seconds, as the cloud counts them.
    let wait = Duration::from_secs_f64(wait.as_secs_f64().ceil().min(crate::error::LONGEST_WAIT.as_secs_f64()));
    let message = "held back by the request budget of this account";
    ProviderError::new(ErrorKind::Throttled { retry_after: Some(wait) }, call, message)
}

#[cfg(test)]
mod tests;
