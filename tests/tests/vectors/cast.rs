//! Who and what occurs in the vectors: keys of fixed seeds, and a source of randomness that is stuck.

use daymark_core::{
    keys::{
        AccountKeys, DeviceKey, DocumentKey, EpochSecret, RecoveryPhrase, VaultKey, WrappingKey,
    },
    random::{FreshBytes, NoRandomness, Random},
    secret::Secret,
};
use daymark_wire::{
    DocumentId, Generation, Incarnation, SigningKey, VerifyingKey, cbor,
    logs::{Home, MadeFor},
};
use minicbor::bytes::ByteArray;

/// 32 times the same byte.
pub(crate) fn secret(byte: u8) -> Secret<32> {
    Secret::from_slice(&[byte; 32]).unwrap()
}

struct Stuck;

impl FreshBytes for Stuck {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        buffer.fill(0xf0);
        Ok(())
    }
}

/// Randomness that is the same in every run. A second implementation need not repeat it: whatever it
/// gave stands in the files.
pub(crate) fn random() -> Random {
    Random::new(secret(0xd0), Box::new(Stuck))
}

/// The owner's phrase: 32 zero bytes.
pub(crate) fn phrase() -> RecoveryPhrase {
    RecoveryPhrase::parse(&([["abandon"; 23].as_slice(), &["art"]].concat()).join(" ")).unwrap()
}

/// Another phrase: the bytes 00 01 … 1f.
pub(crate) fn other_phrase() -> RecoveryPhrase {
    RecoveryPhrase::parse(
        "abandon amount liar amount expire adjust cage candy arch gather drum bullet absurd math \
         era live bid rhythm alien crouch range attend journey unaware",
    )
    .unwrap()
}

/// Device `n`: signing seed `n`, 32 times.
pub(crate) fn device(n: u8) -> DeviceKey {
    DeviceKey::from_seed(secret(n))
}

/// Device `n`'s wrapping key: seed `0x40 + n`, 32 times.
pub(crate) fn wrapping(n: u8) -> WrappingKey {
    WrappingKey::from_seed(secret(0x40 + n))
}

/// The account key: seed `0x60`, 32 times.
pub(crate) fn account_key() -> WrappingKey {
    WrappingKey::from_seed(secret(0x60))
}

/// A newer account key: seed `0x62`, 32 times.
pub(crate) fn newer_account_key() -> WrappingKey {
    WrappingKey::from_seed(secret(0x62))
}

/// The account's keys: [`account_key`] and the account secret, `0x61` 32 times.
pub(crate) fn account_keys() -> AccountKeys {
    let stored: (Vec<ByteArray<32>>, ByteArray<32>) = (vec![[0x60; 32].into()], [0x61; 32].into());
    AccountKeys::from_bytes(&cbor::to_vec(&stored)).unwrap()
}

/// The secret of epoch `n`: `0x80 + n`, 32 times.
pub(crate) fn epoch_secret(n: u8) -> EpochSecret {
    EpochSecret::from_secret(secret(0x80 + n))
}

/// A document's key: `0x90`, 32 times.
pub(crate) fn document_key() -> DocumentKey {
    DocumentKey::from_secret(secret(0x90))
}

/// A vault's key: `0xa0`, 32 times.
pub(crate) fn vault_key() -> VaultKey {
    VaultKey::from_secret(secret(0xa0))
}

/// The relay's key: seed `0x70`, 32 times.
pub(crate) fn relay() -> SigningKey {
    SigningKey::from_seed(secret(0x70).expose_zeroizing())
}

pub(crate) fn relay_key() -> VerifyingKey {
    relay().verifying_key()
}

pub(crate) fn home() -> Home {
    Home {
        relay: relay_key(),
        url: "https://relay.example.org".to_owned(),
    }
}

pub(crate) fn made_for() -> MadeFor {
    MadeFor {
        relay: relay_key(),
        generation: GENERATION,
    }
}

pub(crate) const GENERATION: Generation = Generation::from_bytes([0xe0; 16]);
pub(crate) const DOCUMENT: DocumentId = DocumentId::from_bytes([0xe1; 16]);
pub(crate) const INCARNATION: Incarnation = Incarnation::from_bytes([0xe2; 8]);
