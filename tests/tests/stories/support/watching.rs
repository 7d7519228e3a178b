//! A device that stays in touch for as long as a story wants.

use daymark_client::{
    connection::RelayError,
    sync::{SyncError, WatchEvent},
};
use daymark_tests::world::Device;
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Long enough for a loaded machine; reached only where something is wrong.
pub(crate) const TOO_LONG: Duration = Duration::from_secs(30);

/// A device that watches until it is told to stop.
pub(crate) struct Watching<'a> {
    device: &'a Device,
    stop: oneshot::Sender<()>,
    pub(crate) events: mpsc::UnboundedReceiver<WatchEvent>,
    pub(crate) ended: JoinHandle<Result<(), SyncError>>,
}

impl<'a> Watching<'a> {
    pub(crate) fn start(device: &'a Device) -> Self {
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
    pub(crate) async fn connected(device: &'a Device) -> Self {
        let mut watching = Self::start(device);
        watching.until_connected().await;
        watching
    }

    pub(crate) async fn event(&mut self) -> WatchEvent {
        let event = tokio::time::timeout(TOO_LONG, self.events.recv());
        let event = event.await.expect("something happens");
        event.expect("it goes on")
    }

    pub(crate) async fn until_connected(&mut self) {
        while self.event().await != WatchEvent::Connected {}
    }

    pub(crate) async fn until_disconnected(&mut self) -> RelayError {
        loop {
            if let WatchEvent::Disconnected { why, .. } = self.event().await {
                return why;
            }
        }
    }

    /// Until the device shows an entry that reads like that.
    pub(crate) async fn until_shown(&mut self, text: &str) {
        while !self.device.texts().await.iter().any(|one| one == text) {
            self.event().await;
        }
    }

    /// Until everything that this device wrote was acknowledged.
    pub(crate) async fn until_sent(&mut self) {
        while self.device.vault.unsent().await.unwrap() > 0 {
            self.event().await;
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        let ended = tokio::time::timeout(TOO_LONG, self.ended).await;
        ended.expect("it stops").unwrap().unwrap();
    }
}
