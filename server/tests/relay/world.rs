//! A relay in this process, in a folder of its own, at a time that the test sets.

use crate::{
    client::Client,
    person::{Device, Person},
};
use daymark_relay::{Clock, Registration, Relay, Settings, StartError, StoreError};
use daymark_wire::{
    SigningKey,
    logs::MadeFor,
    sync::{AppendOutcome, PushOutcome, SyncReply},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::timeout;

/// For what takes a moment: far longer than it can take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// When the tests begin.
pub(crate) const START: u64 = 1_800_000_000;

pub(crate) struct World {
    pub(crate) relay: Relay,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
}

pub(crate) fn settings(folder: &TempDir, clock: &Clock, registration: Registration) -> Settings {
    let mut settings = Settings::new(folder.path().join("data"));
    settings.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    settings.clock = clock.clone();
    settings.registration = registration;
    settings
}

impl World {
    /// A relay where anybody registers.
    pub(crate) async fn open() -> Self {
        Self::with(Registration::Open).await
    }

    pub(crate) async fn with(registration: Registration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::standing_at(START);
        let relay = Relay::start(settings(&folder, &clock, registration))
            .await
            .unwrap();
        Self {
            relay,
            clock,
            folder,
        }
    }

    /// The same relay again, from its folder.
    pub(crate) async fn restart(self, registration: Registration) -> Self {
        let Self {
            relay,
            clock,
            folder,
        } = self;
        relay.stop().await.unwrap();
        let relay = Relay::start(settings(&folder, &clock, registration))
            .await
            .unwrap();
        Self {
            relay,
            clock,
            folder,
        }
    }

    /// The same relay again, begun as soon as the one that was dropped has ended by itself.
    pub(crate) async fn drop_and_start(self) -> Self {
        let Self {
            relay,
            clock,
            folder,
        } = self;
        drop(relay);
        let again = async {
            loop {
                match Relay::start(settings(&folder, &clock, Registration::Open)).await {
                    Ok(relay) => return relay,
                    Err(StartError::Store(StoreError::InUse)) => tokio::task::yield_now().await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let relay = timeout(PATIENCE, again).await.expect("it ended by itself");
        Self {
            relay,
            clock,
            folder,
        }
    }

    pub(crate) fn here(&self) -> MadeFor {
        MadeFor {
            relay: self.relay.key(),
            generation: self.relay.generation(),
        }
    }

    pub(crate) fn client<'a>(&self, person: &'a Person) -> Client<'a> {
        self.client_of(person, &person.device)
    }

    pub(crate) fn client_of<'a>(&self, person: &Person, device: &'a Device) -> Client<'a> {
        self.client_with(person, &device.key)
    }

    pub(crate) fn client_with<'a>(&self, person: &Person, key: &'a SigningKey) -> Client<'a> {
        Client {
            address: self.relay.address(),
            relay: self.relay.key(),
            account: person.id(),
            device: key.verifying_key().device_id(),
            key,
            time: self.clock.now(),
        }
    }

    /// Whether the database's files hold these bytes anywhere.
    pub(crate) fn database_holds(&self, bytes: &[u8]) -> bool {
        let data = self.folder.path().join("data");
        let files = std::fs::read_dir(data).unwrap();
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }

    /// A person who is registered here.
    pub(crate) async fn person(&self, number: u16) -> Person {
        let person = Person::new(number);
        let reply = self.client(&person).sync(&person.registration(None)).await;
        assert_eq!(reply.unwrap().append, AppendOutcome::Appended);
        person
    }
}

/// The outcome of a push to the first space.
pub(crate) fn pushed(reply: &SyncReply) -> &PushOutcome {
    &reply.spaces[0].push
}
