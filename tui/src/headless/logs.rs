//! `logs`: the newest lines that the instances wrote, both clouds in one stream; with `--follow` until told to stop.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use futures::future::join_all;
use hello_cloud::{ErrorKind, LogLine, Logs, ProviderError, Timestamp, Untrusted, text::sanitize};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::{
    Failure, Output,
    json::Error,
    status::{badness, of_error},
};
use crate::{
    cli::LogsArgs,
    compose::Session,
    exit::Exit,
    runtime::{Signals, signals::PIPE, wall},
};

/// A look back over days takes a few calls in a row.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often is asked for more. Google allows 60 reads a minute to a whole project.
const FOLLOW: Duration = Duration::from_secs(5);
/// Lines arrive late and out of order: so far back is asked again, and what is known is left out.
const OVERLAP: Duration = Duration::from_secs(20);
/// Lines remembered for each target, to tell the new ones.
const REMEMBERED: usize = 5000;

/// One line of `hello-dash/logs/1`: a log line, or why there are none.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    target: &'a str,
    #[serde(flatten)]
    line: Option<&'a LogLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

/// What was printed of one target.
#[derive(Default)]
struct Told {
    seen: HashSet<String>,
    order: VecDeque<String>,
    /// The newest line printed.
    newest: Option<Timestamp>,
    /// The error that was said last; it is said once.
    error: Option<ProviderError>,
}

impl Told {
    /// Whether a line is new; it is not, from now on. The cloud may leave out an id, and then cannot repeat it either.
    fn is_new(&mut self, line: &LogLine) -> bool {
        if !line.id.is_empty() {
            if !self.seen.insert(line.id.clone()) {
                return false;
            }
            self.order.push_back(line.id.clone());
            while self.order.len() > REMEMBERED {
                self.order.pop_front().map(|id| self.seen.remove(&id));
            }
        }
        self.newest = self.newest.max(line.at);
        true
    }
}

/// Prints the newest lines of every target, oldest first. Without `--follow` ends with how reading went.
pub async fn logs(
    session: &Session,
    signals: &mut Signals,
    args: &LogsArgs,
    out: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let paths: Vec<String> = session.targets.iter().map(crate::app::Target::path).collect();
    let mut told: Vec<Told> = paths.iter().map(|_| Told::default()).collect();
    let since = args.since.map(|since| back(wall(), since));
    let mut from: Vec<Option<Timestamp>> = vec![since; paths.len()];
    if let Some(banner) = &session.banner {
        out.say(banner);
    }
    loop {
        let limit = usize::from(args.limit);
        let asked = session.connections.iter().zip(&from);
        let asked = asked.map(|(c, from)| within(c.provider.logs(&c.service, *from, limit)));
        let answers = tokio::select! {
            answers = join_all(asked) => answers,
            number = signals.next() => return Ok(Exit::Signal(number)),
        };
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        let exit = errors.map(of_error).max_by_key(|exit| badness(*exit)).unwrap_or(Exit::Well);
        let nothing_can_be_read = answers.iter().all(Result::is_err);
        tell(&paths, answers, &mut told, out)?;
        // Nobody waits for what cannot come: not allowed, not there. What passes is waited for.
        let hopeless = told.iter().all(|told| told.error.as_ref().is_some_and(|error| !error.kind.is_passing()));
        if !args.follow || (nothing_can_be_read && hopeless) {
            return Ok(exit);
        }
        if (out.is_gone)() {
            return Ok(Exit::Signal(PIPE));
        }
        for (from, told) in from.iter_mut().zip(&told) {
            *from = told.newest.map(|newest| back(newest, OVERLAP)).or(*from).or_else(|| Some(back(wall(), OVERLAP)));
        }
        tokio::select! {
            () = sleep(FOLLOW) => {}
            number = signals.next() => return Ok(Exit::Signal(number)),
        }
    }
}

fn back(at: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_millis(at.as_millis().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

async fn within(read: impl Future<Output = Result<Logs, ProviderError>>) -> Result<Logs, ProviderError> {
    let late = || ProviderError::new(ErrorKind::Timeout, "logs", "no answer within the deadline");
    timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(late()))
}

fn tell(
    paths: &[String],
    answers: Vec<Result<Logs, ProviderError>>,
    told: &mut [Told],
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut lines: Vec<(&str, LogLine)> = Vec::new();
    for ((path, answer), told) in paths.iter().zip(answers).zip(told) {
        match answer {
            Ok(logs) => {
                told.error = None;
                if !logs.complete {
                    out.say(&format!("{path}: more was written than is read at once; lines are missing"));
                }
                lines.extend(logs.lines.into_iter().filter(|line| told.is_new(line)).map(|line| (path.as_str(), line)));
            }
            Err(error) => {
                if told.error.as_ref() != Some(&error) {
                    if out.json {
                        let error = Some(Error::from(&error));
                        out.json(&Line { schema: "hello-dash/logs/1", target: path, line: None, error })?;
                    } else {
                        out.error(&format!("{path}: {error}"), error.hint.as_deref());
                    }
                }
                told.error = Some(error);
            }
        }
    }
    // The sort keeps the order in which a target wrote lines of the same moment.
    lines.sort_by_key(|(_, line)| line.at);
    for (path, line) in &lines {
        if out.json {
            out.json(&Line { schema: "hello-dash/logs/1", target: path, line: Some(line), error: None })?;
            continue;
        }
        let at = line.at.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339);
        let from = line.from.as_ref().map(|from| format!(" {}", from.show())).unwrap_or_default();
        let severity = line.severity.as_ref().map(|word| format!(" {}", word.show())).unwrap_or_default();
        let path = if paths.len() > 1 { format!(" {}", sanitize(path)) } else { String::new() };
        out.line(&format!("{at}{path}{from}{severity} {}", Untrusted::show(&line.text)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, at: i64) -> LogLine {
        LogLine { id: id.into(), at: Some(Timestamp::from_millis(at)), from: None, severity: None, text: id.into() }
    }

    #[test]
    fn a_line_is_told_once_and_the_newest_is_remembered() {
        let mut told = Told::default();
        assert!(told.is_new(&line("a", 5)) && told.is_new(&line("b", 3)));
        assert!(!told.is_new(&line("a", 5)));
        assert_eq!(told.newest, Some(Timestamp::from_millis(5)));
        assert!(told.is_new(&line("", 5)) && told.is_new(&line("", 5)), "without ids nothing can be told apart");
        for n in 0..REMEMBERED {
            told.is_new(&line(&n.to_string(), 5));
        }
        assert_eq!(told.seen.len(), REMEMBERED, "it does not grow for ever");
    }
}
