//! What signatures are for.

/// What a signature is for. A signature made for one context never holds in another (threat D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A record's header, by a device.
    Record,
    /// A link of an account log, by a device or the root key.
    AccountLink,
    /// A link of a journal log, by a device or the root key.
    JournalLink,
    /// A link of a bond log, by a device of either account or a root key.
    BondLink,
    /// A new device's own statement about its keys.
    NewDevice,
    /// A request to a relay, by a device or the root key.
    Request,
    /// A reply to one request, by the relay's key.
    Reply,
}

impl Context {
    /// Every context, for tests that cross them.
    pub const ALL: [Self; 7] = [
        Self::Record,
        Self::AccountLink,
        Self::JournalLink,
        Self::BondLink,
        Self::NewDevice,
        Self::Request,
        Self::Reply,
    ];

    /// The string signed before the message, ended by a zero byte (no label holds one).
    #[must_use]
    pub const fn label(self) -> &'static [u8] {
        match self {
            Self::Record => b"daymark/1/sign/record\0",
            Self::AccountLink => b"daymark/1/sign/account-link\0",
            Self::JournalLink => b"daymark/1/sign/journal-link\0",
            Self::BondLink => b"daymark/1/sign/bond-link\0",
            Self::NewDevice => b"daymark/1/sign/new-device\0",
            Self::Request => b"daymark/1/sign/request\0",
            Self::Reply => b"daymark/1/sign/reply\0",
        }
    }

    pub(super) fn message(self, bytes: &[u8]) -> Vec<u8> {
        [self.label(), bytes].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::SigningKey;
    use zeroize::Zeroizing;

    #[test]
    fn d1_a_signature_holds_in_its_own_context_only() {
        let key = SigningKey::from_seed(&Zeroizing::new([1; 32]));
        for made in Context::ALL {
            let signature = key.sign(made, b"message");
            for used in Context::ALL {
                let holds = key
                    .verifying_key()
                    .verify(used, b"message", &signature)
                    .is_ok();
                assert_eq!(holds, made == used, "{made:?} used as {used:?}");
            }
        }
    }
}
