//! The one source of randomness (rule K1): hedged, so that a cloned machine does not repeat a nonce.
//!
//! Each draw is HKDF over the device's own secret, fresh bytes of the operating system, a counter and the
//! purpose; draws for sealing also take in what is sealed. Two clones that the system gives the same bytes
//! then differ as soon as what they write differs (threat K13).

use crate::secret::{Secret, derive};
use ring::digest;
use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};
use thiserror::Error;
use zeroize::Zeroizing;

/// The operating system gave no random bytes. Nothing was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomness;

/// Where fresh bytes come from. Handed in, since core knows no operating system.
pub trait FreshBytes: Send + Sync {
    /// Fills the whole buffer with unpredictable bytes.
    ///
    /// # Errors
    /// [`NoRandomness`].
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness>;
}

/// What a draw is for. Two purposes never give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A recovery phrase.
    Phrase,
    /// A signing key's seed.
    SigningKey,
    /// A wrapping key's seed.
    WrappingKey,
    /// An epoch secret.
    EpochSecret,
    /// A document key.
    DocumentKey,
    /// An account's secret.
    AccountSecret,
    /// A vault key.
    VaultKey,
    /// The salt of a sealed row, record or passphrase.
    Salt,
    /// Coins of an HPKE encapsulation.
    Encapsulation,
    /// An id, an actor, an incarnation, a nonce.
    Id,
    /// A pairing's secrets.
    Pairing,
    /// The secret of an invitation to a bond.
    Invitation,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Phrase => b"phrase",
            Self::SigningKey => b"signing key",
            Self::WrappingKey => b"wrapping key",
            Self::EpochSecret => b"epoch secret",
            Self::DocumentKey => b"document key",
            Self::AccountSecret => b"account secret",
            Self::VaultKey => b"vault key",
            Self::Salt => b"salt",
            Self::Encapsulation => b"encapsulation",
            Self::Id => b"id",
            Self::Pairing => b"pairing",
            Self::Invitation => b"invitation",
        }
    }
}

/// The hedged source.
pub struct Random {
    device_secret: Secret<32>,
    fresh: Box<dyn FreshBytes>,
    counter: AtomicU64,
}

impl Random {
    /// A source for a vault that keeps `device_secret`.
    #[must_use]
    pub fn new(device_secret: Secret<32>, fresh: Box<dyn FreshBytes>) -> Self {
        Self {
            device_secret,
            fresh,
            counter: AtomicU64::new(0),
        }
    }

    /// A source before there is a vault: its secret is drawn now.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn first(fresh: Box<dyn FreshBytes>) -> Result<Self, NoRandomness> {
        let mut secret = Zeroizing::new([0; 32]);
        fresh.fill(secret.as_mut_slice())?;
        Ok(Self::new(Secret::new(secret), fresh))
    }

    /// The secret that the vault keeps, so that the next opening hedges with it.
    #[must_use]
    pub const fn device_secret(&self) -> &Secret<32> {
        &self.device_secret
    }

    /// `N` secret bytes for a purpose.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn secret<const N: usize>(&self, purpose: Purpose) -> Result<Secret<N>, NoRandomness> {
        self.draw(purpose, &[])
    }

    /// `N` bytes that need not stay secret, for a purpose.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn bytes<const N: usize>(&self, purpose: Purpose) -> Result<[u8; N], NoRandomness> {
        Ok(*self.draw::<N>(purpose, &[])?.expose())
    }

    /// A salt of `N` bytes that also depends on what will be sealed with it.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn salt_for<const N: usize>(&self, sealed: &[&[u8]]) -> Result<[u8; N], NoRandomness> {
        Ok(*self.draw::<N>(Purpose::Salt, sealed)?.expose())
    }

    fn draw<const N: usize>(
        &self,
        purpose: Purpose,
        with: &[&[u8]],
    ) -> Result<Secret<N>, NoRandomness> {
        let mut input = Zeroizing::new([0; 64]);
        let (secret, fresh) = input.split_at_mut(32);
        secret.copy_from_slice(self.device_secret.expose());
        self.fresh.fill(fresh)?;
        let mut context = digest::Context::new(&digest::SHA256);
        for part in with {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let hedge = context.finish();
        let counter = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let info: &[&[u8]] = &[
            b"daymark/1/random\0",
            purpose.label(),
            b"\0",
            &counter,
            hedge.as_ref(),
        ];
        Ok(derive(b"", input.as_slice(), info))
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random([redacted])")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A cloned machine: the system gives every time the same bytes.
    pub(crate) struct Stuck(pub(crate) u8);

    impl FreshBytes for Stuck {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    /// A source that gives the same draws in every run.
    pub(crate) fn seeded(seed: u8) -> Random {
        Random::first(Box::new(Stuck(seed))).unwrap()
    }

    #[test]
    fn draws_differ_by_counter_and_purpose() {
        let random = seeded(1);
        let a: [u8; 16] = random.bytes(Purpose::Id).unwrap();
        let b: [u8; 16] = random.bytes(Purpose::Id).unwrap();
        let c: [u8; 16] = seeded(1).bytes(Purpose::Pairing).unwrap();
        assert!(a != b && a != c);
    }

    #[test]
    fn k13_cloned_machines_draw_other_salts_for_other_texts() {
        let (one, two) = (seeded(1), seeded(1));
        let a: [u8; 16] = one.salt_for(&[b"written here"]).unwrap();
        let b: [u8; 16] = two.salt_for(&[b"written there"]).unwrap();
        assert_ne!(a, b);
    }
}
