//! `daymark share`: shows what a supporter would read, and shares it.

mod preview;
mod terms;

use super::carrying::{agree, carry, hear, meet};
use crate::{error::CliError, exit::Exit, output::short_id, session::Session};
use clap::Args;
use daymark_client::{
    DocumentId,
    journal::{Day, Person, Reason},
    sharing::{Parts, Preview, Role, ShareError, ShareId, Standing, Supporter, WhoSees},
    vault::{EntryName, Vault},
};
use preview::PreviewJson;
use serde::Serialize;
use terms::Terms;

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
    /// What of it, with commas between: title, text, answers, answer:"QUESTION", tags, time, day, kind
    #[arg(long, value_name = "PARTS", default_value = "title,text")]
    parts: Parts,
    /// Why, for your own eyes
    #[arg(long, value_name = "TEXT")]
    why: Option<Reason>,
    /// The last day on which they have it, like 2021-03-04; without it there is none, and sharing again keeps the one
    /// there was
    #[arg(long, value_name = "DATE")]
    until: Option<Day>,
    /// Take the last day away that was set before
    #[arg(long, conflicts_with = "until")]
    no_until: bool,
    /// Share it again by itself whenever you change the entry, without asking; `daymark edit` names who gets it
    #[arg(long)]
    keep_updated: bool,
    /// Share it by itself no more
    #[arg(long, conflicts_with = "keep_updated")]
    no_keep_updated: bool,
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
        let mut drawn = self.draw(session, vault, entry).await;
        // Another device may have compared the number, or taken the entry back.
        if drawn
            .as_ref()
            .map_or_else(is_unverified, |drawn| drawn.had.is_some() && !self.preview)
        {
            hear(session, vault).await?;
            drawn = self.draw(session, vault, entry).await;
        }
        let Drawn {
            supporters,
            preview,
            terms,
            had,
        } = drawn?;
        let shared = vault.read(entry).await?.entry;
        if self.preview && session.json() {
            let is_sensitive = shared.sensitive;
            session.print_json(&PreviewJson::of(
                &preview,
                &supporters,
                &terms,
                is_sensitive,
            ))?;
            return Ok(Exit::Done);
        }
        let about = preview::about(&shared, &vault.people().await?);
        let shown = preview::lines(&preview, &supporters, &terms, &about);
        if self.preview {
            session.print(&shown)?;
            return Ok(Exit::Done);
        }
        if let Some(shares) = had {
            return told(session, &preview, &shares, None);
        }
        let question = match preview.receivers.iter().any(|receiver| receiver.again) {
            true => "Share it, in place of what they have?",
            false => "Share it?",
        };
        let instead = "Add --yes to share it, or --preview to see what they would read.";
        agree(session, self.yes, &shown, question, instead).await?;
        let shares = vault
            .share_on_terms(&preview, |bond| terms::of(&terms, bond))
            .await?;
        let carried = carry(
            session,
            vault,
            "The copy is kept here, and goes with the next sync.",
        )
        .await?;
        let stand = vault.who_sees(Some(entry)).await?;
        let sent = !stand
            .iter()
            .any(|known| known.waiting && shares.contains(&known.share));
        let names = preview
            .receivers
            .iter()
            .map(|receiver| receiver.name.clone());
        let shares: Vec<_> = shares.into_iter().zip(names).collect();
        let (stand, gone): (Vec<_>, Vec<_>) = shares
            .into_iter()
            .partition(|(share, _)| stand.iter().any(|known| known.share == *share));
        let without = who_went_without(vault, &gone).await?;
        if stand.is_empty() {
            return Err(CliError::NotHad { who: without });
        }
        told(session, &preview, &stand, Some(sent))?;
        if !without.is_empty() {
            session.note(&format!("But not with {without}."))?;
            return Ok(Exit::Partly);
        }
        Ok(carried.exit)
    }

    /// What they would read, and who has it like that, as far as is known here.
    async fn draw(
        &self,
        session: &mut Session,
        vault: &Vault,
        entry: DocumentId,
    ) -> Result<Drawn, CliError> {
        let supporters = self.supporters(session, vault).await?;
        let bonds: Vec<_> = supporters.iter().map(|supporter| supporter.bond).collect();
        let preview = vault.preview(entry, &self.parts, &bonds).await?;
        let known = vault.who_sees(Some(entry)).await?;
        let terms = self.terms(&preview, &known);
        let had = self.shared_like_this(&preview, &known, &terms);
        Ok(Drawn {
            supporters,
            preview,
            terms,
            had,
        })
    }

    /// On which terms each of them has it from now on: what is not said stays as it is.
    fn terms(&self, preview: &Preview, known: &[WhoSees]) -> Vec<Terms> {
        let of = |bond| {
            let before = known.iter().find(|known| known.bond == bond);
            let (until, updated) =
                before.map_or((None, false), |known| (known.until, known.keep_updated));
            Terms {
                bond,
                why: self.why.clone(),
                until: self.until.or(until.filter(|_| !self.no_until)),
                until_before: until,
                keep_updated: self.keep_updated || updated && !self.no_keep_updated,
                updated_before: updated,
            }
        };
        preview.receivers.iter().map(|one| of(one.bond)).collect()
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

    /// The share of each of them, if all have it already, as it reads now and on the same terms.
    fn shared_like_this(
        &self,
        preview: &Preview,
        known: &[WhoSees],
        terms: &[Terms],
    ) -> Option<Vec<(ShareId, Person)>> {
        let receivers = preview.receivers.iter().zip(terms);
        let theirs = receivers.map(|(receiver, terms)| {
            let is_same = |known: &&WhoSees| {
                known.bond == receiver.bond
                    && known.until == terms.until
                    && known.keep_updated == terms.keep_updated
                    && known.parts.as_ref() == Some(&self.parts)
                    && (self.why.is_none() || known.why == self.why)
            };
            let known = known.iter().find(is_same).filter(|_| receiver.same)?;
            Some((known.share, receiver.name.clone()))
        });
        theirs.collect()
    }
}

/// See [`ShareArgs::draw`].
struct Drawn {
    supporters: Vec<Supporter>,
    preview: Preview,
    terms: Vec<Terms>,
    /// The share of each of them, if there is nothing to send.
    had: Option<Vec<(ShareId, Person)>>,
}

const fn is_unverified(error: &CliError) -> bool {
    matches!(error, CliError::Share(ShareError::NotVerified { .. }))
}

/// Who did not get it, as the sync has shown, and why.
async fn who_went_without(vault: &Vault, gone: &[(ShareId, Person)]) -> Result<String, CliError> {
    let supporters = vault.supporters().await?;
    let why = |name: &Person| {
        let known = supporters.iter().find(|known| known.name == *name);
        match known.map(|known| known.standing) {
            Some(Standing::Ended {
                by: Role::Supporter,
            }) => "they left",
            Some(Standing::Active) => "another device of yours took it back",
            _ => "it has ended",
        }
    };
    let without = gone
        .iter()
        .map(|(_, name)| format!("{name} ({})", why(name)));
    Ok(without.collect::<Vec<_>>().join(", "))
}

/// `synced` is none where nothing had to be done.
fn told(
    session: &mut Session,
    preview: &Preview,
    shares: &[(ShareId, Person)],
    synced: Option<bool>,
) -> Result<Exit, CliError> {
    let names: Vec<_> = shares.iter().map(|(_, name)| name.as_str()).collect();
    if session.json() {
        let shares = shares.iter().map(|(share, name)| ShareJson {
            share: share.to_string(),
            name: name.to_string(),
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
