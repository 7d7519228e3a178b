//! `daymark sync`: meets the other devices, through the relay.

use super::{
    news,
    waiting::{Heard, Wait},
};
use crate::{
    error::CliError,
    exit::Exit,
    output::{SyncJson, WatchJson, fault_exit, print_faults, print_held_up, sync_line, tell},
    session::Session,
};
use clap::Args;
use daymark_client::{
    connection::RelayError,
    sharing::SpaceId,
    sync::{SyncError, SyncReport, WatchEvent},
    vault::Vault,
};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Send what you wrote, and fetch what your other devices wrote
///
/// Also what you share and reply, and what others share with you and reply. The relay carries it and can read none of
/// it. With no network nothing is lost: what you write waits here.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Stay connected, sending and fetching at once, until interrupted
    #[arg(long)]
    watch: bool,
}

impl SyncArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let exit = if self.watch {
            watch(session, &vault).await?
        } else {
            let report = sync(session, &vault, Wait::ForAnswer).await?;
            told(session, &report)?;
            print_held_up(session, &vault, &report.held_up).await?;
            fault_exit(&report.faults)
        };
        vault.close().await;
        Ok(exit)
    }
}

/// One sync, with its progress.
pub(super) async fn sync(
    session: &mut Session,
    vault: &Vault,
    wait: Wait,
) -> Result<SyncReport, CliError> {
    let mut news = news::before(vault).await?;
    let relay = vault.relay().await?;
    let relay = relay.map_or_else(String::new, |relay| relay.url.to_string());
    let line = sync_line(session.shows_progress());
    let heard = Heard::default();
    let progress = |progress| {
        heard.note(progress);
        tell(&line, progress);
    };
    let waiting = || line.set_message(format!("Waiting for {relay}"));
    let syncing = Box::pin(vault.sync(&progress));
    let report = heard.patiently(syncing, wait, waiting).await;
    line.finish_and_clear();
    match report {
        None | Some(Err(SyncError::Relay(RelayError::Unreachable))) => {
            Err(CliError::Unreached { relay })
        }
        Some(report) => {
            let report = report?;
            news.tell(session, vault).await?;
            Ok(report)
        }
    }
}

/// Says what a sync came to.
pub(super) fn told(session: &mut Session, report: &SyncReport) -> Result<(), CliError> {
    if session.json() {
        session.print_json(&SyncJson::of(report))?;
    } else {
        session.say(&format!(
            "Sent {}, received {}.",
            report.sent, report.received
        ))?;
    }
    print_faults(session, &report.faults)
}

/// Runs until it is interrupted, which is how it ends.
async fn watch(session: &mut Session, vault: &Vault) -> Result<Exit, CliError> {
    let mut news = news::before(vault).await?;
    let mut held_up = BTreeSet::new();
    let (events, mut happened) = mpsc::unbounded_channel();
    let tell = move |event| {
        // Nobody listens when it ends just now.
        let _ = events.send(event);
    };
    let stop = session.io().stop().wished();
    let watching = vault.watch(stop, tell, &|_| ());
    tokio::pin!(watching);
    loop {
        tokio::select! {
            biased;
            Some(event) = happened.recv() => {
                seen(session, &event)?;
                if let WatchEvent::Synced(report) = event {
                    news.tell(session, vault).await?;
                    tell_held_up(session, vault, &mut held_up, report.held_up).await?;
                }
            }
            ended = &mut watching => {
                ended?;
                return Ok(Exit::Interrupted);
            }
        }
    }
}

/// Says what waits for the relay's next minute, each once while it waits.
async fn tell_held_up(
    session: &mut Session,
    vault: &Vault,
    known: &mut BTreeSet<SpaceId>,
    now: BTreeSet<SpaceId>,
) -> Result<(), CliError> {
    let new: BTreeSet<_> = now.difference(known).copied().collect();
    print_held_up(session, vault, &new).await?;
    *known = now;
    Ok(())
}

fn seen(session: &mut Session, event: &WatchEvent) -> Result<(), CliError> {
    if session.json() {
        return session.print_json(&WatchJson::of(event));
    }
    match event {
        WatchEvent::Connected => session.say("Connected.")?,
        WatchEvent::Synced(report) if report.sent + report.received == 0 => {}
        WatchEvent::Synced(report) => {
            session.say(&format!(
                "Sent {}, received {}.",
                report.sent, report.received
            ))?;
        }
        WatchEvent::Disconnected { why, again_in } => {
            let seconds = again_in.as_secs().max(1);
            session.say(&format!(
                "Not connected: {why}. Trying again in {seconds} s."
            ))?;
        }
    }
    if let WatchEvent::Synced(report) = event {
        print_faults(session, &report.faults)?;
    }
    session.flush()?;
    Ok(())
}
