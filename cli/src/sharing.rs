//! What went wrong with sharing: its exit code, and hints that name commands.

use crate::{
    exit::Exit,
    output::{more_of_the_id, quoted, told_apart},
};
use daymark_client::{
    journal::Person,
    sharing::{BondError, Pause, Role, ShareError, SharingError, SpaceId, Standing},
};
use std::{borrow::Cow, collections::BTreeSet};

/// What to do about it, on the command line.
pub(crate) fn hint(error: &ShareError) -> Cow<'static, str> {
    let hint = match error {
        ShareError::UnknownSupporter { known } if known.is_empty() => {
            "There is nobody yet: `daymark supporter invite NAME` invites somebody."
        }
        ShareError::UnknownSupporter { known } => {
            return format!("Those whom you know here: {}.", names(known)).into();
        }
        ShareError::AmbiguousSupporter { candidates } => {
            return which(candidates).into();
        }
        ShareError::OtherSide(Role::Owner) => {
            "To end it on your side there is `daymark supporter leave`. `daymark supporter list` shows who is on which side."
        }
        ShareError::OtherSide(Role::Supporter) => {
            "To end it on your side there is `daymark supporter end`. `daymark supporter list` shows who is on which side."
        }
        ShareError::NotVerified { name } => {
            return format!(
                "Compare the number with {name} first, in person or over the phone: `daymark supporter verify {}`.",
                quoted(name.as_str())
            )
            .into();
        }
        ShareError::NoInvitation => {
            "Ask for a new one. If it was made just now, the one who invites must sync first. If they came to that relay by an invitation themself, somebody new there needs an invite of its operator: `daymark relay set URL --invite -`, then this again."
        }
        ShareError::AlreadyAccepted => "`daymark supporter list` shows how it stands.",
        ShareError::NotActive(Standing::Invited) => {
            "It begins once they have accepted and both of you have synced."
        }
        ShareError::NotActive(Standing::Paused(Pause::NewRoot)) => {
            "`daymark supporter verify NAME` shows the number to compare with them."
        }
        ShareError::NotShared => "`daymark who-sees` shows what is shared, and with whom.",
        ShareError::UnknownShared => "`daymark shared list` shows what is: @1 is the newest.",
        ShareError::AmbiguousShared { candidates } => return more_of_the_id(candidates).into(),
        ShareError::UnknownReply => {
            "`daymark replies --all` shows them with their ids, and `daymark replies --sent` those that you sent."
        }
        ShareError::AmbiguousReply { candidates } => return more_of_the_id(candidates).into(),
        ShareError::Sharing(SharingError::AliasSaysName) => {
            "An alias like \"a neighbour\" keeps the name out of what you share."
        }
        ShareError::Bond(BondError::NoHome) => {
            "Set one with `daymark relay set` first: it carries what you share."
        }
        ShareError::Bond(BondError::OtherRelay) => {
            "So far this takes a vault of its own: make one with --vault and `daymark init`, and accept there."
        }
        other => other.hint(),
    };
    hint.into()
}

/// What the shell sees.
pub(crate) const fn exit(error: &ShareError) -> Exit {
    match error {
        ShareError::UnknownSupporter { .. }
        | ShareError::AmbiguousSupporter { .. }
        | ShareError::NotShared
        | ShareError::UnknownShared
        | ShareError::AmbiguousShared { .. }
        | ShareError::UnknownReply
        | ShareError::AmbiguousReply { .. } => Exit::NotFound,
        ShareError::NameTaken
        | ShareError::OtherSide(_)
        | ShareError::Passed
        | ShareError::Sharing(_) => Exit::Usage,
        ShareError::NoInvitation | ShareError::Undecided => Exit::Refused,
        ShareError::OtherNumber
        | ShareError::NotActive(Standing::NotAgreed | Standing::Paused(_)) => Exit::Distrusted,
        ShareError::Bond(error) => bond_exit(error),
        _ => Exit::Failed,
    }
}

const fn bond_exit(error: &BondError) -> Exit {
    match error {
        BondError::NotAnInvitation
        | BondError::DamagedInvitation
        | BondError::OwnInvitation
        | BondError::BadNumber { .. }
        | BondError::NotANumber => Exit::Usage,
        BondError::NewerInvitation => Exit::Newer,
        BondError::LapsedInvitation | BondError::UsedInvitation => Exit::Refused,
        BondError::ForgedLogs(_)
        | BondError::OtherOwner
        | BondError::OtherHistory
        | BondError::OtherBond
        | BondError::NotAgreed
        | BondError::LockedOut => Exit::Distrusted,
        _ => Exit::Failed,
    }
}

/// Which name is meant; with ids where two devices gave one name to two people.
fn which(candidates: &[(Person, SpaceId)]) -> String {
    let (people, ids): (Vec<_>, Vec<_>) = candidates
        .iter()
        .map(|(name, id)| (name.clone(), id.to_string()))
        .unzip();
    let different: BTreeSet<_> = people
        .iter()
        .map(|name| name.as_str().to_lowercase())
        .collect();
    if different.len() == people.len() {
        return format!("Give the whole name: {}.", names(&people));
    }
    let named = people.iter().zip(told_apart(&ids));
    let named: Vec<_> = named.map(|(name, id)| format!("{name} ({id})")).collect();
    format!(
        "Give the id in place of the name: {}. `daymark supporter list` shows how each stands.",
        named.join(", ")
    )
}

fn names(people: &[Person]) -> String {
    let mut names: Vec<_> = people.iter().map(Person::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_one_name_are_told_apart_by_their_ids() {
        let one =
            |name: &str, id: u8| (Person::parse(name).unwrap(), SpaceId::from_bytes([id; 16]));
        let told = which(&[one("mum", 0xa1), one("Mum", 0xb2)]);
        assert!(told.contains("mum (a1a1a1a1), Mum (b2b2b2b2)"), "{told}");
        let told = which(&[one("Zoe", 0xa1), one("Zora", 0xb2)]);
        assert_eq!(told, "Give the whole name: Zoe, Zora.");
    }
}
