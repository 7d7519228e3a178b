//! `daymark supporter accept`: agrees to be somebody's supporter, or declines.

use super::link;
use crate::{
    commands::carrying::{agree, carry},
    error::CliError,
    exit::Exit,
    output::{in_quotes, on, quoted, utc},
    session::Session,
};
use clap::Args;
use daymark_client::{
    journal::Person,
    sharing::{Considered, ShareError},
    vault::Vault,
};
use serde::Serialize;

/// Accept somebody's invitation to be their supporter
///
/// Shows who invites, what you can receive and what the relay learns, and asks. It takes a journal of your own
/// (`daymark init`), which may stay empty and which nobody else sees; the relay of the invitation becomes its relay
/// where it had none, and needs no invite of its operator, unless whoever invites came to that relay by an invitation
/// themself: then `daymark relay set` with an invite comes first. A journal that has another relay cannot accept so
/// far: make a second one with --vault. You can leave again at any time.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The link that they gave you, or - to read it from standard input: wrapped, quoted, or with text around it
    #[arg(value_name = "LINK")]
    link: String,
    /// What you call them; only you see it
    #[arg(long, value_name = "NAME", required_unless_present = "decline")]
    name: Option<Person>,
    /// Accept without being asked
    #[arg(long)]
    yes: bool,
    /// Decline: they learn of it, and of nothing else
    #[arg(long, conflicts_with = "name")]
    decline: bool,
}

#[derive(Serialize)]
struct AnsweredJson<'a> {
    bond: String,
    name: Option<&'a str>,
    owner_name: Option<String>,
    relay: &'a str,
    lapses: Option<String>,
    accepted: bool,
    synced: bool,
}

impl AcceptArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let ended = self.answer(session).await;
        if self.link == "-" {
            // What was pasted with the link and came late is no command for the shell.
            session.io().forget_typed_ahead();
        }
        ended
    }

    async fn answer(&self, session: &mut Session) -> Result<Exit, CliError> {
        let link = link::given(session, &self.link).await?;
        let vault = session.unlock().await?;
        // Who said yes to it before has seen what it means.
        if self.name.is_some()
            && let Some((considered, name)) = vault.bring_answer(&link).await.map_err(unanswered)?
        {
            let exit = accepted(session, &vault, &considered, &name).await?;
            vault.close().await;
            return Ok(exit);
        }
        let considered = vault.consider(&link).await.map_err(unanswered)?;
        let exit = match &self.name {
            Some(name) => self.accept(session, &vault, &considered, name).await?,
            None => decline(session, &considered).await?,
        };
        vault.close().await;
        Ok(exit)
    }

    async fn accept(
        &self,
        session: &mut Session,
        vault: &Vault,
        considered: &Considered,
        name: &Person,
    ) -> Result<Exit, CliError> {
        agree(
            session,
            self.yes,
            &meaning(considered),
            &format!("Accept, and call them {name}?"),
            "Add --yes to accept it, or --decline.",
        )
        .await?;
        considered.accept(name).await?;
        accepted(session, vault, considered, name).await
    }
}

/// The relay has the yes.
async fn accepted(
    session: &mut Session,
    vault: &Vault,
    considered: &Considered,
    name: &Person,
) -> Result<Exit, CliError> {
    let carried = carry(session, vault, "What they share comes with the next sync.").await?;
    if session.json() {
        session.print_json(&AnsweredJson {
            name: Some(name.as_str()),
            accepted: true,
            synced: carried.synced,
            ..AnsweredJson::of(considered)
        })?;
    } else {
        session.say(&format!(
            "Accepted. Once {name} has synced, compare the number with them: `daymark supporter verify {}`. \
             What they share is in `daymark shared list`.",
            quoted(name.as_str())
        ))?;
    }
    Ok(carried.exit)
}

/// A relay that cannot be reached was not told, and nothing is kept that it could be told later.
fn unanswered(error: ShareError) -> CliError {
    match error {
        ShareError::Relay(error) => CliError::Unanswered(error),
        error => error.into(),
    }
}

async fn decline(session: &mut Session, considered: &Considered) -> Result<Exit, CliError> {
    considered.decline().await.map_err(unanswered)?;
    if session.json() {
        session.print_json(&AnsweredJson::of(considered))?;
    } else {
        session.say("Declined. They hear of it with their next sync; nothing was kept here.")?;
    }
    Ok(Exit::Done)
}

impl<'a> AnsweredJson<'a> {
    fn of(considered: &'a Considered) -> Self {
        Self {
            bond: considered.bond().to_string(),
            name: None,
            owner_name: considered.owner_name().map(|name| name.to_string()),
            relay: considered.relay(),
            lapses: utc(considered.lapses()),
            accepted: false,
            synced: false,
        }
    }
}

/// What a person says yes to.
fn meaning(considered: &Considered) -> String {
    let who = match considered.owner_name() {
        Some(name) => format!(
            "Somebody who calls themself {} invites you to be their supporter. Nothing vouches for that name but the \
             person who gave you the link.",
            in_quotes(name.as_str())
        ),
        None => "You are invited to be somebody's supporter. The link says no name: go by who gave it to you."
            .to_owned(),
    };
    let relay = considered.relay();
    let home = match considered.becomes_home() {
        true => " It becomes the relay of your own journal too, which has none yet.",
        false => "",
    };
    format!(
        "{who}\n\n\
         You can receive single entries, or parts of them, that they choose, and reply. You see nothing else of \
         their journal, and they see nothing of yours. Nobody is told when you read something, and you owe no \
         reply.\n\n\
         The relay ({relay}) learns that your two accounts have a bond, and when and about how much is sent; never \
         what it says.{home} The other's program can see how many devices each of you uses.\n\n\
         Either of you can end it at any time; what was shared with you is then wiped here. The invitation is \
         open until {}.\n",
        on(considered.lapses())
    )
}
