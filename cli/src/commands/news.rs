//! What a sync brought of other people, said once.

use crate::{error::CliError, output::quoted, session::Session};
use daymark_client::{
    journal::Title,
    sharing::{Role, Standing, Supporter, unheard_title, unsent_title},
    vault::Vault,
};

/// How everybody stood before.
pub(super) struct Before {
    supporters: Vec<Supporter>,
    /// Whether what is shared anew is told here. Who watches for it is shown the thing itself.
    tells_shared: bool,
}

/// Looks before a sync.
pub(super) async fn before(vault: &Vault) -> Result<Before, CliError> {
    Ok(Before {
        supporters: vault.supporters().await?,
        tells_shared: true,
    })
}

/// The same, for a command that shows by itself what is shared anew.
pub(super) async fn before_showing(vault: &Vault) -> Result<Before, CliError> {
    Ok(Before {
        tells_shared: false,
        ..before(vault).await?
    })
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
            let mut known = self.supporters.iter();
            let Some(before) = known.find(|known| known.bond == supporter.bond) else {
                continue;
            };
            for line in self.news(before, supporter) {
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
        self.supporters = now;
        Ok(())
    }

    fn news(&self, before: &Supporter, now: &Supporter) -> Vec<String> {
        let mut news = Vec::from_iter(standing(before, now));
        if now.muted {
            return news;
        }
        match now.role {
            Role::Owner => news.extend(replied(before, now)),
            Role::Supporter => {
                news.extend(shared(before, now).filter(|_| self.tells_shared));
                news.extend(taken_back(before, now));
            }
        }
        news
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

/// What there is to say of how the bond stands now.
fn standing(before: &Supporter, now: &Supporter) -> Option<String> {
    let name = &now.name;
    Some(match (now.role, now.standing) {
        _ if before.standing == now.standing => return None,
        (Role::Owner, Standing::Active) if before.standing == Standing::Invited => {
            format!(
                "{name} accepted. Compare the number with them next: `daymark supporter verify {}`.",
                quoted(name.as_str())
            )
        }
        (Role::Owner, Standing::Declined) => format!("{name} declined the invitation."),
        (
            Role::Owner,
            Standing::Ended {
                by: Role::Supporter,
            },
        ) => format!("{name} left."),
        (Role::Supporter, Standing::Ended { by: Role::Owner }) => {
            format!("{name} ended it, and what they shared with you is wiped here.")
        }
        _ => return None,
    })
}

fn replied(before: &Supporter, now: &Supporter) -> Option<String> {
    let name = &now.name;
    match now.counts.replies.saturating_sub(before.counts.replies) {
        0 => None,
        1 => Some(format!("A reply from {name} came: `daymark replies`.")),
        more => Some(format!(
            "{more} replies from {name} came: `daymark replies`."
        )),
    }
}

fn shared(before: &Supporter, now: &Supporter) -> Option<String> {
    let name = &now.name;
    match now.counts.shared.saturating_sub(before.counts.shared) {
        0 => None,
        1 => Some(format!(
            "{name} shares something with you: `daymark shared list`."
        )),
        more => Some(format!(
            "{name} shares {more} more with you: `daymark shared list`."
        )),
    }
}

/// Taken back, or past its last day. An end is said by itself.
fn taken_back(before: &Supporter, now: &Supporter) -> Option<String> {
    let fewer = before.counts.shared.saturating_sub(now.counts.shared);
    if fewer == 0 || before.standing != now.standing {
        return None;
    }
    let name = &now.name;
    Some(match fewer {
        1 => format!("Something that {name} shared is not shared any more, and is wiped here."),
        more => {
            format!("{more} things that {name} shared are not shared any more, and are wiped here.")
        }
    })
}
