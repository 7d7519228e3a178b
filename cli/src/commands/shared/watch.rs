//! `daymark shared watch`: stays connected, and tells what comes.

use super::list::line;
use crate::{
    commands::news,
    error::CliError,
    exit::Exit,
    output::{SharedJson, print_faults},
    session::Session,
};
use clap::Args;
use daymark_client::{
    sharing::{CopyNumber, ShareId, Shared},
    sync::WatchEvent,
    vault::Vault,
};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Stay connected, and be told when something is shared with you
///
/// Until interrupted. You are also told when something is taken back, or a bond ends. What comes from people whom you muted waits in `daymark shared list`, and is told once you have
/// news of them again.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {}

/// What was told already.
type Known = BTreeSet<(ShareId, CopyNumber)>;

impl WatchArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let mut known = vault.shared().await?.iter().map(key).collect();
        let mut news = news::before_showing(&vault).await?;
        let (events, mut happened) = mpsc::unbounded_channel();
        let tell = move |event| {
            // Nobody listens when it ends just now.
            let _ = events.send(event);
        };
        let stop = session.io().stop().wished();
        let watching = vault.watch(stop, tell, &|_| ());
        tokio::pin!(watching);
        let ended = loop {
            tokio::select! {
                biased;
                Some(event) = happened.recv() => {
                    happen(session, &vault, &mut known, &event).await?;
                    news.tell(session, &vault).await?;
                }
                ended = &mut watching => break ended,
            }
        };
        ended?;
        Ok(Exit::Interrupted)
    }
}

async fn happen(
    session: &mut Session,
    vault: &Vault,
    known: &mut Known,
    event: &WatchEvent,
) -> Result<(), CliError> {
    match event {
        WatchEvent::Connected => session.note("Connected.")?,
        WatchEvent::Synced(report) => print_faults(session, &report.faults)?,
        WatchEvent::Disconnected { why, again_in } => {
            let seconds = again_in.as_secs().max(1);
            let note = format!("Not connected: {why}. Trying again in {seconds} s.");
            return session.note(&note);
        }
    }
    let muted: BTreeSet<_> = vault
        .supporters()
        .await?
        .into_iter()
        .filter(|supporter| supporter.muted)
        .map(|supporter| supporter.bond)
        .collect();
    // Oldest first, as it came.
    for shared in vault.shared().await?.iter().rev() {
        // What waits of somebody who is muted is told once they are not.
        if muted.contains(&shared.bond) || !known.insert(key(shared)) {
            continue;
        }
        if session.json() {
            session.print_json(&SharedJson::of(shared))?;
        } else {
            session.print(&line(shared))?;
        }
    }
    Ok(session.flush()?)
}

const fn key(shared: &Shared) -> (ShareId, CopyNumber) {
    (shared.share, shared.number)
}
