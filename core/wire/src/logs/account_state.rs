//! What an account log says in the end: folded link by link, every rule checked on the way.

use super::{
    AccountContent, AccountLink, Author, Head, Home, LogError, NewDevice,
    account::new_root_message, hashes::Hashes,
};
use crate::{
    AccountId, DeviceId, Hash, LogId, limits,
    signing::{Context, VerifyingKey},
    wrapping::WrappingPublicKey,
};
use std::collections::BTreeMap;

/// A device as the account log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceState {
    /// Its signing key.
    pub signing: VerifyingKey,
    /// Hash of its first wrapping key.
    pub wrapping: Hash,
    /// The length of the log with the link that added it.
    pub added_at: u64,
    /// The length of the log with the link that revoked it.
    pub revoked_at: Option<u64>,
}

impl DeviceState {
    /// Whether it may speak now.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.revoked_at.is_none()
    }

    /// Whether it was active when the log was `length` links long.
    #[must_use]
    pub fn was_active_at(&self, length: u64) -> bool {
        self.added_at <= length && self.revoked_at.is_none_or(|revoked| revoked > length)
    }
}

/// The account as its log leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    id: AccountId,
    root: VerifyingKey,
    /// Each root before, with the length of the log with the link that named its successor.
    former_roots: Vec<(u64, VerifyingKey)>,
    recovery: WrappingPublicKey,
    account_key: WrappingPublicKey,
    home: Option<Home>,
    devices: BTreeMap<DeviceId, DeviceState>,
    hashes: Hashes,
    /// The length with the newest link after which spaces need a new epoch (rule L7).
    members_changed_at: u64,
}

impl AccountState {
    /// Begins with a genesis link.
    ///
    /// # Errors
    /// A [`LogError`] when it is not a genesis, or not rightly signed.
    pub fn begin(link: &AccountLink) -> Result<Self, LogError> {
        let body = link.claimed();
        let AccountContent::Genesis {
            root,
            recovery,
            device,
            account_key,
            home,
        } = &body.content
        else {
            return Err(LogError::OutOfPlace("an account log begins with a genesis"));
        };
        if body.position != 1 || body.author != Author::Root {
            return Err(LogError::OutOfPlace(
                "a genesis is the first link, signed by root",
            ));
        }
        link.check(root)?;
        check_home(home.as_ref())?;
        let mut state = Self {
            id: link.hash().account_id(),
            root: *root,
            former_roots: Vec::new(),
            recovery: recovery.clone(),
            account_key: account_key.clone(),
            home: home.clone(),
            devices: BTreeMap::new(),
            hashes: Hashes::begin(link.hash()),
            members_changed_at: 0,
        };
        state.add(device, AccountId::ZERO, 1)?;
        Ok(state)
    }

    /// Takes the next link.
    ///
    /// # Errors
    /// A [`LogError`] that names the rule; the state is as it was.
    pub fn apply(&mut self, link: &AccountLink) -> Result<(), LogError> {
        let body = link.claimed();
        link.follows(LogId::from(self.id), (self.length(), self.last()))?;
        link.check(&self.author_key(body.author)?)?;
        let position = body.position;
        let by_root = body.author == Author::Root;
        match &body.content {
            AccountContent::Genesis { .. } => {
                return Err(LogError::OutOfPlace("a log has one genesis"));
            }
            AccountContent::Add { device } => self.add(device, self.id, position)?,
            AccountContent::Revoke { device } => self.revoke(*device, position)?,
            AccountContent::AccountKey { key } => {
                self.account_key = key.clone();
                self.members_changed_at = position;
            }
            AccountContent::NewRoot {
                root,
                recovery,
                proof,
            } => {
                if !by_root {
                    return Err(LogError::NotEntitled);
                }
                root.verify(
                    Context::NewDevice,
                    &new_root_message(self.id, root, recovery),
                    proof,
                )?;
                self.former_roots.push((position, self.root));
                self.root = *root;
                self.recovery = recovery.clone();
                self.members_changed_at = position;
            }
            AccountContent::Move { home } => {
                check_home(Some(home))?;
                self.home = Some(home.clone());
            }
            AccountContent::Reset(_) => {
                return Err(LogError::OutOfPlace(
                    "a reset is not understood by this version",
                ));
            }
        }
        self.hashes.push(link.hash());
        Ok(())
    }

    /// Whether the log takes one more link that is said by this author. No relay appends more, and nobody keeps more
    /// of somebody else's log, as whoever shares with an account keeps all of it.
    ///
    /// # Errors
    /// [`LogError::Full`].
    pub fn check_room(&self, author: Author) -> Result<(), LogError> {
        let most = match author {
            Author::Device(_) => limits::MAX_ACCOUNT_LINKS,
            Author::Root => 2 * limits::MAX_ACCOUNT_LINKS,
        };
        if self.length() < most {
            Ok(())
        } else {
            Err(LogError::Full)
        }
    }

    fn author_key(&self, author: Author) -> Result<VerifyingKey, LogError> {
        match author {
            Author::Root => Ok(self.root),
            Author::Device(id) => self.active(id).map(|device| device.signing),
        }
    }

    fn add(
        &mut self,
        device: &NewDevice,
        account: AccountId,
        position: u64,
    ) -> Result<(), LogError> {
        let statement = device.verify().map_err(|_| LogError::BadStatement)?;
        if statement.account != account {
            return Err(LogError::BadStatement);
        }
        let id = statement.signing.device_id();
        if self
            .devices
            .keys()
            .any(|taken| taken.prefix() == id.prefix())
        {
            return Err(LogError::DeviceTaken(id));
        }
        if self.active_devices().count() >= limits::MAX_ACTIVE_DEVICES {
            return Err(LogError::TooManyDevices);
        }
        let state = DeviceState {
            signing: statement.signing,
            wrapping: statement.wrapping,
            added_at: position,
            revoked_at: None,
        };
        self.devices.insert(id, state);
        Ok(())
    }

    fn revoke(&mut self, id: DeviceId, position: u64) -> Result<(), LogError> {
        let device = self
            .devices
            .get_mut(&id)
            .filter(|device| device.is_active())
            .ok_or(LogError::NoSuchDevice(id))?;
        device.revoked_at = Some(position);
        self.members_changed_at = position;
        Ok(())
    }

    /// The account's id.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// The root key that stands.
    #[must_use]
    pub const fn root(&self) -> &VerifyingKey {
        &self.root
    }

    /// The root key that stood when the log was `length` links long.
    #[must_use]
    pub fn root_at(&self, length: u64) -> &VerifyingKey {
        let mut former = self.former_roots.iter();
        former
            .find(|(replaced_at, _)| length < *replaced_at)
            .map_or(&self.root, |(_, root)| root)
    }

    /// The recovery key that stands.
    #[must_use]
    pub const fn recovery(&self) -> &WrappingPublicKey {
        &self.recovery
    }

    /// The account key that stands.
    #[must_use]
    pub const fn account_key(&self) -> &WrappingPublicKey {
        &self.account_key
    }

    /// The home relay.
    #[must_use]
    pub const fn home(&self) -> Option<&Home> {
        self.home.as_ref()
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

    /// Every device that was ever added.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &DeviceState)> {
        self.devices.iter().map(|(id, device)| (*id, device))
    }

    /// The devices that may speak now.
    pub fn active_devices(&self) -> impl Iterator<Item = (DeviceId, &DeviceState)> {
        self.devices().filter(|(_, device)| device.is_active())
    }

    /// One device, active or not.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&DeviceState> {
        self.devices.get(&id)
    }

    /// One active device.
    ///
    /// # Errors
    /// [`LogError::NoSuchDevice`].
    pub fn active(&self, id: DeviceId) -> Result<&DeviceState, LogError> {
        self.device(id)
            .filter(|device| device.is_active())
            .ok_or(LogError::NoSuchDevice(id))
    }

    /// The key with which a link's author speaks that rests on `head` (rule L3): the root key that stood
    /// there, or that of a device that was active.
    pub(super) fn key_at(&self, author: Author, head: Head) -> Result<VerifyingKey, LogError> {
        if !self.has_had(head) {
            return Err(LogError::OtherHeads);
        }
        match author {
            Author::Root => Ok(*self.root_at(head.length)),
            Author::Device(id) => self
                .device(id)
                .filter(|device| device.was_active_at(head.length))
                .map(|device| device.signing)
                .ok_or(LogError::NoSuchDevice(id)),
        }
    }

    /// The length of the log with the newest change after which a space is stale (rule L7).
    #[must_use]
    pub const fn members_changed_at(&self) -> u64 {
        self.members_changed_at
    }
}

#[cfg(test)]
impl AccountState {
    /// As if a device of this id had been added: an id cannot be chosen.
    pub(super) fn pretend(&mut self, id: DeviceId) {
        if let Some(state) = self.devices.values().next().cloned() {
            self.devices.insert(id, state);
        }
    }
}

/// A relay's address has a limit.
pub(super) fn check_home(home: Option<&Home>) -> Result<(), LogError> {
    if home.is_some_and(|home| home.url.len() > limits::MAX_URL_BYTES) {
        return Err(LogError::OutOfPlace("a relay's address that is too long"));
    }
    Ok(())
}
