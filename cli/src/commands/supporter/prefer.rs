//! `daymark supporter prefer`: what a supporter would rather not receive.

use crate::{
    commands::carrying::{carry_in, on_side},
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::Args;
use daymark_client::sharing::{BondStatus, Role, SharingError, Supporter, Topic};
use serde::Serialize;
use std::collections::BTreeSet;

/// Say what you would rather not receive from somebody
///
/// They see a gentle warning before they share an entry that they gave such a tag, area, kind or content note;
/// nobody's text is searched. What you say replaces what you said before; without options it is only shown.
#[derive(Debug, Args)]
pub(crate) struct PreferArgs {
    /// What you call them, or how it begins
    #[arg(value_name = "NAME")]
    name: String,
    /// A topic that you would rather not receive; may be given several times
    #[arg(long, value_name = "TOPIC", num_args = 1.., value_parser = topic)]
    not: Vec<Topic>,
    /// Any topic is fine
    #[arg(long, conflicts_with = "not")]
    any: bool,
}

fn topic(given: &str) -> Result<Topic, SharingError> {
    Topic::parse(given)
}

#[derive(Serialize)]
struct PreferJson<'s> {
    name: &'s str,
    not: Vec<&'s str>,
    changed: bool,
    synced: bool,
}

impl PreferArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporter = on_side(&vault, &self.name, Role::Supporter).await?;
        if self.not.is_empty() && !self.any {
            let not = vault.preferences(supporter.bond).await?;
            vault.close().await;
            tell(session, &supporter, &not, None)?;
            return Ok(Exit::Done);
        }
        let not: BTreeSet<Topic> = self.not.into_iter().collect();
        let changed = vault.prefer(supporter.bond, not.clone()).await?;
        let (synced, exit) = match changed {
            true => {
                let later = "It is kept here, and goes with the next sync.";
                let waits = |one: &BondStatus| one.waiting > 0;
                let carried = carry_in(session, &vault, supporter.bond, later, waits).await?;
                (carried.synced, carried.exit)
            }
            false => (false, Exit::Done),
        };
        vault.close().await;
        tell(session, &supporter, &not, Some((changed, synced)))?;
        Ok(exit)
    }
}

/// `done` is whether something changed and was synced, if anything was said.
fn tell(
    session: &mut Session,
    supporter: &Supporter,
    not: &BTreeSet<Topic>,
    done: Option<(bool, bool)>,
) -> Result<(), CliError> {
    let (changed, synced) = done.unwrap_or_default();
    let name = supporter.name.as_str();
    let not: Vec<_> = not.iter().map(Topic::as_str).collect();
    if session.json() {
        return session.print_json(&PreferJson {
            name,
            not,
            changed,
            synced,
        });
    }
    let said = match not.as_slice() {
        [] => format!("Any topic from {name} is fine."),
        topics => format!("Rather not from {name}: {}.", topics.join(", ")),
    };
    match done {
        None => session.print(&said),
        Some(_) => session.say(&said),
    }
}
