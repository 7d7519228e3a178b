//! `daymark share`: shows what a supporter would read, and shares it.

mod preview;

use super::carrying::{agree, carry, meet};
use crate::{error::CliError, exit::Exit, output::short_id, session::Session};
use clap::Args;
use daymark_client::{
    journal::{Day, Reason},
    sharing::{HowToShare, Parts, Preview, Role, ShareError, ShareId, Supporter, WhoSees},
    vault::{EntryName, Vault},
};
use preview::PreviewJson;
use serde::Serialize;

/// What the names of standing pages begin with.
const PAGE: &str = "page:";

/// Share an entry with supporters
///
/// Shows exactly what they will read, and asks. They get a copy of the chosen parts as they read now, with aliases
/// in place of names: nothing that was deleted before, and nothing you write later, unless you share it again or
/// have it kept up to date. You can take it back with `daymark unshare`; that does not reach what somebody remembers,
/// photographed or copied.
#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    /// The beginning of its id, or @1 for the newest, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// With whom: what you call them, or how it begins; may be given several times. They learn nothing of each other
    #[arg(long = "with", value_name = "NAME", required = true)]
    with: Vec<String>,
    /// What of it: title, text, answers, answer:"QUESTION", tags, time, day, kind
    #[arg(long, value_name = "PARTS", default_value = "title,text")]
    parts: Parts,
    /// Why, for your own eyes
    #[arg(long, value_name = "TEXT")]
    why: Option<Reason>,
    /// The last day on which they have it, like 2021-03-04
    #[arg(long, value_name = "DATE")]
    until: Option<Day>,
    /// Share it again by itself whenever you change the entry; this shows them when you edit
    #[arg(long)]
    keep_updated: bool,
    /// Only show what they would read
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Share it without being asked
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct SharedWithJson {
    entry: String,
    shares: Vec<ShareJson>,
    changed: bool,
    synced: bool,
}

#[derive(Serialize)]
struct ShareJson {
    share: String,
    name: String,
}

impl ShareArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        if self.entry.starts_with(PAGE) {
            return Err(CliError::NoPages);
        }
        let name = session.entry_name(&self.entry).await?;
        let vault = session.unlock().await?;
        let exit = self.with_vault(session, &vault, &name).await;
        vault.close().await;
        exit
    }

    async fn with_vault(
        &self,
        session: &mut Session,
        vault: &Vault,
        name: &EntryName,
    ) -> Result<Exit, CliError> {
        let entry = vault.find(name).await?;
        let supporters = self.supporters(session, vault).await?;
        let bonds: Vec<_> = supporters.iter().map(|supporter| supporter.bond).collect();
        let preview = vault.preview(entry, &self.parts, &bonds).await?;
        if self.preview && session.json() {
            session.print_json(&PreviewJson::of(&preview, &supporters))?;
            return Ok(Exit::Done);
        }
        let shown = preview::lines(&preview, &supporters);
        if self.preview {
            session.print(&shown)?;
            return Ok(Exit::Done);
        }
        let known = vault.who_sees(Some(entry)).await?;
        if self.is_shared_like_this(&preview, &known) {
            let shares = known.iter().map(|known| known.share).collect();
            return told(session, &preview, shares, None);
        }
        let question = match preview.receivers.iter().any(|receiver| receiver.again) {
            true => "Share it, in place of what they have?",
            false => "Share it?",
        };
        let instead = "Add --yes to share it, or --preview to see what they would read.";
        agree(session, self.yes, &shown, question, instead).await?;
        let how = HowToShare {
            why: self.why.clone(),
            until: self.until,
            keep_updated: self.keep_updated,
        };
        let shares = vault.share(&preview, &how).await?;
        let carried = carry(
            session,
            vault,
            "The copy is kept here, and goes with the next sync.",
        )
        .await?;
        let sent = !are_waiting(vault, &preview, &shares).await?;
        told(session, &preview, shares, Some(sent))?;
        Ok(carried.exit)
    }

    async fn supporters(
        &self,
        session: &mut Session,
        vault: &Vault,
    ) -> Result<Vec<Supporter>, CliError> {
        let mut supporters: Vec<Supporter> = Vec::with_capacity(self.with.len());
        for name in &self.with {
            let supporter = meet(session, vault, name).await?;
            if supporter.role != Role::Owner {
                return Err(ShareError::OtherSide(Role::Owner).into());
            }
            if supporters.iter().all(|known| known.bond != supporter.bond) {
                supporters.push(supporter);
            }
        }
        Ok(supporters)
    }

    /// Whether all of them have it already, as it reads now and on the same terms.
    fn is_shared_like_this(&self, preview: &Preview, known: &[WhoSees]) -> bool {
        preview.receivers.iter().all(|receiver| {
            let mut theirs = known.iter().filter(|known| known.bond == receiver.bond);
            receiver.same
                && self.why.is_none()
                && theirs.any(|known| {
                    known.until == self.until
                        && known.keep_updated == self.keep_updated
                        && known.parts.as_ref() == Some(&self.parts)
                })
        })
    }
}

/// Whether a sync left some of them here.
async fn are_waiting(
    vault: &Vault,
    preview: &Preview,
    shares: &[ShareId],
) -> Result<bool, CliError> {
    let known = vault.who_sees(Some(preview.entry)).await?;
    Ok(known
        .iter()
        .any(|known| known.waiting && shares.contains(&known.share)))
}

/// `synced` is none where nothing had to be done.
fn told(
    session: &mut Session,
    preview: &Preview,
    shares: Vec<ShareId>,
    synced: Option<bool>,
) -> Result<Exit, CliError> {
    let names = preview
        .receivers
        .iter()
        .map(|receiver| receiver.name.as_str());
    let names: Vec<_> = names.collect();
    if session.json() {
        let shares = shares.iter().zip(&names).map(|(share, name)| ShareJson {
            share: share.to_string(),
            name: (*name).to_owned(),
        });
        session.print_json(&SharedWithJson {
            entry: preview.entry.to_string(),
            shares: shares.collect(),
            changed: synced.is_some(),
            synced: synced.unwrap_or_default(),
        })?;
        return Ok(Exit::Done);
    }
    let (entry, names) = (short_id(preview.entry), names.join(", "));
    session.say(&match synced {
        None => format!("{names}: they have it already, as it reads now."),
        Some(true) => format!(
            "Shared {entry} with {names}. You are not told when it is read, unless they choose to say so."
        ),
        Some(false) => format!("Shared {entry} with {names}, as soon as a sync brings it there."),
    })?;
    Ok(Exit::Done)
}
