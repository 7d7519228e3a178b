//! Moments of the machine's clock, for `status`.

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

fn moment(milliseconds: u64) -> Option<Timestamp> {
    let milliseconds = i64::try_from(milliseconds).ok()?;
    Timestamp::from_millisecond(milliseconds).ok()
}
