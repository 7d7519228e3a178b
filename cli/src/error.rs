//! What a person reads when something did not work: one sentence, a hint, an exit code.

mod exits;

use crate::{
    editor::EditorError,
    entry::EntryError,
    exit::Exit,
    files::FileError,
    io::{AskError, Why},
    keyring::KeyringError,
    output::{more_of_the_id, sentence, short_id},
    sharing,
};
use daymark_client::{
    CreateError, DocumentId, connection::RelayError, journal::JournalError, pairing::PairError,
    sharing::ShareError, sync::SyncError, vault::VaultError,
};
use exits::{pair_exit, relay_exit, sync_exit, vault_exit};
use std::{borrow::Cow, io, path::PathBuf};
use thiserror::Error;

/// Why a command did not do what it was asked.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// Arguments that mean nothing, or not together.
    #[error("{message}")]
    Arguments {
        /// What is wrong with them.
        message: String,
    },
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error(transparent)]
    Editor(#[from] EditorError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Create(#[from] CreateError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error(transparent)]
    Pair(#[from] PairError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// What was written in an editor could not be kept, and was left in a file.
    #[error("{} Your text is in {}", sentence(&.why.to_string()), .path.display())]
    Unkept {
        /// Why it could not be kept.
        #[source]
        why: Box<CliError>,
        /// The file.
        path: PathBuf,
        /// How it comes in from there.
        hint: String,
    },
    /// A signal ended the writing, and what there was of it is in the journal.
    #[error("interrupted, and what was written so far is kept {} {}", if *.is_new { "as the draft" } else { "in" }, short_id(*.id))]
    SoFar {
        /// Where it is kept.
        id: DocumentId,
        /// Whether it is an entry of its own.
        is_new: bool,
    },
    /// Nothing answers at the relay of a sync, or not in time.
    #[error("the relay at {relay} cannot be reached, or does not answer")]
    Unreached {
        /// Its address.
        relay: String,
    },
    /// Sharing, and what is not one of the above.
    #[error(transparent)]
    Share(ShareError),
    /// An invitation could not be looked up or declined, and nothing is kept of the answer.
    #[error(transparent)]
    Unanswered(RelayError),
    /// The sync that followed has shown that nobody has it.
    #[error("nobody got it: {who}")]
    NotHad {
        /// Who did not, and why.
        who: String,
    },
    /// Their bond had ended before the reply left.
    #[error("{name} had ended it before your reply left, and your words are kept as the draft {}", short_id(*.id))]
    ReplyKept {
        /// Whom it was for.
        name: String,
        /// The draft.
        id: DocumentId,
    },
    /// What was replied to was taken back before the reply was kept.
    #[error("what you reply to was taken back meanwhile, and your words are kept as the draft {}", short_id(*.id))]
    TakenBackMeanwhile {
        /// The draft.
        id: DocumentId,
    },
    /// A section of a standing page was to be shared.
    #[error("standing pages come with a later version, so none can be shared yet")]
    NoPages,
    /// The person was asked, and did not say yes.
    #[error("nothing was changed")]
    LeftAsItIs,
    /// The recovery words could not be written where they were to be kept.
    #[error("the recovery words could not be written: {0}")]
    WordsNotKept(#[source] FileError),
    /// What was read holds nothing that can be used.
    #[error("nothing in it could be read as {format}")]
    NothingReadable {
        /// The format that was expected.
        format: &'static str,
        /// It comes from a later version.
        newer: bool,
    },
    /// Plaintext was about to leave, and nobody said that it may.
    #[error("an export is not encrypted")]
    NotSaid,
    /// Another relay than the known one was to be taken, and no invite names it.
    #[error("that is not the relay that this vault knows: it has another key")]
    AnotherRelay,
    /// The folder holds no vault.
    #[error("there is no vault in {}", .folder.display())]
    NoVault {
        /// Where one was looked for.
        folder: PathBuf,
    },
    /// The system does not allow to look whether the folder holds a vault.
    #[error("{} may not be read", .folder.display())]
    Forbidden {
        /// Where one was looked for.
        folder: PathBuf,
    },
    /// A join was begun in the folder, and there is no vault yet.
    #[error("a join was begun in {}", .folder.display())]
    JoinBegun {
        /// Where.
        folder: PathBuf,
    },
    /// Nowhere to keep a vault.
    #[error("this system names no folder for data")]
    NoDataFolder,
    /// The others were given; these are damaged.
    #[error("{}: {}", cannot_be_read(.0.len()), joined(.0))]
    Unreadable(Vec<DocumentId>),
    /// The output was closed or is full.
    #[error("the output cannot be written: {}", Why(.0))]
    Output(#[from] io::Error),
    /// A signal, or whoever runs this.
    #[error("interrupted")]
    Interrupted,
}

impl CliError {
    /// The stable code that scripts see.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Arguments { .. } => "usage",
            Self::Ask(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Entry(error) => error.code(),
            Self::Editor(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Create(error) => error.code(),
            Self::Sync(error) => error.code(),
            Self::Relay(error) | Self::Unanswered(error) => error.code(),
            Self::Pair(error) => error.code(),
            Self::Keyring(error) => error.code(),
            Self::Unkept { why, .. } => why.code(),
            Self::Unreached { .. } => RelayError::Unreachable.code(),
            Self::Share(error) => error.code(),
            Self::NotHad { .. } | Self::ReplyKept { .. } => "not-active",
            Self::TakenBackMeanwhile { .. } => "not-found",
            Self::NoPages => "no-pages",
            Self::LeftAsItIs => "left-as-it-is",
            Self::WordsNotKept(_) => "words-not-kept",
            Self::NothingReadable { newer: true, .. } => "newer-version",
            Self::NothingReadable { newer: false, .. } => "nothing-readable",
            Self::NotSaid => "plaintext",
            Self::AnotherRelay => "not-the-relay",
            Self::NoVault { .. } => VaultError::NoVault.code(),
            Self::Forbidden { .. } => VaultError::Forbidden.code(),
            Self::JoinBegun { .. } => "join-begun",
            Self::NoDataFolder => "no-data-folder",
            Self::Unreadable(_) => "entries-damaged",
            Self::Output(_) => "output",
            Self::Interrupted | Self::SoFar { .. } => "interrupted",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Cow<'static, str> {
        let hint = match self {
            Self::Arguments { .. } => "Add --help to the command to see what it takes.",
            Self::Ask(error) => error.hint(),
            Self::File(error) => error.hint(),
            Self::Entry(error) => error.hint(),
            Self::Editor(error) => error.hint(),
            Self::Unkept { hint, .. } => return hint.clone().into(),
            Self::SoFar { id, .. } => {
                return format!("Go on with `daymark edit {}`.", short_id(*id)).into();
            }
            Self::Vault(VaultError::Ambiguous { candidates }) => {
                return more_of_the_id(candidates).into();
            }
            Self::Vault(error)
            | Self::Create(CreateError::Vault(error))
            | Self::Sync(SyncError::Vault(error))
            | Self::Pair(PairError::Vault(error)) => vault_hint(error),
            Self::Create(error) => error.hint(),
            Self::Sync(SyncError::NoRelay) | Self::Pair(PairError::Sync(SyncError::NoRelay)) => {
                "Set one with `daymark relay set`, if you want this journal on other devices too."
            }
            Self::Sync(SyncError::Running) | Self::Pair(PairError::Sync(SyncError::Running)) => {
                "It is `daymark sync --watch` or `daymark shared watch` perhaps, which sends and fetches by itself. To do that here instead, end it first."
            }
            Self::Pair(
                PairError::Relay(RelayError::Unreachable | RelayError::Closed)
                | PairError::Sync(SyncError::Relay(RelayError::Unreachable | RelayError::Closed)),
            ) => {
                "Both devices need it to find each other: start again when it can be reached. What you write is kept here."
            }
            Self::Sync(SyncError::Relay(RelayError::InviteNeeded)) => {
                "Ask its operator for one, then run `daymark relay set URL --invite -`, and paste it."
            }
            Self::Sync(error) => error.hint(),
            Self::Unanswered(RelayError::Unreachable | RelayError::Closed) => {
                "Nothing was answered, and nothing is kept of it: run it again when the relay can be reached."
            }
            Self::Relay(error) | Self::Unanswered(error) => error.hint(),
            Self::Pair(error) => error.hint(),
            Self::Keyring(error) => error.hint(),
            Self::Unreached { .. } => {
                "Nothing is lost: what you write is kept here, and goes out with the next sync."
            }
            Self::Share(error) => return sharing::hint(error),
            Self::NotHad { .. } => {
                "`daymark supporter list` shows how it stands. If another device took the entry back, share it again."
            }
            Self::ReplyKept { id, .. } | Self::TakenBackMeanwhile { id } => {
                return format!(
                    "Nobody but you can read it: `daymark show {}`.",
                    short_id(*id)
                )
                .into();
            }
            Self::NoPages => "Entries can be shared: `daymark list` shows them.",
            Self::LeftAsItIs => "Run it again whenever you like.",
            Self::WordsNotKept(_) => {
                "No journal was made. Begin again, with a place for the words."
            }
            Self::NothingReadable { newer: true, .. } => "Update this program, then try again.",
            Self::NothingReadable { newer: false, .. } => {
                "Look at the file, and at the format that you named with --from."
            }
            Self::NotSaid => "Add --plaintext if anyone who gets the file may read it.",
            Self::AnotherRelay => {
                "Nothing was changed. If it is meant, get a new invite from somebody you trust, such as its operator: it names the key. Then run `daymark relay set URL --invite -`, and paste it."
            }
            Self::NoVault { .. } => NO_VAULT,
            Self::Forbidden { .. } => VaultError::Forbidden.hint(),
            Self::JoinBegun { folder } => {
                let file = folder.join("joining");
                return format!(
                    "Run `daymark device join` again with the same link; if it has expired, with a new one. To begin a journal here instead, remove {} first.",
                    file.display()
                )
                .into();
            }
            Self::NoDataFolder => "Name a folder with --vault.",
            Self::Unreadable(_) => {
                "All others are there, as they were written. Keep a copy of the folder; a backup or another device of yours has them still, perhaps."
            }
            Self::Output(_) => "See whether there is room, and whether it can be written to.",
            Self::Interrupted => "What was kept before is kept.",
        };
        hint.into()
    }

    /// What the shell sees.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Arguments { .. } | Self::NotSaid | Self::NoPages => Exit::Usage,
            Self::Ask(error) => error.exit(),
            Self::File(error) => error.exit(),
            Self::Entry(error) => error.exit(),
            Self::Vault(error) | Self::Create(CreateError::Vault(error)) => vault_exit(error),
            Self::Sync(error) => sync_exit(error),
            Self::Relay(error) | Self::Unanswered(error) => relay_exit(error),
            Self::Pair(error) => pair_exit(error),
            Self::Unreached { .. } => Exit::Unreachable,
            Self::Share(error) => sharing::exit(error),
            Self::Unkept { why, .. } => why.exit(),
            Self::AnotherRelay => Exit::Distrusted,
            Self::NoVault { .. } | Self::JoinBegun { .. } => Exit::NoVault,
            Self::NothingReadable { newer: true, .. } => Exit::Newer,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Interrupted | Self::SoFar { .. } => Exit::Interrupted,
            Self::Unreadable(_) => Exit::Partly,
            Self::TakenBackMeanwhile { .. } => Exit::NotFound,
            Self::Create(CreateError::Account(_))
            | Self::Editor(_)
            | Self::Keyring(_)
            | Self::LeftAsItIs
            | Self::NotHad { .. }
            | Self::ReplyKept { .. }
            | Self::WordsNotKept(_)
            | Self::NothingReadable { newer: false, .. }
            | Self::Forbidden { .. }
            | Self::NoDataFolder
            | Self::Output(_) => Exit::Failed,
        }
    }

    /// Whether there is somebody to tell.
    pub(crate) fn is_heard(&self) -> bool {
        !matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        Self::Vault(error.into())
    }
}

impl From<ShareError> for CliError {
    /// What the relay, a sync or the vault says reads the same whoever asked.
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::Relay(error) => Self::Relay(error),
            ShareError::Sync(error) => Self::Sync(error),
            ShareError::Vault(error) => Self::Vault(error),
            error => Self::Share(error),
        }
    }
}

const NO_VAULT: &str = "Make one with `daymark init`, bring yours from another device with `daymark device join`, or name the folder that holds it with --vault.";
fn cannot_be_read(entries: usize) -> String {
    match entries {
        1 => "1 entry is damaged and cannot be read".to_owned(),
        more => format!("{more} entries are damaged and cannot be read"),
    }
}

fn joined(ids: &[DocumentId]) -> String {
    let ids: Vec<_> = ids.iter().map(DocumentId::to_string).collect();
    ids.join(", ")
}

const fn vault_hint(error: &VaultError) -> &'static str {
    match error {
        VaultError::NoVault => NO_VAULT,
        VaultError::NotFound => "`daymark list` shows the entries and their ids.",
        VaultError::Journal(JournalError::TextTooLong { .. }) => {
            "Nothing was changed. Give each part to `daymark add -`, one after the other."
        }
        VaultError::Journal(JournalError::TimeOutOfRange) => {
            "Look at the year, and write it like 2021-03-04T21:10."
        }
        other => other.hint(),
    }
}
