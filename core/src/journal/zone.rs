//! The zone in which an entry was written: a name or an offset, kept as it is.

use super::JournalError;
use jiff::tz::{Offset, TimeZone};
use minicbor::{Decode, Encode};
use std::{fmt, str::FromStr};

/// A time zone by name (`Europe/London`, `UTC`) or as an offset (`+02:00`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Zone(#[n(0)] String);

impl Zone {
    const MAX_BYTES: usize = 64;

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// Reads a name or an offset. Only its form is checked: another machine may know other zones.
    ///
    /// # Errors
    /// [`JournalError::NotAZone`].
    pub fn parse(given: &str) -> Result<Self, JournalError> {
        let name = given.trim();
        if matches!(name, "Z" | "z") {
            return Ok(Self::utc());
        }
        if name.starts_with(['+', '-']) {
            return offset_of(name)
                .map(Self::fixed)
                .ok_or(JournalError::NotAZone);
        }
        let well_formed = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= Self::MAX_BYTES
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        if well_formed {
            Ok(Self(name.to_owned()))
        } else {
            Err(JournalError::NotAZone)
        }
    }

    /// A zone that never changes its offset.
    #[must_use]
    pub fn fixed(offset: Offset) -> Self {
        if offset == Offset::UTC {
            Self::utc()
        } else {
            Self(offset_text(offset))
        }
    }

    /// The zone of a jiff zone; one that has neither name nor fixed offset counts as UTC.
    #[must_use]
    pub fn from_jiff(zone: &TimeZone) -> Self {
        match (zone.iana_name(), zone.to_fixed_offset()) {
            (Some(name), _) => Self(name.to_owned()),
            (None, Ok(offset)) => Self::fixed(offset),
            (None, Err(_)) => Self::utc(),
        }
    }

    /// The rules of the zone; `None` when this machine does not know it.
    #[must_use]
    pub fn rules(&self) -> Option<TimeZone> {
        if self.0 == "UTC" {
            return Some(TimeZone::UTC);
        }
        if self.is_fixed() {
            return offset_of(&self.0).map(Offset::to_time_zone);
        }
        TimeZone::get(&self.0).ok()
    }

    pub(super) fn is_fixed(&self) -> bool {
        self.0.starts_with(['+', '-'])
    }

    /// The name or offset.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Zone {
    type Err = JournalError;

    fn from_str(given: &str) -> Result<Self, JournalError> {
        Self::parse(given)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `+02:00`, with seconds only where old local times have them.
pub(super) fn offset_text(offset: Offset) -> String {
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    let all = offset.seconds().unsigned_abs();
    let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
    if seconds == 0 {
        format!("{sign}{hours:02}:{minutes:02}")
    } else {
        format!("{sign}{hours:02}:{minutes:02}:{seconds:02}")
    }
}

/// Reads `+02`, `+0200`, `+02:00` and `+02:00:00`.
fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| {
        digits
            .get(from..from + 2)
            .map_or(Some(0), |two| two.parse().ok())
    };
    let (hours, minutes, seconds): (i32, i32, i32) = (part(0)?, part(2)?, part(4)?);
    if minutes > 59 || seconds > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60 + seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_offsets_are_read() {
        for zone in [
            "Europe/London",
            "UTC",
            "Etc/GMT+5",
            "America/Port-au-Prince",
            "+05:45",
        ] {
            assert_eq!(Zone::parse(zone).unwrap().as_str(), zone);
        }
        for utc in ["Z", "z", " +00:00 ", "-00"] {
            assert_eq!(Zone::parse(utc).unwrap(), Zone::utc());
        }
        assert_eq!(Zone::parse("-0330").unwrap().as_str(), "-03:30");
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for zone in [
            "",
            "a b",
            "+25:99",
            "+1",
            "+é",
            "\u{1b}[0m",
            "é",
            "+02:00:00:00",
        ] {
            assert_eq!(Zone::parse(zone), Err(JournalError::NotAZone), "{zone}");
        }
    }

    #[test]
    fn a_zone_of_jiff_keeps_its_name_or_offset() {
        let london = TimeZone::get("Europe/London").unwrap();
        assert_eq!(Zone::from_jiff(&london).as_str(), "Europe/London");
        let fixed = TimeZone::fixed(Offset::constant(-5));
        assert_eq!(Zone::from_jiff(&fixed).as_str(), "-05:00");
        assert_eq!(Zone::from_jiff(&TimeZone::UTC), Zone::utc());
        assert!(Zone::parse("Mars/Olympus").unwrap().rules().is_none());
    }
}
