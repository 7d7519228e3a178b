//! `daymark init`: a new journal on this device.

mod words;

use super::relay::{address, invite};
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::{
    NewAccount, begin,
    journal::DeviceName,
    pairing::join_was_begun,
    vault::{Vault, VaultError},
};
use serde::Serialize;
use std::path::{Path, PathBuf};
use words::{KeptWords, WordsFile, show_and_ask_back};

/// Begin a journal on this device
///
/// Asks for a passphrase, twice, and shows 24 recovery words, once: they give your journal back when every
/// device or the passphrase is lost, so write them down and keep them somewhere safe. A relay is not needed;
/// `daymark relay set` adds one at any time. To bring an existing journal to this device, use `daymark device
/// join` instead.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// What you call this device, like "kitchen laptop"
    #[arg(long, value_name = "DEVICE")]
    name: DeviceName,
    /// The address of a relay
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// The invite that the relay's operator gave you, or - to read it from standard input, which no other
    /// user of this machine sees
    #[arg(long, value_name = "TOKEN", requires = "relay")]
    invite: Option<String>,
    /// Write the recovery words to this new file, for your eyes only, instead of showing them
    #[arg(long, value_name = "FILE")]
    recovery_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Made<'v> {
    vault: &'v str,
    device: String,
    account: String,
    recovery_file: Option<&'v str>,
}

impl InitArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let folder = session.vault_folder()?;
        match Vault::open(&folder).await {
            // The other device may have said yes to it already.
            Err(VaultError::NoVault) if join_was_begun(&folder) => {
                return Err(CliError::JoinBegun { folder });
            }
            Err(VaultError::NoVault) => {}
            Ok(_) => return Err(VaultError::Exists.into()),
            Err(error) => return Err(error.into()),
        }
        if self.recovery_file.is_none() {
            session.require_person(
                "the recovery words have to be written down, and nobody can be shown them here",
                "Name a new file for them with --recovery-file.",
            )?;
        }
        let relay = match &self.relay {
            Some(url) => {
                let invite = invite(session, self.invite.as_deref()).await?;
                Some(address(url, invite).await?)
            }
            None => None,
        };
        let passphrase = session.new_passphrase().await?;
        let words = self
            .recovery_file
            .as_deref()
            .map(|path| WordsFile::find_place(path, &folder))
            .transpose()?;
        let account = NewAccount {
            device_name: self.name.clone(),
            relay,
        };
        let begun = begin(&folder, &passphrase, account).await?;
        // The journal comes to be only when its words are kept: they can never be had again.
        let kept = match words {
            Some(words) => Some(words.keep(begun.phrase()).map_err(CliError::WordsNotKept)?),
            None => {
                show_and_ask_back(session, begun.phrase()).await?;
                None
            }
        };
        let vault = begun.finish().await?;
        kept.into_iter().for_each(KeptWords::belong);
        self.told(session, &vault)?;
        vault.close().await;
        Ok(Exit::Done)
    }

    fn told(&self, session: &mut Session, vault: &Vault) -> Result<(), CliError> {
        let file = self.recovery_file.as_deref().map(Path::to_string_lossy);
        if session.json() {
            return session.print_json(&Made {
                vault: &vault.folder().to_string_lossy(),
                device: vault.device().to_string(),
                account: vault.account().to_string(),
                recovery_file: file.as_deref(),
            });
        }
        if let Some(file) = file {
            session.say(&format!(
                "The recovery words are in {file}: keep that file safe."
            ))?;
        }
        session.say(&format!("Your journal is in {}.", vault.folder().display()))?;
        session.say("Write whenever you like, with `daymark add`.")
    }
}
