//! The faults, and how each one must end.

use hello_cloud::ErrorKind;
use hello_local::Kind;

use crate::{End, Hint, Word, bench::Bench, call::Call};

/// One column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// On the one call.
    Call(&'static str, Kind),
    /// The whole API of the cloud is gone.
    Gone,
}

const fn call(word: &'static str, kind: Kind) -> Trouble {
    Trouble::Call(word, kind)
}

/// All of them.
pub const FAULTS: [Trouble; 14] = [
    call("slow", Kind::Latency { ms: 300 }),
    call("too slow", Kind::Latency { ms: 30_000 }),
    call("throttled", Kind::Throttle { retry_after: None }),
    call("throttled 30 s", Kind::Throttle { retry_after: Some(30) }),
    call("503", Kind::Error { status: 503 }),
    call("reset before", Kind::ResetBefore),
    call("reset after", Kind::ResetAfter),
    call("truncated", Kind::Truncated),
    call("malformed", Kind::Malformed),
    call("endless", Kind::Endless),
    call("denied", Kind::Denied),
    call("expired", Kind::Expired),
    call("clock off", Kind::ClockSkew { seconds: 1200 }),
    Trouble::Gone,
];

impl Trouble {
    pub fn word(self) -> &'static str {
        match self {
            Self::Call(word, _) => word,
            Self::Gone => "cloud gone",
        }
    }

    pub fn begin(self, bench: &Bench, call: Call) {
        match self {
            // A clock is off for every call there is.
            Self::Call(_, kind @ Kind::ClockSkew { .. }) => bench.trouble(None, kind),
            Self::Call(_, kind) => bench.trouble(Some(call.name), kind),
            Self::Gone => bench.switch(false),
        }
    }

    /// Whether a write is sent at all: not when the read before it fails.
    pub fn reaches_the_write(self) -> bool {
        self != Self::Gone
    }

    /// Whether the cloud throttles without saying for how long: then the adapter may tell how long its own budget waits.
    pub fn leaves_the_wait_open(self) -> bool {
        matches!(self, Self::Call(_, Kind::Throttle { retry_after: None }))
    }

    /// How the call must end.
    pub fn wanted(self, call: Call) -> End {
        let kind = match self {
            Self::Gone => return failed(call, ErrorKind::Unavailable),
            Self::Call(_, kind) => kind,
        };
        match kind {
            Kind::Latency { ms } if ms < 5000 => End::Well,
            // What was done before the answer was lost leaves a trace, and is found by it.
            Kind::ResetAfter | Kind::Truncated | Kind::Malformed | Kind::Endless if call.is_write() => End::Well,
            Kind::Latency { .. } => lost(call, ErrorKind::Timeout),
            Kind::Throttle { retry_after } => {
                let retry_after = retry_after.map(std::time::Duration::from_secs);
                failed(call, ErrorKind::Throttled { retry_after })
            }
            Kind::Error { .. } | Kind::Off | Kind::ResetBefore | Kind::ResetAfter | Kind::Truncated => {
                lost(call, ErrorKind::Unavailable)
            }
            Kind::Malformed | Kind::Endless => lost(call, ErrorKind::Unexpected),
            Kind::Denied => failed(call, ErrorKind::Denied),
            Kind::Expired => failed(call, ErrorKind::Auth),
            // AWS judges signatures by its clock; the first refusal tells how far that is off. Google's tokens know no hour.
            Kind::ClockSkew { .. } => End::Well,
        }
    }
}

fn word(call: Call, kind: ErrorKind) -> Word {
    if call.shows_kind_only() {
        return Word { kind: kind.word().to_owned(), hint: None };
    }
    let told = match kind {
        ErrorKind::Throttled { retry_after: Some(after) } => format!("throttled {}", after.as_secs()),
        _ => kind.word().to_owned(),
    };
    // Whoever may not, or is not signed in, is told what to do.
    let hint = match kind {
        ErrorKind::Denied => Some(Hint::Grant),
        ErrorKind::Auth => Some(Hint::SignIn),
        _ => None,
    };
    Word { kind: told, hint }
}

/// Surely nothing was changed.
fn failed(call: Call, kind: ErrorKind) -> End {
    End::Failed(word(call, kind))
}

/// No answer: a read failed; of a write nobody knows.
fn lost(call: Call, kind: ErrorKind) -> End {
    if call.is_write() { End::Unknown(word(call, kind)) } else { failed(call, kind) }
}
