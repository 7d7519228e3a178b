//! ChaCha20-Poly1305 (RFC 8439) with keys that seal exactly one thing, so the nonce may be fixed.

use super::CannotOpen;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

#[expect(clippy::expect_used, reason = "32 bytes are a ChaCha20-Poly1305 key")]
fn key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("a 32-byte key"))
}

/// Seals `content` in place and appends the tag. `key` and `nonce` must never seal anything else.
#[expect(
    clippy::expect_used,
    reason = "contents are far below the cipher's 256 GiB"
)]
pub(crate) fn seal_once(key_bytes: &[u8; 32], nonce: [u8; 12], aad: &[u8], content: &mut Vec<u8>) {
    key(key_bytes)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), content)
        .expect("a short content");
}

/// Opens in place; the content without its tag stays in `sealed`.
pub(crate) fn open_once(
    key_bytes: &[u8; 32],
    nonce: [u8; 12],
    aad: &[u8],
    sealed: &mut Vec<u8>,
) -> Result<(), CannotOpen> {
    let length = key(key_bytes)
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), sealed)
        .map_err(|_| CannotOpen)?
        .len();
    sealed.truncate(length);
    Ok(())
}
