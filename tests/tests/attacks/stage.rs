//! What most attacks begin with: a hostile relay, and two devices of one person that met through it.

use daymark_client::{
    Fault,
    sync::{SyncError, SyncReport},
};
use daymark_tests::{
    hostile::{Honest, HostileRelay, StoredRecord},
    world::{Device, Prepared, World},
};
use daymark_wire::{DocumentId, Header, Record, Signature, Signed};
use tokio::sync::OnceCell;

/// A text that must never be readable at the relay.
pub(crate) const TEXT: &str = "the kingfisher came back this morning";

/// Two devices in step.
pub(crate) struct Stage {
    pub(crate) relay: HostileRelay,
    /// The device that founded the account. It writes.
    pub(crate) writer: Device,
    /// The device that was let in. It reads.
    pub(crate) reader: Device,
    /// An entry that both have, with [`TEXT`].
    pub(crate) entry: DocumentId,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let prepared = PAIRED.get_or_init(paired).await;
        let (relay, devices) = HostileRelay::with(prepared).await;
        let [writer, reader] = devices.try_into().expect("two devices");
        let entry = writer.write(TEXT).await;
        writer.sync().await;
        reader.sync().await;
        assert_eq!(reader.text(entry).await, TEXT);
        Self {
            relay,
            writer,
            reader,
            entry,
        }
    }

    /// Writes an entry, sends it, and gives the record that the relay keeps of it.
    pub(crate) async fn sent(&self, text: &str) -> (DocumentId, StoredRecord) {
        let id = self.writer.write(text).await;
        self.writer.sync().await;
        let records = self
            .relay
            .database()
            .await
            .records_of(self.writer.vault.device())
            .await;
        let of_entry = |record: &StoredRecord| opened(record).claimed().document == id;
        (
            id,
            records
                .into_iter()
                .rfind(of_entry)
                .expect("the relay has the record"),
        )
    }

    /// What the reader holds.
    pub(crate) async fn held(&self) -> Honest {
        Honest::of(&self.reader.vault).await
    }

    /// A sync of the reader that works, with what it found wrong.
    pub(crate) async fn faults(&self) -> Vec<Fault> {
        let report = self.reader.sync().await;
        self.same_in_status(&report).await;
        report.faults.into_iter().collect()
    }

    /// The names of what the reader finds wrong in a sync, or of why there was none.
    pub(crate) async fn names(&self) -> Vec<&'static str> {
        match self.reader.vault.sync(&|_| ()).await {
            Ok(report) => {
                self.same_in_status(&report).await;
                report.faults.iter().map(Fault::code).collect()
            }
            Err(error) => {
                let last = self.reader.vault.status().await.unwrap().last;
                assert_eq!(last.error_code(), Some(error.code()), "status says why");
                vec![error.code()]
            }
        }
    }

    /// What a sync found wrong stands in the status, for the person to read.
    async fn same_in_status(&self, report: &SyncReport) {
        let status = self.reader.vault.status().await.unwrap();
        assert_eq!(status.faults, report.faults);
    }

    /// The reader's sync fails; gives the error.
    pub(crate) async fn error(&self) -> SyncError {
        self.reader
            .vault
            .sync(&|_| ())
            .await
            .expect_err("the sync fails")
    }

    /// The relay is honest again: both devices come into step, with nothing wrong.
    pub(crate) async fn heals(&self) {
        self.relay.behave();
        self.writer.sync().await;
        let report = self.reader.sync().await;
        assert_eq!(report.faults, [].into(), "an honest sync heals");
        self.writer.sync().await;
        assert_eq!(self.reader.texts().await, self.writer.texts().await);
        self.nothing_leaked();
    }

    /// Nothing that a person wrote, and no name, passed the relay or lies there in the clear.
    pub(crate) fn nothing_leaked(&self) {
        for secret in [TEXT, "kingfisher", NAMES[0], NAMES[1]] {
            assert!(!self.relay.knows(secret.as_bytes()), "{secret}");
        }
    }
}

/// What the devices are called.
const NAMES: [&str; 2] = ["writer's desk", "reader's pocket"];

static PAIRED: OnceCell<Prepared> = OnceCell::const_new();

/// Two devices of one person.
async fn paired() -> Prepared {
    let world = World::new().await;
    let writer = world.first_device(NAMES[0]).await;
    let reader = world.pair(&writer, NAMES[1]).await;
    Prepared::of(world, [writer, reader]).await
}

/// A first device, registered.
pub(crate) async fn found(relay: &HostileRelay, name: &str) -> Device {
    let folder = relay.vault_folder(name);
    let device = Device::found(&folder, name, Some((relay.address(), None))).await;
    device.sync().await;
    device
}

/// A stored record's header with its signature, which nobody checked.
pub(crate) fn opened(record: &StoredRecord) -> Signed<Header> {
    let signature = <[u8; 64]>::try_from(record.signature.as_slice()).unwrap();
    Signed::from_parts(record.header.clone(), Signature::from_bytes(signature)).unwrap()
}

/// A stored record as it travels.
pub(crate) fn record(stored: &StoredRecord) -> Record {
    Record::from_own_storage(opened(stored), stored.body.clone())
}
