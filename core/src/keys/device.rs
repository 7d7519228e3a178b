//! A device's signing key and its id (rule K3). Made on the device, never exported.

use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::Secret,
};
use daymark_wire::{DeviceId, SigningKey, VerifyingKey};

/// The key with which a device signs links, records and requests.
#[derive(Debug)]
pub struct DeviceKey {
    seed: Secret<32>,
    signing: SigningKey,
    id: DeviceId,
}

impl DeviceKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self::from_seed(random.secret(Purpose::SigningKey)?))
    }

    /// The key of a seed.
    #[must_use]
    pub fn from_seed(seed: Secret<32>) -> Self {
        let signing = SigningKey::from_seed(seed.expose_zeroizing());
        let id = signing.verifying_key().device_id();
        Self { seed, signing, id }
    }

    /// The seed, to be kept in a vault.
    #[must_use]
    pub const fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    /// The private half, to sign with.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.signing.verifying_key()
    }

    /// The device's id: from the hash of the public half.
    #[must_use]
    pub const fn id(&self) -> DeviceId {
        self.id
    }
}
