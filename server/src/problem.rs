//! Why a whole request was not done, as `application/problem+json` (RFC 9457).

use crate::store::StoreError;
use daymark_wire::problem::Code;
use serde::Serialize;
use std::borrow::Cow;

/// A refusal of a whole request. Nothing of the request was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) detail: Cow<'static, str>,
    /// The relay's time, where the client's was off.
    pub(crate) time: Option<u64>,
}

/// As it goes over the wire.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            time: None,
        }
    }

    /// One answer for every way in which a request is not rightly signed, so that it tells nothing.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            "The request is not signed by a device that may ask this.",
        )
    }

    pub(crate) fn unknown_account() -> Self {
        Self::new(
            Code::UnknownAccount,
            "The account is not known here; register it with its whole log.",
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing here.")
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(
            Code::Unavailable,
            "The relay cannot do this now; nothing was taken. Try again later.",
        )
    }

    pub(crate) fn clock_skew(now: u64) -> Self {
        Self {
            time: Some(now),
            ..Self::new(
                Code::ClockSkew,
                "The request's time is too far from the relay's, which is given in `time`.",
            )
        }
    }

    /// The document that is sent.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let document = Document {
            kind: "about:blank",
            title: title(self.code),
            status: self.code.status(),
            detail: &self.detail,
            code: self.code.as_str(),
            time: self.time,
        };
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        match error {
            StoreError::Disk(_) | StoreError::Busy => Self::unavailable(),
            _ => Self::new(
                Code::Internal,
                "Something failed at the relay; nothing was taken.",
            ),
        }
    }
}

const fn title(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "The request cannot be read",
        Code::Unauthorized => "Not signed by a device that may ask",
        Code::ClockSkew => "The clocks differ",
        Code::Replayed => "This request came before",
        Code::UnknownAccount => "The account is not known here",
        Code::BadInvite => "The invite does not hold",
        Code::RegistrationClosed => "Nobody is registered here",
        Code::NotFound => "Not found",
        Code::MailboxGone => "The mailbox is gone",
        Code::TooLarge => "The request is too large",
        Code::RateLimited => "Too many requests",
        Code::Unavailable => "Not available now",
        Code::Internal => "Something failed",
    }
}
