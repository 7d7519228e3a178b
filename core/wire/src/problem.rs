//! Refusals with a stable code, the same for relay and client (`application/problem+json`, RFC 9457).

use std::{fmt, str::FromStr};

/// Why a relay did not do what a whole request asked. What concerns single links or records is in the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body or a parameter is not what it should be.
    BadRequest,
    /// No valid signature of a device that may ask.
    Unauthorized,
    /// The time in the request is too far from the relay's; `time` in the problem is the relay's.
    ClockSkew,
    /// The same signed request came before.
    Replayed,
    /// The relay does not know the account; registering needs its genesis and, mostly, an invite.
    UnknownAccount,
    /// The invite is unknown, used or expired.
    BadInvite,
    /// The relay registers nobody.
    RegistrationClosed,
    /// No such path, mailbox or thing.
    NotFound,
    /// The mailbox was taken by another device, or its time is over.
    MailboxGone,
    /// The body is longer than the protocol allows.
    TooLarge,
    /// Too many requests or links; try again later.
    RateLimited,
    /// The relay is starting, stopping, or its disk is full.
    Unavailable,
    /// Something failed at the relay; nothing was taken.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::ClockSkew,
        Self::Replayed,
        Self::UnknownAccount,
        Self::BadInvite,
        Self::RegistrationClosed,
        Self::NotFound,
        Self::MailboxGone,
        Self::TooLarge,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The text that stands in `code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Unauthorized => "unauthorized",
            Self::ClockSkew => "clock-skew",
            Self::Replayed => "replayed",
            Self::UnknownAccount => "unknown-account",
            Self::BadInvite => "bad-invite",
            Self::RegistrationClosed => "registration-closed",
            Self::NotFound => "not-found",
            Self::MailboxGone => "mailbox-gone",
            Self::TooLarge => "too-large",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized | Self::ClockSkew | Self::Replayed => 401,
            Self::UnknownAccount | Self::BadInvite | Self::RegistrationClosed => 403,
            Self::NotFound => 404,
            Self::MailboxGone => 410,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the relay gave a code that this version does not know")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCode)
    }
}
