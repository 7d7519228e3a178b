//! When an entry was: now, or as the person says.

use super::EntryError;
use crate::error::CliError;
use clap::Args;
use daymark_client::journal::{Clock, JournalError, When, Zone};
use jiff::{Timestamp, civil::Time, tz::TimeZone};

/// Time and zone, as options.
#[derive(Debug, Clone, Args)]
pub(crate) struct TimeArgs {
    /// When it was: 2021-03-04T21:10, 2021-03-04, or 21:10 for today
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The zone that it was written in, like Europe/London; without it, this device's
    #[arg(long, value_name = "ZONE")]
    zone: Option<Zone>,
}

/// A time with what a person should know about how it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) when: When,
    /// The clock showed it twice: the first was taken.
    pub(crate) repeated: bool,
}

impl TimeArgs {
    /// The time of a new entry.
    pub(crate) fn of_new(&self, now: Timestamp) -> Result<Told, CliError> {
        let zone = self.zone.clone().unwrap_or_else(own_zone);
        match &self.at {
            Some(at) => told(at, &zone, now),
            None => Ok(Told {
                when: When::new(now, known(zone)?),
                repeated: false,
            }),
        }
    }

    /// The new time of an entry that has one; none when nothing was said about it.
    pub(crate) fn of_known(&self, was: &When, now: Timestamp) -> Result<Option<Told>, CliError> {
        let zone = self.zone.clone().unwrap_or_else(|| was.zone().clone());
        match (&self.at, &self.zone) {
            (None, None) => Ok(None),
            (Some(at), _) => told(at, &zone, now).map(Some),
            (None, Some(_)) => Ok(Some(Told {
                when: When::new(was.instant(), known(zone)?),
                repeated: false,
            })),
        }
    }

    /// Whether nothing was said.
    pub(crate) const fn is_empty(&self) -> bool {
        self.at.is_none() && self.zone.is_none()
    }
}

/// The zone of this system.
pub(crate) fn own_zone() -> Zone {
    Zone::from_jiff(&TimeZone::system())
}

/// The zone, if its rules are known here.
pub(crate) fn known(zone: Zone) -> Result<Zone, EntryError> {
    if zone.rules().is_some() {
        Ok(zone)
    } else {
        Err(EntryError::UnknownZone { zone })
    }
}

fn told(at: &str, zone: &Zone, now: Timestamp) -> Result<Told, CliError> {
    let read = match at.trim().parse::<Time>() {
        Ok(time) if !at.contains('-') => {
            let rules = known(zone.clone())?.rules().unwrap_or(TimeZone::UTC);
            When::from_wall(
                rules.to_datetime(now).date().to_datetime(time),
                zone.clone(),
            )
        }
        _ => When::parse(at, Some(zone)),
    };
    let (when, clock) = read.map_err(|error| match error {
        JournalError::NotAZone => EntryError::UnknownZone { zone: zone.clone() }.into(),
        JournalError::NotATime => EntryError::NotATime.into(),
        other => CliError::from(other),
    })?;
    match clock {
        Clock::Skipped => Err(EntryError::NoSuchTime {
            zone: when.zone().clone(),
        }
        .into()),
        Clock::Repeated => Ok(Told {
            when,
            repeated: true,
        }),
        Clock::Exact => Ok(Told {
            when,
            repeated: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2021-06-05T12:00:00Z".parse().unwrap()
    }

    fn read(at: Option<&str>, zone: &str) -> Result<Told, CliError> {
        let zone = Some(Zone::parse(zone).unwrap());
        TimeArgs {
            at: at.map(str::to_owned),
            zone,
        }
        .of_new(now())
    }

    fn shown(at: Option<&str>, zone: &str) -> String {
        read(at, zone).unwrap().when.to_string()
    }

    #[test]
    fn a_time_may_be_whole_or_short() {
        let london = "Europe/London";
        for (given, expected) in [
            (None, "2021-06-05T13:00:00+01:00[Europe/London]"),
            (Some("21:10"), "2021-06-05T21:10:00+01:00[Europe/London]"),
            (
                Some("2021-03-04"),
                "2021-03-04T00:00:00+00:00[Europe/London]",
            ),
            (
                Some("2021-03-04 21:10"),
                "2021-03-04T21:10:00+00:00[Europe/London]",
            ),
            (Some("2021-03-04T21:10+02:00"), "2021-03-04T21:10:00+02:00"),
            (
                Some("2021-03-04T21:10[Asia/Tokyo]"),
                "2021-03-04T21:10:00+09:00[Asia/Tokyo]",
            ),
        ] {
            assert_eq!(shown(given, london), expected, "{given:?}");
        }
    }

    #[test]
    fn a_time_that_does_not_exist_is_refused_and_one_that_is_twice_is_told() {
        let skipped = read(Some("2021-03-28 01:30"), "Europe/London").unwrap_err();
        assert_eq!(skipped.code(), "no-such-time");
        assert!(
            read(Some("2021-10-31 01:30"), "Europe/London")
                .unwrap()
                .repeated
        );
    }

    #[test]
    fn a_zone_that_nobody_knows_is_refused() {
        for at in [None, Some("21:10"), Some("2021-03-04 21:10")] {
            assert_eq!(read(at, "Mars/Olympus").unwrap_err().code(), "unknown-zone");
        }
        assert_eq!(read(Some("soon"), "UTC").unwrap_err().code(), "not-a-time");
    }

    #[test]
    fn another_zone_alone_leaves_the_moment_where_it_is() {
        let was = When::parse("2021-03-04T21:10[Europe/London]", None)
            .unwrap()
            .0;
        let args = TimeArgs {
            at: None,
            zone: Some(Zone::parse("Asia/Tokyo").unwrap()),
        };
        let told = args.of_known(&was, now()).unwrap().unwrap();
        assert_eq!(told.when.milliseconds(), was.milliseconds());
        assert_eq!(
            told.when.to_string(),
            "2021-03-05T06:10:00+09:00[Asia/Tokyo]"
        );
        let nothing = TimeArgs {
            at: None,
            zone: None,
        };
        assert_eq!(nothing.of_known(&was, now()).unwrap(), None);
    }
}
