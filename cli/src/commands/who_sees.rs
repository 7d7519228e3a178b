//! `daymark who-sees`: what is shared, and with whom.

use crate::{
    error::CliError,
    exit::Exit,
    output::{on, short_id, utc},
    session::Session,
};
use clap::Args;
use daymark_client::sharing::{CopyNumber, WhoSees};
use serde::Serialize;

/// See who sees what, now
///
/// Looked up on this device only. Whether somebody has read it is not known, unless they chose to say so.
#[derive(Debug, Args)]
pub(crate) struct WhoSeesArgs {
    /// Only this entry: the beginning of its id, or @1 for the newest
    #[arg(value_name = "ENTRY")]
    entry: Option<String>,
}

#[derive(Serialize)]
struct WhoSeesJson<'w> {
    share: String,
    entry: String,
    bond: String,
    name: &'w str,
    parts: Option<String>,
    why: Option<&'w str>,
    since: Option<String>,
    until: Option<String>,
    keep_updated: bool,
    number: Option<u32>,
    waiting: bool,
    elsewhere: bool,
    differs: Option<bool>,
    seen: bool,
    replies: usize,
    taken_back: bool,
    needs_verified: bool,
    unreadable: bool,
}

impl WhoSeesArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name = match &self.entry {
            Some(entry) => Some(session.entry_name(entry).await?),
            None => None,
        };
        let vault = session.unlock().await?;
        let entry = match &name {
            Some(name) => Some(vault.find(name).await?),
            None => None,
        };
        let who = vault.who_has(entry).await?;
        vault.close().await;
        for one in &who {
            if session.json() {
                session.print_json(&WhoSeesJson::of(one))?;
            } else {
                session.print(&line(one))?;
            }
        }
        if who.is_empty() && !session.json() {
            session.print("Nobody.")?;
        }
        Ok(Exit::Done)
    }
}

fn line(one: &WhoSees) -> String {
    let parts = match &one.parts {
        Some(parts) => parts.to_string(),
        None => "parts that a newer version chose".to_owned(),
    };
    let mut line = format!(
        "{}  {}: {parts}, since {}",
        short_id(one.entry),
        one.name,
        on(one.since)
    );
    if let Some(until) = &one.until {
        line.push_str(&format!(", until {until}"));
    }
    if one.needs_verified {
        line.push_str(&format!(
            ", not kept up to date: it is sensitive by now, and {} is not verified",
            one.name
        ));
    }
    let states = [
        (
            ", kept up to date",
            one.keep_updated && !one.needs_verified && !one.unreadable,
        ),
        (
            ", the entry does not open here, so what they have stays as it is",
            one.unreadable,
        ),
        (", taken back, waits for a sync", one.taken_back),
        (", waits for a sync", one.waiting && !one.elsewhere),
        (
            ", not known to have left another device: share it again to send it from here",
            one.elsewhere && one.number.is_some(),
        ),
        (
            ", taken back on another device, which has not said so yet",
            one.number.is_none(),
        ),
        (", reads otherwise by now", one.differs == Some(true)),
        (", they said that they have seen it", one.seen),
    ];
    let states = states.iter().filter(|(_, holds)| *holds);
    line.extend(states.map(|(state, _)| *state));
    match one.replies {
        0 => {}
        1 => line.push_str(", 1 reply"),
        more => line.push_str(&format!(", {more} replies")),
    }
    if let Some(why) = &one.why {
        line.push_str(&format!("\n  why: {why}"));
    }
    line
}

impl<'w> WhoSeesJson<'w> {
    fn of(one: &'w WhoSees) -> Self {
        Self {
            share: one.share.to_string(),
            entry: one.entry.to_string(),
            bond: one.bond.to_string(),
            name: one.name.as_str(),
            parts: one.parts.as_ref().map(ToString::to_string),
            why: one.why.as_ref().map(|why| why.as_str()),
            since: utc(one.since),
            until: one.until.as_ref().map(ToString::to_string),
            keep_updated: one.keep_updated,
            number: one.number.map(CopyNumber::get),
            waiting: one.waiting,
            elsewhere: one.elsewhere,
            differs: one.differs,
            seen: one.seen,
            replies: one.replies,
            taken_back: one.taken_back,
            needs_verified: one.needs_verified,
            unreadable: one.unreadable,
        }
    }
}
