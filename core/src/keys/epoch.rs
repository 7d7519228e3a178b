//! A space's secret for one epoch, and what is derived from it (rules K4, L5, R3).

use super::{
    AccountKeys, CannotOpen, DocumentKey, WrappingKey, open_once, seal_once,
    wrapping::{WrapContext, WrapError, wrap_for},
};
use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::{Secret, derive},
};
use daymark_wire::{
    DocumentId, KeyId, RecordKind, SpaceId,
    logs::EpochCommitment,
    wrapping::{Recipient, Wrap, WrappedDocumentKey, WrappingPublicKey},
};

/// 32 random bytes, one for each epoch of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochSecret(Secret<32>);

/// The key that seals records of the space itself (`keys`, `checkpoint`) in one epoch.
#[derive(Debug)]
pub struct SpaceKey(Secret<32>);

impl SpaceKey {
    /// The bytes, for sealing.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

/// Every use below derives a key of its own, so a fixed nonce seals one thing only.
const NONCE: [u8; 12] = [0; 12];

impl EpochSecret {
    /// Draws a new secret.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.secret(Purpose::EpochSecret)?))
    }

    /// The secret of these bytes.
    #[must_use]
    pub const fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// The bytes, to be kept in a vault.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// The public commitment that stands in the epoch's link.
    #[must_use]
    pub fn commitment(&self) -> EpochCommitment {
        let commitment = derive::<32>(b"", self.0.expose(), &[b"daymark/1/epoch-commitment"]);
        EpochCommitment::from_bytes(*commitment.expose())
    }

    /// Wraps the secret for one recipient.
    ///
    /// # Errors
    /// [`WrapError`].
    pub fn wrap_for(
        &self,
        space: SpaceId,
        recipient: Recipient,
        public: &WrappingPublicKey,
        random: &Random,
    ) -> Result<Wrap, WrapError> {
        let commitment = self.commitment();
        let context = WrapContext {
            space: space.as_bytes(),
            commitment: commitment.as_bytes(),
        };
        wrap_for(recipient, public, &self.0, &context, random)
    }

    /// Opens a wrap and checks that the secret is the one that the link committed to (threat K17).
    ///
    /// # Errors
    /// [`CannotOpen`], for whatever reason.
    pub fn unwrap(
        wrap: &Wrap,
        space: SpaceId,
        commitment: &EpochCommitment,
        key: &WrappingKey,
    ) -> Result<Self, CannotOpen> {
        let context = WrapContext {
            space: space.as_bytes(),
            commitment: commitment.as_bytes(),
        };
        let secret = Self(key.open(wrap, &context)?);
        if secret.commitment() == *commitment {
            Ok(secret)
        } else {
            Err(CannotOpen)
        }
    }

    /// Wraps a document's key under this epoch: 48 bytes, the same each time.
    #[must_use]
    pub fn wrap_key(&self, document: DocumentId, key: &DocumentKey) -> WrappedDocumentKey {
        let mut sealed = key.secret().expose().to_vec();
        seal_once(
            self.key_for(document, key.id()).expose(),
            NONCE,
            b"",
            &mut sealed,
        );
        let mut bytes = [0; 48];
        bytes.copy_from_slice(&sealed);
        WrappedDocumentKey::from_bytes(bytes)
    }

    /// Opens a document's key. One that does not give the id it came under is refused (rule K4).
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn unwrap_key(
        &self,
        document: DocumentId,
        id: KeyId,
        wrapped: &WrappedDocumentKey,
    ) -> Result<DocumentKey, CannotOpen> {
        let mut bytes = zeroize::Zeroizing::new(wrapped.as_bytes().to_vec());
        open_once(self.key_for(document, id).expose(), NONCE, b"", &mut bytes)?;
        let key = DocumentKey::from_secret(Secret::from_slice(&bytes).ok_or(CannotOpen)?);
        if key.id() == id {
            Ok(key)
        } else {
            Err(CannotOpen)
        }
    }

    fn key_for(&self, document: DocumentId, id: KeyId) -> Secret<32> {
        let info: &[&[u8]] = &[b"daymark/1/wrap-key\0", document.as_bytes(), id.as_bytes()];
        derive(b"", self.0.expose(), info)
    }

    /// The key that seals records of this kind, for kinds that belong to the space itself.
    #[must_use]
    pub fn space_key(&self, kind: RecordKind) -> SpaceKey {
        let label: &[u8] = match kind {
            RecordKind::Keys => b"keys",
            RecordKind::Checkpoint => b"checkpoint",
            RecordKind::Change => b"change",
            RecordKind::Version => b"version",
        };
        SpaceKey(derive(
            b"",
            self.0.expose(),
            &[b"daymark/1/space-key\0", label],
        ))
    }

    /// Seals the account's keys for everyone who opens this epoch of the journal.
    #[must_use]
    pub fn seal_account(&self, space: SpaceId, keys: &AccountKeys) -> Vec<u8> {
        let mut content = keys.to_bytes().to_vec();
        seal_once(
            self.shared_key().expose(),
            NONCE,
            space.as_bytes(),
            &mut content,
        );
        content
    }

    /// Opens the account's keys.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open_account(&self, space: SpaceId, sealed: &[u8]) -> Result<AccountKeys, CannotOpen> {
        let mut content = zeroize::Zeroizing::new(sealed.to_vec());
        open_once(
            self.shared_key().expose(),
            NONCE,
            space.as_bytes(),
            &mut content,
        )?;
        AccountKeys::from_bytes(&content).ok_or(CannotOpen)
    }

    fn shared_key(&self) -> Secret<32> {
        derive(b"", self.0.expose(), &[b"daymark/1/shared"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;

    const DOCUMENT: DocumentId = DocumentId::from_bytes([5; 16]);

    #[test]
    fn a_wrapped_key_opens_under_its_epoch_document_and_id_only() {
        let random = seeded(1);
        let epoch = EpochSecret::generate(&random).unwrap();
        let other = EpochSecret::generate(&random).unwrap();
        let key = DocumentKey::generate(&random).unwrap();
        let wrapped = epoch.wrap_key(DOCUMENT, &key);
        assert_eq!(
            epoch.unwrap_key(DOCUMENT, key.id(), &wrapped),
            Ok(key.clone())
        );
        assert!(other.unwrap_key(DOCUMENT, key.id(), &wrapped).is_err());
        assert!(
            epoch
                .unwrap_key(DocumentId::ZERO, key.id(), &wrapped)
                .is_err()
        );
        assert!(epoch.unwrap_key(DOCUMENT, KeyId::ZERO, &wrapped).is_err());
    }

    #[test]
    fn b1_every_mutated_wrap_gives_one_opaque_error() {
        let random = seeded(2);
        let epoch = EpochSecret::generate(&random).unwrap();
        let key = DocumentKey::generate(&random).unwrap();
        let wrapped = epoch.wrap_key(DOCUMENT, &key);
        for bit in 0..48 * 8 {
            let mut bytes = *wrapped.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mutated = WrappedDocumentKey::from_bytes(bytes);
            assert_eq!(
                epoch.unwrap_key(DOCUMENT, key.id(), &mutated),
                Err(CannotOpen)
            );
        }
    }

    #[test]
    fn k17_a_wrap_of_another_secret_than_committed_is_refused() {
        let random = seeded(3);
        let space = SpaceId::from_bytes([1; 16]);
        let device = WrappingKey::generate(&random).unwrap();
        let (promised, given) = (
            EpochSecret::generate(&random).unwrap(),
            EpochSecret::generate(&random).unwrap(),
        );
        let commitment = promised.commitment();
        let context = WrapContext {
            space: space.as_bytes(),
            commitment: commitment.as_bytes(),
        };
        let wrap = wrap_for(
            Recipient::Recovery,
            &device.public(),
            given.secret(),
            &context,
            &random,
        )
        .unwrap();
        assert_eq!(
            EpochSecret::unwrap(&wrap, space, &commitment, &device),
            Err(CannotOpen)
        );
    }
}
