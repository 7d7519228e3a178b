//! `daymark people`: the people in entries, and what stands for their names in what is shared.

mod add;
mod alias;
mod list;

use super::carrying::agree;
use crate::{error::CliError, exit::Exit, session::Session};
use clap::{Args, Subcommand};
use daymark_client::{
    journal::{Alias, Person},
    vault::Vault,
};
use serde::Serialize;
use std::collections::BTreeSet;

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

/// What is kept up to date goes to somebody anew, by itself.
fn meaning(person: &Person, alias: Option<&Alias>, reached: &BTreeSet<Person>) -> String {
    let names: Vec<_> = reached.iter().map(Person::as_str).collect();
    let names = names.join(", ");
    let reads = match alias {
        Some(alias) => format!("{person} reads as {alias}"),
        None => format!("{person} stands by name"),
    };
    format!(
        "What you share is kept up to date for {names}: with the next sync it goes there anew, and {reads} in it. Who \
         read it before can tell who is meant."
    )
}

/// Gives an alias or takes it away, and says so. Where that sends something, it is asked first.
async fn set(
    session: &mut Session,
    vault: Vault,
    person: &Person,
    alias: Option<&Alias>,
    yes: bool,
) -> Result<Exit, CliError> {
    let reached = vault.alias_reaches(person, alias).await?;
    if !reached.is_empty() {
        let question = "Change it?";
        let instead = "Add --yes to change it.";
        agree(
            session,
            yes,
            &meaning(person, alias, &reached),
            question,
            instead,
        )
        .await?;
    }
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
            "In what you share from now on, {name} reads as {alias}. What was shared before, and is not kept up to \
             date, reads as it did: share it again to change that."
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
