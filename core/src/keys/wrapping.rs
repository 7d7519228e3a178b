//! X-Wing keys (ML-KEM-768 + X25519) and HPKE base mode (RFC 9180): wrapping an epoch secret for someone.

use super::CannotOpen;
use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::Secret,
};
use daymark_wire::wrapping::{Recipient, Wrap, WrappingPublicKey};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::XWing, rand_core,
};
use std::{convert::Infallible, fmt};
use thiserror::Error;
use zeroize::Zeroizing;

/// A private X-Wing key, as its 32-byte seed (rule K2: our own seed, not the crate's derivation).
#[derive(Clone, PartialEq, Eq)]
pub struct WrappingKey(Secret<32>);

/// A secret could not be wrapped. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WrapError {
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The recipient's public key is not one.
    #[error("a public wrapping key is not one")]
    BadKey,
}

impl WrappingKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.secret(Purpose::WrappingKey)?))
    }

    /// The key of a seed.
    #[must_use]
    pub const fn from_seed(seed: Secret<32>) -> Self {
        Self(seed)
    }

    /// The seed, to be kept in a vault.
    #[must_use]
    pub const fn seed(&self) -> &Secret<32> {
        &self.0
    }

    /// The public half.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "the public half of a seed is 1,216 bytes, not low order"
    )]
    pub fn public(&self) -> WrappingPublicKey {
        let public = XWing::sk_to_pk(&self.private());
        let bytes = <[u8; WrappingPublicKey::SIZE]>::try_from(public.to_bytes().as_slice());
        WrappingPublicKey::from_bytes(bytes.expect("1,216 bytes")).expect("a key of full order")
    }

    #[expect(clippy::expect_used, reason = "every 32 bytes are a seed")]
    fn private(&self) -> <XWing as Kem>::PrivateKey {
        <XWing as Kem>::PrivateKey::from_bytes(self.0.expose()).expect("a 32-byte seed")
    }

    /// Opens what was wrapped for this key in exactly this context.
    ///
    /// # Errors
    /// [`CannotOpen`], for whatever reason.
    pub(super) fn open(
        &self,
        wrap: &Wrap,
        context: &WrapContext<'_>,
    ) -> Result<Secret<32>, CannotOpen> {
        let encapsulated =
            <XWing as Kem>::EncappedKey::from_bytes(&wrap.encapsulated).map_err(|_| CannotOpen)?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.private(),
            &encapsulated,
            &context.info(wrap.recipient),
            &wrap.sealed,
            b"",
        )
        .map(Zeroizing::new)
        .map_err(|_| CannotOpen)?;
        Secret::from_slice(&opened).ok_or(CannotOpen)
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKey([redacted])")
    }
}

/// What a wrap is bound to (rule L5): `label ‖ 0 ‖ space ‖ epoch's commitment ‖ recipient`.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrapContext<'a> {
    /// The space.
    pub space: &'a [u8; 16],
    /// The epoch's commitment.
    pub commitment: &'a [u8; 32],
}

impl WrapContext<'_> {
    fn info(&self, recipient: Recipient) -> Vec<u8> {
        let recipient = daymark_wire::cbor::to_vec(&recipient);
        [
            b"daymark/1/wrap\0".as_slice(),
            self.space,
            self.commitment,
            &recipient,
        ]
        .concat()
    }
}

/// Wraps a secret for one recipient.
///
/// # Errors
/// [`WrapError`].
pub(super) fn wrap_for(
    recipient: Recipient,
    public: &WrappingPublicKey,
    secret: &Secret<32>,
    context: &WrapContext<'_>,
    random: &Random,
) -> Result<Wrap, WrapError> {
    let public =
        <XWing as Kem>::PublicKey::from_bytes(public.as_bytes()).map_err(|_| WrapError::BadKey)?;
    let mut coins = Coins::draw(random)?;
    let (encapsulated, sealed) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &public,
            &context.info(recipient),
            secret.expose(),
            b"",
            &mut coins,
        )
        .map_err(|_| WrapError::BadKey)?;
    Ok(Wrap {
        recipient,
        encapsulated: encapsulated.to_bytes().to_vec(),
        sealed,
    })
}

/// The 64 bytes that an X-Wing encapsulation takes, from the hedged source. Asked for more, it repeats
/// nothing: it hashes on.
struct Coins {
    seed: Secret<32>,
    block: u64,
}

impl Coins {
    fn draw(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self {
            seed: random.secret(Purpose::Encapsulation)?,
            block: 0,
        })
    }
}

impl rand_core::TryRng for Coins {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        for chunk in buffer.chunks_mut(32) {
            let info = self.block.to_be_bytes();
            let block = crate::secret::derive::<32>(b"", self.seed.expose(), &[b"coins", &info]);
            self.block += 1;
            for (to, from) in chunk.iter_mut().zip(block.expose()) {
                *to = *from;
            }
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Coins {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;
    use daymark_wire::DeviceId;

    #[test]
    fn d1_a_wrap_opens_only_for_its_key_and_in_its_context() {
        let random = seeded(1);
        let key = WrappingKey::generate(&random).unwrap();
        let secret = random.secret(Purpose::EpochSecret).unwrap();
        let context = WrapContext {
            space: &[1; 16],
            commitment: &[2; 32],
        };
        let to = Recipient::Device(DeviceId::from_bytes([3; 16]));
        let wrap = wrap_for(to, &key.public(), &secret, &context, &random).unwrap();
        assert_eq!(key.open(&wrap, &context), Ok(secret));

        let other = WrappingKey::generate(&random).unwrap();
        assert_eq!(other.open(&wrap, &context), Err(CannotOpen));
        let elsewhere = WrapContext {
            space: &[9; 16],
            ..context
        };
        assert_eq!(key.open(&wrap, &elsewhere), Err(CannotOpen));
        let later = WrapContext {
            commitment: &[9; 32],
            ..context
        };
        assert_eq!(key.open(&wrap, &later), Err(CannotOpen));
        let renamed = Wrap {
            recipient: Recipient::Recovery,
            ..wrap
        };
        assert_eq!(key.open(&renamed, &context), Err(CannotOpen));
    }
}
