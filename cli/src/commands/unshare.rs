//! `daymark unshare`: takes an entry back.

use super::carrying::carry;
use crate::{error::CliError, exit::Exit, output::short_id, session::Session};
use clap::Args;
use daymark_client::sharing::{CopyNumber, Role, ShareError};
use serde::Serialize;

/// Take an entry back that you shared
///
/// The copy is deleted at the relay, and on their devices as these hear of it. It does not reach what somebody
/// remembers, photographed or copied. What they replied stays with you, until you delete it, and
/// they can list it still (`daymark replies --sent`).
#[derive(Debug, Args)]
pub(crate) struct UnshareArgs {
    /// The beginning of its id, or @1 for the newest, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// From whom; without it, from everybody
    #[arg(long = "with", value_name = "NAME")]
    with: Option<String>,
}

#[derive(Serialize)]
struct UnsharedJson {
    entry: String,
    ended: usize,
    synced: bool,
}

impl UnshareArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name = session.entry_name(&self.entry).await?;
        let vault = session.unlock().await?;
        let entry = vault.find(&name).await?;
        let bond = match &self.with {
            None => None,
            Some(name) => {
                let supporter = vault.find_supporter(name).await?;
                if supporter.role != Role::Owner {
                    return Err(ShareError::OtherSide(Role::Owner).into());
                }
                Some(supporter.bond)
            }
        };
        let before = vault.who_sees(Some(entry)).await?;
        let mut before = before
            .iter()
            .filter(|one| bond.is_none_or(|bond| bond == one.bond) && !one.taken_back);
        let waited = before
            .all(|one| one.waiting && !one.elsewhere && one.number == Some(CopyNumber::FIRST));
        let ended = vault.unshare(entry, bond).await?;
        let (later, so) = match waited {
            true => (
                "Nothing of it goes with the next sync.",
                "As far as this device knows, it had not left.",
            ),
            false => (
                "Their copy is deleted once a sync works.",
                "What they read, they have read.",
            ),
        };
        let carried = carry(session, &vault, later).await?;
        let mut have = vault.who_has(Some(entry)).await?;
        have.retain(|one| one.taken_back);
        vault.close().await;
        if session.json() {
            session.print_json(&UnsharedJson {
                entry: entry.to_string(),
                ended,
                synced: carried.synced && have.is_empty(),
            })?;
        } else {
            let from = match ended {
                1 => "1 supporter".to_owned(),
                more => format!("{more} supporters"),
            };
            session.say(&format!(
                "Taken back from {from}: {}. {so}",
                short_id(entry)
            ))?;
            let names: Vec<_> = have.iter().map(|one| one.name.as_str()).collect();
            if carried.synced && !names.is_empty() {
                session.note(&format!(
                    "It is not gone there yet: {}. `daymark status` says what waits.",
                    names.join(", ")
                ))?;
            }
        }
        Ok(carried.exit)
    }
}
