//! What can go wrong with sharing, each something that a person can act on.

use super::{BondError, ReplyId, ShareId, SharingError, Standing};
use crate::{connection::RelayError, sync::SyncError, vault::VaultError};
use daymark_core::{
    journal::{JournalError, Person},
    random::NoRandomness,
};
use thiserror::Error;

/// Why something about sharing was not done. Nothing changed then, unless a variant says otherwise.
#[derive(Debug, Error)]
pub enum ShareError {
    /// Nobody is called that.
    #[error("there is no supporter of that name")]
    UnknownSupporter {
        /// Who there is.
        known: Vec<Person>,
    },
    /// Several begin like that, or are called that.
    #[error("that may mean several supporters")]
    AmbiguousSupporter {
        /// Those, with the ids that mean one each.
        candidates: Vec<(Person, super::SpaceId)>,
    },
    /// Somebody is called that already, and two of one name could be taken for each other.
    #[error("somebody is called that already")]
    NameTaken,
    /// Only the other side of the bond does that.
    #[error("only the other side can do that: {}", side(.0))]
    OtherSide(super::Role),
    /// The bond does not stand as it must for that.
    #[error("{}", standing_says(.0))]
    NotActive(Standing),
    /// What is marked sensitive goes to verified supporters only (rule B2).
    #[error("the entry is marked sensitive, and this supporter is not verified")]
    NotVerified {
        /// Who.
        name: Person,
    },
    /// The number that was compared is not the one here.
    #[error("the numbers are not the same")]
    OtherNumber,
    /// The last day, or the time until which somebody can accept, has passed.
    #[error("that time has passed already")]
    Passed,
    /// The entry is not shared, or not with this supporter.
    #[error("this is not shared")]
    NotShared,
    /// Nothing of that name was shared with this person.
    #[error("nothing of that name is shared with you now")]
    UnknownShared,
    /// Several begin like that.
    #[error("several that were shared with you begin like that")]
    AmbiguousShared {
        /// Those, the newest first.
        candidates: Vec<ShareId>,
    },
    /// No such reply.
    #[error("there is no such reply")]
    UnknownReply,
    /// Several begin like that.
    #[error("several replies begin like that")]
    AmbiguousReply {
        /// Those, the newest first.
        candidates: Vec<ReplyId>,
    },
    /// A copy of so high a number that there is none after it.
    #[error("this was shared again too often to go on: take it back and share it anew")]
    TooOften,
    /// The relay has no open invitation of that name: it is absent, used, taken back, declined or lapsed, or was
    /// not brought there yet; or who invites is a guest of that relay, and it does not know this account. An answer
    /// that was given stays here, and goes out only if this person tries again.
    #[error(
        "this invitation cannot be answered: it was used, taken back or has lapsed, or its relay takes nobody new by it"
    )]
    NoInvitation,
    /// This person accepted that very invitation before.
    #[error("you accepted this invitation already")]
    AlreadyAccepted,
    /// The answer is stored and may have reached the relay: the next sync brings it again. The only variant after
    /// which the bond may yet come to be without this person's doing.
    #[error("the relay has not shown whether it took the answer")]
    Undecided,
    /// The bond's rules, or what a relay showed of it.
    #[error(transparent)]
    Bond(#[from] BondError),
    /// What was to be shared.
    #[error(transparent)]
    Sharing(#[from] SharingError),
    /// The relay could not be used.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// The sync did not work.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The vault could not be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<NoRandomness> for ShareError {
    fn from(error: NoRandomness) -> Self {
        Self::Vault(error.into())
    }
}

impl From<JournalError> for ShareError {
    fn from(error: JournalError) -> Self {
        Self::Vault(error.into())
    }
}

impl ShareError {
    /// The stable code that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSupporter { .. } => "unknown-supporter",
            Self::AmbiguousSupporter { .. }
            | Self::AmbiguousShared { .. }
            | Self::AmbiguousReply { .. } => "ambiguous",
            Self::NameTaken => "name-taken",
            Self::OtherSide(_) => "other-side",
            Self::NotActive(_) => "not-active",
            Self::NotVerified { .. } => "not-verified",
            Self::OtherNumber => "other-number",
            Self::Passed => "passed",
            Self::NotShared => "not-shared",
            Self::UnknownShared | Self::UnknownReply => "not-found",
            Self::TooOften => "too-often",
            Self::NoInvitation => "no-invitation",
            Self::AlreadyAccepted => "already-accepted",
            Self::Undecided => "undecided",
            Self::Bond(error) => bond_code(error),
            Self::Sharing(_) => "not-shareable",
            Self::Relay(error) => error.code(),
            Self::Sync(error) => error.code(),
            Self::Vault(error) => error.code(),
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::UnknownSupporter { .. } => "Look at the list of supporters, or invite them.",
            Self::AmbiguousSupporter { .. } => "Give the whole name, or the beginning of the id.",
            Self::NameTaken => "Choose another name for them: it is for your eyes alone.",
            Self::OtherSide(_) => "A person is on one side of a bond; the list shows which.",
            Self::NotActive(standing) => standing_hint(*standing),
            Self::NotVerified { .. } => {
                "Compare the number with them first, in person or over the phone."
            }
            Self::OtherNumber => {
                "Compare all groups again. If they differ, end the bond and invite anew, in person."
            }
            Self::Passed => "Give a time that lies ahead.",
            Self::NotShared => "Look at who sees it.",
            Self::UnknownShared => "List what was shared with you: @1 is the newest.",
            Self::AmbiguousShared { .. } | Self::AmbiguousReply { .. } => {
                "Give more digits of its id."
            }
            Self::UnknownReply => "List the replies to see their ids.",
            Self::TooOften => "Nothing was changed: they have what they had.",
            Self::NoInvitation => {
                "Ask for a new one. If it was made just now, the one who invites must sync first. If they came to the relay by an invitation themself, somebody new there needs an invite of its operator."
            }
            Self::AlreadyAccepted => "Look at the list of supporters: it says how it stands.",
            Self::Undecided => {
                "Nothing was lost. Sync in a moment: it brings the same answer again. Leave them to withdraw it."
            }
            Self::Bond(error) => bond_hint(error),
            Self::Sharing(_) => "Nothing was changed, and nothing was sent.",
            Self::Relay(error) => error.hint(),
            Self::Sync(error) => error.hint(),
            Self::Vault(error) => error.hint(),
        }
    }
}

const fn side(role: &super::Role) -> &'static str {
    match role {
        super::Role::Owner => "they share with you, and you support them",
        super::Role::Supporter => "they support you",
    }
}

/// One sentence for a person.
pub(super) const fn standing_says(standing: &Standing) -> &'static str {
    match standing {
        Standing::Invited => "nobody has answered the invitation yet",
        Standing::Lapsed => "the invitation has lapsed",
        Standing::Declined => "the invitation was declined",
        Standing::TakenBack => "the invitation was taken back",
        Standing::NotAgreed => {
            "somebody answered who cannot show that they hold the invitation: nothing is sent to them"
        }
        Standing::Active => "the bond is active",
        Standing::Paused(super::Pause::NewRoot) => {
            "the other person began with new keys: nothing is sent until you verify them again"
        }
        Standing::Paused(super::Pause::ForkedLog) => {
            "the relay showed two histories of this bond: nothing is sent until you verify them again"
        }
        Standing::Paused(super::Pause::FullLog) => {
            "its log is as long as one can be, and takes nothing but the end: nothing is sent"
        }
        Standing::Paused(super::Pause::UnreadableLog) => {
            "what the relay showed of this bond does not hold together: nothing is sent or read; all other things \
             go on"
        }
        Standing::Paused(super::Pause::Withheld) => {
            "both agreed, and the relay has not shown this device so: nothing is sent"
        }
        Standing::Ended { .. } => "the bond has ended",
    }
}

const fn standing_hint(standing: Standing) -> &'static str {
    match standing {
        Standing::Invited => "Sync once they have accepted.",
        Standing::Paused(super::Pause::NewRoot) => "Compare the number with them.",
        Standing::Paused(super::Pause::Withheld) => {
            "Sync. If it stays, ask who runs the relay, or end it."
        }
        Standing::Active => "Nothing needs to be done.",
        Standing::Paused(super::Pause::ForkedLog) => {
            "Compare the number with them: it goes on from what is known here. If it is paused again, end it and \
             invite anew."
        }
        Standing::NotAgreed | Standing::Paused(super::Pause::FullLog) => {
            "End it and invite anew, in person."
        }
        Standing::Paused(super::Pause::UnreadableLog) => {
            "Sync: the relay may show it whole again. If it stays so, end it and invite anew."
        }
        Standing::Lapsed | Standing::Declined | Standing::TakenBack => {
            "Invite them anew, if both of you want that."
        }
        Standing::Ended { .. } => {
            "If both of you want to begin again, whoever shares invites the other anew."
        }
    }
}

const fn bond_code(error: &BondError) -> &'static str {
    match error {
        BondError::NotAnInvitation | BondError::DamagedInvitation => "bad-invitation",
        BondError::NewerInvitation => "newer-version",
        BondError::OwnInvitation => "own-invitation",
        BondError::LapsedInvitation | BondError::UsedInvitation => "no-invitation",
        BondError::NoHome => "no-relay",
        BondError::OtherRelay => "other-relay",
        BondError::ForgedLogs(_)
        | BondError::OtherOwner
        | BondError::OtherHistory
        | BondError::OtherBond
        | BondError::NotAgreed => "forged-view",
        BondError::LockedOut => "locked-out",
        BondError::BadNumber { .. } | BondError::NotANumber => "bad-number",
        BondError::Random(_) => "no-randomness",
        BondError::Log(_) | BondError::Wrap(_) => "failed",
    }
}

const fn bond_hint(error: &BondError) -> &'static str {
    match error {
        BondError::NotAnInvitation => "Copy the whole of it: it begins with daymark:bond/.",
        BondError::DamagedInvitation => {
            "If it stays, something on its way to you cut it: have it sent in another way."
        }
        BondError::NewerInvitation => "Nothing was answered: the invitation waits meanwhile.",
        BondError::OwnInvitation => "They accept it in a vault of theirs.",
        BondError::LapsedInvitation | BondError::UsedInvitation => {
            "Nothing was answered. The new one is another link: this one never works again."
        }
        BondError::NoHome => "Set a relay first: it carries what you share.",
        BondError::OtherRelay => "So far this takes a vault of its own, in another folder.",
        BondError::ForgedLogs(_)
        | BondError::OtherOwner
        | BondError::OtherHistory
        | BondError::OtherBond => {
            "Nothing was answered. Ask the person who invites, not the relay, for a new invitation."
        }
        BondError::NotAgreed => "End it and invite anew, in person.",
        BondError::LockedOut => "Sync; if it stays, end the bond and invite anew.",
        BondError::BadNumber { .. } | BondError::NotANumber => {
            "Type the number as the other device shows it."
        }
        BondError::Random(_) => "Restart the device; if it stays, its system is damaged.",
        BondError::Log(_) | BondError::Wrap(_) => "Sync, then try again.",
    }
}
