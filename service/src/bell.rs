//! Wakes the task of a connection for what seldom happens: its alarm, and the service on its way out. Without it both would
//! be asked again each time bytes arrive, and asking takes locks that all connections share.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::AcqRel},
    },
    task::{Context, Wake, Waker},
};

/// Rings when one of those it was given to wakes it.
#[derive(Debug)]
pub struct Bell {
    cord: Arc<Cord>,
    waker: Waker,
    /// The task that was told to the cord.
    task: Option<Waker>,
}

#[derive(Debug)]
struct Cord {
    rung: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Bell {
    /// Rings at once: nobody has been asked yet.
    pub fn new() -> Self {
        let cord = Arc::new(Cord { rung: AtomicBool::new(true), task: Mutex::new(None) });
        Self { waker: Arc::clone(&cord).into(), cord, task: None }
    }

    /// From now on it wakes this task.
    pub fn hang(&mut self, task: &Waker) {
        if !self.task.as_ref().is_some_and(|known| known.will_wake(task)) {
            *self.cord.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
            self.task = Some(task.clone());
        }
    }

    /// Whether it rang since the last call. Who is asked then is asked with [`Bell::context`].
    pub fn rang(&self) -> bool {
        // Looking is cheaper than taking, and mostly there is nothing to take.
        self.cord.rung.load(std::sync::atomic::Ordering::Relaxed) && self.cord.rung.swap(false, AcqRel)
    }

    /// For those who ring it.
    pub fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

impl Wake for Cord {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, std::sync::atomic::Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn it_wakes_the_task_it_hangs_in_and_tells_once() {
        let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
        let mut bell = Bell::new();
        assert!(bell.rang(), "nobody has been asked yet");
        assert!(!bell.rang());
        bell.hang(&Arc::clone(&first).into());
        bell.context().waker().wake_by_ref();
        assert!(bell.rang());
        assert!(!bell.rang());
        // The task may be polled from another place later on.
        bell.hang(&Arc::clone(&second).into());
        bell.context().waker().wake_by_ref();
        assert_eq!((first.0.load(SeqCst), second.0.load(SeqCst)), (1, 1));
    }
}
