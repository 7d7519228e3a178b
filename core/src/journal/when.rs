//! When an entry was: an instant, and the zone in which it was written.
//!
//! The instant is what counts and never moves. The zone says what the clock on the wall showed; a zone
//! that this machine's tables do not know is kept by its name and shown in UTC.

use super::{Day, JournalError, Zone, zone::offset_text};
use jiff::{
    Timestamp,
    civil::{DateTime, Time},
    fmt::temporal::{DateTimeParser, Pieces, TimeZoneAnnotationKind},
    tz::{AmbiguousOffset, Disambiguation, TimeZone},
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::fmt;

/// How a time on the wall was read as an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// There is exactly one such instant.
    Exact,
    /// The clocks went forward over it: read as that much later.
    Skipped,
    /// The clocks went back over it: read as the first of the two.
    Repeated,
}

/// An instant in milliseconds, and the zone in which it was written. Sorts by instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When {
    instant: Timestamp,
    zone: Zone,
}

impl When {
    /// An instant, cut to whole milliseconds, in a zone.
    #[must_use]
    pub fn new(instant: Timestamp, zone: Zone) -> Self {
        let whole = Timestamp::from_millisecond(instant.as_millisecond());
        Self {
            instant: whole.unwrap_or(instant),
            zone,
        }
    }

    /// An instant in milliseconds since 1970 (UTC).
    ///
    /// # Errors
    /// [`JournalError::TimeOutOfRange`].
    pub fn from_milliseconds(milliseconds: i64, zone: Zone) -> Result<Self, JournalError> {
        let instant = Timestamp::from_millisecond(milliseconds);
        Ok(Self {
            instant: instant.map_err(|_| JournalError::TimeOutOfRange)?,
            zone,
        })
    }

    /// What the clock on the wall showed, as an instant, and how it was read.
    ///
    /// # Errors
    /// [`JournalError::TimeOutOfRange`]; [`JournalError::NotAZone`] when the zone is unknown here.
    pub fn from_wall(wall: DateTime, zone: Zone) -> Result<(Self, Clock), JournalError> {
        let rules = zone.rules().ok_or(JournalError::NotAZone)?;
        let candidates = rules.to_ambiguous_timestamp(wall);
        let clock = match candidates.offset() {
            AmbiguousOffset::Unambiguous { .. } => Clock::Exact,
            AmbiguousOffset::Gap { .. } => Clock::Skipped,
            AmbiguousOffset::Fold { .. } => Clock::Repeated,
        };
        let instant = candidates.disambiguate(Disambiguation::Compatible);
        let instant = instant.map_err(|_| JournalError::TimeOutOfRange)?;
        Ok((Self::new(instant, zone), clock))
    }

    /// Reads RFC 9557 (`2021-03-04T21:10:00+00:00[Europe/London]`), with offset or zone left out too.
    ///
    /// With an offset the instant is exact, whatever the zone's rules say by now. Without offset and
    /// zone, `fallback` is the zone. Without a time, it is midnight.
    ///
    /// # Errors
    /// [`JournalError::NotATime`], [`JournalError::NoZone`], [`JournalError::NotAZone`],
    /// [`JournalError::TimeOutOfRange`].
    pub fn parse(given: &str, fallback: Option<&Zone>) -> Result<(Self, Clock), JournalError> {
        let pieces = DateTimeParser::new()
            .parse_pieces(given.trim())
            .map_err(|_| JournalError::NotATime)?;
        let wall = pieces
            .date()
            .to_datetime(pieces.time().unwrap_or(Time::midnight()));
        let offset = pieces.to_numeric_offset();
        let zone = match (annotated(&pieces)?, offset, fallback) {
            (Some(zone), _, _) => zone,
            (None, Some(offset), _) => Zone::fixed(offset),
            (None, None, Some(zone)) => zone.clone(),
            (None, None, None) => return Err(JournalError::NoZone),
        };
        match offset {
            None => Self::from_wall(wall, zone),
            Some(offset) => {
                let instant = offset.to_timestamp(wall);
                let instant = instant.map_err(|_| JournalError::TimeOutOfRange)?;
                Ok((Self::new(instant, zone), Clock::Exact))
            }
        }
    }

    /// Milliseconds since 1970 (UTC).
    #[must_use]
    pub fn milliseconds(&self) -> i64 {
        self.instant.as_millisecond()
    }

    /// The instant.
    #[must_use]
    pub const fn instant(&self) -> Timestamp {
        self.instant
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What the clock on the wall showed.
    #[must_use]
    pub fn wall(&self) -> DateTime {
        self.zone
            .rules()
            .unwrap_or(TimeZone::UTC)
            .to_datetime(self.instant)
    }

    /// The day on the wall's calendar.
    #[must_use]
    pub fn day(&self) -> Day {
        Day::from(self.wall().date())
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self
            .zone
            .rules()
            .unwrap_or(TimeZone::UTC)
            .to_offset(self.instant);
        let wall = offset.to_datetime(self.instant);
        write!(f, "{wall}{}", offset_text(offset))?;
        // A zone that is an offset has been said by now.
        if self.zone.is_fixed() {
            Ok(())
        } else {
            write!(f, "[{}]", self.zone)
        }
    }
}

impl<C> Encode<C> for When {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?
            .i64(self.milliseconds())?
            .str(self.zone.as_str())?
            .ok()
    }
}

impl<'b, C> Decode<'b, C> for When {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a time has two parts"));
        }
        let milliseconds = d.i64()?;
        let zone = Zone::decode(d, context)?;
        Self::from_milliseconds(milliseconds, zone)
            .map_err(|_| decode::Error::message("a time out of range"))
    }
}

fn annotated(pieces: &Pieces<'_>) -> Result<Option<Zone>, JournalError> {
    let Some(annotation) = pieces.time_zone_annotation() else {
        return Ok(None);
    };
    match annotation.kind() {
        TimeZoneAnnotationKind::Named(name) => Zone::parse(name.as_str()).map(Some),
        TimeZoneAnnotationKind::Offset(offset) => Ok(Some(Zone::fixed(*offset))),
        _ => Err(JournalError::NotAZone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> When {
        When::parse(text, None).unwrap().0
    }

    #[test]
    fn a_time_is_printed_as_it_was_read() {
        for text in [
            "2021-03-04T21:10:00+00:00[Europe/London]",
            "2021-07-04T21:10:00.25+01:00[Europe/London]",
            "1999-12-31T23:59:59+00:00[UTC]",
            "2021-03-04T21:10:00-03:30",
            "1840-01-01T12:00:00-00:01:15[Europe/London]",
            "2021-03-04T21:10:00+00:00[Mars/Olympus]",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
    }

    #[test]
    fn an_offset_settles_the_instant_even_against_the_zone() {
        let old_rules = read("2021-07-04T21:10:00+00:00[Europe/London]");
        assert_eq!(
            old_rules.to_string(),
            "2021-07-04T22:10:00+01:00[Europe/London]"
        );
    }

    #[test]
    fn offset_or_zone_may_be_left_out() {
        assert_eq!(read("2021-03-04T21:10Z").zone(), &Zone::utc());
        assert_eq!(read("2021-03-04T21:10[+00:00]").zone(), &Zone::utc());
        assert_eq!(read("2021-03-04T21:10+02").zone().as_str(), "+02:00");
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let (when, clock) = When::parse("2021-03-04", Some(&zone)).unwrap();
        assert_eq!(when.to_string(), "2021-03-04T00:00:00+01:00[Europe/Berlin]");
        assert_eq!(clock, Clock::Exact);
        assert_eq!(When::parse("2021-03-04", None), Err(JournalError::NoZone));
    }

    #[test]
    fn times_that_do_not_exist_or_exist_twice_are_read_and_said() {
        let (skipped, clock) = When::parse("2021-03-28T01:30[Europe/London]", None).unwrap();
        assert_eq!(clock, Clock::Skipped);
        assert_eq!(
            skipped.to_string(),
            "2021-03-28T02:30:00+01:00[Europe/London]"
        );
        let (repeated, clock) = When::parse("2021-10-31T01:30[Europe/London]", None).unwrap();
        assert_eq!(clock, Clock::Repeated);
        assert_eq!(
            repeated.to_string(),
            "2021-10-31T01:30:00+01:00[Europe/London]"
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert_eq!(When::parse("soon", None), Err(JournalError::NotATime));
        let unknown = Zone::parse("Mars/Olympus").unwrap();
        let wall = read("2021-03-04T21:10Z").wall();
        assert_eq!(When::from_wall(wall, unknown), Err(JournalError::NotAZone));
        assert_eq!(
            When::from_milliseconds(i64::MAX, Zone::utc()),
            Err(JournalError::TimeOutOfRange)
        );
    }

    #[test]
    fn the_day_is_that_of_the_wall() {
        let late = read("2021-03-04T23:30:00-05:00[America/New_York]");
        assert_eq!(late.day().to_string(), "2021-03-04");
        assert_eq!(late.milliseconds(), 1_614_918_600_000);
    }

    #[test]
    fn a_time_round_trips_in_cbor() {
        let when = read("2021-03-04T21:10:00.123+00:00[Europe/London]");
        let bytes = minicbor::to_vec(&when).unwrap();
        assert_eq!(minicbor::decode::<When>(&bytes).unwrap(), when);
    }
}
