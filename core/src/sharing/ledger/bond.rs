//! What a person keeps of one bond.

use super::fields::{Field, Fields, Laid};
use crate::{journal::Person, secret::Secret, sharing::Role};
use daymark_wire::VerifyingKey;
use std::fmt;
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
    pub secret: Option<Secret<32>>,
    /// The other's root key, as it was when they agreed or last compared a number. Another one pauses the bond.
    pub root: Option<VerifyingKey>,
    /// The number that the two compared.
    pub verified: Option<ComparedNumber>,
    /// Whether the person would rather not be told of news.
    pub muted: bool,
}

impl BondEntry {
    /// A new bond: nothing is verified and nothing is muted.
    #[must_use]
    pub const fn new(role: Role, name: Person, secret: Option<Secret<32>>) -> Self {
        Self {
            role,
            name,
            secret,
            root: None,
            verified: None,
            muted: false,
        }
    }
}

impl Laid for BondEntry {
    fn read(fields: &Fields) -> Option<Self> {
        let secret = fields.bytes(SECRET).map(Zeroizing::new);
        let root = fields.bytes(ROOT).map(VerifyingKey::from_bytes);
        Some(Self {
            role: match fields.text(ROLE)? {
                OWNER => Role::Owner,
                SUPPORTER => Role::Supporter,
                _ => return None,
            },
            name: Person::mend(fields.text(NAME)?)?,
            secret: secret.map(Secret::new),
            root: root.and_then(Result::ok),
            verified: fields.text(VERIFIED).and_then(ComparedNumber::parse),
            muted: fields.flag(MUTED),
        })
    }

    fn laid(&self) -> Fields {
        let role = match self.role {
            Role::Owner => OWNER,
            Role::Supporter => SUPPORTER,
        };
        let secret = self.secret.as_ref().map(|secret| secret.expose().to_vec());
        let root = self.root.map(|root| root.as_bytes().to_vec());
        let verified = self.verified.as_ref().map(ToString::to_string);
        Fields::default()
            .with(ROLE, Some(Field::Text(role.to_owned())))
            .with(NAME, Some(Field::Text(self.name.to_string())))
            .with(SECRET, secret.map(Field::Bytes))
            .with(ROOT, root.map(Field::Bytes))
            .with(VERIFIED, verified.map(Field::Text))
            .with(MUTED, self.muted.then_some(Field::Flag))
    }
}

/// A number that two people compared: 60 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct ComparedNumber(String);

impl ComparedNumber {
    /// How many digits it has.
    pub const DIGITS: usize = 60;

    /// Reads the digits, with spaces between them wherever they are.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let fits = digits.len() == Self::DIGITS && digits.bytes().all(|c| c.is_ascii_digit());
        fits.then_some(Self(digits))
    }
}

impl fmt::Display for ComparedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ComparedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComparedNumber([redacted])")
    }
}
