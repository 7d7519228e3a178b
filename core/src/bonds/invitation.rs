//! The invitation that an owner hands over past the relay: as text, or as a picture of that text (rule B3).

use super::{BondError, InvitationSecret};
use crate::{
    handed,
    journal::OwnerName,
    secret::{self, Secret, derive},
};
use daymark_wire::{
    AccountId, SpaceId, cbor, limits,
    logs::{Head, Home},
};
use minicbor::{Decode, Encode};
use std::{fmt, str::FromStr};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What its text begins with, after `daymark:`.
const WORD: &str = "bond";
/// After the content: an altered invitation is told from a wrong one. It protects against slips, not people.
const CHECKSUM_BYTES: usize = 4;
/// An invitation's bytes: an address of the largest size, and all the rest.
const MAX_BYTES: usize = limits::MAX_URL_BYTES + 512;

/// An invitation to a bond. Whoever has it can accept once, or decline, until it lapses; the two compare a
/// number afterwards.
///
/// Its text, which `Display` gives, holds the secret: `daymark:bond/1/` and the base64url of a CBOR array and
/// its checksum. `Debug` redacts it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Invitation {
    #[n(0)]
    relay: Home,
    #[n(1)]
    bond: SpaceId,
    #[n(2)]
    owner: AccountId,
    #[n(3)]
    owner_head: Head,
    #[cbor(
        n(4),
        encode_with = "secret::write_cbor",
        decode_with = "secret::read_cbor"
    )]
    secret: Secret<32>,
    #[n(5)]
    name: Option<String>,
}

impl Invitation {
    pub(super) fn new(
        relay: Home,
        bond: SpaceId,
        owner: (AccountId, Head),
        secret: &InvitationSecret,
        name: Option<&OwnerName>,
    ) -> Self {
        Self {
            relay,
            bond,
            owner: owner.0,
            owner_head: owner.1,
            secret: secret.secret().clone(),
            name: name.map(|name| name.as_str().to_owned()),
        }
    }

    /// Where the bond lives: the relay's key, to be pinned, and its address.
    #[must_use]
    pub const fn relay(&self) -> &Home {
        &self.relay
    }

    /// The bond's id.
    #[must_use]
    pub const fn bond(&self) -> SpaceId {
        self.bond
    }

    /// Who invites.
    #[must_use]
    pub const fn owner(&self) -> AccountId {
        self.owner
    }

    /// The head of the owner's account log when they invited. A relay that shows less is not believed.
    #[must_use]
    pub const fn owner_head(&self) -> Head {
        self.owner_head
    }

    /// How the owner wants to be shown, if they said so. Nothing vouches for it but who handed the text over.
    #[must_use]
    pub fn name(&self) -> Option<OwnerName> {
        self.name
            .as_deref()
            .and_then(|name| OwnerName::parse(name).ok())
    }

    /// The secret.
    #[must_use]
    pub fn secret(&self) -> InvitationSecret {
        InvitationSecret::from_secret(self.secret.clone())
    }

    /// The one encoding, without the checksum.
    fn content(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(cbor::to_vec(self))
    }

    fn is_right(&self) -> bool {
        let name = self.name.as_deref();
        let shown = name
            .is_none_or(|name| OwnerName::parse(name).is_ok_and(|parsed| parsed.as_str() == name));
        shown && handed::is_address(&self.relay.url)
    }
}

/// Of the content under a label of its own, so that it tells nothing of the secret anywhere else.
fn checksum(content: &[u8]) -> Secret<CHECKSUM_BYTES> {
    derive(b"", content, &[b"daymark/1/bond/checksum"])
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.content();
        let checksum = checksum(&content);
        let bytes = Zeroizing::new([content.as_slice(), checksum.expose()].concat());
        handed::write(f, WORD, &bytes)
    }
}

impl FromStr for Invitation {
    type Err = BondError;

    /// Reads an invitation's text; spaces and line breaks in it do not matter. Whether it can still be
    /// accepted, only the relay tells.
    fn from_str(text: &str) -> Result<Self, BondError> {
        let bytes = handed::read(text, WORD)?;
        let (content, given) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(BondError::DamagedInvitation)?;
        if !bool::from(checksum(content).expose().ct_eq(given)) {
            return Err(BondError::DamagedInvitation);
        }
        let invitation: Self = cbor::exactly("invitation", content, MAX_BYTES)
            .map_err(|_| BondError::DamagedInvitation)?;
        if invitation.is_right() && invitation.content().as_slice() == content {
            Ok(invitation)
        } else {
            Err(BondError::DamagedInvitation)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::DeviceKey, random::tests::seeded};
    use daymark_wire::logs::HeadHash;

    fn invitation() -> Invitation {
        let random = seeded(1);
        let relay = Home {
            relay: DeviceKey::generate(&random).unwrap().verifying_key(),
            url: "https://relay.example.org:8443".to_owned(),
        };
        let head = Head {
            length: 3,
            hash: HeadHash::from_bytes([3; 16]),
        };
        Invitation::new(
            relay,
            SpaceId::from_bytes([1; 16]),
            (AccountId::from_bytes([2; 16]), head),
            &InvitationSecret::generate(&random).unwrap(),
            Some(&OwnerName::parse("NAME").unwrap()),
        )
    }

    fn refused(text: &str) -> BondError {
        text.parse::<Invitation>().unwrap_err()
    }

    #[test]
    fn the_text_gives_the_invitation_back_also_from_a_wrapped_line() {
        let invitation = invitation();
        let text = invitation.to_string();
        assert_eq!(text.parse(), Ok(invitation.clone()));
        let (front, back) = text.split_at(70);
        assert_eq!(format!("  {front}\r\n {back}\n").parse(), Ok(invitation));
    }

    #[test]
    fn the_text_fits_a_small_picture() {
        let text = invitation().to_string();
        assert_eq!(text.len(), 234, "{text}");
        assert!(text.starts_with("daymark:bond/1/"));
        assert!(
            text.bytes()
                .all(|c| c.is_ascii_alphanumeric() || b":/-_".contains(&c))
        );
    }

    #[test]
    fn a_text_that_was_altered_or_cut_anywhere_is_refused() {
        let text = invitation().to_string();
        for place in 0..text.len() {
            for other in ['A', 'b', '0', '9', '-', '/', '?'] {
                let mut altered: Vec<char> = text.chars().collect();
                if altered[place] == other {
                    continue;
                }
                altered[place] = other;
                let altered: String = altered.into_iter().collect();
                refused(&altered);
            }
            refused(&text[..place]);
            refused(&text[place + 1..]);
        }
        refused(&format!("{text}A"));
        refused(&format!("{text}AAAA"));
    }

    #[test]
    fn what_is_no_invitation_is_refused_by_name() {
        let text = invitation().to_string();
        for other in [
            "",
            "https://example.org",
            "daymark:pair/1/AA",
            "daymark:bonds/1/AA",
        ] {
            assert_eq!(refused(other), BondError::NotAnInvitation);
        }
        for damaged in [
            "daymark:bond/1",
            "daymark:bond/0/AA",
            "daymark:bond/x/AA",
            "daymark:bond/1/",
        ] {
            assert_eq!(refused(damaged), BondError::DamagedInvitation);
        }
        let newer = text.replace("bond/1", "bond/2");
        assert_eq!(refused(&newer), BondError::NewerInvitation);
    }

    #[test]
    fn an_address_or_a_name_that_cannot_be_shown_is_refused() {
        let good = invitation();
        for url in [
            "file:///etc",
            "https://a b",
            "https://a\n",
            "https://é",
            "relay",
        ] {
            let mut bad = good.clone();
            bad.relay.url = url.to_owned();
            assert_eq!(refused(&bad.to_string()), BondError::DamagedInvitation);
        }
        let long = "n".repeat(OwnerName::MAX_BYTES + 1);
        for name in ["", " ", "NAME ", "a\nb", "a\u{1b}[2J", long.as_str()] {
            let mut bad = good.clone();
            bad.name = Some(name.to_owned());
            assert_eq!(refused(&bad.to_string()), BondError::DamagedInvitation);
        }
        let unnamed = Invitation { name: None, ..good };
        assert_eq!(unnamed.to_string().parse(), Ok(unnamed));
    }

    #[test]
    fn it_prints_nothing_secret() {
        insta::assert_debug_snapshot!(invitation());
    }
}
