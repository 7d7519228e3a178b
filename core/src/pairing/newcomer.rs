//! A new device before it says anything: its keys, and the link that it took.

use super::{Joined, Joining, PairingError, PairingLink, joined};
use crate::{
    account::DeviceRequest,
    journal::DeviceName,
    keys::{DeviceKey, WrappingKey},
    random::Random,
};
use daymark_wire::{logs::TravelLink, mailbox::MailboxMessage};

/// A new device with keys of its own and the link that it took.
///
/// Store [`Self::device`], [`Self::wrapping`] and [`Self::link`] before [`Self::say_hello`]: if this device
/// stops after the other let it in, [`Self::stored`] and [`Self::finish`] bring it in all the same.
#[derive(Debug)]
pub struct Newcomer {
    link: PairingLink,
    device: DeviceKey,
    wrapping: WrappingKey,
}

impl Newcomer {
    /// Draws keys for a link that was just taken. `now` is in seconds since 1970; on a device whose clock
    /// may be off, better the relay's time.
    ///
    /// # Errors
    /// [`PairingError::ExpiredLink`], [`PairingError::Random`].
    pub fn new(link: PairingLink, now: u64, random: &Random) -> Result<Self, PairingError> {
        link.check_time(now)?;
        let device = DeviceKey::generate(random)?;
        let wrapping = WrappingKey::generate(random)?;
        Ok(Self::stored(link, device, wrapping))
    }

    /// The same device again, from what it stored. The link may have expired since: the device may have
    /// been let in before.
    #[must_use]
    pub const fn stored(link: PairingLink, device: DeviceKey, wrapping: WrappingKey) -> Self {
        Self {
            link,
            device,
            wrapping,
        }
    }

    /// The link that was taken, to be stored.
    #[must_use]
    pub const fn link(&self) -> &PairingLink {
        &self.link
    }

    /// The signing key, to be stored.
    #[must_use]
    pub const fn device(&self) -> &DeviceKey {
        &self.device
    }

    /// The wrapping key, to be stored.
    #[must_use]
    pub const fn wrapping(&self) -> &WrappingKey {
        &self.wrapping
    }

    /// Begins to talk: the first message for the mailbox. Everything is stored by now.
    ///
    /// # Errors
    /// [`PairingError::Random`].
    pub fn say_hello(
        self,
        name: &DeviceName,
        random: &Random,
    ) -> Result<(Joining, MailboxMessage), PairingError> {
        Joining::begin(self, name, random)
    }

    /// What this device asks with.
    pub(super) fn request(&self) -> DeviceRequest {
        DeviceRequest::new(
            &self.device,
            &self.wrapping,
            self.link.account(),
            self.link.nonce(),
        )
    }

    /// After a restart: checks the links fetched from the relay and opens the account with them. Right
    /// only if this device was let in; [`Joining::finish`] asks for more, where the *welcome* was heard.
    ///
    /// # Errors
    /// [`PairingError`], each reason by name (threat A1). Nothing is kept of such links; newer ones may
    /// be tried.
    pub fn finish(&self, links: &[TravelLink]) -> Result<Joined, PairingError> {
        joined::finish(self, &[], links)
    }
}
