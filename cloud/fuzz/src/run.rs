//! So many broken answers through each decoder.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, Once, PoisonError},
    time::{Duration, Instant},
};

use hello_cloud::fuzz::{self, Answers};

use super::{
    aws::Aws,
    corpus::{Corpus, Real},
    mutate::{Chance, broken},
};

/// What came of one decoder.
#[derive(Debug)]
pub struct Report {
    pub decoder: &'static str,
    /// Broken answers that were read.
    pub bodies: u64,
    /// Those (or, for AWS, observations) that could be read all the same.
    pub readable: u64,
    /// Seeds that made it panic.
    pub panics: Vec<u64>,
    pub took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { decoder, bodies, readable, panics, took } = self;
        write!(f, "{decoder:<12} {bodies:>9} broken answers, {readable:>8} readable all the same, ")?;
        write!(f, "{} panics, {:.1} s", panics.len(), took.as_secs_f64())?;
        if let Some(seed) = panics.first() {
            write!(f, " (first with seed {seed})")?;
        }
        Ok(())
    }
}

thread_local! {
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// Panics on this thread so far. The hook sees those that a runtime keeps to itself as well.
fn panics() -> u64 {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            before(panic);
        }));
    });
    PANICS.get()
}

/// Repeats `one` with seed after seed until `count` bodies were read. `one` tells how many it read, and how many of those
/// could be.
fn repeat(decoder: &'static str, count: u64, mut one: impl FnMut(u64) -> (u64, u64)) -> Report {
    let begun = Instant::now();
    let mut report = Report { decoder, bodies: 0, readable: 0, panics: Vec::new(), took: Duration::ZERO };
    let mut seed = 0;
    while report.bodies < count {
        seed += 1;
        let before = panics();
        let (bodies, readable) = catch_unwind(AssertUnwindSafe(|| one(seed))).unwrap_or((1, 0));
        report.bodies += bodies;
        report.readable += readable;
        if panics() != before {
            report.panics.push(seed);
        }
    }
    report.took = begun.elapsed();
    report
}

/// The SDK's decoders and the map behind them. Pauses cost nothing: time is paused.
pub fn aws(corpus: &Arc<Corpus>, count: u64) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let adapter = runtime.block_on(Aws::new(Arc::clone(corpus)));
    repeat("aws", count, |seed| {
        let (bodies, whole) = runtime.block_on(adapter.look(seed));
        (bodies, u64::from(whole && bodies > 0))
    })
}

/// One of the real answers to a call, broken.
fn any(corpus: &Corpus, call: &str, chance: &mut Chance) -> Vec<u8> {
    let real: &[Real] = corpus.get(call).map(Vec::as_slice).unwrap_or_default();
    let body = real.get(chance.below(real.len())).map(|real| real.body.as_slice()).unwrap_or_default();
    broken(body, chance)
}

/// Cloud Run, Artifact Registry and Cloud Logging.
pub fn cloud_run(corpus: &Corpus, count: u64) -> Report {
    repeat("cloud_run", count, |seed| {
        let mut chance = Chance::new(seed);
        let read = fuzz::cloud_run(&Answers {
            service: &any(corpus, "run.services.get", &mut chance),
            services: &any(corpus, "run.services.list", &mut chance),
            revisions: &any(corpus, "run.revisions.list", &mut chance),
            operation: &any(corpus, "run.operations.get", &mut chance),
            images: &any(corpus, "artifactregistry.dockerimages.list", &mut chance),
            entries: &any(corpus, "logging.logEntries.list", &mut chance),
            refusal: &any(corpus, "refusal", &mut chance),
        });
        (read.len() as u64, read.iter().filter(|read| read.is_ok()).count() as u64)
    })
}

/// GitHub Actions.
pub fn github(corpus: &Corpus, count: u64) -> Report {
    repeat("github", count, |seed| {
        let mut chance = Chance::new(seed);
        let (runs, jobs) = (any(corpus, "github.runs", &mut chance), any(corpus, "github.jobs", &mut chance));
        (2, u64::from(fuzz::github_runs(&runs).is_ok()) + u64::from(fuzz::github_jobs(&jobs).is_ok()))
    })
}

/// Cloud Build.
pub fn cloud_build(corpus: &Corpus, count: u64) -> Report {
    repeat("cloud_build", count, |seed| {
        let body = any(corpus, "cloudbuild.builds.list", &mut Chance::new(seed));
        (1, u64::from(fuzz::cloud_build(&body).is_ok()))
    })
}

/// Calls without a single real answer: their decoders would be tested on nothing.
fn unheard(corpus: &Corpus) -> Vec<&'static str> {
    super::corpus::calls().filter(|call| !corpus.contains_key(call)).collect()
}

/// A decoder, by name.
type Decoder<'a> = (&'static str, &'a (dyn Fn() -> Report + Sync));

/// The real answers, and then `count` broken ones through each decoder, or through the one that is named. The decoders run
/// side by side; each is told about as it ends.
pub fn all(count: u64, only: Option<&str>, tell: impl FnMut(&Report) + Send) -> Vec<Report> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let corpus = Arc::new(runtime.block_on(super::corpus::record()));
    drop(runtime);
    assert_eq!(unheard(&corpus), Vec::<&str>::new(), "no real answer to these calls");
    let decoders: [Decoder<'_>; 4] = [
        ("aws", &|| aws(&corpus, count)),
        ("cloud_run", &|| cloud_run(&corpus, count)),
        ("github", &|| github(&corpus, count)),
        ("cloud_build", &|| cloud_build(&corpus, count)),
    ];
    let tell = Mutex::new(tell);
    let run = |decoder: &dyn Fn() -> Report| {
        let report = decoder();
        tell.lock().unwrap_or_else(PoisonError::into_inner)(&report);
        report
    };
    std::thread::scope(|scope| {
        let chosen = decoders.iter().filter(|(name, _)| only.is_none_or(|only| only == *name));
        let running: Vec<_> = chosen.map(|(_, decoder)| scope.spawn(move || run(*decoder))).collect();
        running.into_iter().map(|decoder| decoder.join().expect("what panics is counted")).collect()
    })
}
