//! What a journal log says in the end. It rests on the account log, so folding needs that too.

use super::{
    AccountState, Author, Enter, EpochContent, EpochState, Head, JournalContent, JournalLink,
    LogError, Role, epoch_state::Epochs, hashes::Hashes,
};
use crate::{
    AccountId, ChainId, DeviceId, EpochId, Hash, LogId, Seq, SpaceId,
    wrapping::{Recipient, WrappingPublicKey},
};
use std::collections::BTreeMap;

/// A journal as its log leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalState {
    space: SpaceId,
    account: AccountId,
    /// Each entered device's newest wrapping key.
    wrapping: BTreeMap<DeviceId, WrappingPublicKey>,
    epochs: Epochs,
    hashes: Hashes,
}

impl JournalState {
    /// Begins with an *open* link.
    ///
    /// # Errors
    /// A [`LogError`] when it is not one, or not signed by the account's first device.
    pub fn begin(link: &JournalLink, account: &AccountState) -> Result<Self, LogError> {
        let body = link.claimed();
        let JournalContent::Open {
            account: owner,
            wrapping,
            ..
        } = &body.content
        else {
            return Err(LogError::OutOfPlace("a journal log begins with open"));
        };
        let (Author::Device(device), 1) = (body.author, body.position) else {
            return Err(LogError::OutOfPlace(
                "open is the first link, signed by a device",
            ));
        };
        if *owner != account.id() {
            return Err(LogError::OtherLog);
        }
        let state = Self {
            space: link.hash().log_id().into(),
            account: *owner,
            wrapping: BTreeMap::from([(device, wrapping.clone())]),
            epochs: Epochs::default(),
            hashes: Hashes::begin(link.hash()),
        };
        state.check_author(link, account)?;
        check_first_key(account, device, wrapping)?;
        Ok(state)
    }

    /// Takes the next link.
    ///
    /// # Errors
    /// A [`LogError`] that names the rule; the state is as it was.
    pub fn apply(&mut self, link: &JournalLink, account: &AccountState) -> Result<(), LogError> {
        link.follows(LogId::from(self.space), (self.length(), self.last()))?;
        self.check_author(link, account)?;
        let body = link.claimed();
        match &body.content {
            JournalContent::Open { .. } => {
                return Err(LogError::OutOfPlace("a journal log has one open"));
            }
            JournalContent::Enter(enter) => self.enter(enter, account)?,
            JournalContent::Rekey(rekey) => {
                let Author::Device(device) = body.author else {
                    return Err(LogError::NotEntitled);
                };
                if !self.wrapping.contains_key(&device) {
                    return Err(LogError::OutOfPlace(
                        "a device enters before it changes its key",
                    ));
                }
                self.wrapping.insert(device, rekey.wrapping.clone());
            }
            JournalContent::Epoch(epoch) => self.epoch(epoch, link, account)?,
        }
        self.hashes.push(link.hash());
        Ok(())
    }

    /// The signature, by a key that was active at the account head that the link rests on (rule L3).
    fn check_author(&self, link: &JournalLink, account: &AccountState) -> Result<(), LogError> {
        let head = rests_on(link)?;
        let key = account.key_at(link.claimed().author, head)?;
        if let Some(newest) = self.newest_epoch()
            && head.length < newest.rests_on.length
        {
            return Err(LogError::OtherHeads);
        }
        Ok(link.check(&key)?)
    }

    fn enter(&mut self, enter: &Enter, account: &AccountState) -> Result<(), LogError> {
        account
            .device(enter.device)
            .ok_or(LogError::NoSuchDevice(enter.device))?;
        if self.newest_epoch().map(|epoch| epoch.id) != Some(enter.epoch) {
            return Err(LogError::OutOfPlace("a device enters the newest epoch"));
        }
        if !self.wrapping.contains_key(&enter.device) {
            check_first_key(account, enter.device, &enter.wrapping)?;
        }
        self.wrapping.insert(enter.device, enter.wrapping.clone());
        Ok(())
    }

    fn epoch(
        &mut self,
        epoch: &EpochContent,
        link: &JournalLink,
        account: &AccountState,
    ) -> Result<(), LogError> {
        let head = rests_on(link)?;
        let active = account
            .devices()
            .filter(|(_, device)| device.was_active_at(head.length))
            .map(|(id, _)| Recipient::Device(id));
        let expected: Vec<_> = active.chain([Recipient::Recovery]).collect();
        self.epochs.add(epoch, link, (head, None), &expected)
    }

    /// The space's id.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// Whose journal it is.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Number of links.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.hashes.length()
    }

    /// The full hash of the last link.
    #[must_use]
    pub const fn last(&self) -> Hash {
        self.hashes.last()
    }

    /// The head that others name.
    #[must_use]
    pub fn head(&self) -> Head {
        self.hashes.head()
    }

    /// The head when the log was `length` links long.
    #[must_use]
    pub fn head_at(&self, length: u64) -> Option<Head> {
        self.hashes.head_at(length)
    }

    /// Whether `head` is one that this log has or had.
    #[must_use]
    pub fn has_had(&self, head: Head) -> bool {
        self.hashes.has_had(head)
    }

    /// Every epoch, oldest first.
    #[must_use]
    pub fn epochs(&self) -> &[EpochState] {
        self.epochs.all()
    }

    /// One epoch by name.
    #[must_use]
    pub fn find_epoch(&self, id: EpochId) -> Option<&EpochState> {
        self.epochs.find(id)
    }

    /// The newest epoch; none between *open* and the first.
    #[must_use]
    pub fn newest_epoch(&self) -> Option<&EpochState> {
        self.epochs.newest()
    }

    /// The last place that stands of a chain whose device was removed (rule L8); none while the device is active, or
    /// was never one of the account's.
    #[must_use]
    pub fn cut(&self, account: &AccountState, chain: ChainId) -> Option<Seq> {
        let revoked = account.device(chain.device)?.revoked_at?;
        Some(self.epochs.cut(Role::Owner, revoked, chain))
    }

    /// A device's newest wrapping key.
    #[must_use]
    pub fn wrapping_key(&self, device: DeviceId) -> Option<&WrappingPublicKey> {
        self.wrapping.get(&device)
    }

    /// Whether the space takes no content until someone begins an epoch (rule L7).
    #[must_use]
    pub fn is_stale(&self, account: &AccountState) -> bool {
        self.newest_epoch()
            .is_none_or(|epoch| epoch.rests_on.length < account.members_changed_at())
    }
}

fn rests_on(link: &JournalLink) -> Result<Head, LogError> {
    match link.claimed().rests_on.as_slice() {
        [head] => Ok(*head),
        _ => Err(LogError::OtherHeads),
    }
}

/// A device's first wrapping key is the one that its own statement named.
fn check_first_key(
    account: &AccountState,
    device: DeviceId,
    wrapping: &WrappingPublicKey,
) -> Result<(), LogError> {
    let state = account
        .device(device)
        .ok_or(LogError::NoSuchDevice(device))?;
    if state.wrapping != wrapping.hash() {
        return Err(LogError::BadStatement);
    }
    Ok(())
}
