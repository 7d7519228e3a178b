//! The exit codes: a contract with scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// Nothing was done, for a reason that has no code of its own.
    Failed = 1,
    /// The command was given something that it cannot use.
    Usage = 2,
    /// Some of it was done; what was not is named.
    Partly = 3,
    /// The name given means no entry, or several.
    NotFound = 4,
    /// There is no vault.
    NoVault = 10,
    /// The vault is in use by another program, or locked again.
    Busy = 11,
    /// The passphrase is not the vault's.
    WrongPassphrase = 12,
    /// The relay cannot be reached. Work is kept.
    Unreachable = 13,
    /// The relay says no.
    Refused = 14,
    /// Made by a newer version.
    Newer = 15,
    /// Something stored is damaged.
    Damaged = 16,
    /// Something is wrong with what the relay showed.
    Distrusted = 20,
    /// Interrupted by a signal.
    Interrupted = 130,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
