//! Keys, pastes and resizes, through a channel. The library's stream remembers only the first waker it was polled with, so it
//! has one reader that does nothing else; the loop may look into the channel without waiting as often as it likes.

use std::io;

use crossterm::event::{Event, EventStream};
use futures::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Reads until the terminal ends or nobody listens. Not bounded: what a person types is small, and a paste is one event.
pub fn read() -> UnboundedReceiver<io::Result<Event>> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(event) = stream.next().await {
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    receiver
}
