//! The vault key: seals every row of a vault, bound to its table and row (rule K5).

use super::{CannotOpen, open_once, seal_once};
use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::{Secret, derive},
};

/// 32 random bytes; wrapped by the passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKey(Secret<32>);

/// Length of a row's salt.
const SALT_BYTES: usize = 16;

impl VaultKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.secret(Purpose::VaultKey)?))
    }

    /// The key of these bytes.
    #[must_use]
    pub const fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// The bytes, to be wrapped.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// Seals one row: `salt ‖ ciphertext ‖ tag`, 32 bytes longer than the content.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn seal_row(
        &self,
        table: &str,
        row: &[u8],
        content: &[u8],
        random: &Random,
    ) -> Result<Vec<u8>, NoRandomness> {
        let salt = random.salt_for::<SALT_BYTES>(&[table.as_bytes(), row, content])?;
        let mut sealed = content.to_vec();
        let (key, nonce) = self.row_key(&salt, table, row);
        seal_once(key.expose(), nonce, b"", &mut sealed);
        Ok([salt.as_slice(), &sealed].concat())
    }

    /// Opens one row.
    ///
    /// # Errors
    /// [`CannotOpen`]: altered, moved from another row or table, or sealed by another key.
    pub fn open_row(&self, table: &str, row: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (salt, ciphertext) = sealed.split_at_checked(SALT_BYTES).ok_or(CannotOpen)?;
        let (key, nonce) = self.row_key(salt, table, row);
        let mut content = ciphertext.to_vec();
        open_once(key.expose(), nonce, b"", &mut content)?;
        Ok(content)
    }

    fn row_key(&self, salt: &[u8], table: &str, row: &[u8]) -> (Secret<32>, [u8; 12]) {
        let info: &[&[u8]] = &[b"daymark/1/row\0", table.as_bytes(), b"\0", row];
        let bytes = derive::<44>(salt, self.0.expose(), info);
        let (mut key, mut nonce) = (zeroize::Zeroizing::new([0; 32]), [0; 12]);
        let (front, back) = bytes.expose().split_at(32);
        key.copy_from_slice(front);
        nonce.copy_from_slice(back);
        (Secret::new(key), nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;

    #[test]
    fn a_row_opens_only_where_it_was_sealed() {
        let random = seeded(1);
        let key = VaultKey::generate(&random).unwrap();
        let sealed = key.seal_row("documents", b"1", b"words", &random).unwrap();
        assert_eq!(
            key.open_row("documents", b"1", &sealed),
            Ok(b"words".to_vec())
        );
        assert_eq!(key.open_row("documents", b"2", &sealed), Err(CannotOpen));
        assert_eq!(key.open_row("packs", b"1", &sealed), Err(CannotOpen));
        let other = VaultKey::generate(&random).unwrap();
        assert_eq!(other.open_row("documents", b"1", &sealed), Err(CannotOpen));
    }

    #[test]
    fn every_altered_bit_is_noticed() {
        let random = seeded(2);
        let key = VaultKey::generate(&random).unwrap();
        let sealed = key.seal_row("documents", b"1", b"words", &random).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open_row("documents", b"1", &altered), Err(CannotOpen));
        }
        assert_eq!(key.open_row("documents", b"1", b"short"), Err(CannotOpen));
    }
}
