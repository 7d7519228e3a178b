//! Whose change it is, and the change itself.

use super::JournalError;
use automerge::{ActorId, ChangeHash};
use daymark_wire::DeviceId;
use std::fmt;

/// Who makes a change: the first 8 bytes of the device id ‖ 8 random bytes (rule R8).
///
/// The random half is new for each document and each opening of the vault. Whose an actor is is read
/// from it, never remembered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor([u8; 16]);

impl Actor {
    /// The actor that makes the fixed first changes of pages. No record may be by it.
    pub const RESERVED: Self = Self([0xff; 16]);

    /// An actor of `device`; `random` are 8 random bytes of the caller's.
    #[must_use]
    pub fn new(device: DeviceId, random: [u8; 8]) -> Self {
        let mut bytes = [0; 16];
        let (device_half, random_half) = bytes.split_at_mut(8);
        device_half.copy_from_slice(&device.prefix());
        random_half.copy_from_slice(&random);
        Self(bytes)
    }

    /// An actor as it stands in a change; `None` when it has another length than 16 bytes.
    #[must_use]
    pub fn from_automerge(id: &ActorId) -> Option<Self> {
        <[u8; 16]>::try_from(id.to_bytes()).ok().map(Self)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether this is an actor of `device`.
    #[must_use]
    pub fn belongs_to(&self, device: DeviceId) -> bool {
        self.0.starts_with(&device.prefix())
    }

    pub(crate) fn to_automerge(self) -> ActorId {
        ActorId::from(self.0)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actor({})", ActorId::from(self.0))
    }
}

/// One Automerge change as it goes into a record: raw, uncompressed, time 0, no message.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeBytes(Vec<u8>);

impl ChangeBytes {
    /// The bytes of the change with this hash in `document`.
    pub(crate) fn of(
        document: &automerge::Automerge,
        hash: &ChangeHash,
    ) -> Result<Self, JournalError> {
        use automerge::ReadDoc;
        let change = document
            .get_change_by_hash(hash)
            .ok_or(JournalError::Document)?;
        Ok(Self(change.raw_bytes().to_vec()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Shows the length only: a change holds what was written.
impl fmt::Debug for ChangeBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeBytes({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_belongs_to_its_device_and_to_no_other() {
        let device = DeviceId::from_bytes([7; 16]);
        let actor = Actor::new(device, [1; 8]);
        assert!(actor.belongs_to(device));
        assert!(!actor.belongs_to(DeviceId::from_bytes([8; 16])));
        assert_eq!(
            actor.as_bytes(),
            &[7, 7, 7, 7, 7, 7, 7, 7, 1, 1, 1, 1, 1, 1, 1, 1]
        );
    }

    #[test]
    fn an_actor_of_another_length_is_none() {
        assert_eq!(Actor::from_automerge(&ActorId::from([1_u8; 15])), None);
        assert_eq!(
            Actor::from_automerge(&ActorId::from([255_u8; 16])),
            Some(Actor::RESERVED)
        );
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(
            format!("{:?}", ChangeBytes(b"dear diary".to_vec())),
            "ChangeBytes(10 bytes)"
        );
    }
}
