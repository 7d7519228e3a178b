//! Beginning an epoch and opening one (rules L4, L5, K17).

use super::{AccountError, Logs};
use crate::{
    keys::{AccountKeys, DeviceKey, EpochSecret, WrappingKey},
    random::Random,
};
use daymark_wire::{
    EpochId, Hash, Have, LogId, Signed, Suite, cbor,
    hash::Domain,
    limits,
    logs::{
        AccountState, Author, EpochContent, EpochState, JournalContent, JournalState, LinkBody,
        LogError, MadeFor, TravelLink,
    },
    wrapping::{Recipient, WrappingPublicKey, Wraps},
};

/// What a wrap gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// The epoch and its secret.
    pub epoch: (EpochId, EpochSecret),
    /// What lies sealed beside the epoch, where the relay still has it.
    pub account_keys: Option<AccountKeys>,
}

/// Begins a new epoch of the journal: a secret wrapped for every active device and the recovery key.
///
/// # Errors
/// [`AccountError`]; nothing was begun.
pub fn begin_epoch(
    logs: &Logs,
    account_keys: &AccountKeys,
    have: Have,
    made_for: Option<MadeFor>,
    device: &DeviceKey,
    random: &Random,
) -> Result<(TravelLink, (EpochId, EpochSecret)), AccountError> {
    let (account, journal) = (logs.account(), logs.journal());
    let mut recipients = Vec::new();
    for (id, _) in account.active_devices() {
        let key = journal.wrapping_key(id).ok_or(LogError::NoSuchDevice(id))?;
        recipients.push((Recipient::Device(id), key.clone()));
    }
    recipients.push((Recipient::Recovery, account.recovery().clone()));
    let secret = EpochSecret::generate(random)?;
    let link = epoch_link(
        account,
        journal,
        &recipients,
        &secret,
        account_keys,
        have,
        made_for,
        device,
        random,
    )?;
    let id = link.hash().epoch_id();
    Ok((link, (id, secret)))
}

#[expect(clippy::too_many_arguments, reason = "an epoch link says nine things")]
pub(super) fn epoch_link(
    account: &AccountState,
    journal: &JournalState,
    recipients: &[(Recipient, WrappingPublicKey)],
    secret: &EpochSecret,
    account_keys: &AccountKeys,
    have: Have,
    made_for: Option<MadeFor>,
    device: &DeviceKey,
    random: &Random,
) -> Result<TravelLink, AccountError> {
    let space = journal.space();
    let wraps: Result<Vec<_>, _> = recipients
        .iter()
        .map(|(recipient, key)| secret.wrap_for(space, *recipient, key, random))
        .collect();
    let wraps = Wraps {
        wraps: wraps?,
        shared: secret.seal_account(space, account_keys),
    };
    let blob = cbor::to_vec(&wraps);
    let content = JournalContent::Epoch(EpochContent {
        number: journal.newest_epoch().map_or(1, |epoch| epoch.number + 1),
        commitment: secret.commitment(),
        wraps: Hash::of(Domain::Blob, &[&blob]),
        recipients: recipients.iter().map(|(recipient, _)| *recipient).collect(),
        have,
        forgets: Vec::new(),
        made_for,
    });
    Ok(journal_link(account, journal, content, device).to_travel(Some(blob)))
}

/// The next link of the journal log, signed by this device and resting on the account's head.
pub(super) fn journal_link(
    account: &AccountState,
    journal: &JournalState,
    content: JournalContent,
    device: &DeviceKey,
) -> Signed<LinkBody<JournalContent>> {
    let body = LinkBody {
        suite: Suite::One,
        log: LogId::from(journal.space()),
        position: journal.length() + 1,
        previous: journal.last(),
        author: Author::Device(device.id()),
        rests_on: vec![account.head()],
        content,
    };
    Signed::sign(body, device.signing())
}

/// Opens the newest epoch with one of the keys that it is wrapped for: beside its own link, or beside an
/// *enter* link that came later.
///
/// # Errors
/// [`AccountError::LockedOut`] when no wrap for this recipient opens to the committed secret.
pub fn open_newest(
    logs: &Logs,
    recipient: Recipient,
    key: &WrappingKey,
) -> Result<Opened, AccountError> {
    let newest = logs.journal().newest_epoch();
    open_epoch(logs, newest.ok_or(AccountError::LockedOut)?, recipient, key)
}

/// Opens one epoch, as [`open_newest`] does. The relay deletes old wraps, so an older one may be closed.
///
/// # Errors
/// [`AccountError::LockedOut`].
pub(crate) fn open_epoch(
    logs: &Logs,
    epoch: &EpochState,
    recipient: Recipient,
    key: &WrappingKey,
) -> Result<Opened, AccountError> {
    let blobs: Vec<Wraps> = blobs_of(logs, epoch).collect();
    let secret = blobs
        .iter()
        .flat_map(|wraps| &wraps.wraps)
        .filter(|wrap| wrap.recipient == recipient)
        .find_map(|wrap| EpochSecret::unwrap(wrap, logs.space(), &epoch.commitment, key).ok())
        .ok_or(AccountError::LockedOut)?;
    let account_keys = blobs
        .iter()
        .filter(|wraps| !wraps.shared.is_empty())
        .find_map(|wraps| secret.open_account(logs.space(), &wraps.shared).ok());
    Ok(Opened {
        epoch: (epoch.id, secret),
        account_keys,
    })
}

/// Whether the wraps are here among which one of this epoch is said to be for this recipient. Where they are and none
/// opens, their author made them so; where they are not, a relay may have kept them back.
pub(crate) fn has_wraps(logs: &Logs, epoch: &EpochState, recipient: Recipient) -> bool {
    links_of(logs, epoch).any(|(link, said)| {
        let is_for_them = match said {
            JournalContent::Epoch(epoch) => epoch.recipients.contains(&recipient),
            JournalContent::Enter(enter) => Recipient::Device(enter.device) == recipient,
            JournalContent::Open { .. } | JournalContent::Rekey(_) => false,
        };
        is_for_them && link.blob.is_some()
    })
}

/// The blobs in which wraps of this epoch lie.
fn blobs_of<'a>(logs: &'a Logs, epoch: &'a EpochState) -> impl Iterator<Item = Wraps> + 'a {
    links_of(logs, epoch).filter_map(|(link, _)| {
        let blob = link.blob.as_ref()?;
        cbor::exactly("wraps", blob, limits::MAX_BLOB_BYTES).ok()
    })
}

/// The links beside which wraps of this epoch lie, or lay: its own, and those by which devices entered it.
fn links_of<'a>(
    logs: &'a Logs,
    epoch: &'a EpochState,
) -> impl Iterator<Item = (&'a TravelLink, JournalContent)> {
    logs.journal_links().iter().filter_map(move |link| {
        let said = link
            .open::<JournalContent>()
            .ok()?
            .claimed()
            .content
            .clone();
        let of_this_epoch = match said {
            JournalContent::Epoch(_) => link.hash().epoch_id() == epoch.id,
            JournalContent::Enter(ref enter) => enter.epoch == epoch.id,
            JournalContent::Open { .. } | JournalContent::Rekey(_) => false,
        };
        of_this_epoch.then_some((link, said))
    })
}
