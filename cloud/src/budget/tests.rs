//! The budget under paused time: what waits, for how long, and how it comes back.

use futures::future::join_all;

use super::*;

const USUAL: Allowance = Allowance { rate: 10.0, burst: 5.0 };
const LEFT: Duration = Duration::from_secs(10);

async fn turns(budget: &Budget, n: usize) -> Vec<Result<Duration, ProviderError>> {
    join_all((0..n).map(|_| budget.turn("call", LEFT))).await
}

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
    let budget = Budget::new(USUAL);
    let begun = Instant::now();
    let waits: Vec<_> = turns(&budget, 8).await.into_iter().map(|turn| turn.unwrap().as_millis()).collect();
    assert_eq!(waits[..5], [0; 5]);
    assert!(waits[5..].is_sorted() && (100..=105).contains(&waits[5]) && (300..=305).contains(&waits[7]), "{waits:?}");
    assert!(begun.elapsed() < Duration::from_millis(310));
    tokio::time::sleep(Duration::from_mins(1)).await;
    let waits = turns(&budget, 6).await;
    assert!(
        waits[..5].iter().all(|wait| wait.as_ref().unwrap().is_zero()),
        "a pause fills it to the burst, no further"
    );
    assert!(!waits[5].as_ref().unwrap().is_zero());
}

#[tokio::test(start_paused = true)]
async fn throttles_that_come_together_halve_once_and_quiet_brings_the_rate_back() {
    let budget = Budget::new(USUAL);
    for _ in 0..4 {
        budget.throttled(None);
    }
    let rate = |budget: &Budget| budget.slowed(Duration::ZERO).map(|slowed| slowed.rate);
    assert_eq!(rate(&budget), Some(5.0), "four calls that were under way together are one throttle");
    tokio::time::sleep(Duration::from_secs(2)).await;
    budget.throttled(None);
    assert!(rate(&budget).unwrap() < 2.6);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let back = rate(&budget).unwrap();
    assert!((4.9..5.2).contains(&back), "slowly: {back}");
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(budget.slowed(Duration::ZERO), None, "whole again");
}

#[tokio::test(start_paused = true)]
async fn the_rate_has_a_floor() {
    let budget = Budget::new(USUAL);
    for _ in 0..50 {
        budget.throttled(None);
        tokio::time::sleep(TOGETHER).await;
    }
    let slowed = budget.slowed(Duration::ZERO).unwrap();
    assert!(slowed.rate >= USUAL.rate * FLOOR, "{slowed:?}");
    assert!(budget.turn("call", LEFT).await.is_ok(), "the slowest is still a turn every few seconds");
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_before_the_moment_the_cloud_asked_for() {
    let budget = Budget::new(USUAL);
    budget.throttled(Some(Duration::from_secs(3)));
    let begun = Instant::now();
    let waited = budget.turn("call", LEFT).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(3) && waited >= Duration::from_secs(3), "{waited:?}");
    budget.throttled(Some(Duration::from_secs(30)));
    let begun = Instant::now();
    let refused = budget.turn("call", LEFT).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Throttled { retry_after: Some(Duration::from_secs(30)) });
    assert_eq!(begun.elapsed(), Duration::ZERO, "what would take too long is told at once");
    assert_eq!(budget.slowed(Duration::ZERO).unwrap().pause, Duration::from_secs(30));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(budget.turn("call", LEFT).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_does_not_fit_the_deadline_is_not_taken() {
    let budget = Budget::new(USUAL);
    budget.throttled(Some(Duration::from_secs(2)));
    assert!(budget.turn("call", Duration::from_secs(1)).await.is_err());
    let waits = turns(&budget, 2).await;
    assert!(waits.iter().all(|wait| wait.as_ref().unwrap().as_millis() < 2100), "refusing cost nothing: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn one_who_waits_hears_of_a_throttle_meanwhile() {
    let budget = Budget::new(Allowance { rate: 1.0, burst: 1.0 });
    budget.turn("call", LEFT).await.unwrap();
    let begun = Instant::now();
    let (turn, ()) = tokio::join!(budget.turn("call", LEFT), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        budget.throttled(Some(Duration::from_secs(2)));
    });
    turn.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(2500), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_write_never_waits_and_the_reads_after_it_pay() {
    let budget = Budget::new(Allowance { rate: 1.0, burst: 1.0 });
    let begun = Instant::now();
    budget.spend();
    budget.spend();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let waited = budget.turn("call", LEFT).await.unwrap();
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
}

#[test]
fn one_key_is_one_budget_for_as_long_as_somebody_holds_it() {
    let budgets = Budgets::default();
    let one = budgets.of("a", USUAL);
    assert!(Arc::ptr_eq(&one, &budgets.clone().of("a", USUAL)));
    assert!(!Arc::ptr_eq(&one, &budgets.of("b", USUAL)));
    assert!(!Arc::ptr_eq(&one, &Budgets::default().of("a", USUAL)));
}
