//! `daymark supporter leave`: a supporter ends a bond.

use crate::{
    commands::carrying::{agree, carry_in, on_side},
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::Args;
use daymark_client::{
    sharing::{Role, Standing, Supporter},
    vault::Vault,
};
use serde::Serialize;

/// Leave somebody whom you support
///
/// What they shared with you is wiped from your devices, and your replies are deleted. They see that you left, and
/// not why. Where you accepted, and the relay has not said whether it took that, your yes is withdrawn.
#[derive(Debug, Args)]
pub(crate) struct LeaveArgs {
    /// What you call them, or how it begins
    #[arg(value_name = "NAME")]
    name: String,
    /// Leave without being asked
    #[arg(long)]
    yes: bool,
}

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// The owner.
    Ended,
    /// The supporter.
    Left,
}

#[derive(Serialize)]
struct PartedJson<'s> {
    name: &'s str,
    bond: String,
    synced: bool,
}

impl LeaveArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporter = on_side(&vault, &self.name, Role::Supporter).await?;
        if supporter.since.is_none() {
            return withdraw(self.yes, session, vault, &supporter).await;
        }
        let name = &supporter.name;
        let meaning = format!(
            "What {name} shared with you is wiped from your devices, and your replies are deleted. They see that you \
             left, and not why. What you wrote and did not send yet goes too. To \
             come back you need a new invitation."
        );
        let question = format!("Leave {name}?");
        agree(
            session,
            self.yes,
            &meaning,
            &question,
            "Add --yes to leave.",
        )
        .await?;
        vault.leave_bond(supporter.bond).await?;
        parted(session, vault, &supporter, Parting::Left).await
    }
}

/// Of a yes of which nothing was heard.
async fn withdraw(
    given: bool,
    session: &mut Session,
    vault: Vault,
    supporter: &Supporter,
) -> Result<Exit, CliError> {
    let name = &supporter.name;
    let meaning = format!(
        "Your yes to {name} is sent no more. Where the relay took it all the same, they are told that you agreed: \
         then ask them to end it."
    );
    let question = format!("Withdraw your yes to {name}?");
    let instead = "Add --yes to withdraw it.";
    agree(session, given, &meaning, &question, instead).await?;
    vault.leave_bond(supporter.bond).await?;
    vault.close().await;
    if session.json() {
        session.print_json(&PartedJson {
            name: name.as_str(),
            bond: supporter.bond.to_string(),
            synced: false,
        })?;
    } else {
        session.say("Withdrawn.")?;
    }
    Ok(Exit::Done)
}

/// It is over here at once; the other side hears of it with a sync.
pub(super) async fn parted(
    session: &mut Session,
    vault: Vault,
    supporter: &Supporter,
    parting: Parting,
) -> Result<Exit, CliError> {
    let later = match supporter.standing {
        Standing::Invited => "It is closed at the relay with your next sync.",
        _ => "They hear of it after your next sync.",
    };
    let carried = carry_in(session, &vault, supporter.bond, later, |one| one.ending).await?;
    let after = vault.supporters().await?;
    let came_to_be = after.iter().any(|known| {
        known.bond == supporter.bond && matches!(known.standing, Standing::Ended { .. })
    });
    vault.close().await;
    let name = supporter.name.as_str();
    if session.json() {
        session.print_json(&PartedJson {
            name,
            bond: supporter.bond.to_string(),
            synced: carried.synced,
        })?;
    } else {
        let was_invited = supporter.standing == Standing::Invited;
        let told = match (parting, carried.synced) {
            (Parting::Ended, true) if was_invited && came_to_be => {
                format!(
                    "{name} had accepted it already. Ended: they hear of it with their next sync."
                )
            }
            (Parting::Ended, true) if was_invited => {
                "Taken back: nobody can accept it any more.".to_owned()
            }
            (Parting::Ended, false) if was_invited => {
                "Taken back here. Until a sync has said so, whoever has the link can still accept it.".to_owned()
            }
            (Parting::Ended, true) => format!("Ended. {name} hears of it with their next sync."),
            (Parting::Ended, false) => {
                format!(
                    "Ended here. Until a sync has said so, {name} keeps what they have: `daymark status` says what \
                     waits."
                )
            }
            (Parting::Left, true) => format!("You left. {name} hears of it with their next sync."),
            (Parting::Left, false) => format!(
                "You left; nothing of it is here any more. {name} hears of it after a sync: `daymark status` says what \
                 waits."
            ),
        };
        session.say(&told)?;
    }
    Ok(carried.exit)
}
