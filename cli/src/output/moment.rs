//! Moments of the machine's clock.

use jiff::{Timestamp, tz::TimeZone};

/// Milliseconds since 1970 as `2021-03-04T21:10:00Z`.
pub(crate) fn iso(milliseconds: u64) -> Option<String> {
    moment(milliseconds).map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The same for a person, in this system's zone.
pub(crate) fn ago(milliseconds: Option<u64>) -> String {
    match milliseconds.and_then(moment) {
        Some(moment) => {
            let here = moment.to_zoned(TimeZone::system());
            here.strftime("%-d %B %Y, %H:%M").to_string()
        }
        None => "not yet".to_owned(),
    }
}

/// A moment for a script.
pub(crate) fn utc(moment: Timestamp) -> Option<String> {
    iso(u64::try_from(moment.as_millisecond()).ok()?)
}

/// A moment for a person, in this system's zone.
pub(crate) fn on(moment: Timestamp) -> String {
    ago(u64::try_from(moment.as_millisecond()).ok())
}

fn moment(milliseconds: u64) -> Option<Timestamp> {
    let milliseconds = i64::try_from(milliseconds).ok()?;
    Timestamp::from_millisecond(milliseconds).ok()
}
