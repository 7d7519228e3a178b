//! The link that a trusted device shows and a new one takes: as text, or as a picture of that text.

use super::PairingError;
use crate::{
    account::Logs,
    handed::{self, Unreadable},
    random::{Purpose, Random},
    secret::{self, Secret},
};
use daymark_wire::{
    AccountId, VerifyingKey, cbor,
    limits::{self, MAILBOX_SECONDS},
    logs::Head,
    mailbox::MailboxId,
    sync::KnownLog,
};
use minicbor::{Decode, Encode};
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// What its text begins with, after `daymark:`.
const WORD: &str = "pair";
/// A link's bytes: an address of the largest size, and all the rest.
const MAX_BYTES: usize = limits::MAX_URL_BYTES + 512;

/// A pairing link. Good for one device and two minutes. Whoever has it can ask to be let in, but not get in:
/// the person compares a code.
///
/// Its text, which `Display` gives, holds the secret: `daymark:pair/1/` and the base64url of a CBOR array.
/// `Debug` redacts it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PairingLink {
    #[n(0)]
    relay_url: String,
    #[n(1)]
    relay_key: VerifyingKey,
    #[n(2)]
    mailbox: MailboxId,
    #[cbor(
        n(3),
        encode_with = "secret::write_cbor",
        decode_with = "secret::read_cbor"
    )]
    secret: Secret<32>,
    #[n(4)]
    account: AccountId,
    #[n(5)]
    account_head: Head,
    #[n(6)]
    journal: KnownLog,
    #[n(7)]
    expires: u64,
}

impl PairingLink {
    /// A new link to the account of these logs. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// [`PairingError::Random`]; [`PairingError::DamagedLink`] for an address that no link can carry.
    pub(super) fn new(
        relay_url: &str,
        relay_key: VerifyingKey,
        logs: &Logs,
        now: u64,
        random: &Random,
    ) -> Result<Self, PairingError> {
        let link = Self {
            relay_url: relay_url.to_owned(),
            relay_key,
            mailbox: MailboxId::from_bytes(random.bytes(Purpose::Pairing)?),
            secret: random.secret(Purpose::Pairing)?,
            account: logs.account().id(),
            account_head: logs.account().head(),
            journal: KnownLog {
                log: logs.space().into(),
                head: logs.journal().head(),
            },
            expires: now.saturating_add(MAILBOX_SECONDS),
        };
        link.check_url()?;
        Ok(link)
    }

    /// The relay's base address.
    #[must_use]
    pub fn relay_url(&self) -> &str {
        &self.relay_url
    }

    /// The relay's key, to be pinned.
    #[must_use]
    pub const fn relay_key(&self) -> VerifyingKey {
        self.relay_key
    }

    /// Where the two devices talk.
    #[must_use]
    pub const fn mailbox(&self) -> MailboxId {
        self.mailbox
    }

    /// The account to join.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The heads that the trusted device knew, of the account log and of the journal log. A relay that
    /// shows less is not believed.
    #[must_use]
    pub fn known(&self) -> [KnownLog; 2] {
        let account = KnownLog {
            log: self.account.into(),
            head: self.account_head,
        };
        [account, self.journal]
    }

    /// The second since 1970 from which on it is of no use.
    #[must_use]
    pub const fn expires(&self) -> u64 {
        self.expires
    }

    /// Whether it may still be used at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`PairingError::ExpiredLink`].
    pub const fn check_time(&self, now: u64) -> Result<(), PairingError> {
        if now < self.expires {
            Ok(())
        } else {
            Err(PairingError::ExpiredLink)
        }
    }

    pub(super) const fn secret(&self) -> &Secret<32> {
        &self.secret
    }

    /// The one encoding.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(cbor::to_vec(self))
    }

    fn check_url(&self) -> Result<(), PairingError> {
        if handed::is_address(&self.relay_url) {
            Ok(())
        } else {
            Err(PairingError::DamagedLink)
        }
    }
}

impl fmt::Display for PairingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        handed::write(f, WORD, &self.to_bytes())
    }
}

impl FromStr for PairingLink {
    type Err = PairingError;

    /// Reads a link's text; spaces and line breaks in it do not matter. Whether it has expired is for
    /// [`PairingLink::check_time`] to say.
    fn from_str(text: &str) -> Result<Self, PairingError> {
        let bytes = handed::read(text, WORD)?;
        let link: Self = cbor::exactly("pairing link", &bytes, MAX_BYTES)
            .map_err(|_| PairingError::DamagedLink)?;
        link.check_url()?;
        if link.to_bytes() != bytes {
            return Err(PairingError::DamagedLink);
        }
        Ok(link)
    }
}

impl From<Unreadable> for PairingError {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Other => Self::NotALink,
            Unreadable::Damaged => Self::DamagedLink,
            Unreadable::Newer => Self::NewerLink,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{account::found, random::tests::seeded};

    const NOW: u64 = 1_900_000_000;

    fn link() -> PairingLink {
        let random = seeded(1);
        let owner = found(None, &random).unwrap();
        let relay = owner.device.verifying_key();
        PairingLink::new(
            "https://relay.example.org:8443",
            relay,
            &owner.logs,
            NOW,
            &random,
        )
        .unwrap()
    }

    #[test]
    fn the_text_gives_the_link_back_also_from_a_wrapped_line() {
        let link = link();
        let text = link.to_string();
        assert_eq!(text.parse(), Ok(link.clone()));
        let (front, back) = text.split_at(70);
        assert_eq!(format!("  {front}\r\n {back}\n").parse(), Ok(link));
    }

    #[test]
    fn the_text_fits_a_small_picture() {
        let text = link().to_string();
        assert_eq!(text.len(), 277, "{text}");
        assert!(
            text.bytes()
                .all(|c| c.is_ascii_alphanumeric() || b":/-_".contains(&c))
        );
    }

    #[test]
    fn what_is_no_link_is_refused_by_name() {
        let text = link().to_string();
        let refused = |text: &str| text.parse::<PairingLink>().unwrap_err();
        assert_eq!(refused("https://example.org"), PairingError::NotALink);
        assert_eq!(refused(""), PairingError::NotALink);
        assert_eq!(refused("daymark:pair/1"), PairingError::DamagedLink);
        assert_eq!(refused("daymark:pair/one/AA"), PairingError::DamagedLink);
        assert_eq!(refused("daymark:pair/2/AA"), PairingError::NewerLink);
        assert_eq!(refused("daymark:pair/0/AA"), PairingError::DamagedLink);
        for length in "daymark:pair/1/".len()..text.len() {
            assert_eq!(refused(&text[..length]), PairingError::DamagedLink);
        }
        assert_eq!(refused(&format!("{text}AAAA")), PairingError::DamagedLink);
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for url in [
            "file:///etc",
            "https://a b",
            "https://a\n",
            "https://é",
            "relay",
        ] {
            let bad = PairingLink {
                relay_url: url.to_owned(),
                ..link()
            };
            let read = bad.to_string().parse::<PairingLink>();
            assert_eq!(read, Err(PairingError::DamagedLink), "{url}");
        }
        let long = format!("https://{}", "a".repeat(505));
        let bad = PairingLink {
            relay_url: long,
            ..link()
        };
        assert!(bad.to_string().parse::<PairingLink>().is_err());
    }

    #[test]
    fn it_holds_for_two_minutes() {
        let link = link();
        assert_eq!(link.check_time(NOW + 119), Ok(()));
        assert_eq!(link.check_time(NOW + 120), Err(PairingError::ExpiredLink));
        assert_eq!(link.check_time(u64::MAX), Err(PairingError::ExpiredLink));
    }

    #[test]
    fn it_prints_nothing_secret() {
        insta::assert_debug_snapshot!(link());
    }
}
