//! Reads numbers and slices from foreign bytes: bounded, total, and only in their shortest form.
//!
//! Automerge writes every number as LEB128 in as few bytes as it needs. A longer form would decode to
//! the same change and hash to another, so it is refused.

use super::refusal::Malformed;

/// What is left to read of a slice.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything that was not read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], Malformed> {
        let count = usize::try_from(count).map_err(|_| Malformed::Truncated)?;
        let (head, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    /// A length and as many bytes.
    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.unsigned()?;
        self.take(length)
    }

    /// An unsigned LEB128 number.
    pub(super) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        let mut shift = 0_u32;
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && byte > 1 {
                return Err(Malformed::Number);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                let overlong = shift > 0 && byte == 0;
                return if overlong {
                    Err(Malformed::Number)
                } else {
                    Ok(value)
                };
            }
            shift += 7;
        }
    }

    /// A signed LEB128 number.
    pub(super) fn signed(&mut self) -> Result<i64, Malformed> {
        let mut value = 0_i64;
        let mut shift = 0_u32;
        let mut before = 0_u8;
        loop {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(Malformed::Number);
            }
            value |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                let only_sign =
                    (byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0);
                if shift > 7 && only_sign {
                    return Err(Malformed::Number);
                }
                if negative && shift < 64 {
                    value |= -1 << shift;
                }
                return Ok(value);
            }
            before = byte;
        }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (byte, rest) = self.rest.split_first().ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(*byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, Malformed> {
        Reader::new(bytes).unsigned()
    }

    fn signed(bytes: &[u8]) -> Result<i64, Malformed> {
        Reader::new(bytes).signed()
    }

    #[test]
    fn numbers_in_their_shortest_form_are_read() {
        assert_eq!(unsigned(&[0]), Ok(0));
        assert_eq!(unsigned(&[0x80, 0x01]), Ok(128));
        let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(unsigned(&largest), Ok(u64::MAX));
        assert_eq!(signed(&[0x7f]), Ok(-1));
        assert_eq!(signed(&[0x80, 0x40]), Ok(-8192));
        let lowest = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(signed(&lowest), Ok(i64::MIN));
    }

    #[test]
    fn longer_larger_and_broken_numbers_are_refused() {
        assert_eq!(unsigned(&[0x81, 0x00]), Err(Malformed::Number));
        assert_eq!(unsigned(&[0x81; 12]), Err(Malformed::Number));
        let over = [0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x02];
        assert_eq!(unsigned(&over), Err(Malformed::Number));
        assert_eq!(unsigned(&[0x80]), Err(Malformed::Truncated));
        assert_eq!(signed(&[0xbf, 0x00]), Err(Malformed::Number));
        assert_eq!(signed(&[0xff; 12]), Err(Malformed::Number));
        assert_eq!(signed(&[0x80, 0x7f]), Ok(-128));
        assert_eq!(signed(&[0x90]), Err(Malformed::Truncated));
    }

    #[test]
    fn taking_more_than_there_is_is_refused() {
        assert_eq!(Reader::new(&[1, 2]).take(3), Err(Malformed::Truncated));
        assert_eq!(Reader::new(&[1]).take(u64::MAX), Err(Malformed::Truncated));
        assert_eq!(Reader::new(&[5, 1]).prefixed(), Err(Malformed::Truncated));
    }

    proptest! {
        #[test]
        fn any_number_is_read_as_automerge_writes_it(n in any::<u64>(), i in any::<i64>()) {
            prop_assert_eq!(unsigned(&crate::gate::testing::unsigned(n)), Ok(n));
            prop_assert_eq!(signed(&crate::gate::testing::signed(i)), Ok(i));
        }
    }
}
