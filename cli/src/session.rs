//! One run of one command: its streams, what was asked of every command, and the vault.

use crate::{
    args::GlobalArgs,
    editor::Editor,
    error::CliError,
    files,
    io::{AskError, Io},
    machine::Machine,
    output,
};
use daymark_client::{
    pairing::join_was_begun,
    vault::{EntryName, LockedVault, Vault, VaultError},
};
use etcetera::BaseStrategy;
use serde::Serialize;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// How often a passphrase may be mistyped.
const TRIES: usize = 3;

/// Characters below which a new passphrase gets a word of advice. It is taken all the same.
const GUESSED_EASILY: usize = 12;

/// What a command has at hand.
#[derive(Debug)]
pub(crate) struct Session {
    io: Io,
    global: GlobalArgs,
    machine: Machine,
}

impl Session {
    pub(crate) const fn new(io: Io, global: GlobalArgs, machine: Machine) -> Self {
        Self {
            io,
            global,
            machine,
        }
    }

    pub(crate) const fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) const fn io(&mut self) -> &mut Io {
        &mut self.io
    }

    /// Whether JSON is to be printed.
    pub(crate) const fn json(&self) -> bool {
        self.global.json
    }

    /// Whether a person can be asked.
    pub(crate) const fn can_ask(&self) -> bool {
        let terminal = self.io.terminal();
        !self.global.no_input && terminal.input && terminal.err
    }

    /// Whether an editor may be opened: one is named, and the person did not say to be left alone. Whether
    /// there is a terminal for it, the editor knows best.
    pub(crate) fn may_open_editor(&self) -> bool {
        !self.global.no_input && Editor::is_named()
    }

    /// Whether progress is drawn.
    pub(crate) const fn shows_progress(&self) -> bool {
        let terminal = self.io.terminal();
        terminal.real && terminal.err && !self.global.quiet && !self.global.json
    }

    /// The folder of the vault.
    pub(crate) fn vault_folder(&self) -> Result<PathBuf, CliError> {
        match &self.global.vault {
            Some(folder) => Ok(folder.clone()),
            None => {
                let places = etcetera::choose_base_strategy();
                let places = places.map_err(|_| CliError::NoDataFolder)?;
                Ok(places.data_dir().join("daymark"))
            }
        }
    }

    /// The vault, locked. Where there is none, the folder is named.
    pub(crate) async fn locked(&self) -> Result<LockedVault, CliError> {
        let folder = self.vault_folder()?;
        match Vault::open(&folder).await {
            Err(VaultError::NoVault) if join_was_begun(&folder) => {
                Err(CliError::JoinBegun { folder })
            }
            Err(VaultError::NoVault) => Err(CliError::NoVault { folder }),
            Err(VaultError::Forbidden) => Err(CliError::Forbidden { folder }),
            opened => Ok(opened?),
        }
    }

    /// The name of an entry, as a person gives it. Without a vault that is what is said, whatever the name.
    pub(crate) async fn entry_name(&self, given: &str) -> Result<EntryName, CliError> {
        match given.parse() {
            Ok(name) => Ok(name),
            Err(why) => {
                self.locked().await?;
                Err(CliError::Vault(why))
            }
        }
    }

    /// The vault, unlocked: with the key at hand, or else with the passphrase.
    pub(crate) async fn unlock(&mut self) -> Result<Vault, CliError> {
        let locked = self.locked().await?;
        match self.machine.unlock(&locked).await? {
            Some(vault) => Ok(vault),
            None => self.ask_and_unlock(&locked, AskError::Locked).await,
        }
    }

    /// The vault, unlocked while nobody is there any more to be asked.
    pub(crate) async fn unlock_unasked(&mut self) -> Result<Vault, CliError> {
        let locked = self.locked().await?;
        match self.machine.unlock(&locked).await? {
            Some(vault) => Ok(vault),
            None if self.global.passphrase_file.is_none() => Err(AskError::Locked.into()),
            None => self.ask_and_unlock(&locked, AskError::Locked).await,
        }
    }

    /// The vault, unlocked with the passphrase, whether or not its key is at hand: for what a passer-by must
    /// not do (rule F8).
    pub(crate) async fn unlock_by_passphrase(&mut self) -> Result<Vault, CliError> {
        let locked = self.locked().await?;
        let nobody = AskError::Nobody {
            why: "the passphrase itself is needed, and nobody can be asked for it here",
            instead: "Name a file that holds it with --passphrase-file.",
        };
        self.ask_and_unlock(&locked, nobody).await
    }

    /// Fails with `nobody` when nobody can be asked.
    async fn ask_and_unlock(
        &mut self,
        locked: &LockedVault,
        nobody: AskError,
    ) -> Result<Vault, CliError> {
        if self.global.passphrase_file.is_none() && !self.can_ask_hidden() {
            return Err(nobody.into());
        }
        let tries = if self.global.passphrase_file.is_some() {
            1
        } else {
            TRIES
        };
        let mut left = tries;
        loop {
            left -= 1;
            let passphrase = self.passphrase().await?;
            match locked.unlock(&passphrase).await {
                Err(VaultError::WrongPassphrase) if left > 0 => {
                    self.note("That was not it. Once more:")?;
                }
                ended => return Ok(ended?),
            }
        }
    }

    /// A passphrase for a vault that is about to be made.
    pub(crate) async fn new_passphrase(&mut self) -> Result<Zeroizing<String>, CliError> {
        let passphrase = match &self.global.passphrase_file {
            Some(file) => files::passphrase(file)?,
            None => {
                self.require_person(
                    "a passphrase has to be chosen, and nobody can be asked for one here",
                    "Name a file that holds it with --passphrase-file.",
                )?;
                self.io.ask_new_passphrase().await?
            }
        };
        if passphrase.chars().count() < GUESSED_EASILY {
            self.note(
                "That passphrase is short. Whoever gets hold of this device could guess it; \
                 four or five words that only you would put together keep your journal safer.",
            )?;
        }
        Ok(passphrase)
    }

    async fn passphrase(&mut self) -> Result<Zeroizing<String>, CliError> {
        if let Some(file) = &self.global.passphrase_file {
            return Ok(files::passphrase(file)?);
        }
        Ok(self.io.ask_hidden("Passphrase: ").await?)
    }

    /// Whether a passphrase can be asked for. It is read from the terminal itself: the input may hold a text.
    const fn can_ask_hidden(&self) -> bool {
        !self.global.no_input && self.io.terminal().err
    }

    /// Fails when nobody can be asked: why somebody is needed, and how to do without.
    pub(crate) fn require_person(
        &self,
        why: &'static str,
        instead: &'static str,
    ) -> Result<(), CliError> {
        if self.can_ask() {
            Ok(())
        } else {
            Err(AskError::Nobody { why, instead }.into())
        }
    }

    /// Prints a line for a person; quiet leaves it out.
    pub(crate) fn say(&mut self, line: &str) -> Result<(), CliError> {
        if self.global.quiet || self.global.json {
            return Ok(());
        }
        self.print(line)
    }

    /// Prints a line that was asked for.
    pub(crate) fn print(&mut self, line: &str) -> Result<(), CliError> {
        let terminal = self.io.terminal().out;
        let out = self.io.out();
        let line = match terminal {
            true => output::escaped(line),
            false => output::undirected(line),
        };
        Ok(writeln!(out, "{line}")?)
    }

    /// Prints one JSON object, at once.
    pub(crate) fn print_json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let out = self.io.out();
        output::write_json(out, value)?;
        Ok(out.flush()?)
    }

    /// Prints a remark beside the output; quiet leaves it out.
    pub(crate) fn note(&mut self, line: &str) -> Result<(), CliError> {
        if !self.global.quiet && !self.global.json {
            writeln!(self.io.err(), "{}", output::escaped(line))?;
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.io.out().flush()
    }
}
