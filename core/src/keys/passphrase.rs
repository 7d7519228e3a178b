//! The passphrase: Argon2id (RFC 9106) wraps the vault key. Parameters stand in code (threat C1).

use super::{VaultKey, open_once, seal_once};
use crate::{
    random::{NoRandomness, Random},
    secret::Secret,
};
use argon2::{Algorithm, Argon2, Params, Version};
use minicbor::{Decode, Encode, bytes::ByteArray};
use thiserror::Error;
use zeroize::Zeroizing;

/// Memory in KiB: 64 MiB, the second recommended set of RFC 9106.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes over the memory.
const PASSES: u32 = 3;
/// Lanes.
const LANES: u32 = 4;

/// The passphrase does not open the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the passphrase is not right")]
pub struct WrongPassphrase;

/// A vault key wrapped by a passphrase, as it stands in the vault's file.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PassphraseWrap {
    /// 1: the parameters above. Another number is from a newer version and is not tried.
    #[n(0)]
    set: u8,
    #[n(1)]
    salt: ByteArray<16>,
    #[n(2)]
    sealed: ByteArray<48>,
}

impl PassphraseWrap {
    /// Wraps a vault key. Takes as long as one guess of the passphrase: about 0.2 s.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new(key: &VaultKey, passphrase: &str, random: &Random) -> Result<Self, NoRandomness> {
        let salt = random.salt_for::<16>(&[])?;
        let mut content = key.secret().expose().to_vec();
        seal_once(
            stretch(passphrase, &salt).expose(),
            [0; 12],
            LABEL,
            &mut content,
        );
        let mut sealed = [0; 48];
        sealed.copy_from_slice(&content);
        Ok(Self {
            set: 1,
            salt: salt.into(),
            sealed: sealed.into(),
        })
    }

    /// Whether it was made with parameters that this version has in its code. It tries no others.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.set == 1
    }

    /// Opens the vault key: one Argon2id.
    ///
    /// # Errors
    /// [`WrongPassphrase`].
    pub fn open(&self, passphrase: &str) -> Result<VaultKey, WrongPassphrase> {
        if !self.is_known() {
            return Err(WrongPassphrase);
        }
        let mut content = Zeroizing::new(self.sealed.to_vec());
        open_once(
            stretch(passphrase, &self.salt).expose(),
            [0; 12],
            LABEL,
            &mut content,
        )
        .map_err(|_| WrongPassphrase)?;
        Secret::from_slice(&content)
            .map(VaultKey::from_secret)
            .ok_or(WrongPassphrase)
    }
}

const LABEL: &[u8] = b"daymark/1/passphrase-wrap";

#[expect(
    clippy::expect_used,
    reason = "the parameters are constants within Argon2's ranges"
)]
fn stretch(passphrase: &str, salt: &[u8; 16]) -> Secret<32> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).expect("constant parameters");
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .expect("constant lengths");
    Secret::new(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;

    #[test]
    fn only_the_passphrase_opens_it() {
        let random = seeded(1);
        let key = VaultKey::generate(&random).unwrap();
        let wrap = PassphraseWrap::new(&key, "a quiet harbour", &random).unwrap();
        assert_eq!(wrap.open("a quiet harbour").unwrap().secret(), key.secret());
        assert_eq!(wrap.open("a quiet harbor").unwrap_err(), WrongPassphrase);
    }
}
