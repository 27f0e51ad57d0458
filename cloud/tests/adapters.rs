//! The adapters against a server that a test scripts answer by answer: what no well-meaning stand-in sends. Endless and
//! broken bodies, lost answers to writes, conditional requests, rate limits.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

#[path = "adapters/beside_ecs.rs"]
mod beside_ecs;
#[path = "adapters/beside_run.rs"]
mod beside_run;
#[path = "adapters/bounds.rs"]
mod bounds;
#[path = "adapters/clock.rs"]
mod clock;
#[path = "adapters/github.rs"]
mod github;
#[path = "adapters/history.rs"]
mod history;
#[path = "adapters/lost_writes.rs"]
mod lost_writes;
#[path = "adapters/nobody.rs"]
mod nobody;
#[path = "adapters/pauses.rs"]
mod pauses;
#[path = "adapters/server.rs"]
mod server;
#[path = "adapters/slow.rs"]
mod slow;
