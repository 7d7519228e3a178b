//! Saying again what stood in a chain that was forked (rule R7, threats K3, K7).

use super::SyncError;
use crate::vault::Vault;
use daymark_core::{
    merge::Keyring,
    seal::{self, BodyKey},
    sync::OwnChain,
};
use daymark_wire::{ChainId, DocumentId, Record, RecordKind, Seq, Verified};
use zeroize::Zeroizing;

/// The changes in a chain that was forked: others may hold the other branch, and never take this one.
pub(super) async fn to_say_again(
    vault: &Vault,
    own: &OwnChain,
    after: Seq,
) -> Result<Vec<(DocumentId, Zeroizing<Vec<u8>>)>, SyncError> {
    let Some(ended) = own.replaces.filter(|ended| ended.last > after) else {
        return Ok(Vec::new());
    };
    let chain = ChainId {
        device: own.chain.device,
        incarnation: ended.incarnation,
    };
    let mut reading = vault.reading().await?;
    let space = vault.journal();
    let records = reading
        .records_after(space, chain, after, usize::MAX)
        .await?;
    let mut ring = Keyring::default();
    for (document, known) in reading.every_key().await? {
        ring.insert(document, known.key);
    }
    drop(reading);
    let is_taken = |record: &Record| {
        record.place().seq <= ended.last && record.claimed().kind == RecordKind::Change
    };
    let open = |record: Record| {
        let (header, body) = record.into_parts();
        let header = Verified::from_own_storage(header);
        let key = ring.get(header.get().document, header.get().key)?;
        let change = seal::open(&header, &body?, BodyKey::Document(key)).ok()?;
        Some((header.get().document, Zeroizing::new(change)))
    };
    Ok(records
        .into_iter()
        .filter(is_taken)
        .filter_map(open)
        .collect())
}
