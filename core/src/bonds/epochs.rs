//! A bond's epochs: wrapped for the two accounts, so every device of either opens them (rules B4, L5, K17).

use super::{Agreed, BondError, BondLogs, inviting::next_link};
use crate::{
    keys::{AccountKeys, DeviceKey, EpochSecret},
    random::Random,
};
use daymark_wire::{
    AccountId, DocumentId, EpochId, Hash, Have, cbor,
    hash::Domain,
    limits,
    logs::{AccountState, BondContent, EpochContent, EpochState, LogError, MadeFor, TravelLink},
    wrapping::{Recipient, Wrap, Wraps},
};

/// What an epoch says besides its keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NewEpoch {
    /// How far its author knows each chain.
    pub have: Have,
    /// The documents forgotten with it, in ascending order (rule B5).
    pub forgets: Vec<DocumentId>,
    /// The relay and generation that its author speaks to; none offline.
    pub made_for: Option<MadeFor>,
}

/// A new epoch, which counts when the relay took its link.
#[derive(Debug, PartialEq, Eq)]
pub struct BegunEpoch {
    /// *epoch*, with the wraps beside it.
    pub link: TravelLink,
    /// Its name and its secret.
    pub epoch: (EpochId, EpochSecret),
}

/// Begins a new epoch of the bond, wrapped for the account keys that stand on either side.
///
/// # Errors
/// [`BondError::NotAgreed`] when that is not about the *accept* of these logs: nothing was wrapped for anybody
/// then. [`BondError::Log`] when no epoch can stand there or this device may not begin it.
pub fn begin_epoch(
    logs: &BondLogs,
    agreed: &Agreed,
    own: &AccountState,
    says: NewEpoch,
    by: &DeviceKey,
    random: &Random,
) -> Result<BegunEpoch, BondError> {
    agreed.check(logs)?;
    let accounts = logs.accounts(own);
    let supporter = accounts.supporter.ok_or(LogError::OtherHeads)?;
    let secret = EpochSecret::generate(random)?;
    let mut wraps = Vec::new();
    for account in [accounts.owner, supporter] {
        let recipient = Recipient::Account(account.id());
        wraps.push(secret.wrap_for(logs.space(), recipient, account.account_key(), random)?);
    }
    let recipients = wraps.iter().map(|wrap| wrap.recipient).collect();
    let blob = cbor::to_vec(&Wraps {
        wraps,
        shared: Vec::new(),
    });
    let number = logs
        .state()
        .newest_epoch()
        .map_or(1, |epoch| epoch.number + 1);
    let content = BondContent::Epoch(EpochContent {
        number,
        commitment: secret.commitment(),
        wraps: Hash::of(Domain::Blob, &[&blob]),
        recipients,
        have: says.have,
        forgets: says.forgets,
        made_for: says.made_for,
    });
    let link = next_link(logs, own, content, by);
    logs.state().clone().apply(&link, accounts)?;
    let id = link.hash().epoch_id();
    Ok(BegunEpoch {
        link: link.to_travel(Some(blob)),
        epoch: (id, secret),
    })
}

/// Opens the newest epoch with any of the account's keys.
///
/// # Errors
/// [`BondError::NotAgreed`]; [`BondError::LockedOut`] when no wrap for this account opens to the committed secret.
pub fn open_newest(
    logs: &BondLogs,
    agreed: &Agreed,
    own: AccountId,
    keys: &AccountKeys,
) -> Result<(EpochId, EpochSecret), BondError> {
    agreed.check(logs)?;
    let newest = logs.state().newest_epoch().ok_or(BondError::LockedOut)?;
    open_epoch(logs, agreed, newest, own, keys)
}

/// Opens one epoch, as [`open_newest`] does. The relay deletes old wraps, so an older one may be closed.
///
/// # Errors
/// As [`open_newest`].
pub fn open_epoch(
    logs: &BondLogs,
    agreed: &Agreed,
    epoch: &EpochState,
    own: AccountId,
    keys: &AccountKeys,
) -> Result<(EpochId, EpochSecret), BondError> {
    agreed.check(logs)?;
    let space = logs.space();
    wraps_for(logs, epoch, own)
        .flat_map(|wrap| keys.wrapping.iter().map(move |key| (wrap.clone(), key)))
        .find_map(|(wrap, key)| EpochSecret::unwrap(&wrap, space, &epoch.commitment, key).ok())
        .map(|secret| (epoch.id, secret))
        .ok_or(BondError::LockedOut)
}

/// Whether the wraps beside this epoch's link are here. Where they are and none opens for somebody whom they are said
/// to be for, its author made them so; where they are not, a relay may have kept them back.
#[must_use]
pub fn has_wraps(logs: &BondLogs, epoch: &EpochState) -> bool {
    blob_beside(logs, epoch).is_some()
}

/// Whether this device should begin an epoch, and can: members of either side changed since the newest (rule
/// L7), or the newest was published with wraps none of which opens for this account (threat K17). The first is the
/// supporter's, with *accept*.
#[must_use]
pub fn needs_epoch(
    logs: &BondLogs,
    agreed: &Agreed,
    own: &AccountState,
    keys: &AccountKeys,
) -> bool {
    let Some(newest) = logs.state().newest_epoch() else {
        return false;
    };
    let broken = || {
        has_wraps(logs, newest)
            && open_epoch(logs, agreed, newest, own.id(), keys) == Err(BondError::LockedOut)
    };
    agreed.check(logs).is_ok()
        && may_begin_epoch(logs, own, keys)
        && (logs.state().is_stale(logs.accounts(own)) || broken())
}

/// Whether an epoch after the first can stand here, and this device can begin it.
#[must_use]
pub fn may_begin_epoch(logs: &BondLogs, own: &AccountState, keys: &AccountKeys) -> bool {
    let has_begun = logs.state().newest_epoch().is_some();
    has_begun && logs.state().stage().is_active() && has_standing_key(own, keys)
}

/// Whether this device holds the account key that stands: else what it began would lock itself out.
fn has_standing_key(own: &AccountState, keys: &AccountKeys) -> bool {
    keys.newest()
        .is_ok_and(|key| key.public() == *own.account_key())
}

/// The wraps beside an epoch's link that are for this account.
fn wraps_for(
    logs: &BondLogs,
    epoch: &EpochState,
    own: AccountId,
) -> impl Iterator<Item = Wrap> + use<> {
    let blob = blob_beside(logs, epoch);
    let wraps: Option<Wraps> =
        blob.and_then(|blob| cbor::exactly("wraps", blob, limits::MAX_BOND_BLOB_BYTES).ok());
    let wraps = wraps.into_iter().flat_map(|wraps| wraps.wraps);
    wraps.filter(move |wrap| wrap.recipient == Recipient::Account(own))
}

/// What lies beside an epoch's link, where it is here.
fn blob_beside<'a>(logs: &'a BondLogs, epoch: &EpochState) -> Option<&'a Vec<u8>> {
    let before = usize::try_from(epoch.position.checked_sub(1)?).ok()?;
    logs.bond_links().get(before)?.blob.as_ref()
}
