//! A document's key and the id that it gives itself (rule K4).

use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::{Secret, derive},
};
use daymark_wire::KeyId;

/// 32 random bytes under which the records of one document are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentKey {
    secret: Secret<32>,
    id: KeyId,
}

impl DocumentKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self::from_secret(random.secret(Purpose::DocumentKey)?))
    }

    /// The key of these bytes.
    #[must_use]
    pub fn from_secret(secret: Secret<32>) -> Self {
        let id = derive::<16>(b"", secret.expose(), &[b"daymark/1/document-key-id"]);
        Self {
            secret,
            id: KeyId::from_bytes(*id.expose()),
        }
    }

    /// The id: derived, so a key under a wrong name is noticed.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The bytes, to be kept or wrapped.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.secret
    }
}
