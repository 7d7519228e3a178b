//! Saying again what stood in a chain that was forked (rule R7, threats K3, K7).

use super::SyncError;
use crate::vault::{Outgoing, Vault};
use daymark_core::{
    merge::Keyring,
    seal::{self, BodyKey},
    sync::OwnChain,
};
use daymark_wire::{ChainId, Record, Seq, SpaceId, Verified};
use zeroize::Zeroizing;

/// What was said in a chain that was forked: others may hold the other branch, and never take this one.
pub(super) async fn to_say_again(
    vault: &Vault,
    space: SpaceId,
    own: &OwnChain,
    after: Seq,
) -> Result<Vec<Outgoing>, SyncError> {
    let Some(ended) = own.replaces.filter(|ended| ended.last > after) else {
        return Ok(Vec::new());
    };
    let chain = ChainId {
        device: own.chain.device,
        incarnation: ended.incarnation,
    };
    let mut reading = vault.reading().await?;
    let records = reading
        .records_after(space, chain, after, usize::MAX)
        .await?;
    let mut ring = Keyring::default();
    for (document, known) in reading.every_key_of(space).await? {
        ring.insert(document, known.key);
    }
    drop(reading);
    let is_taken = |record: &Record| {
        record.place().seq <= ended.last && !record.claimed().kind.is_of_the_space()
    };
    let open = |record: Record| {
        let (header, body) = record.into_parts();
        let header = Verified::from_own_storage(header);
        let (document, expires) = (header.get().document, header.get().expires);
        let key = ring.get(document, header.get().key)?;
        let content = seal::open(&header, &body?, BodyKey::Document(key)).ok()?;
        Some(Outgoing {
            document,
            expires,
            content: Zeroizing::new(content),
        })
    };
    Ok(records
        .into_iter()
        .filter(is_taken)
        .filter_map(open)
        .collect())
}
