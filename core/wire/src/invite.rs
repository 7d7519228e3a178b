//! The operator's invite: lets one new account in, and tells its first device whose relay it speaks to.

use crate::{Hash, cbor::DecodeError, hash::Domain, signing::VerifyingKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// Length of the random part: enough that nobody guesses one.
const SECRET: usize = 16;

/// An invite as a person hands it on: base64url of the relay's key and 16 random bytes, 64 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    relay: VerifyingKey,
    secret: [u8; SECRET],
}

impl Invite {
    /// A new invite of the relay with this key.
    #[must_use]
    pub const fn new(relay: VerifyingKey, secret: [u8; SECRET]) -> Self {
        Self { relay, secret }
    }

    /// Reads an invite as a person pasted it.
    ///
    /// # Errors
    /// [`DecodeError`] for a text that is not one.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        const WHAT: &str = "invite";
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim())
            .map_err(DecodeError::malformed(WHAT))?;
        let (relay, secret) = bytes
            .split_first_chunk::<32>()
            .ok_or(DecodeError::Malformed { what: WHAT })?;
        Ok(Self {
            relay: VerifyingKey::from_bytes(*relay)?,
            secret: <[u8; SECRET]>::try_from(secret).map_err(DecodeError::malformed(WHAT))?,
        })
    }

    /// The text to hand on, which is also what a registration shows.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.relay.as_bytes().as_slice(), &self.secret].concat())
    }

    /// The relay that made it, to be pinned.
    #[must_use]
    pub const fn relay(&self) -> &VerifyingKey {
        &self.relay
    }

    /// All that the relay keeps of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Token, &[self.relay.as_bytes(), &self.secret])
    }
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invite([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;
    use zeroize::Zeroizing;

    #[test]
    fn an_invite_round_trips_as_text_and_prints_nothing_of_itself() {
        let relay = SigningKey::from_seed(&Zeroizing::new([1; 32])).verifying_key();
        let invite = Invite::new(relay, [7; SECRET]);
        let text = invite.to_text();
        assert_eq!(text.len(), 64);
        assert_eq!(Invite::parse(&format!(" {text}\n")), Ok(invite.clone()));
        assert!(Invite::parse(&text[1..]).is_err());
        assert_eq!(format!("{invite:?}"), "Invite([redacted])");
    }
}
