//! What the verbs of sharing have in common: the way to the other person, and a yes before something leaves.
//!
//! Everything is stored first. Where no relay can be reached it goes with the next sync, and that is no error.

use super::{sync, waiting::Wait};
use crate::{
    error::CliError,
    exit::Exit,
    output::{fault_exit, print_faults, print_held_up, sentence},
    session::Session,
};
use daymark_client::{
    sharing::{BondStatus, Role, ShareError, SpaceId, Standing, Supporter},
    sync::SyncError,
    vault::Vault,
};

/// How far something has come that was stored here to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    /// Whether a sync took it along, and left nothing of it.
    pub(super) synced: bool,
    /// How the command ends.
    pub(super) exit: Exit,
}

/// Syncs after something was stored. Where that does not work, says why, and what is `later`.
pub(super) async fn carry(
    session: &mut Session,
    vault: &Vault,
    later: &str,
) -> Result<Carried, CliError> {
    let why = match sync::sync(session, vault, Wait::ALittle).await {
        Ok(report) => {
            print_faults(session, &report.faults)?;
            print_held_up(session, vault, &report.held_up).await?;
            return Ok(Carried {
                synced: report.held_up.is_empty(),
                exit: fault_exit(&report.faults),
            });
        }
        Err(CliError::Interrupted) => return Err(CliError::Interrupted),
        Err(why) => why,
    };
    if matches!(why, CliError::Sync(SyncError::Running)) {
        session.note("A sync is running on this device already, and takes it along.")?;
    } else {
        session.note(&format!("{} {later}", sentence(&why.to_string())))?;
    }
    let is_offline = matches!(why.exit(), Exit::Unreachable | Exit::Busy);
    let no_relay = matches!(why, CliError::Sync(SyncError::NoRelay));
    let exit = match is_offline || no_relay {
        true => Exit::Done,
        false => Exit::Partly,
    };
    Ok(Carried {
        synced: false,
        exit,
    })
}

/// The same for what was stored in one bond: a sync that worked took it along only where nothing of it `waits` any
/// more, whatever keeps it.
pub(super) async fn carry_in(
    session: &mut Session,
    vault: &Vault,
    bond: SpaceId,
    later: &str,
    waits: impl Fn(&BondStatus) -> bool,
) -> Result<Carried, CliError> {
    let mut carried = carry(session, vault, later).await?;
    let bonds = vault.status().await?.bonds;
    carried.synced &= !bonds.iter().any(|one| one.bond == bond && waits(one));
    Ok(carried)
}

/// The bond that a name means. Where an invitation is open here, the relay is asked first whether it was answered.
pub(super) async fn meet(
    session: &mut Session,
    vault: &Vault,
    name: &str,
) -> Result<Supporter, CliError> {
    let known = vault.find_supporter(name).await?;
    if known.role != Role::Owner || known.standing != Standing::Invited {
        return Ok(known);
    }
    hear(session, vault).await?;
    Ok(vault.find_supporter(name).await?)
}

/// Syncs before something is said that another device, or the other person, may have changed. Where that does not
/// work, says why: what is known here is said then.
pub(super) async fn hear(session: &mut Session, vault: &Vault) -> Result<(), CliError> {
    match sync::sync(session, vault, Wait::ALittle).await {
        Ok(report) => print_faults(session, &report.faults),
        Err(CliError::Interrupted) => Err(CliError::Interrupted),
        Err(why) => session.note(&sentence(&why.to_string())),
    }
}

/// The bond that a name means, if this person is on that side of it and it is not over.
pub(super) async fn on_side(vault: &Vault, name: &str, side: Role) -> Result<Supporter, CliError> {
    let known = vault.find_supporter(name).await?;
    if known.role != side {
        return Err(ShareError::OtherSide(side).into());
    }
    if known.standing.is_over() {
        return Err(ShareError::NotActive(known.standing).into());
    }
    Ok(known)
}

/// Says what something means, and asks for a yes, unless it was given already.
pub(super) async fn agree(
    session: &mut Session,
    given: bool,
    meaning: &str,
    question: &str,
    instead: &'static str,
) -> Result<(), CliError> {
    if given {
        return session.say(meaning);
    }
    // Somebody who reads JSON has not read what it means.
    if session.json() || !session.can_ask() {
        return Err(crate::io::AskError::Nobody {
            why: "somebody has to say yes to this, and nobody can be asked here",
            instead,
        }
        .into());
    }
    session.print(meaning)?;
    let question = crate::output::escaped(question).into_owned();
    match session.io().confirm(&question).await? {
        true => Ok(()),
        false => Err(CliError::LeftAsItIs),
    }
}
