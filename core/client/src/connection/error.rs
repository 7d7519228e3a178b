//! What can go wrong between a vault and a relay. Work is kept in every case.

use daymark_wire::problem::Code;
use thiserror::Error;

/// Why a relay could not be used. Nothing that was written is lost.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RelayError {
    /// Not an address of a relay.
    #[error("this is not a relay's address")]
    BadAddress,
    /// Not an invite of a relay.
    #[error("this is not an invite of a relay")]
    BadInvite,
    /// The relay registers by invite, and this vault has none for it.
    #[error("this relay takes in those who have an invite, and none was given")]
    InviteNeeded,
    /// The relay's key cannot be learned safely over this address.
    #[error("without an invite, a relay is first met over https or on this machine")]
    KeyUnknown,
    /// Nothing answers there, or not in time.
    #[error("the relay cannot be reached")]
    Unreachable,
    /// Something answers, but not the relay that this vault knows.
    #[error("the answer is not from the relay that this vault knows")]
    NotTheRelay,
    /// It answers, but not in this protocol.
    #[error("what answers there does not speak this version of the protocol")]
    OtherProtocol,
    /// The relay says no.
    #[error("the relay refused: {detail}")]
    Refused {
        /// Why, as a stable code.
        code: Code,
        /// The relay's own sentence.
        detail: String,
    },
    /// The clock of this device is off by more than the relay allows.
    #[error("the clock of this device is {seconds} seconds off")]
    ClockOff {
        /// How far, ahead of the relay's if positive.
        seconds: i64,
    },
    /// The live socket closed.
    #[error("the live connection closed")]
    Closed,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
}

impl RelayError {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadAddress => "bad-relay-address",
            Self::BadInvite => "bad-invite",
            Self::InviteNeeded => "invite-needed",
            Self::KeyUnknown => "relay-key-unknown",
            Self::Unreachable | Self::Closed => "relay-unreachable",
            Self::NotTheRelay => "not-the-relay",
            Self::OtherProtocol => "other-protocol",
            Self::Refused { code, .. } => code.as_str(),
            Self::ClockOff { .. } => "clock-off",
            Self::NoRandomness => "no-randomness",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::BadAddress => {
                "An address looks like https://relay.example or http://127.0.0.1:8490."
            }
            Self::BadInvite => "Copy the whole invite, as the relay's operator gave it.",
            Self::InviteNeeded => {
                "Ask the relay's operator for one, then set the relay again with it."
            }
            Self::KeyUnknown => "Ask the operator for an invite: it carries the relay's key.",
            Self::Unreachable | Self::Closed => {
                "What you write is kept here and goes out with the next sync."
            }
            Self::NotTheRelay => {
                "The relay was set up anew, or something stands in between. Ask its operator, \
                 then set the relay again with a new invite."
            }
            Self::OtherProtocol => "Check the address, and that both sides are up to date.",
            Self::Refused { code, .. } => refusal_hint(*code),
            Self::ClockOff { .. } => "Set the clock of this device, then sync again.",
            Self::NoRandomness => "Restart the device; if it stays, its system is damaged.",
        }
    }
}

const fn refusal_hint(code: Code) -> &'static str {
    match code {
        Code::UnknownAccount => {
            "Set the relay again with a new invite: it will take the whole journal from this device."
        }
        Code::BadInvite => "Ask the relay's operator for a new invite: each works once.",
        Code::RegistrationClosed => "Ask the relay's operator, or choose another relay.",
        Code::Unauthorized => "This device may have been removed from the account.",
        Code::MailboxGone => "Start pairing again: a link works once and for two minutes.",
        Code::RateLimited => "Wait a minute, then try again.",
        Code::Unavailable | Code::Internal => {
            "The relay has trouble of its own; what you write is kept here."
        }
        Code::BadRequest | Code::ClockSkew | Code::Replayed | Code::NotFound | Code::TooLarge => {
            "If it stays, this device or the relay needs an update."
        }
    }
}
