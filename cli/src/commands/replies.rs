//! `daymark replies`: what supporters replied.

use crate::{
    error::CliError,
    exit::Exit,
    output::{on, short_id, utc},
    session::Session,
};
use clap::Args;
use daymark_client::sharing::{OwnReply, ReceivedReply};
use serde::Serialize;

/// Read what your supporters replied, newest first
///
/// They are not told that you read it. A reply stays when what it answers was taken back or has had its last day: hide it
/// with `daymark reply hide`, delete it with `daymark reply delete`. With --sent, what you replied yourself to people whom you support: `daymark reply take-back` takes it back.
#[derive(Debug, Args)]
pub(crate) struct RepliesArgs {
    /// Also what you hid, and what people whom you muted replied
    #[arg(long)]
    all: bool,
    /// What you replied yourself, instead
    #[arg(long, conflicts_with = "all")]
    sent: bool,
}

#[derive(Serialize)]
struct OwnReplyJson<'r> {
    id: String,
    bond: String,
    name: &'r str,
    share: String,
    text: &'r str,
    since: Option<String>,
    waiting: bool,
}

#[derive(Serialize)]
struct ReplyJson<'r> {
    id: String,
    bond: String,
    name: &'r str,
    share: String,
    entry: Option<String>,
    text: &'r str,
    received: Option<String>,
    hidden: bool,
}

impl RepliesArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        if self.sent {
            return sent(session).await;
        }
        let vault = session.unlock().await?;
        let all = vault.replies().await?;
        let shown = match self.all {
            true => all.clone(),
            false => unmuted(&all),
        };
        vault.close().await;
        for reply in &shown {
            if session.json() {
                session.print_json(&ReplyJson::of(reply))?;
            } else {
                session.print(&lines(reply))?;
            }
        }
        let rest = all.len() - shown.len();
        if rest > 0 {
            session.note(&format!("… and {rest} hidden or muted: --all shows them."))?;
        } else if all.is_empty() {
            session.note("There are no replies.")?;
        }
        Ok(Exit::Done)
    }
}

/// What this person replied.
async fn sent(session: &mut Session) -> Result<Exit, CliError> {
    let vault = session.unlock().await?;
    let all = vault.own_replies().await?;
    vault.close().await;
    for reply in &all {
        if session.json() {
            session.print_json(&OwnReplyJson::of(reply))?;
        } else {
            session.print(&own_lines(reply))?;
        }
    }
    if all.is_empty() {
        session.note("You have replied to nothing that is still there.")?;
    }
    Ok(Exit::Done)
}

fn unmuted(all: &[ReceivedReply]) -> Vec<ReceivedReply> {
    let shown = all.iter().filter(|reply| !reply.hidden && !reply.muted);
    shown.cloned().collect()
}

/// A reply, with what it says.
pub(super) fn lines(reply: &ReceivedReply) -> String {
    let about = match reply.entry {
        Some(entry) => format!(" on {}", short_id(entry)),
        None => String::new(),
    };
    let hidden = if reply.hidden { " (hidden)" } else { "" };
    let mut lines = format!(
        "{}  {}{about}, came {}{hidden}",
        short_id(reply.id.document),
        reply.name,
        on(reply.received)
    );
    quote(&mut lines, reply.text.as_str());
    lines
}

/// A reply of this person's own, with what it says.
pub(super) fn own_lines(reply: &OwnReply) -> String {
    let about = short_id(reply.share);
    let waiting = match reply.waiting {
        true => " (waits for a sync)",
        false => "",
    };
    let mut lines = format!(
        "{}  to {} on {about}, {}{waiting}",
        short_id(reply.id.document),
        reply.name,
        on(reply.since)
    );
    quote(&mut lines, reply.text.as_str());
    lines
}

/// What a reply says stands apart from what is said about it.
fn quote(lines: &mut String, text: &str) {
    for line in text.lines() {
        lines.push_str("\n  ");
        lines.push_str(line);
    }
}

impl<'r> OwnReplyJson<'r> {
    fn of(reply: &'r OwnReply) -> Self {
        Self {
            id: reply.id.document.to_string(),
            bond: reply.bond.to_string(),
            name: reply.name.as_str(),
            share: reply.share.to_string(),
            text: reply.text.as_str(),
            since: utc(reply.since),
            waiting: reply.waiting,
        }
    }
}

impl<'r> ReplyJson<'r> {
    fn of(reply: &'r ReceivedReply) -> Self {
        Self {
            id: reply.id.document.to_string(),
            bond: reply.bond.to_string(),
            name: reply.name.as_str(),
            share: reply.share.to_string(),
            entry: reply.entry.map(|entry| entry.to_string()),
            text: reply.text.as_str(),
            received: utc(reply.received),
            hidden: reply.hidden,
        }
    }
}
