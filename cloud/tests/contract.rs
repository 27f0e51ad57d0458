//! The contract: what everything above the boundary may rely on, whichever cloud is behind it. The same functions run
//! through both shipped adapters, over their real wire, against the stand-in and the real service in it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

#[path = "contract/bench.rs"]
mod bench;
#[path = "contract/beside.rs"]
mod beside;
#[path = "contract/builds.rs"]
mod builds;
#[path = "contract/changes.rs"]
mod changes;
#[path = "contract/reads.rs"]
mod reads;
#[path = "contract/trouble.rs"]
mod trouble;
