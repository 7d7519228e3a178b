//! `daymark sync`: meets the other devices, through the relay.

use super::news;
use crate::{
    error::CliError,
    exit::Exit,
    output::{SyncJson, WatchJson, fault_exit, print_faults, print_held_up, sync_line, tell},
    session::Session,
};
use clap::Args;
use daymark_client::{
    sync::{SyncReport, WatchEvent},
    vault::Vault,
};
use tokio::sync::mpsc;

/// Send what you wrote, and fetch what your other devices wrote
///
/// The relay carries it and can read none of it. With no network nothing is lost: what you write waits here.
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
            let report = sync(session, &vault).await?;
            told(session, &report)?;
            print_held_up(session, &vault, &report.held_up).await?;
            fault_exit(&report.faults)
        };
        vault.close().await;
        Ok(exit)
    }
}

/// One sync, with its progress.
pub(super) async fn sync(session: &mut Session, vault: &Vault) -> Result<SyncReport, CliError> {
    let mut news = news::before(vault).await?;
    let line = sync_line(session.shows_progress());
    let report = vault.sync(&|progress| tell(&line, progress)).await;
    line.finish_and_clear();
    let report = report?;
    news.tell(session, vault).await?;
    Ok(report)
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
                if matches!(event, WatchEvent::Synced(_)) {
                    news.tell(session, vault).await?;
                }
            }
            ended = &mut watching => {
                ended?;
                return Ok(Exit::Interrupted);
            }
        }
    }
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
