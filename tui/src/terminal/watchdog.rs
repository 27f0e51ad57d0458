//! Notices that the terminal is gone when no signal says so. The input library's own reader spins for ever then, so this
//! watches the terminal beside it, on a thread of its own.

use std::{io::stdin, thread, time::Duration};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::oneshot;

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Tells when the terminal is gone.
pub struct Lost(Option<oneshot::Receiver<()>>);

impl Lost {
    /// Waits until it is gone; for ever where it cannot be watched.
    pub async fn gone(&mut self) {
        if let Some(receiver) = self.0.as_mut() {
            let told = receiver.await.is_ok();
            self.0 = None;
            if told {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

/// Watches standard input, when it is a terminal.
pub fn watch() -> Lost {
    let (sender, receiver) = oneshot::channel();
    let started = thread::Builder::new().name("terminal watchdog".into()).spawn(move || {
        while !sender.is_closed() {
            if is_gone() {
                let _ = sender.send(());
                return;
            }
            // The pause is `poll`'s own: it would return at once on a hang-up, but also on every key.
            thread::park_timeout(LOOK_EVERY);
        }
    });
    Lost(started.is_ok().then_some(receiver))
}

fn is_gone() -> bool {
    let input = stdin();
    let mut watched = [PollFd::new(&input, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let hung_up = match poll(&mut watched, Some(&now)) {
        Ok(_) => watched.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR)),
        Err(_) => false,
    };
    hung_up || matches!(rustix::termios::tcgetwinsize(&input), Err(rustix::io::Errno::IO))
}
