//! `daymark-relay serve`.

use super::{CliError, Place, settings::SettingsError};
use crate::{Registration, Relay, Settings};
use clap::Args;
use std::{
    io::{self, Write},
    net::SocketAddr,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// The arguments.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen: plain HTTP, for a reverse proxy that ends TLS. Default: 127.0.0.1:8490.
    #[arg(long, value_name = "ADDR", env = "DAYMARK_RELAY_LISTEN")]
    listen: Option<SocketAddr>,
    /// Who may register an account. Default: invite.
    #[arg(
        long,
        value_name = "invite|open|closed",
        env = "DAYMARK_RELAY_REGISTRATION"
    )]
    registration: Option<Registration>,
    /// How many MiB of records one account may keep. Default: 4096.
    #[arg(long, value_name = "MIB", env = "DAYMARK_RELAY_QUOTA")]
    quota: Option<u32>,
    /// How much to say on stderr: error, warn, info, debug, trace. Default: info.
    #[arg(long, value_name = "LEVEL", env = "DAYMARK_RELAY_LOG")]
    log: Option<String>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let (data, file) = self.place.read()?;
        let mut settings = Settings::new(data);
        settings.listen = self.listen.or(file.listen).unwrap_or(settings.listen);
        settings.registration = self
            .registration
            .or(file.registration)
            .unwrap_or(settings.registration);
        if let Some(quota) = self.quota.or(file.quota) {
            settings.quota = u64::from(quota) * MIB;
        }
        start_log(self.log.or(file.log))?;

        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let relay = Relay::start(settings).await?;
        let key = hex::encode(relay.key().as_bytes());
        let mut stdout = io::stdout();
        writeln!(stdout, "listening on http://{}, key {key}", relay.address())?;
        stdout.flush()?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        relay.stop().await?;
        Ok(())
    }
}

/// Logs to stderr: this crate at the level asked for, what it is built on at warnings only, so that no
/// library's trace shows a header or a frame.
fn start_log(level: Option<String>) -> Result<(), SettingsError> {
    let level = level.unwrap_or_else(|| "info".to_owned());
    if !["error", "warn", "info", "debug", "trace"].contains(&level.as_str()) {
        return Err(SettingsError::Level(level));
    }
    let filter = EnvFilter::new(format!("warn,daymark_relay={level}"));
    // Fails only where a log was started before, which then goes on.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .try_init();
    Ok(())
}
