//! `daymark device join`: brings an existing journal to this device.

use crate::{
    commands::{sync, waiting::Wait, writing::given},
    error::CliError,
    exit::Exit,
    output::fault_exit,
    session::Session,
};
use clap::Args;
use daymark_client::{
    PairingCode, PairingLink,
    journal::DeviceName,
    pairing::{PairError, join},
    vault::{Vault, VaultError},
};
use serde::Serialize;
use tokio::sync::mpsc;

/// Bring your journal to this device
///
/// Takes the link that `daymark device pair` shows on a device that has it. Both show six digits; compare
/// them, and say yes on the other device. Then the entries are fetched.
#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    /// The link, or - to read it from standard input, which no other user of this machine sees
    #[arg(value_name = "LINK")]
    link: String,
    /// What you call this device, like "phone"
    #[arg(long, value_name = "DEVICE")]
    name: DeviceName,
}

#[derive(Serialize)]
struct CodeJson {
    code: String,
}

#[derive(Serialize)]
struct JoinedJson {
    device: String,
    received: usize,
}

impl JoinArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let folder = session.vault_folder()?;
        match Vault::open(&folder).await {
            Err(VaultError::NoVault) => {}
            Ok(_) => return Err(VaultError::Exists.into()),
            Err(error) => return Err(error.into()),
        }
        let link = given(session, &self.link, "The link: ").await?;
        // Before a passphrase is chosen for nothing.
        link.parse::<PairingLink>().map_err(PairError::from)?;
        let passphrase = session.new_passphrase().await?;
        let (codes, mut shown) = mpsc::unbounded_channel();
        let show = move |code| {
            let _ = codes.send(code);
        };
        let vault = {
            let joining = join(&folder, &passphrase, &link, self.name.as_str(), show);
            tokio::pin!(joining);
            loop {
                tokio::select! {
                    biased;
                    Some(code) = shown.recv() => show_code(session, code)?,
                    joined = &mut joining => break joined?,
                }
            }
        };
        let exit = fetch(session, &vault).await?;
        vault.close().await;
        Ok(exit)
    }
}

/// Shown whatever was said about quiet: the person on the other device compares it.
fn show_code(session: &mut Session, code: PairingCode) -> Result<(), CliError> {
    let code = code.to_string();
    if session.json() {
        return session.print_json(&CodeJson { code });
    }
    session.print(&code)?;
    session.flush()?;
    session.note("If the other device shows the same, say yes there. Waiting …")
}

/// The device is in: what is left is to fetch the entries, which any later sync does too.
async fn fetch(session: &mut Session, vault: &Vault) -> Result<Exit, CliError> {
    session.say("This device now holds your journal.")?;
    let fetched = sync::sync(session, vault, Wait::ForAnswer).await;
    let (received, exit) = match &fetched {
        Ok(report) => {
            session.say(&format!("Received {}.", report.received))?;
            crate::output::print_faults(session, &report.faults)?;
            (report.received, fault_exit(&report.faults))
        }
        Err(error) => {
            session.note(&crate::output::sentence(&error.to_string()))?;
            session.note("The entries are not here yet: run `daymark sync` in a while.")?;
            (0, Exit::Partly)
        }
    };
    if session.json() {
        session.print_json(&JoinedJson {
            device: vault.device().to_string(),
            received,
        })?;
    }
    Ok(exit)
}
