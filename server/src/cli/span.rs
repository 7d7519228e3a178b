//! Spans of time as an operator writes them: `14d`, `36h`, `90m`.

use std::str::FromStr;
use thiserror::Error;

/// A span of time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span(pub(super) u64);

/// Not a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a span of time is a number with d, h or m, as in 14d")]
pub(super) struct NotASpan;

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let (number, unit) = text
            .char_indices()
            .next_back()
            .map(|(last, unit)| (text.get(..last), unit))
            .ok_or(NotASpan)?;
        let seconds = match unit {
            'd' => 24 * 60 * 60,
            'h' => 60 * 60,
            'm' => 60,
            _ => return Err(NotASpan),
        };
        let number: u64 = number
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 0)
            .ok_or(NotASpan)?;
        number.checked_mul(seconds).map(Self).ok_or(NotASpan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_hours_and_minutes() {
        assert_eq!("14d".parse(), Ok(Span(14 * 24 * 60 * 60)));
        assert_eq!("36h".parse(), Ok(Span(36 * 60 * 60)));
        assert_eq!("90m".parse(), Ok(Span(90 * 60)));
        for not in [
            "",
            "d",
            "14",
            "0d",
            "-1d",
            "14 d",
            "1é",
            "99999999999999999999d",
        ] {
            assert_eq!(not.parse::<Span>(), Err(NotASpan), "{not}");
        }
    }
}
