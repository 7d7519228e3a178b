//! The number that the two people compare, out loud or by a picture: the same on both sides exactly when both
//! see the same keys of the two accounts.

use super::BondError;
use crate::secret::derive;
use daymark_wire::{
    SpaceId,
    logs::{AccountState, BondAccounts},
};
use std::{fmt, str::FromStr};
use subtle::ConstantTimeEq;

/// Digits that are read out together.
const GROUP: usize = 5;
/// Groups of a number.
const GROUPS: usize = 12;
/// Bytes of output that a group is made of: 2⁴⁰ is so far beyond 10⁵ that no number is likelier than another.
const GROUP_BYTES: usize = 5;

/// Sixty digits: about 199 bits, so nobody finds other keys that give the same.
#[derive(Clone, Copy)]
pub struct Number([u8; Number::DIGITS]);

impl Number {
    /// How many digits it has.
    pub const DIGITS: usize = GROUPS * GROUP;

    /// The number of a bond between these accounts; none while nobody has accepted.
    #[must_use]
    pub fn of(bond: SpaceId, accounts: BondAccounts<'_>) -> Option<Self> {
        let keys = [accounts.owner, accounts.supporter?].map(keys_of).concat();
        let input = [bond.as_bytes().as_slice(), &keys].concat();
        let wide = derive::<{ GROUPS * GROUP_BYTES }>(b"", &input, &[b"daymark/1/bond/number"]);
        let (groups, _) = wide.expose().as_chunks::<GROUP_BYTES>();
        let mut digits = [0; Self::DIGITS];
        for (places, bytes) in digits.chunks_mut(GROUP).zip(groups) {
            let mut rest = bytes
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            for digit in places.iter_mut().rev() {
                *digit = u8::try_from(rest % 10).unwrap_or_default();
                rest /= 10;
            }
        }
        Some(Self(digits))
    }
}

/// `account id ‖ root key ‖ account key`, each of one length.
fn keys_of(account: &AccountState) -> Vec<u8> {
    [
        account.id().as_bytes().as_slice(),
        account.root().as_bytes(),
        account.account_key().as_bytes(),
    ]
    .concat()
}

impl PartialEq for Number {
    /// In constant time: what was typed may be somebody's guess.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    /// Twelve groups of five, with a space between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.0.iter().enumerate() {
            if place > 0 && place.is_multiple_of(GROUP) {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Shows nothing: two people read it to each other, and nobody else.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number([redacted])")
    }
}

impl FromStr for Number {
    type Err = BondError;

    /// Reads what somebody typed: the digits, with spaces, line breaks and hyphens wherever they like.
    fn from_str(text: &str) -> Result<Self, BondError> {
        let written = |c: &char| !c.is_whitespace() && *c != '-';
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(written)
            .map(|c| u8::try_from(c.to_digit(10)?).ok())
            .collect();
        let digits = digits.ok_or(BondError::NotANumber)?;
        <[u8; Self::DIGITS]>::try_from(digits.as_slice())
            .map(Self)
            .map_err(|_| BondError::BadNumber {
                digits: digits.len(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "00000 12345 67890 12345 67890 12345 67890 12345 67890 12345 67890 99999";

    #[test]
    fn a_number_is_shown_in_groups_and_read_however_it_is_typed() {
        let number: Number = TEXT.parse().unwrap();
        assert_eq!(number.to_string(), TEXT);
        for typed in [
            TEXT.replace(' ', ""),
            TEXT.replace(' ', "\n"),
            TEXT.replace(' ', "-"),
            TEXT.replace(' ', "\u{a0} "),
            format!("  {TEXT}\t"),
        ] {
            assert_eq!(typed.parse(), Ok(number));
        }
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        let read = |text: &str| text.parse::<Number>().unwrap_err();
        assert_eq!(read(""), BondError::BadNumber { digits: 0 });
        assert_eq!(read(&TEXT[1..]), BondError::BadNumber { digits: 59 });
        let longer = format!("{TEXT}1");
        assert_eq!(read(&longer), BondError::BadNumber { digits: 61 });
        let letter = TEXT.replacen('0', "O", 1);
        assert_eq!(read(&letter), BondError::NotANumber);
    }

    #[test]
    fn another_digit_is_another_number() {
        let number: Number = TEXT.parse().unwrap();
        for place in 0..Number::DIGITS {
            let mut other = number;
            other.0[place] = (other.0[place] + 1) % 10;
            assert_ne!(other, number);
        }
    }
}
