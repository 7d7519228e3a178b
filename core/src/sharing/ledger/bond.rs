//! What a person keeps of one bond.

use super::fields::{Field, Fields, Laid};
use crate::{
    bonds::{InvitationSecret, Pin},
    journal::Person,
    secret::Secret,
};
use daymark_wire::{VerifyingKey, logs::Role};
use zeroize::Zeroizing;

const ROLE: &str = "role";
const NAME: &str = "name";
const SECRET: &str = "secret";
const ROOT: &str = "root";
const VERIFIED: &str = "verified";
const MUTED: &str = "muted";

const OWNER: &str = "owner";
const SUPPORTER: &str = "supporter";

/// A bond, as its person's own journal keeps it. What both sides agreed on is in the bond's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondEntry {
    /// Which side this person is on.
    pub role: Role,
    /// What they call the other.
    pub name: Person,
    /// The invitation's secret, while the invitation is open: any of the owner's devices can complete it.
    pub secret: Option<InvitationSecret>,
    /// The other's keys, as they were when the two agreed or last compared a number.
    pub pin: Option<Pin>,
    /// Whether the person would rather not be told of news.
    pub muted: bool,
}

impl BondEntry {
    /// A new bond: nothing is verified and nothing is muted.
    #[must_use]
    pub const fn new(role: Role, name: Person, secret: Option<InvitationSecret>) -> Self {
        Self {
            role,
            name,
            secret,
            pin: None,
            muted: false,
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
            pin: root.and_then(Result::ok).map(|root| Pin { root, verified }),
            muted: fields.flag(MUTED),
        })
    }

    fn laid(&self) -> Fields {
        let role = match self.role {
            Role::Owner => OWNER,
            Role::Supporter => SUPPORTER,
        };
        let secret = self.secret.as_ref();
        let secret = secret.map(|secret| secret.secret().expose().to_vec());
        let root = self.pin.map(|pin| pin.root.as_bytes().to_vec());
        let verified = self.pin.and_then(|pin| pin.verified);
        let verified = verified.map(|number| number.to_string().replace(' ', ""));
        Fields::default()
            .with(ROLE, Some(Field::Text(role.to_owned())))
            .with(NAME, Some(Field::Text(self.name.to_string())))
            .with(SECRET, secret.map(Field::Bytes))
            .with(ROOT, root.map(Field::Bytes))
            .with(VERIFIED, verified.map(Field::Text))
            .with(MUTED, self.muted.then_some(Field::Flag))
    }
}
