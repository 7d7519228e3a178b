//! A device that stays in touch for as long as a test wants.

use super::Device;
use daymark_client::{
    connection::RelayError,
    sync::{SyncError, WatchEvent},
};
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Long enough for a loaded machine; reached only where something is wrong.
pub const TOO_LONG: Duration = Duration::from_secs(30);

/// A device that watches until it is told to stop.
#[derive(Debug)]
pub struct Watching<'a> {
    device: &'a Device,
    stop: oneshot::Sender<()>,
    /// What it told.
    pub events: mpsc::UnboundedReceiver<WatchEvent>,
    /// What the watch came to.
    pub ended: JoinHandle<Result<(), SyncError>>,
}

impl<'a> Watching<'a> {
    /// Watches; nothing came yet.
    #[must_use]
    pub fn start(device: &'a Device) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, events) = mpsc::unbounded_channel();
        let vault = device.vault.clone();
        let ended = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopped.await;
            };
            let tell = move |event| {
                let _ = tell.send(event);
            };
            vault.watch(stopped, tell, &|_| ()).await
        });
        Self {
            device,
            stop,
            events,
            ended,
        }
    }

    /// Watches, and has said that it is connected.
    pub async fn connected(device: &'a Device) -> Self {
        let mut watching = Self::start(device);
        watching.until_connected().await;
        watching
    }

    /// The next that it tells.
    pub async fn event(&mut self) -> WatchEvent {
        let event = tokio::time::timeout(TOO_LONG, self.events.recv());
        let event = event.await.expect("something happens");
        event.expect("it goes on")
    }

    /// Until it says that it is connected.
    pub async fn until_connected(&mut self) {
        while self.event().await != WatchEvent::Connected {}
    }

    /// Until the connection is lost, and why.
    pub async fn until_disconnected(&mut self) -> RelayError {
        loop {
            if let WatchEvent::Disconnected { why, .. } = self.event().await {
                return why;
            }
        }
    }

    /// Until the device shows an entry that reads like that.
    pub async fn until_shown(&mut self, text: &str) {
        while !self.device.texts().await.iter().any(|one| one == text) {
            self.event().await;
        }
    }

    /// Until everything that this device wrote was acknowledged.
    pub async fn until_sent(&mut self) {
        while self.device.vault.unsent().await.expect("a count") > 0 {
            self.event().await;
        }
    }

    /// Until the relay took something.
    pub async fn until_taken(&mut self) {
        loop {
            match self.event().await {
                WatchEvent::Synced(report) if report.sent > 0 => return,
                _ => {}
            }
        }
    }

    /// Ends as a person ends it.
    pub async fn stop(self) {
        self.stop.send(()).expect("it watches");
        let ended = tokio::time::timeout(TOO_LONG, self.ended).await;
        let ended = ended.expect("it stops").expect("it does not panic");
        ended.expect("it ends well");
    }

    /// Ends where it stands, as a program does that is killed.
    pub async fn kill(self) {
        self.ended.abort();
        let ended = self.ended.await;
        assert!(ended.is_err_and(|why| why.is_cancelled()));
    }
}
