//! What the environment says. Every variable has a default; a wrong value is one line that names it.

use std::{env, fmt, time::Duration};

use crate::log::Level;

mod value;

use value::{count, duration, switch};

/// How much one client may take. The defaults suit a service whose answers are a few hundred bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; more wait in the kernel's queue.
    pub connections: usize,
    /// From the accept (or, on a connection in use, from the first byte) to the end of a request's head.
    pub header: Duration,
    /// Between two requests. Must be longer than the balancer's, or it writes into a connection we just closed.
    pub idle: Duration,
    /// From the end of a request's head to its answer, its body included.
    pub request: Duration,
    /// For a client to take in an answer that does not fit into the kernel's buffer, and for the kernel to send the rest.
    pub write: Duration,
    /// Largest body of a request, in bytes.
    pub body: usize,
    /// Largest head of a request, in bytes.
    pub head: usize,
    /// HTTP/2 streams at the same time on one connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            header: Duration::from_secs(5),
            idle: Duration::from_secs(65),
            request: Duration::from_secs(5),
            write: Duration::from_secs(10),
            body: 1024,
            head: 16 * 1024,
            streams: 64,
        }
    }
}

/// How the service ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// How long connections are still accepted after "not ready", so that balancers can notice.
    pub notice: Duration,
    /// From the signal to the hard stop, `notice` included.
    pub deadline: Duration,
}

impl Drain {
    /// Where nobody kills us, or nobody said: the shorter of the two clouds.
    pub const CLOUD_RUN: Self = Self { notice: Duration::from_secs(2), deadline: Duration::from_secs(8) };
    /// ECS sends SIGKILL 30 s after SIGTERM.
    pub const ECS: Self = Self { notice: Duration::from_secs(2), deadline: Duration::from_secs(25) };
    /// For one whose balancer already knows: stops accepting at once.
    pub const AT_ONCE: Self = Self { notice: Duration::ZERO, deadline: Duration::from_secs(8) };
}

/// Everything that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where to listen. 0: any free port.
    pub port: u16,
    /// What is logged.
    pub level: Level,
    /// How much one client may take.
    pub limits: Limits,
    /// How the service ends.
    pub drain: Drain,
    /// Whether the platform's metadata endpoint may be asked who we are.
    pub metadata: bool,
}

/// A variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    variable: &'static str,
    /// As far as it can be shown on one line.
    value: String,
    expected: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}, not {:?}", self.variable, self.expected, self.value)
    }
}

impl std::error::Error for ConfigError {}

/// The variables, their meaning and defaults, as `--help` prints them.
pub const HELP: &str = "\
PORT                   8080    where to listen; 0: any free port
HELLO_LOG              info    off, error, warn, info (a line per request) or debug
HELLO_MAX_CONNECTIONS  1000    at the same time (1..100000); never more than the file limit allows
HELLO_MAX_STREAMS      64      HTTP/2 streams on one connection (1..1000)
HELLO_MAX_HEAD         16384   bytes of a request's head (8192..1048576)
HELLO_MAX_BODY         1024    bytes of a request's body (0..1048576)
HELLO_HEADER_TIMEOUT   5s      from connecting, or from the first byte, to the end of the head
HELLO_REQUEST_TIMEOUT  5s      from the end of the head to the answer
HELLO_WRITE_TIMEOUT    10s     for a client to take in the answer
HELLO_IDLE_TIMEOUT     65s     between requests; keep it longer than the balancer's
HELLO_DRAIN_NOTICE     2s      after SIGTERM: not ready, still accepting
HELLO_DRAIN_TIMEOUT    8s      from SIGTERM to the hard stop (25s on ECS)
HELLO_METADATA         on      ask the platform who we are; off: only the environment
HELLO_COMMIT, HELLO_VERSION, HELLO_BUILT_AT, HELLO_REGION, HELLO_INSTANCE
                               what /version says, over what was built in or learned
Durations: 250ms, 5s, 2m. A value that cannot be used ends the program with exit code 78.
";

impl Config {
    /// Reads the environment of the process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(&|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// `variable` looks one up.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let on_ecs = variable("ECS_CONTAINER_METADATA_URI_V4").is_some() && variable("K_SERVICE").is_none();
        let drain = if on_ecs { Drain::ECS } else { Drain::CLOUD_RUN };
        let usual = Limits::default();
        let second = Duration::from_secs(1);
        let hour = 3600 * second;
        let long = |name, usual| duration(variable, name, usual, second / 10..=hour);
        let limits = Limits {
            connections: count(
                variable,
                "HELLO_MAX_CONNECTIONS",
                usual.connections,
                1..=100_000,
                "a number from 1 to 100000",
            )?,
            header: long("HELLO_HEADER_TIMEOUT", usual.header)?,
            idle: long("HELLO_IDLE_TIMEOUT", usual.idle)?,
            request: long("HELLO_REQUEST_TIMEOUT", usual.request)?,
            write: long("HELLO_WRITE_TIMEOUT", usual.write)?,
            body: count(variable, "HELLO_MAX_BODY", usual.body, 0..=1 << 20, "a number of bytes from 0 to 1048576")?,
            head: count(
                variable,
                "HELLO_MAX_HEAD",
                usual.head,
                8192..=1 << 20,
                "a number of bytes from 8192 to 1048576",
            )?,
            streams: count(variable, "HELLO_MAX_STREAMS", usual.streams, 1..=1000, "a number from 1 to 1000")?,
        };
        let deadline = long("HELLO_DRAIN_TIMEOUT", drain.deadline)?;
        let notice = duration(variable, "HELLO_DRAIN_NOTICE", drain.notice.min(deadline), Duration::ZERO..=hour)?;
        if notice > deadline {
            return Err(ConfigError {
                variable: "HELLO_DRAIN_NOTICE",
                value: variable("HELLO_DRAIN_NOTICE").unwrap_or_default(),
                expected: "no longer than HELLO_DRAIN_TIMEOUT",
            });
        }
        Ok(Self {
            port: count(variable, "PORT", 8080, 0..=u16::MAX, "a number from 0 to 65535")?,
            level: match variable("HELLO_LOG") {
                None => Level::Info,
                Some(word) => Level::from_word(&word).ok_or_else(|| ConfigError {
                    variable: "HELLO_LOG",
                    value: value::shown(&word),
                    expected: "off, error, warn, info or debug",
                })?,
            },
            limits,
            drain: Drain { notice, deadline },
            metadata: switch(variable, "HELLO_METADATA", true)?,
        })
    }
}

#[cfg(test)]
mod tests;
