//! The derivations of `docs/PROTOCOL.md` once more, from its text and with ring alone: what core derives
//! is held against these.

use ring::{aead, digest, hkdf, hmac};

/// HKDF-SHA-256 with the whole info in one piece.
pub(crate) fn hkdf(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(input)
        .expand(&[info], Length(length))
        .unwrap()
        .fill(&mut out)
        .unwrap();
    out
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// SHA-256 of `label ‖ bytes`.
pub(crate) fn hash(label: &str, bytes: &[u8]) -> Vec<u8> {
    let all = [label.as_bytes(), bytes].concat();
    digest::digest(&digest::SHA256, &all).as_ref().to_vec()
}

/// HMAC-SHA-256.
pub(crate) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// Opens ChaCha20-Poly1305.
pub(crate) fn open(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key).unwrap();
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).unwrap();
    let mut content = sealed.to_vec();
    let opened = aead::LessSafeKey::new(key)
        .open_in_place(nonce, aead::Aad::from(aad), &mut content)
        .ok()?;
    Some(opened.to_vec())
}
