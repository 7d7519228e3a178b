//! Documents of bonds: what others shared or replied, and what this person did. Each is whole in one row.

use super::{
    Outgoing, Reading, RecordRow, VaultError, Writing,
    chains::{read_chain, read_seq},
    outbox::read_expiry,
    records::{read_record, read_row, read_signed},
    sealer::Table,
};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, EpochId, Hash, Header, Record, Seq, Signed, SpaceId, logs::Role,
    record::ExpiryDay,
};
use minicbor::{Decode, Encode};
use sqlx::{Row, sqlite::SqliteRow};
use zeroize::Zeroizing;

/// A document of a bond.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredVersion {
    /// The bond.
    pub(crate) bond: SpaceId,
    /// The document.
    pub(crate) document: DocumentId,
    /// Who wrote it.
    pub(crate) author: Role,
    /// The day from which on it is gone.
    pub(crate) expires: ExpiryDay,
    /// Of its record's header; none before it is sealed.
    pub(crate) hash: Option<Hash>,
    /// When it came here, or was written, by this device's clock: milliseconds since 1970.
    pub(crate) since: u64,
    /// As it is sealed, to be read with `daymark_core::sharing::Version`.
    pub(crate) content: Zeroizing<Vec<u8>>,
}

/// The place of a document among all that came here, or were written here, in whichever bond: of two the higher came
/// later, whatever the clock said. Records of one chain come in the order in which they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival(i64);

#[derive(Encode, Decode)]
struct Content {
    #[n(0)]
    since: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    content: Vec<u8>,
}

impl Writing {
    /// Writes a document of this device's own into a bond, and its version into the outbox.
    pub(crate) async fn put_own_version(
        &mut self,
        bond: SpaceId,
        author: Role,
        version: Outgoing,
        now: u64,
    ) -> Result<(), VaultError> {
        self.put_outgoing(bond, &version).await?;
        self.put_version(&StoredVersion {
            bond,
            document: version.document,
            author,
            expires: version.expires,
            hash: None,
            since: now,
            content: version.content,
        })
        .await
    }

    /// Keeps a document as it came. One that is there already stays as it is, but learns its record's hash.
    pub(crate) async fn put_version(&mut self, version: &StoredVersion) -> Result<(), VaultError> {
        let content = Zeroizing::new(daymark_wire::cbor::to_vec(&Content {
            since: version.since,
            content: version.content.to_vec(),
        }));
        let row = row(version.bond, version.document, version.author);
        let sealed = self.sealer.seal(Table::Versions, &row, &content)?;
        sqlx::query(
            "INSERT INTO versions (bond, document, author, expires, hash, sealed) \
             VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (bond, document, author) DO UPDATE SET hash = ifnull(hash, excluded.hash)",
        )
        .bind(version.bond.as_bytes().as_slice())
        .bind(version.document.as_bytes().as_slice())
        .bind(number_of(version.author))
        .bind(i64::from(version.expires.0))
        .bind(version.hash.map(|hash| hash.as_bytes().to_vec()))
        .bind(sealed)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes back a version of this side's own that no relay has acknowledged: what it said is gone from here, and of
    /// a record that holds it only the stub is brought to a relay. Gives whether it waited here. That no record holds
    /// it here does not say that it never left: another one may, of a chain before, or of this vault before a backup.
    pub(crate) async fn take_back_version(
        &mut self,
        bond: SpaceId,
        author: Role,
        document: DocumentId,
    ) -> Result<bool, VaultError> {
        let waited = sqlx::query("DELETE FROM outbox WHERE space = ? AND document = ?")
            .bind(bond.as_bytes().as_slice())
            .bind(document.as_bytes().as_slice())
            .execute(self.connection())
            .await?;
        if waited.rows_affected() == 0 {
            return Ok(false);
        }
        self.drop_document(bond, author, document).await?;
        Ok(true)
    }

    /// Notes the records of this device's own documents that a relay took.
    pub(crate) async fn learn_hashes(
        &mut self,
        bond: SpaceId,
        device: DeviceId,
    ) -> Result<(), VaultError> {
        let rows = sqlx::query(
            "SELECT v.number, r.header, r.signature, NULL AS body FROM versions v \
             JOIN records r ON r.document = v.document \
             JOIN chains c ON c.id = r.chain AND c.space = v.bond \
             WHERE v.bond = ? AND v.hash IS NULL AND c.device = ? AND r.state <> 4",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(device.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        for row in &rows {
            let hash = read_record(row)?.hash();
            sqlx::query("UPDATE versions SET hash = ? WHERE number = ?")
                .bind(hash.as_bytes().as_slice())
                .bind(row.try_get::<i64, _>("number")?)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Lets go of every version of a bond that no record holds yet.
    pub(crate) async fn drop_waiting(&mut self, bond: SpaceId) -> Result<(), VaultError> {
        for statement in [
            "DELETE FROM versions WHERE bond = ?1 AND document IN \
             (SELECT document FROM outbox WHERE space = ?1 AND record IS NULL)",
            "DELETE FROM outbox WHERE space = ?1 AND record IS NULL",
        ] {
            sqlx::query(statement)
                .bind(bond.as_bytes().as_slice())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Destroys what one of the two wrote as a document of a bond: what it said, its keys, its records' bodies (rule
    /// B5). Where the other wrote something under the same name, which no honest client does, keys and bodies stay
    /// until that goes too. Afterwards [`super::Vault::clean_if_due`].
    pub(crate) async fn wipe_document(
        &mut self,
        bond: SpaceId,
        author: Role,
        document: DocumentId,
    ) -> Result<(), VaultError> {
        self.mark_unclean().await?;
        self.drop_document(bond, author, document).await
    }

    async fn drop_document(
        &mut self,
        bond: SpaceId,
        author: Role,
        document: DocumentId,
    ) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM versions WHERE bond = ? AND document = ? AND author = ?")
            .bind(bond.as_bytes().as_slice())
            .bind(document.as_bytes().as_slice())
            .bind(number_of(author))
            .execute(self.connection())
            .await?;
        let shared: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM versions WHERE bond = ? AND document = ?)",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(document.as_bytes().as_slice())
        .fetch_one(self.connection())
        .await?;
        if shared {
            return Ok(());
        }
        for statement in [
            "DELETE FROM outbox WHERE space = ? AND document = ?",
            "DELETE FROM keys WHERE space = ? AND document = ?",
            // 6 is `Stub`; what is on its way to a relay, 4, goes there without its body.
            "UPDATE records SET body = NULL, state = iif(state = 4, 4, 6) \
             WHERE chain IN (SELECT id FROM chains WHERE space = ?) AND document = ?",
        ] {
            sqlx::query(statement)
                .bind(bond.as_bytes().as_slice())
                .bind(document.as_bytes().as_slice())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

impl Reading {
    /// Records of a bond's documents that were received and not read yet, in the order in which they came.
    pub(crate) async fn versions_to_read(
        &mut self,
        bond: SpaceId,
        limit: usize,
    ) -> Result<Vec<(RecordRow, Record)>, VaultError> {
        let rows = sqlx::query(
            "SELECT id, header, signature, body FROM records \
             WHERE state = 0 AND state <> 1 AND document <> zeroblob(16) \
             AND +chain IN (SELECT id FROM chains WHERE space = ?) ORDER BY id LIMIT ?",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Records of a bond's space itself that were received, or acknowledged, and not read yet.
    pub(crate) async fn space_records_to_read(
        &mut self,
        bond: SpaceId,
    ) -> Result<Vec<(RecordRow, Record)>, VaultError> {
        let rows = sqlx::query(
            "SELECT id, header, signature, body FROM records \
             WHERE state = 0 AND state <> 1 AND document = zeroblob(16) \
             AND +chain IN (SELECT id FROM chains WHERE space = ?) ORDER BY id",
        )
        .bind(bond.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// The headers of a bond's records whose documents have keys that lie wrapped under another epoch than this one;
    /// what came last goes first.
    pub(crate) async fn headers_with_older_keys(
        &mut self,
        bond: SpaceId,
        newest: EpochId,
    ) -> Result<Vec<Signed<Header>>, VaultError> {
        let rows = sqlx::query(
            "SELECT header, signature FROM records \
             WHERE document IN (SELECT document FROM keys WHERE space = ?1 AND epoch <> ?2) \
             AND +chain IN (SELECT id FROM chains WHERE space = ?1) ORDER BY id DESC",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(newest.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        let header = |row: &SqliteRow| read_signed(row.try_get(0)?, row.try_get(1)?);
        rows.iter().map(header).collect()
    }

    /// The bonds in which a document expires on this day or did before, but for what waits.
    pub(crate) async fn bonds_with_passed(
        &mut self,
        today: ExpiryDay,
    ) -> Result<Vec<SpaceId>, VaultError> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT DISTINCT bond FROM versions v WHERE expires BETWEEN 1 AND ? AND NOT EXISTS \
             (SELECT 1 FROM outbox WHERE space = v.bond AND outbox.document = v.document)",
        )
        .bind(i64::from(today.0))
        .fetch_all(self.connection())
        .await?;
        let bonds = rows.iter().map(|bond| SpaceId::try_from(bond.as_slice()));
        Ok(bonds.collect::<Result<_, _>>()?)
    }

    /// The places at which chains of a bond hold a document.
    pub(crate) async fn places_of(
        &mut self,
        bond: SpaceId,
        document: DocumentId,
    ) -> Result<Vec<(ChainId, Seq)>, VaultError> {
        let rows = sqlx::query(
            "SELECT c.device, c.incarnation, r.seq FROM records r JOIN chains c ON c.id = r.chain \
             WHERE r.document = ? AND c.space = ?",
        )
        .bind(document.as_bytes().as_slice())
        .bind(bond.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        let place = |row: &SqliteRow| Ok((read_chain(row)?, read_seq(row, "seq")?));
        rows.iter().map(place).collect()
    }

    /// Every document of one bond, in the order in which they came.
    pub(crate) async fn versions_of(
        &mut self,
        bond: SpaceId,
    ) -> Result<Vec<(Arrival, StoredVersion)>, VaultError> {
        let rows = sqlx::query(
            "SELECT bond, document, author, expires, hash, sealed, number FROM versions \
             WHERE bond = ? ORDER BY number",
        )
        .bind(bond.as_bytes().as_slice())
        .fetch_all(self.connection())
        .await?;
        let version = |row: &SqliteRow| Ok((Arrival(row.try_get(6)?), self.version(row)?));
        rows.iter().map(version).collect()
    }

    fn version(&self, found: &SqliteRow) -> Result<StoredVersion, VaultError> {
        let damaged = || VaultError::Damaged {
            what: "a shared copy",
        };
        let bond = SpaceId::try_from(found.try_get::<&[u8], _>(0)?)?;
        let document = DocumentId::try_from(found.try_get::<&[u8], _>(1)?)?;
        let author = match found.try_get::<i64, _>(2)? {
            0 => Role::Owner,
            1 => Role::Supporter,
            _ => return Err(damaged()),
        };
        let hash: Option<&[u8]> = found.try_get(4)?;
        let hash = hash.map(|hash| hash.try_into().map(Hash::from_bytes));
        let row = row(bond, document, author);
        let opened = self.sealer.open(Table::Versions, &row, found.try_get(5)?)?;
        let content: Content = minicbor::decode(&opened).map_err(|_| damaged())?;
        Ok(StoredVersion {
            bond,
            document,
            author,
            expires: read_expiry(found.try_get(3)?)?,
            hash: hash.transpose().map_err(|_| damaged())?,
            since: content.since,
            content: Zeroizing::new(content.content),
        })
    }
}

fn row(bond: SpaceId, document: DocumentId, author: Role) -> Vec<u8> {
    [
        bond.as_bytes().as_slice(),
        document.as_bytes(),
        &number_of(author).to_be_bytes(),
    ]
    .concat()
}

const fn number_of(author: Role) -> i64 {
    match author {
        Role::Owner => 0,
        Role::Supporter => 1,
    }
}
