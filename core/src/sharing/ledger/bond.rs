//! What a person keeps of one bond.

use super::fields::{Field, Fields, Laid};
use crate::{
    bonds::{InvitationSecret, Pin},
    journal::Person,
    secret::Secret,
};
use daymark_wire::{
    DocumentId, Hash, VerifyingKey,
    logs::{EndReason, Role},
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

const ROLE: &str = "role";
const NAME: &str = "name";
const SECRET: &str = "secret";
const ACCEPT: &str = "accept";
const SINCE: &str = "since";
const ROOT: &str = "root";
const VERIFIED: &str = "verified";
const MUTED: &str = "muted";
/// Final, too. Why nothing came of the invitation.
pub(super) const CLOSED: &str = "closed";
/// When that was noted. Final with it.
pub(super) const CLOSED_AT: &str = "closed_at";
/// Final, as a share's.
const ENDED: &str = super::share::ENDED;
/// Before a reply's document. One key each, so that what two devices hide at once is all hidden.
const HIDDEN: &str = "hidden/";
/// Before a reply's document. One key each, as above.
const FORGET: &str = "forget/";
/// Before the hash of a link of the bond's log. One key each, as above.
const LOOKED_AT: &str = "looked_at/";

const DECLINED: &str = "declined";
const LAPSED: &str = "lapsed";
const OWNER: &str = "owner";
const SUPPORTER: &str = "supporter";

/// A bond, as its person's own journal keeps it. What both sides agreed on is in the bond's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondEntry {
    /// Which side this person is on.
    pub role: Role,
    /// What they call the other.
    pub name: Person,
    /// The invitation's secret, until an answer was checked or the bond's log says that it is over: by it any of the
    /// owner's devices tells an answer from a stranger's.
    pub secret: Option<InvitationSecret>,
    /// The hash of the *accept* link that was checked ([`crate::bonds::Agreed::accept`]): the secret is no longer
    /// needed then.
    pub accept: Option<Hash>,
    /// Since when the two agree, by the clock of the device that saw it first; in whole milliseconds.
    pub since: Option<Timestamp>,
    /// The other's keys, as they were when the two last compared a number. Before that they are what they were when
    /// the two agreed ([`Pin::agreed`]).
    pub pin: Option<Pin>,
    /// Whether the person would rather not be told of news.
    pub muted: bool,
    /// Replies that the person would rather not see.
    pub hidden: BTreeSet<DocumentId>,
    /// Replies that this person deleted, or took back: an epoch of the bond is to forget each (rule B5). They stay, as
    /// another history of the bond's log may not know of that epoch.
    pub forget: BTreeSet<DocumentId>,
    /// Links of other histories of the bond's log that had been shown when the person last compared the number: they
    /// pause it no more (rule B2, [`crate::bonds::Forks`]).
    pub looked_at: BTreeSet<Hash>,
    /// Nothing came of the invitation: it lapsed, or was declined, as one of the owner's devices noted after a sync
    /// that showed no answer. Nobody becomes a supporter by it any more. Once set it stays.
    pub closed: Option<Closed>,
    /// When the person ended it or left, on any of their devices; in whole milliseconds. Once set it stays.
    pub ended: Option<Timestamp>,
}

/// That nothing came of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Declined, or lapsed.
    pub why: EndReason,
    /// By the clock of the device that noted it; in whole milliseconds.
    pub at: Timestamp,
}

impl BondEntry {
    /// Whether nothing came of the invitation, by what all devices of this person know: an answer that one of them had
    /// checked before another noted so stands.
    #[must_use]
    pub fn is_closed(&self) -> Option<Closed> {
        let agreed = self.since.filter(|_| self.accept.is_some());
        let closed = self.closed?;
        agreed
            .is_none_or(|since| closed.at <= since)
            .then_some(closed)
    }

    /// A new bond: nothing is verified and nothing is muted.
    #[must_use]
    pub const fn new(role: Role, name: Person, secret: Option<InvitationSecret>) -> Self {
        Self {
            role,
            name,
            secret,
            accept: None,
            since: None,
            pin: None,
            muted: false,
            hidden: BTreeSet::new(),
            forget: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            closed: None,
            ended: None,
        }
    }
}

impl Laid for BondEntry {
    fn read(fields: &Fields) -> Option<Self> {
        let secret = fields.bytes(SECRET).map(Zeroizing::new);
        let root = fields.bytes(ROOT).map(VerifyingKey::from_bytes);
        let verified = fields.text(VERIFIED).and_then(|number| number.parse().ok());
        Some(Self {
            role: match fields.text(ROLE)? {
                OWNER => Role::Owner,
                SUPPORTER => Role::Supporter,
                _ => return None,
            },
            name: Person::mend(fields.text(NAME)?)?,
            secret: secret.map(|secret| InvitationSecret::from_secret(Secret::new(secret))),
            accept: fields.bytes(ACCEPT).map(Hash::from_bytes),
            since: fields.time(SINCE),
            pin: root.and_then(Result::ok).map(|root| Pin { root, verified }),
            muted: fields.flag(MUTED),
            hidden: documents(fields, HIDDEN),
            forget: documents(fields, FORGET),
            looked_at: fields.iter().filter_map(looked_at).collect(),
            closed: closed(fields),
            ended: fields.time(ENDED),
        })
    }

    fn laid(&self) -> Fields {
        let role = match self.role {
            Role::Owner => OWNER,
            Role::Supporter => SUPPORTER,
        };
        let secret = self.secret.as_ref();
        let secret = secret.map(|secret| secret.secret().expose().to_vec());
        let accept = self.accept.map(|accept| accept.as_bytes().to_vec());
        let since = self.since.map(Timestamp::as_millisecond);
        let ended = self.ended.map(Timestamp::as_millisecond);
        let closed = self.closed.and_then(|closed| match closed.why {
            EndReason::Declined => Some(DECLINED),
            EndReason::Lapsed => Some(LAPSED),
            EndReason::Chosen => None,
        });
        let closed = closed.map(str::to_owned);
        let closed_at = self.closed.map(|closed| closed.at.as_millisecond());
        let root = self.pin.map(|pin| pin.root.as_bytes().to_vec());
        let verified = self.pin.and_then(|pin| pin.verified);
        let verified = verified.map(|number| number.to_string().replace(' ', ""));
        let mut fields = Fields::default()
            .with(ROLE, Some(Field::Text(role.to_owned())))
            .with(NAME, Some(Field::Text(self.name.to_string())))
            .with(SECRET, secret.map(Field::Bytes))
            .with(ACCEPT, accept.map(Field::Bytes))
            .with(SINCE, since.map(Field::Number))
            .with(ROOT, root.map(Field::Bytes))
            .with(VERIFIED, verified.map(Field::Text))
            .with(MUTED, self.muted.then_some(Field::Flag))
            .with(CLOSED, closed.map(Field::Text))
            .with(CLOSED_AT, closed_at.map(Field::Number))
            .with(ENDED, ended.map(Field::Number));
        for (before, documents) in [(HIDDEN, &self.hidden), (FORGET, &self.forget)] {
            for document in documents {
                fields.put(format!("{before}{document}"), Field::Flag);
            }
        }
        for link in &self.looked_at {
            fields.put(
                format!("{LOOKED_AT}{}", hex::encode(link.as_bytes())),
                Field::Flag,
            );
        }
        fields
    }
}

fn closed(fields: &Fields) -> Option<Closed> {
    let why = match fields.text(CLOSED)? {
        DECLINED => EndReason::Declined,
        LAPSED => EndReason::Lapsed,
        _ => return None,
    };
    let at = fields.time(CLOSED_AT)?;
    Some(Closed { why, at })
}

/// The documents at whose keys, behind this, there is a flag.
fn documents(fields: &Fields, before: &str) -> BTreeSet<DocumentId> {
    let document = |(name, field): (&str, &Field)| {
        let document = name.strip_prefix(before)?.parse().ok()?;
        matches!(field, Field::Flag).then_some(document)
    };
    fields.iter().filter_map(document).collect()
}

fn looked_at((name, field): (&str, &Field)) -> Option<Hash> {
    let mut link = [0; 32];
    hex::decode_to_slice(name.strip_prefix(LOOKED_AT)?, &mut link).ok()?;
    matches!(field, Field::Flag).then_some(Hash::from_bytes(link))
}
