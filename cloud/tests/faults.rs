//! Every fault on every call of both adapters: the right kind of error, a hint where a person can do something, an end in
//! time, no panic, the other cloud unaffected, and no write sent twice. Printed as a table:
//!
//!     cargo test --workspace --test faults -- --nocapture
//!
//! The same table holds for the providers without sockets, under paused time.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on must fail"
)]
#![allow(dead_code, unused_macros, reason = "the bench is shared with the contract")]

#[path = "contract/bench.rs"]
mod bench;
#[path = "faults/call.rs"]
mod call;
#[path = "faults/fault.rs"]
mod fault;

use std::time::Duration;

use bench::{Bench, Face, SERVICE};
use call::{ALL, Call};
use fault::{FAULTS, Trouble};
use hello_cloud::{ProviderError, Snapshot};
use tokio::{sync::Semaphore, task::JoinSet, time::Instant};

/// Nothing takes longer: an observation 15 s, the search for the trace of a write 10 s, and a busy machine.
const IN_TIME: Duration = Duration::from_secs(30);

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// As if there were no fault.
    Well,
    /// A read failed so, or a write that changed nothing.
    Failed(Word),
    /// A write that may have changed something.
    Unknown(Word),
}

/// What a hint tells to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    SignIn,
    Grant,
    /// Something that no fault here asks for.
    Other,
}

impl Hint {
    fn of(text: &str) -> Self {
        if text.contains("grant ") {
            Self::Grant
        } else if text.contains("login") {
            Self::SignIn
        } else {
            Self::Other
        }
    }
}

/// What the table says of an error: its kind, and what its hint tells to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub kind: String,
    pub hint: Option<Hint>,
}

impl Word {
    fn of(error: &ProviderError) -> Self {
        let kind = match error.kind {
            hello_cloud::ErrorKind::Throttled { retry_after: Some(after) } => format!("throttled {}", after.as_secs()),
            kind => kind.word().to_owned(),
        };
        Self { kind, hint: error.hint.as_deref().map(Hint::of) }
    }
}

impl End {
    fn is_timeout(&self) -> bool {
        match self {
            Self::Well => false,
            Self::Failed(word) | Self::Unknown(word) => word.kind == "timed out",
        }
    }
}

impl End {
    fn is_throttled(&self) -> bool {
        matches!(self, Self::Failed(word) if word.kind.starts_with("throttled"))
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hint = |word: &Word| if word.hint.is_some() { "!" } else { "" };
        let text = match self {
            Self::Well => "well".to_owned(),
            Self::Failed(word) => format!("{}{}", word.kind.replace("unexpected answer", "unexpected"), hint(word)),
            Self::Unknown(word) => format!("? {}{}", word.kind.replace("unexpected answer", "unexpected"), hint(word)),
        };
        f.pad(&text)
    }
}

/// What came of one cell.
struct Cell {
    end: End,
    took: Duration,
    /// Writes that arrived.
    writes: u64,
    /// Whether the other cloud was seen whole meanwhile.
    other: bool,
}

async fn cell(face: Face, call: Call, trouble: Trouble) -> Cell {
    let bench = Bench::new(call.cloud, face, "steady").await;
    let other = bench.beside().await;
    let prepared = call.prepare(&bench).await;
    let before = bench.writes();
    let provider = bench.afresh().await;
    trouble.begin(&bench, call);
    let begun = Instant::now();
    let (end, other) = tokio::join!(call.make(&*provider, &prepared), other.observe(SERVICE, None));
    let took = begun.elapsed();
    let writes = bench.writes() - before;
    bench.clear_faults();
    bench.switch(true);
    bench.stop().await;
    Cell { end, took, writes, other: other.is_ok_and(|seen| is_whole(&seen)) }
}

/// Whether every section could be read.
fn is_whole(seen: &Snapshot) -> bool {
    let Snapshot { deployments, revisions, resolution, events, failures, targets, .. } = seen;
    let lists = deployments.is_ok() && revisions.is_ok() && events.is_ok() && failures.is_ok();
    lists && resolution.is_ok() && targets.is_ok()
}

/// What is wrong with a cell.
fn flaws(call: Call, trouble: Trouble, done: &Cell) -> Vec<String> {
    let mut flaws = Vec::new();
    let wanted = trouble.wanted(call);
    if done.end != wanted && !(trouble.leaves_the_wait_open() && done.end.is_throttled()) {
        flaws.push(format!("ended {} instead of {wanted}", done.end));
    }
    if done.took > IN_TIME {
        flaws.push(format!("took {:?}", done.took));
    }
    let most = u64::from(call.is_write() && trouble.reaches_the_write());
    if done.writes != most {
        flaws.push(format!("{} writes arrived instead of {most}", done.writes));
    }
    if !done.other {
        flaws.push("the other cloud was not seen whole".to_owned());
    }
    flaws
}

async fn table(face: Face, at_once: usize) {
    let turns = std::sync::Arc::new(Semaphore::new(at_once));
    let mut cells = JoinSet::new();
    for (row, call) in ALL.iter().enumerate() {
        for (column, trouble) in FAULTS.iter().enumerate() {
            let turns = std::sync::Arc::clone(&turns);
            cells.spawn(async move {
                let _turn = turns.acquire_owned().await.unwrap();
                (row, column, cell(face, *call, *trouble).await)
            });
        }
    }
    // A panic of an adapter is the cell's: it comes out here.
    let mut done: Vec<_> = cells.join_all().await;
    done.sort_by_key(|(row, column, _)| (*row, *column));
    for (row, column, cell) in &mut done {
        // So many at once make a busy machine slow, and what is slow ends at a deadline: such a cell is asked again, alone.
        if !flaws(ALL[*row], FAULTS[*column], cell).is_empty() && (cell.end.is_timeout() || !cell.other) {
            *cell = self::cell(face, ALL[*row], FAULTS[*column]).await;
        }
    }
    let mut wrong = Vec::new();
    print!("{:<35}", format!("{face:?}"));
    for trouble in FAULTS {
        print!("{:<15}", trouble.word());
    }
    println!();
    let (mut slowest, mut writes) = (Duration::ZERO, 0);
    for (row, column, cell) in &done {
        let (call, trouble) = (ALL[*row], FAULTS[*column]);
        if *column == 0 {
            print!("{:<35}", call.title());
        }
        print!("{:<15}", cell.end);
        if column + 1 == FAULTS.len() {
            println!();
        }
        for flaw in flaws(call, trouble, cell) {
            wrong.push(format!("{} with {}: {flaw}", call.title(), trouble.word()));
        }
        slowest = slowest.max(cell.took);
        writes += cell.writes;
    }
    println!(
        "{} cells, {} wrong; slowest {:.1} s; {writes} writes arrived, none twice; `!`: with the right hint, `?`: outcome unknown",
        done.len(),
        wrong.len(),
        slowest.as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_on_every_call_over_the_wire() {
    table(Face::Wire, 12).await;
}

#[tokio::test(start_paused = true)]
async fn every_fault_on_every_call_directly() {
    table(Face::Direct, 1000).await;
}
