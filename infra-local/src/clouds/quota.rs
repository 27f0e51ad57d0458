//! How many calls GitHub still answers: so many in each hour, counted from the first moment.

use std::time::Duration;

use crate::moment::Moment;

/// After which the count begins anew.
const WINDOW: Duration = Duration::from_hours(1);

/// The calls of one token.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Calls in an hour.
    pub limit: u32,
    used: u32,
    since: Moment,
}

impl Quota {
    /// Nothing used yet.
    pub fn new(limit: u32, since: Moment) -> Self {
        Self { limit, used: 0, since }
    }

    fn roll(&mut self, now: Moment) {
        while now.since(self.since) >= WINDOW {
            self.since = self.since.after(WINDOW);
            self.used = 0;
        }
    }

    /// Counts a call; false when there is none left.
    pub fn spend(&mut self, now: Moment) -> bool {
        self.roll(now);
        let left = self.used < self.limit;
        self.used += u32::from(left);
        left
    }

    /// Takes a call back: one that changed nothing for the client costs nothing.
    pub fn refund(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    /// Calls used in this hour.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// Calls left in this hour.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// When the count begins anew, in seconds since the epoch.
    pub fn resets_at(&self) -> i64 {
        self.since.after(WINDOW).as_millis() / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_so_many_calls_and_the_next_has_them_again() {
        let start = Moment::from_millis(1_790_000_000_000);
        let mut quota = Quota::new(2, start);
        assert!(quota.spend(start) && quota.spend(start) && !quota.spend(start));
        assert_eq!((quota.used(), quota.remaining()), (2, 0));
        quota.refund();
        assert_eq!(quota.remaining(), 1);
        assert!(quota.spend(start) && !quota.spend(start.after(Duration::from_mins(59))));
        let later = start.after(Duration::from_mins(121));
        assert!(quota.spend(later));
        assert_eq!((quota.remaining(), quota.resets_at()), (1, 1_790_010_800));
    }
}
