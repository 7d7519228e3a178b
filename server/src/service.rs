//! What every request shares.

use crate::{
    accounts::Accounts,
    clock::Clock,
    damage::Damage,
    knocks::Knocks,
    live::Hub,
    mailbox::Mailboxes,
    nonces::Nonces,
    settings::{Bounds, Registration},
    store::{Identity, Store},
    writer::{Declining, Job},
};
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, watch};

/// Waits until the relay stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and the relay with it.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// What every request shares. Requests hold it; when the last is gone, the writer ends.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) identity: Identity,
    pub(crate) store: Store,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) nonces: Arc<Nonces>,
    pub(crate) damage: Arc<Damage>,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) jobs: mpsc::Sender<Job>,
    pub(crate) declines: mpsc::Sender<Declining>,
    pub(crate) knocks: Knocks,
    pub(crate) clock: Clock,
    pub(crate) registration: Registration,
    pub(crate) bounds: Bounds,
    /// Kibibytes of request bodies of known devices that may be held.
    pub(crate) body_room: Arc<Semaphore>,
    /// Kibibytes of strangers' request bodies that may be held.
    pub(crate) stranger_room: Arc<Semaphore>,
    /// Live sockets that may be open.
    pub(crate) live_room: Arc<Semaphore>,
    /// Turns true when the relay stops.
    pub(crate) stopping: watch::Receiver<bool>,
}
