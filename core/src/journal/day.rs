//! The person's own day: 2 a.m. can still be yesterday.

use super::JournalError;
use jiff::civil::Date;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::{fmt, str::FromStr};

/// A day of the calendar, without a zone. Written `2021-03-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The date.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }

    /// One number that sorts like the day and reads like it: 20210304.
    fn number(self) -> i32 {
        let year = i32::from(self.0.year());
        let rest = i32::from(self.0.month()) * 100 + i32::from(self.0.day());
        if year < 0 {
            year * 10_000 - rest
        } else {
            year * 10_000 + rest
        }
    }

    fn from_number(number: i32) -> Option<Self> {
        let year = i16::try_from(number / 10_000).ok()?;
        let rest = (number % 10_000).abs();
        let month = i8::try_from(rest / 100).ok()?;
        let day = i8::try_from(rest % 100).ok()?;
        Date::new(year, month, day).ok().map(Self)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl FromStr for Day {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| JournalError::NotADay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<C> Encode<C> for Day {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.i32(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Day {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_number(d.i32()?).ok_or_else(|| decode::Error::message("not a day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_round_trips_as_text_and_as_a_number() {
        for text in [
            "2021-03-04",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31",
            "0000-12-31",
        ] {
            let day: Day = text.parse().unwrap();
            assert_eq!(day.to_string(), text);
            let bytes = minicbor::to_vec(day).unwrap();
            assert_eq!(minicbor::decode::<Day>(&bytes).unwrap(), day);
        }
        let before: Day = "-000044-03-15".parse().unwrap();
        assert_eq!(Day::from_number(before.number()), Some(before));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2021-02-30", "yesterday", "2021"] {
            assert_eq!(text.parse::<Day>(), Err(JournalError::NotADay));
        }
        assert!(minicbor::decode::<Day>(&minicbor::to_vec(20_211_399).unwrap()).is_err());
    }
}
