//! Everything that can happen, in the past tense. Each event reaches the reducer together with the time it happened.

use std::time::Duration;

use hello_cloud::{Build, Identity, Preview, ProviderError, Snapshot, StartError, Started, Timestamp};

use super::{command::Command, operation::OperationId, probe::Probe};

/// The time an event happened. `mono` never goes back and decides everything; `wall` is for showing and for comparing
/// with what the clouds wrote down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Time since the program started, on a clock that never goes back.
    pub mono: Duration,
    /// Calendar time.
    pub wall: Timestamp,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time passed.
    Ticked,
    /// The screen, as it is now, was drawn: what it shows can be agreed to from here on.
    Drawn,
    /// A plan that is open does not fit on the screen: it cannot be read.
    Hidden,
    /// The person asked for something.
    Commanded(Command),
    /// The person typed a character into a text field.
    Typed(char),
    /// The person took the last character of a text field back.
    Erased,
    /// A target was read.
    Observed { target: usize, sequence: u64, result: Result<Box<Snapshot>, ProviderError> },
    /// A target's cloud said as whom it is called.
    Identified { target: usize, result: Result<Identity, ProviderError> },
    /// The builds of a target were read.
    Built { target: usize, sequence: u64, result: Result<Vec<Build>, ProviderError> },
    /// The service was asked how it is.
    Probed { target: usize, sequence: u64, probe: Probe },
    /// What a planned change would send is known.
    Previewed { operation: OperationId, target: usize, preview: Preview },
    /// A change was sent, or refused.
    Started { operation: OperationId, target: usize, result: Result<Started, StartError> },
    /// A line of the journal could not be written.
    JournalFailed { message: String },
}
