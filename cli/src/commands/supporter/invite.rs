//! `daymark supporter invite`: asks somebody to be a supporter.

use crate::{
    commands::{
        carrying::{Carried, carry},
        sync,
        waiting::Wait,
    },
    error::CliError,
    exit::Exit,
    output::{on, picture, quoted, utc},
    session::Session,
};
use clap::Args;
use daymark_client::{
    journal::{OwnerName, Person},
    sharing::{BondError, Invitation, ShareError},
    vault::Vault,
};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::Serialize;
use std::str::FromStr;

/// The shortest time for an answer: less is over before somebody has typed it.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// The longest: a link that lies about for longer is better made anew.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Invite somebody to be your supporter
///
/// Shows a link and a picture of it, to hand to them yourself: whoever has it can accept, once. Nothing is shared
/// by it. When they have accepted, compare a number with `daymark supporter verify`, then choose what to share with
/// `daymark share`. If you came to your relay as somebody's supporter yourself, who is new there needs an invite of its
/// operator, too: `daymark relay set` takes it.
#[derive(Debug, Args)]
pub(crate) struct InviteArgs {
    /// What you call them; only you see it
    #[arg(value_name = "NAME")]
    name: Person,
    /// How long they have to answer, like 14d or 36h; at most 90 days
    #[arg(long, value_name = "DURATION", default_value = "14d")]
    expires: Lasts,
    /// How you want to be shown to them; without it, no name is in the link
    #[arg(long = "as", value_name = "OWNER_NAME")]
    shown_as: Option<OwnerName>,
}

/// How long an invitation is open.
#[derive(Debug, Clone, Copy)]
struct Lasts(SignedDuration);

impl FromStr for Lasts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span = text.parse::<Span>().ok();
        let lasts = span.and_then(|span| {
            let days = SpanRelativeTo::days_are_24_hours();
            span.to_duration(days).ok()
        });
        let lasts = lasts.ok_or("say it like 14d or 36h")?;
        if (SHORTEST..=LONGEST).contains(&lasts) {
            Ok(Self(lasts))
        } else {
            Err("it can be a minute at least and 90 days at most")
        }
    }
}

#[derive(Serialize)]
struct InvitedJson<'i> {
    name: &'i str,
    bond: String,
    link: &'i str,
    expires: Option<String>,
    synced: bool,
}

impl InviteArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let expires = Timestamp::now().saturating_add(self.expires.0).ok();
        let expires = expires.unwrap_or(Timestamp::MAX);
        let vault = session.unlock().await?;
        let invitation = self.invite(session, &vault, expires).await?;
        let carried = carry(
            session,
            &vault,
            "The invitation is kept here, and goes with the next sync.",
        )
        .await?;
        vault.close().await;
        self.show(session, &invitation, expires, carried)?;
        Ok(carried.exit)
    }

    /// A bond lives at the relay: one that was set and never met is met first.
    async fn invite(
        &self,
        session: &mut Session,
        vault: &Vault,
        expires: Timestamp,
    ) -> Result<Invitation, CliError> {
        let shown_as = self.shown_as.as_ref();
        match vault.invite(&self.name, shown_as, expires).await {
            Err(ShareError::Bond(BondError::NoHome)) if vault.relay().await?.is_some() => {
                sync::sync(session, vault, Wait::ForAnswer).await?;
                Ok(vault.invite(&self.name, shown_as, expires).await?)
            }
            invited => Ok(invited?),
        }
    }

    fn show(
        &self,
        session: &mut Session,
        invitation: &Invitation,
        expires: Timestamp,
        carried: Carried,
    ) -> Result<(), CliError> {
        let (name, link) = (self.name.as_str(), invitation.to_string());
        if session.json() {
            return session.print_json(&InvitedJson {
                name,
                bond: invitation.bond().to_string(),
                link: &link,
                expires: utc(expires),
                synced: carried.synced,
            });
        }
        let shows = session.io().terminal().out;
        session.note(&format!(
            "Hand this link to {name} yourself, in person if you can: whoever has it can accept in their place, \
             once, until {}.\nThey run `daymark supporter accept - --name NAME`, and paste it:",
            on(expires)
        ))?;
        if shows && let Some(picture) = picture(&link) {
            session.print(&picture)?;
        }
        session.print(&link)?;
        session.flush()?;
        if !carried.synced {
            session.note("It can be accepted once your next sync has brought it to the relay.")?;
        }
        session.note(&format!(
            "Nothing is shared by this. When they have accepted, compare the number with them: \
             `daymark supporter verify {}`.",
            quoted(name)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_for_an_answer_is_bounded() {
        for (text, hours) in [
            ("14d", Some(14 * 24)),
            ("36h", Some(36)),
            ("2w", Some(14 * 24)),
            ("1d12h", Some(36)),
            ("90d", Some(90 * 24)),
            ("91d", None),
            ("30s", None),
            ("-1d", None),
            ("1 month", None),
            ("14", None),
            ("", None),
        ] {
            let lasts = text.parse::<Lasts>().ok();
            assert_eq!(lasts.map(|lasts| lasts.0.as_hours()), hours, "{text}");
        }
    }
}
