//! What a sync brought of other people, said once.

use crate::{error::CliError, output::quoted, session::Session};
use daymark_client::{
    journal::Title,
    sharing::{Role, Standing, Supporter, unheard_title, unsent_title},
    vault::Vault,
};

/// How everybody stood before.
pub(super) struct Before(Vec<Supporter>);

/// Looks before a sync.
pub(super) async fn before(vault: &Vault) -> Result<Before, CliError> {
    Ok(Before(vault.supporters().await?))
}

impl Before {
    /// Says beside the output what differs now, and remembers it.
    pub(super) async fn tell(
        &mut self,
        session: &mut Session,
        vault: &Vault,
    ) -> Result<(), CliError> {
        let now = vault.supporters().await?;
        for supporter in &now {
            let mut known = self.0.iter();
            let Some(before) = known.find(|known| known.bond == supporter.bond) else {
                continue;
            };
            for line in news(before, supporter) {
                session.note(&line)?;
            }
            let ended = has_ended(supporter) && !has_ended(before);
            if !ended || before.counts.replies == 0 || supporter.role == Role::Owner {
                continue;
            }
            if before.counts.waiting > 0
                && keeps_a_draft(vault, &unsent_title(&supporter.name)).await?
            {
                session.note(&format!(
                    "What you had written to {} and could not send is kept as a draft: `daymark list`.",
                    supporter.name
                ))?;
            }
            if keeps_a_draft(vault, &unheard_title(&supporter.name)).await? {
                session.note(&format!(
                    "What you replied to {} and they may not have is kept as drafts: `daymark list`.",
                    supporter.name
                ))?;
            }
        }
        self.0 = now;
        Ok(())
    }
}

/// Whether the other side ended it.
fn has_ended(supporter: &Supporter) -> bool {
    matches!(supporter.standing, Standing::Ended { by } if by != supporter.role)
}

async fn keeps_a_draft(vault: &Vault, title: &Title) -> Result<bool, CliError> {
    let views = Box::pin(vault.views()).await?;
    let mut entries = views.iter().map(|view| &view.entry);
    Ok(entries.any(|entry| entry.draft && entry.title == *title))
}

fn news(before: &Supporter, now: &Supporter) -> Vec<String> {
    let name = &now.name;
    let mut news = Vec::new();
    match (now.role, now.standing) {
        _ if before.standing == now.standing => {}
        (Role::Owner, Standing::Active) if before.standing == Standing::Invited => {
            news.push(format!(
                "{name} accepted. Compare the number with them next: `daymark supporter verify {}`.",
                quoted(name.as_str())
            ));
        }
        (Role::Owner, Standing::Declined) => news.push(format!("{name} declined the invitation.")),
        (
            Role::Owner,
            Standing::Ended {
                by: Role::Supporter,
            },
        ) => {
            news.push(format!("{name} left."));
        }
        (Role::Supporter, Standing::Ended { by: Role::Owner }) => news.push(format!(
            "{name} ended it, and what they shared with you is wiped here."
        )),
        _ => {}
    }
    if now.muted {
        return news;
    }
    let (before, counts) = (before.counts, now.counts);
    let fresh = |now: usize, before: usize| now.saturating_sub(before);
    match (
        now.role,
        fresh(counts.replies, before.replies),
        fresh(counts.shared, before.shared),
    ) {
        (Role::Owner, 0, _) | (Role::Supporter, _, 0) => {}
        (Role::Owner, 1, _) => news.push(format!("A reply from {name} came: `daymark replies`.")),
        (Role::Owner, more, _) => {
            news.push(format!(
                "{more} replies from {name} came: `daymark replies`."
            ));
        }
        (Role::Supporter, _, 1) => {
            news.push(format!(
                "{name} shares something with you: `daymark shared list`."
            ));
        }
        (Role::Supporter, _, more) => {
            news.push(format!(
                "{name} shares {more} more with you: `daymark shared list`."
            ));
        }
    }
    news
}
