//! What this device noted of each bond: wishes that no relay has carried out, and what it saw.

use super::{Reading, VaultError, Writing, sealer::Table};
use daymark_core::{keys::EpochSecret, secret::Secret};
use daymark_wire::{
    DocumentId, EpochId, Hash, SpaceId,
    invitation::Decline,
    logs::{BondLink, EndReason, TravelLink},
};
use minicbor::{Decode, Encode, bytes::ByteArray};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// Noted of one bond. Every field may be absent: what a later version adds is passed over.
#[derive(Clone, Default, Encode, Decode)]
pub(crate) struct BondNotes {
    /// The person wants it to end: the owner for this reason, the supporter by leaving.
    #[n(0)]
    pub(crate) end: Option<EndReason>,
    /// What a relay gave as a no; whether it is one, the invitation's secret tells.
    #[n(1)]
    pub(crate) declined: Option<Decline>,
    /// Links of another history of the bond log that were shown, and that the person has not looked at.
    #[n(2)]
    pub(crate) forks: BTreeSet<Hash>,
    /// It is over, and what it held is wiped.
    #[n(3)]
    pub(crate) wiped: bool,
    /// Somebody answered who does not hold the invitation.
    #[n(4)]
    pub(crate) stranger: bool,
    /// A yes of which it is not known whether the relay took it.
    #[n(5)]
    pub(crate) acceptance: Option<PendingAcceptance>,
}

/// A yes as it was sent, so that it can be brought again as it is.
#[derive(Clone, Encode, Decode)]
pub(crate) struct PendingAcceptance {
    /// What this person calls the one who invites.
    #[n(0)]
    pub(crate) name: String,
    /// What shows the invitation to the relay.
    #[n(1)]
    pub(crate) token: String,
    /// The owner's account log and the *invite* link, as they were considered.
    #[n(2)]
    pub(crate) shown: Vec<TravelLink>,
    /// *accept* and the first *epoch*.
    #[n(3)]
    pub(crate) links: Vec<TravelLink>,
    #[n(4)]
    epoch: EpochId,
    #[n(5)]
    secret: ByteArray<32>,
    /// The relay refused it: no sync brings it again, but whoever tries the invitation again does.
    #[cbor(n(6), default)]
    pub(crate) is_refused: bool,
}

impl PendingAcceptance {
    pub(crate) fn new(
        name: String,
        token: String,
        shown: Vec<TravelLink>,
        links: Vec<TravelLink>,
        epoch: &(EpochId, EpochSecret),
    ) -> Self {
        Self {
            name,
            token,
            shown,
            links,
            epoch: epoch.0,
            secret: (*epoch.1.secret().expose()).into(),
            is_refused: false,
        }
    }

    /// The first epoch.
    pub(crate) fn epoch(&self) -> (EpochId, EpochSecret) {
        let secret = Zeroizing::new(*self.secret);
        (self.epoch, EpochSecret::from_secret(Secret::new(secret)))
    }
}

impl Drop for PendingAcceptance {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut *self.secret);
        zeroize::Zeroize::zeroize(&mut self.token);
    }
}

impl Writing {
    /// Keeps what is noted of a bond.
    pub(crate) async fn put_bond_notes(
        &mut self,
        bond: SpaceId,
        notes: &BondNotes,
    ) -> Result<(), VaultError> {
        let content = Zeroizing::new(daymark_wire::cbor::to_vec(notes));
        let sealed = self.sealer.seal(Table::Bonds, bond.as_bytes(), &content)?;
        sqlx::query(
            "INSERT INTO bonds (id, sealed) VALUES (?, ?) \
             ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(bond.as_bytes().as_slice())
        .bind(sealed)
        .execute(self.connection())
        .await?;
        self.to_be_sent = true;
        Ok(())
    }

    /// Notes what a relay showed: what it gave as a no, links of another history of the bond's log, and whether a
    /// stranger answered.
    pub(crate) async fn note_shown(
        &mut self,
        bond: SpaceId,
        declined: Option<Decline>,
        forks: &BTreeSet<Hash>,
        stranger: bool,
    ) -> Result<(), VaultError> {
        let mut notes = self.bond_notes().await?.remove(&bond).unwrap_or_default();
        let before = (notes.declined, notes.forks.len(), notes.stranger);
        notes.declined = declined.or(notes.declined);
        notes.forks.extend(forks);
        notes.stranger |= stranger;
        if (notes.declined, notes.forks.len(), notes.stranger) == before {
            return Ok(());
        }
        self.put_bond_notes(bond, &notes).await
    }

    /// Lets go of what is noted of a bond that came to nothing.
    pub(crate) async fn drop_bond_notes(&mut self, bond: SpaceId) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM bonds WHERE id = ?")
            .bind(bond.as_bytes().as_slice())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Destroys the keys of a bond, the wraps that would open to them once more, and everything that its documents
    /// said: the chains stay, without bodies. Afterwards [`super::Vault::clean_if_due`].
    pub(crate) async fn wipe_bond(&mut self, bond: SpaceId) -> Result<(), VaultError> {
        self.mark_unclean().await?;
        for statement in [
            "DELETE FROM outbox WHERE space = ?",
            "DELETE FROM versions WHERE bond = ?",
            "DELETE FROM keys WHERE space = ?",
            "DELETE FROM epochs WHERE space = ?",
            // 6 is `Stub`. What was on its way to a relay never goes there.
            "UPDATE records SET body = NULL, state = 6 \
             WHERE chain IN (SELECT id FROM chains WHERE space = ?)",
        ] {
            sqlx::query(statement)
                .bind(bond.as_bytes().as_slice())
                .execute(self.connection())
                .await?;
        }
        let links = self.links_of(bond.into()).await?;
        let wrapped = links.into_iter().filter(|link| link.blob.is_some());
        let bare: Vec<_> = wrapped
            .map(|link| TravelLink { blob: None, ..link })
            .collect();
        let placed = bare.iter().filter_map(|link| {
            let opened: BondLink = link.open().ok()?;
            Some((opened.log_id(), opened.claimed().position, link))
        });
        self.put_links(placed).await
    }
}

impl Reading {
    /// Whether there is a ledger, or anything is noted of a bond.
    pub(crate) async fn may_have_bonds(&mut self, ledger: DocumentId) -> Result<bool, VaultError> {
        const MAY: &str =
            "SELECT EXISTS (SELECT 1 FROM bonds) OR EXISTS (SELECT 1 FROM documents WHERE id = ?)";
        Ok(sqlx::query_scalar(MAY)
            .bind(ledger.as_bytes().as_slice())
            .fetch_one(self.connection())
            .await?)
    }

    /// What is noted of each bond.
    pub(crate) async fn bond_notes(&mut self) -> Result<BTreeMap<SpaceId, BondNotes>, VaultError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("SELECT id, sealed FROM bonds")
            .fetch_all(self.connection())
            .await?;
        let open = |(id, sealed): &(Vec<u8>, Vec<u8>)| {
            let bond = SpaceId::try_from(id.as_slice())?;
            let content = self.sealer.open(Table::Bonds, bond.as_bytes(), sealed)?;
            let notes = minicbor::decode(&content);
            let damaged = VaultError::Damaged {
                what: "what is noted of a bond",
            };
            Ok((bond, notes.map_err(|_| damaged)?))
        };
        rows.iter().map(open).collect()
    }
}
