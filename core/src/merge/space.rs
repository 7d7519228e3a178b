//! Records that belong to the space itself: `keys` and `checkpoint`.

use crate::{
    keys::{CannotOpen, EpochSecret},
    seal::{self, BodyKey},
    sync::{Checkpoint, RewrappedKeys},
};
use daymark_wire::{EpochId, Header, RecordKind, Verified};
use std::collections::BTreeMap;

/// What such a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpaceContent {
    /// Document keys wrapped again.
    Keys(RewrappedKeys),
    /// What its author had seen.
    Checkpoint(Checkpoint),
}

/// Opens a record of the space itself.
///
/// # Errors
/// [`CannotOpen`]: another kind, an epoch that is not at hand, or altered bytes.
pub fn open_space_record(
    header: &Verified<Header>,
    body: &[u8],
    epochs: &BTreeMap<EpochId, EpochSecret>,
) -> Result<SpaceContent, CannotOpen> {
    let (epoch, kind) = (header.get().epoch, header.get().kind);
    let key = epochs.get(&epoch).ok_or(CannotOpen)?.space_key(kind);
    let content = seal::open(header, body, BodyKey::Space(&key))?;
    match kind {
        RecordKind::Keys => RewrappedKeys::from_bytes(&content)
            .map(SpaceContent::Keys)
            .map_err(|_| CannotOpen),
        RecordKind::Checkpoint => Checkpoint::from_bytes(&content)
            .map(SpaceContent::Checkpoint)
            .map_err(|_| CannotOpen),
        RecordKind::Change | RecordKind::Version => Err(CannotOpen),
    }
}
