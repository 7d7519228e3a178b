//! A running relay, to be embedded: started in one call, stopped in another.

use crate::{
    accounts::Accounts,
    damage::Damage,
    http::{self, Connections, ROOM_UNIT},
    knocks::Knocks,
    live::Hub,
    mailbox::Mailboxes,
    nonces::{KEPT_SECONDS, Nonces},
    service::Service,
    settings::Settings,
    store::{self, Identity, Opened, Store, StoreError},
    writer::{self, Writer},
};
use daymark_wire::{Generation, VerifyingKey};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
    time::timeout,
};

/// How long live sockets may take to say goodbye when the relay stops.
const GOODBYE: Duration = Duration::from_secs(5);

/// Why a relay did not start. Nothing runs.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data folder or its database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// A relay that serves, on tasks of the runtime that started it. Dropped without [`Relay::stop`], it ends by
/// itself; the folder is its own until its last commit is over.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    identity: Identity,
    store: Store,
    stop: watch::Sender<bool>,
    connections: JoinHandle<()>,
    live_room: Arc<Semaphore>,
    live_sockets: usize,
    finish: oneshot::Sender<()>,
    writer: JoinHandle<Result<(), StoreError>>,
}

impl Relay {
    /// Opens the data folder, listens, and serves.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let Opened {
            store,
            writing,
            identity,
            lock,
        } = store::open(&settings.data).await?;
        let listen = |source| StartError::Listen {
            address: settings.listen,
            source,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let now = settings.clock.now();
        let nonces = store.nonces(now.saturating_sub(KEPT_SECONDS)).await?;
        let nonces = Arc::new(Nonces::new(nonces, now));
        let accounts = Arc::new(Accounts::new(store.clone()));
        let hub = Arc::new(Hub::default());
        let damage = Arc::new(Damage::default());
        let (jobs, waiting) = mpsc::channel(writer::WAITING);
        let (declines, declined) = mpsc::channel(writer::DECLINES_WAITING);
        let (stop, stopping) = watch::channel(false);
        let (finish, finished) = oneshot::channel();
        let writer = Writer {
            writing,
            accounts: Arc::clone(&accounts),
            hub: Arc::clone(&hub),
            nonces: Arc::clone(&nonces),
            damage: Arc::clone(&damage),
            identity: identity.clone(),
            registration: settings.registration,
            quota: settings.quota,
            clock: settings.clock.clone(),
            to_empty: false,
            _lock: lock,
        };
        let bounds = settings.bounds;
        let live_room = Arc::new(Semaphore::new(bounds.live_sockets));
        let service = Arc::new(Service {
            identity: identity.clone(),
            store: store.clone(),
            accounts,
            hub,
            nonces,
            damage,
            mailboxes: Mailboxes::default(),
            jobs,
            declines,
            knocks: Knocks::default(),
            clock: settings.clock,
            registration: settings.registration,
            bounds,
            body_room: Arc::new(Semaphore::new(bounds.body_bytes / ROOM_UNIT)),
            stranger_room: Arc::new(Semaphore::new(bounds.stranger_body_bytes / ROOM_UNIT)),
            live_room: Arc::clone(&live_room),
            stopping: stopping.clone(),
        });
        let connections = Connections::new(listener, http::router(service), &bounds, stopping);
        Ok(Self {
            address,
            identity,
            store,
            stop,
            connections: tokio::spawn(connections.run()),
            live_room,
            live_sockets: bounds.live_sockets,
            finish,
            writer: tokio::spawn(writer.run(waiting, declined, finished)),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The key that clients pin.
    #[must_use]
    pub const fn key(&self) -> VerifyingKey {
        *self.identity.public()
    }

    /// The history that its database is.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.identity.generation()
    }

    /// Accepts nothing more, closes live sockets, finishes the requests and the commits under way, and
    /// leaves the database as one file.
    ///
    /// # Errors
    /// [`StoreError`] when the last commit or the checkpoint failed. What was acknowledged is safe.
    pub async fn stop(self) -> Result<(), StoreError> {
        let _ = self.stop.send(true);
        if let Err(error) = self.connections.await {
            tracing::error!(%error, "the connections ended badly");
        }
        // Every live socket holds a place until it said goodbye.
        let sockets = u32::try_from(self.live_sockets).unwrap_or(u32::MAX);
        if timeout(GOODBYE, self.live_room.acquire_many(sockets))
            .await
            .is_err()
        {
            tracing::warn!("live sockets cut off");
        }
        self.store.close().await;
        let _ = self.finish.send(());
        match self.writer.await {
            Ok(written) => written,
            Err(error) => {
                tracing::error!(%error, "the writer ended badly");
                Err(StoreError::Corrupt("a writer that ended badly"))
            }
        }
    }
}
