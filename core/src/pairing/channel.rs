//! One side's end of a mailbox: numbers and seals what it says, opens what it hears, in order.
//!
//! A sealed message is `salt ‖ ciphertext ‖ tag`. The salt gives each its own key, also when a device that
//! was restarted says something else under the same number.

use super::{
    PairingError,
    link::PairingLink,
    message::{FILLED_BYTES, Message},
};
use crate::{
    keys::{open_once, seal_once},
    random::Random,
};
use daymark_wire::{
    Hash,
    hash::Domain,
    mailbox::{MailboxMessage, Side},
};
use zeroize::Zeroizing;

const SALT_BYTES: usize = 16;

/// Length of every sealed message.
pub(super) const SEALED_BYTES: usize = SALT_BYTES + FILLED_BYTES + 16;

/// One side's end.
#[derive(Debug)]
pub(super) struct Channel {
    link: PairingLink,
    side: Side,
    /// How many messages this side has said.
    said: u32,
    /// Of each message heard, so that the same again does no harm.
    heard: Vec<Hash>,
}

impl Channel {
    /// An end before anything was said.
    pub(super) const fn new(link: PairingLink, side: Side) -> Self {
        Self {
            link,
            side,
            said: 0,
            heard: Vec::new(),
        }
    }

    /// The link both ends share.
    pub(super) const fn link(&self) -> &PairingLink {
        &self.link
    }

    /// Seals the next message of this side.
    pub(super) fn say(
        &mut self,
        message: &Message,
        random: &Random,
    ) -> Result<MailboxMessage, PairingError> {
        let number = self.said;
        let mut content = message.to_filled().ok_or(PairingError::BadName)?;
        let salt = random.salt_for::<SALT_BYTES>(&[&content])?;
        let key = self.link.message_key(self.side, number, &salt);
        seal_once(
            key.expose(),
            [0; 12],
            &number.to_be_bytes(),
            content.as_mut(),
        );
        self.said = number.saturating_add(1);
        Ok(MailboxMessage {
            number,
            sealed: [salt.as_slice(), content.as_slice()].concat(),
        })
    }

    /// Opens the next message of the other side; `None` for one that was heard before.
    pub(super) fn hear(&mut self, given: &MailboxMessage) -> Result<Option<Message>, PairingError> {
        let hash = Hash::of(Domain::Message, &[&given.sealed]);
        let place = usize::try_from(given.number).map_err(|_| PairingError::OutOfOrder)?;
        if self.heard.get(place) == Some(&hash) {
            return Ok(None);
        }
        let message = self.open(given)?;
        if place != self.heard.len() {
            return Err(match message {
                Message::Hello(_) => PairingError::SecondHello,
                _ => PairingError::OutOfOrder,
            });
        }
        self.heard.push(hash);
        Ok(Some(message))
    }

    fn open(&self, given: &MailboxMessage) -> Result<Message, PairingError> {
        let (salt, sealed) = given
            .sealed
            .split_at_checked(SALT_BYTES)
            .ok_or(PairingError::Altered)?;
        if given.sealed.len() != SEALED_BYTES {
            return Err(PairingError::Altered);
        }
        let key = self.link.message_key(self.other_side(), given.number, salt);
        let mut content = Zeroizing::new(sealed.to_vec());
        open_once(
            key.expose(),
            [0; 12],
            &given.number.to_be_bytes(),
            &mut content,
        )
        .map_err(|_| PairingError::Altered)?;
        Message::from_filled(&content).ok_or(PairingError::Unexpected)
    }

    const fn other_side(&self) -> Side {
        match self.side {
            Side::New => Side::Trusted,
            Side::Trusted => Side::New,
        }
    }
}
