//! `daymark people`: the people in entries, and what stands for their names in what is shared.

mod add;
mod alias;
mod list;

use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};
use daymark_client::{
    journal::{Alias, Person},
    vault::Vault,
};
use serde::Serialize;

/// People in your entries, and the aliases that stand for their names in what you share
#[derive(Debug, Args)]
pub(crate) struct PeopleArgs {
    #[command(subcommand)]
    command: PeopleCommand,
}

#[derive(Debug, Subcommand)]
enum PeopleCommand {
    List(list::ListArgs),
    Add(add::AddArgs),
    Alias(alias::AliasArgs),
}

impl PeopleArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        match self.command {
            PeopleCommand::List(args) => args.run(session).await,
            PeopleCommand::Add(args) => args.run(session).await,
            PeopleCommand::Alias(args) => args.run(session).await,
        }
    }
}

#[derive(Serialize)]
struct PersonJson<'p> {
    name: &'p str,
    alias: Option<&'p str>,
}

#[derive(Serialize)]
struct AliasJson<'p> {
    name: &'p str,
    alias: Option<&'p str>,
    changed: bool,
}

/// A person on a line of their own, or as JSON.
fn print(session: &mut Session, person: &Person, alias: Option<&Alias>) -> Result<(), CliError> {
    let (name, alias) = (person.as_str(), alias.map(Alias::as_str));
    match alias {
        _ if session.json() => session.print_json(&PersonJson { name, alias }),
        Some(alias) => session.print(&format!("{name}  → {alias}")),
        None => session.print(name),
    }
}

/// Gives an alias or takes it away, and says so.
async fn set(
    session: &mut Session,
    vault: Vault,
    person: &Person,
    alias: Option<&Alias>,
) -> Result<Exit, CliError> {
    let before = vault.alias_of(person).await?;
    let changed = vault.set_alias(person, alias).await?;
    let says_a_name = match alias {
        Some(alias) => vault.says_a_name(alias).await?,
        None => false,
    };
    vault.close().await;
    let (name, alias) = (person.as_str(), alias.map(Alias::as_str));
    if session.json() {
        session.print_json(&AliasJson {
            name,
            alias,
            changed,
        })?;
        return Ok(Exit::Done);
    }
    session.say(&match (alias, changed) {
        (Some(alias), true) => format!(
            "In what you share from now on, {name} reads as {alias}. What was shared before reads as it did: share it \
             again to change that."
        ),
        (Some(alias), false) => format!("{name} reads as {alias} already."),
        (None, true) => format!("{name} has no alias any more: the name itself is shared."),
        (None, false) => format!("{name} has no alias."),
    })?;
    if let (Some((known, before)), true) = (before, changed) {
        session.note(&format!("Before, {known} read as {before}."))?;
    }
    if says_a_name {
        session.note(
            "That alias says the name of somebody else who has one, and is shared as it stands: choose another, if \
             that name is not to be read.",
        )?;
    }
    Ok(Exit::Done)
}
