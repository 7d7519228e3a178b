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
