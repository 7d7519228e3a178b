//! A wish that a running command should end.

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;

/// Ends a command. Dropping it wishes nothing.
#[derive(Debug)]
pub struct Stopper {
    stopped: watch::Sender<bool>,
    patience: Arc<AtomicUsize>,
}

/// The other end: whether the command should end.
#[derive(Debug, Clone)]
pub struct Stop {
    stopped: watch::Receiver<bool>,
    patience: Arc<AtomicUsize>,
    last_words: watch::Sender<usize>,
}

impl Stop {
    /// A stop and who can wish it.
    #[must_use]
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        let patience = Arc::new(AtomicUsize::new(0));
        let stopper = Stopper {
            stopped: sender,
            patience: Arc::clone(&patience),
        };
        (
            stopper,
            Self {
                stopped: receiver,
                patience,
                last_words: watch::Sender::new(0),
            },
        )
    }

    /// A stop that nobody wishes.
    #[must_use]
    pub fn never() -> Self {
        Self::new().1
    }

    /// Ready when it is wished.
    pub(crate) async fn wished(mut self) {
        if self.stopped.wait_for(|stopped| *stopped).await.is_err() {
            future::pending().await
        }
    }

    /// Ready when it is wished and nobody has anything to keep before that.
    pub(crate) async fn due(self) {
        let mut last_words = self.last_words.subscribe();
        self.wished().await;
        // The sender lives as long as the guards do.
        let _ = last_words.wait_for(|guards| *guards == 0).await;
    }

    /// While the guard lives, its holder keeps something first when the end is wished.
    pub(crate) fn have_last_words(&self) -> LastWords {
        self.last_words.send_modify(|guards| *guards += 1);
        LastWords(self.last_words.clone())
    }

    /// While the guard lives, the interrupt key means another program: the editor.
    pub(crate) fn be_patient(&self) -> Patience {
        self.patience.fetch_add(1, Ordering::Relaxed);
        Patience(Arc::clone(&self.patience))
    }
}

impl Stopper {
    /// Wishes that the command ends.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Somebody pressed the interrupt key.
    pub(crate) fn interrupt(&self) {
        if self.patience.load(Ordering::Relaxed) == 0 {
            self.stop();
        }
    }
}

/// See [`Stop::have_last_words`].
#[derive(Debug)]
pub(crate) struct LastWords(watch::Sender<usize>);

impl Drop for LastWords {
    fn drop(&mut self) {
        self.0
            .send_modify(|guards| *guards = guards.saturating_sub(1));
    }
}

/// See [`Stop::be_patient`].
#[derive(Debug)]
pub(crate) struct Patience(Arc<AtomicUsize>);

impl Drop for Patience {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wish_is_heard_also_when_it_came_first() {
        let (stopper, stop) = Stop::new();
        stopper.stop();
        stop.wished().await;
    }

    #[tokio::test]
    async fn an_end_waits_for_last_words() {
        let (stopper, stop) = Stop::new();
        let words = stop.have_last_words();
        stopper.stop();
        let due = stop.due();
        tokio::pin!(due);
        let early = tokio::select! {
            biased;
            () = &mut due => true,
            () = future::ready(()) => false,
        };
        assert!(!early);
        drop(words);
        due.await;
    }

    #[tokio::test]
    async fn the_interrupt_key_is_not_heard_while_an_editor_is_open() {
        let (stopper, stop) = Stop::new();
        let patience = stop.be_patient();
        stopper.interrupt();
        assert!(!*stop.stopped.borrow());
        drop(patience);
        stopper.interrupt();
        stop.wished().await;
    }
}
