//! A relay that lies: a real server on this machine, in front of a real relay that it started itself.
//!
//! It holds that relay's own key, so every lie is signed as the truth would be. Requests reach the real
//! relay as the devices signed them (nobody else can sign one); what comes back is decoded, handed to a
//! [`Script`], and sent on as the script wants it. What is kept can be altered too, in the real relay's
//! [`Database`].
//!
//! ```text
//! device ─► HostileRelay ─► the real relay ─► its database ◄─ Database
//!        ◄─ signs again ◄─ Script ◄─┘
//! ```

mod database;
mod hoard;
mod honest;
mod live;
mod rows;
mod script;
mod serve;
mod stolen;
mod supporter;
mod upstream;

pub use database::{Database, StoredRecord};
pub use hoard::{Hoard, Opened, OpenedRecord, SeenKeys};
pub use honest::Honest;
pub use rows::{Row, rows};
pub use script::{Altering, Answer, Asked, Faithful, MailboxAsked, Script};
pub use stolen::StolenDevice;
pub use supporter::HostileSupporter;

use crate::holds;
use crate::world::{Circle, Device, Prepared, PreparedCircle, Second};
use daymark_client::connection::RelayAddress;
use daymark_core::secret::Secret;
use daymark_relay::{Clock, Registration, Relay, Settings};
use daymark_wire::{
    DeviceId, SigningKey, VerifyingKey,
    sync::{News, RelayFrame, SyncReply},
};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};

/// News that may wait for one live socket.
const WAITING_NEWS: usize = 64;

/// A hostile relay, with a folder for vaults. Dropped, it leaves nothing behind.
pub struct HostileRelay {
    folder: TempDir,
    relay: Relay,
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What all its connections share.
struct Shared {
    relay: SocketAddr,
    key: SigningKey,
    script: Mutex<Box<dyn Script>>,
    seen: Mutex<Seen>,
    news: broadcast::Sender<(DeviceId, RelayFrame)>,
}

/// All that passed.
#[derive(Default)]
struct Seen {
    traffic: Vec<u8>,
    exchanges: Vec<Exchange>,
}

/// One sync by POST: what was asked, and the answer as it left.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub asked: Asked,
    /// The answer's body.
    pub body: Vec<u8>,
    /// The header with which it was signed; empty when it was not.
    pub signature: String,
}

impl HostileRelay {
    /// A relay that registers anybody, and is honest until it is given a script.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::start_in(folder, Clock::system()).await
    }

    /// The same with an owner and two supporters who agreed before it turned hostile.
    pub async fn with_circle() -> (Self, Circle) {
        Self::with_circle_at(Clock::system()).await
    }

    /// The same at a relay with a clock that can be set.
    pub async fn with_circle_at(clock: Clock) -> (Self, Circle) {
        let (relay, circle, _) = Self::with_circle_and(Second::Nobodys, clock).await;
        (relay, circle)
    }

    /// The same, where the owner has a phone too.
    pub async fn with_circle_and_owners_phone() -> (Self, Circle, Device) {
        let (relay, circle, phone) = Self::with_circle_and(Second::Owners, Clock::system()).await;
        (relay, circle, phone.expect("the phone"))
    }

    /// The same, where the first supporter has a phone too.
    pub async fn with_circle_and_supporters_phone() -> (Self, Circle, Device) {
        let (relay, circle, phone) =
            Self::with_circle_and(Second::Supporters, Clock::system()).await;
        (relay, circle, phone.expect("the phone"))
    }

    async fn with_circle_and(second: Second, clock: Clock) -> (Self, Circle, Option<Device>) {
        let prepared = PreparedCircle::with(second).await;
        let (relay, devices) = Self::with_at(&prepared.files, clock).await;
        let (circle, second) = prepared.circle(devices);
        (relay, circle, second)
    }

    /// A relay at which these devices were before it turned hostile.
    pub async fn with(prepared: &Prepared) -> (Self, Vec<Device>) {
        Self::with_at(prepared, Clock::system()).await
    }

    async fn with_at(prepared: &Prepared, clock: Clock) -> (Self, Vec<Device>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        prepared.put_relay(&folder.path().join("relay"));
        let relay = Self::start_in(folder, clock).await;
        let folder_of = |name: &str| relay.vault_folder(name);
        let devices = prepared.open(folder_of, &relay.address()).await;
        (relay, devices)
    }

    async fn start_in(folder: TempDir, clock: Clock) -> Self {
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            registration: Registration::Open,
            clock,
            ..Settings::new(folder.path().join("relay"))
        };
        let relay = Relay::start(settings).await.expect("a relay starts");
        let seed = Database::open(&folder.path().join("relay"))
            .await
            .key_seed()
            .await;
        let seed = Secret::from_slice(&seed).expect("32 bytes");
        let shared = Arc::new(Shared {
            relay: relay.address(),
            key: SigningKey::from_seed(seed.expose_zeroizing()),
            script: Mutex::new(Box::new(Faithful)),
            seen: Mutex::default(),
            news: broadcast::Sender::new(WAITING_NEWS),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(serve::serve(listener, Arc::clone(&shared)));
        Self {
            folder,
            relay,
            address,
            shared,
            serving,
        }
    }

    /// Where devices meet it, with the key that they pin.
    pub fn address(&self) -> RelayAddress {
        let url = format!("http://{}", self.address);
        RelayAddress {
            url: RelayAddress::parse_url(&url).expect("an address"),
            key: self.key(),
        }
    }

    /// The key that devices pin.
    pub fn key(&self) -> VerifyingKey {
        self.shared.key.verifying_key()
    }

    /// The key with which it signs its answers.
    pub fn signing_key(&self) -> &SigningKey {
        &self.shared.key
    }

    /// From now on it answers by this script.
    pub fn play(&self, script: impl Script) {
        *lock(&self.shared.script) = Box::new(script);
    }

    /// From now on it alters replies so, before it signs them.
    pub fn alter(&self, alter: impl FnMut(&Asked, &mut SyncReply) + Send + 'static) {
        self.play(Altering(alter));
    }

    /// From now on it is honest.
    pub fn behave(&self) {
        self.play(Faithful);
    }

    /// Pushes news to every live socket of a device, asked or not.
    pub fn tell(&self, device: DeviceId, news: News) {
        // Without a live socket nobody is told, as at any relay.
        let _ = self.shared.news.send((device, RelayFrame::News(news)));
    }

    /// The same, once all that it told before was taken: news without end overtake nobody.
    pub async fn tell_next(&self, device: DeviceId, news: News) {
        // At least once, also where no socket is left: whoever waits beside this has its turn.
        tokio::task::yield_now().await;
        while !self.shared.news.is_empty() {
            tokio::task::yield_now().await;
        }
        self.tell(device, news);
    }

    /// What the real relay keeps.
    pub async fn database(&self) -> Database {
        Database::open(&self.folder.path().join("relay")).await
    }

    /// Every sync by POST so far.
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared.seen).exchanges.clone()
    }

    /// Every sync of one device so far.
    pub fn exchanges_of(&self, device: DeviceId) -> Vec<Exchange> {
        let mut exchanges = self.exchanges();
        exchanges.retain(|exchange| exchange.asked.device == device);
        exchanges
    }

    /// Whether these bytes passed through the relay in either direction, or lie in a file that it keeps.
    pub fn knows(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path().join("relay")).expect("its folder");
        holds(&lock(&self.shared.seen).traffic, bytes)
            || files
                .filter_map(|file| std::fs::read(file.expect("a file").path()).ok())
                .any(|file| holds(&file, bytes))
    }

    /// How many bytes [`Self::knows`] looks through.
    pub fn seen_bytes(&self) -> usize {
        let files = std::fs::read_dir(self.folder.path().join("relay")).expect("its folder");
        let lengths = files.map(|file| {
            file.and_then(|file| file.metadata())
                .map_or(0, |it| it.len())
        });
        let kept = usize::try_from(lengths.sum::<u64>()).expect("it fits in memory");
        kept + lock(&self.shared.seen).traffic.len()
    }

    /// Where a device's vault is to be.
    pub fn vault_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join("vaults").join(name)
    }

    /// The real relay behind it.
    pub fn relay(&self) -> &Relay {
        &self.relay
    }
}

impl Drop for HostileRelay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A test that panicked while it held a lock leaves whole values behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
