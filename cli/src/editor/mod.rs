//! The person's own editor, on a private folder that is wiped, unless what was written could be kept nowhere else.
//!
//! A text that is being written is the one thing of an entry that is ever on a disk unsealed, and the
//! editor's backups, swap and undo files are copies of it. All of them are kept inside one folder that only
//! its owner can enter, in memory where the system offers that, and whatever is in it is overwritten and
//! removed when the editor ends, also by a signal (threat I1). What a killed program left is found when the next one is
//! opened: new words are kept in their journal first. Only a text that cannot be kept in the vault is left there,
//! alone, and the person is told where.

mod folder;
#[cfg(unix)]
mod left;
mod program;
mod purpose;

#[cfg(unix)]
pub(crate) use left::{LeftText, left_of};
pub(crate) use purpose::Purpose;

use crate::io::{Stop, Why};
use daymark_client::SpaceId;
use folder::PrivateFolder;
use program::Program;
use std::{fs, io, path::PathBuf};
use thiserror::Error;

/// What a shell ends with when it cannot run a program.
const NOT_RUNNABLE: i32 = 126;
/// What it ends with when there is none.
const NOT_FOUND: i32 = 127;

/// Why no text came from an editor.
#[derive(Debug, Error)]
pub(crate) enum EditorError {
    /// It does not start.
    #[error("the editor cannot be started")]
    Start,
    /// It ended with an error, or was told to.
    #[error("the editor ended without keeping the text")]
    Ended,
    /// The private folder cannot be made, filled or read.
    #[error("the editor's private folder cannot be used: {}", Why(.0))]
    Folder(#[source] io::Error),
    /// What it left is no text.
    #[error("what the editor wrote is not text in UTF-8")]
    NotUtf8,
}

impl EditorError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Start => "no-editor",
            Self::Ended => "editor-ended",
            Self::Folder(_) => "editor-folder",
            Self::NotUtf8 => "not-utf8",
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Start => "Set EDITOR to a program of this system, or use - for standard input.",
            Self::Ended => {
                "Nothing was changed. Save the text and leave the editor in the usual way."
            }
            Self::Folder(_) => "Look whether the folder for temporary files has room.",
            Self::NotUtf8 => "Set the editor to UTF-8, then try again.",
        }
    }
}

/// A text in an editor.
#[derive(Debug)]
pub(crate) struct Editor {
    program: Program,
    folder: PrivateFolder,
    file: PathBuf,
    /// What the person found in it.
    began: String,
}

impl Editor {
    /// Whether the person has named an editor.
    pub(crate) fn is_named() -> bool {
        Program::named().is_some()
    }

    /// Lays a text of a journal out for the editor; none when the person has not named one.
    pub(crate) fn with_text(
        text: &str,
        journal: SpaceId,
        purpose: Purpose,
    ) -> Result<Option<Self>, EditorError> {
        let Some(program) = Program::named() else {
            return Ok(None);
        };
        let folder = PrivateFolder::make().map_err(EditorError::Folder)?;
        // Editors expect a line break at the end of the last line; it is no part of the text.
        let end = if text.is_empty() { "" } else { "\n" };
        let began = [text, end].concat();
        let file = folder.write(&began, journal, purpose);
        let file = file.map_err(EditorError::Folder)?;
        Ok(Some(Self {
            program,
            folder,
            file,
            began,
        }))
    }

    /// What the person saved so far; none if they wrote nothing.
    pub(crate) fn saved(&self) -> Option<String> {
        self.written().and_then(|text| as_text(text).ok())
    }

    /// Leaves what the person wrote in a file of its own, for them only; none if they wrote nothing.
    pub(crate) fn leave_text(self) -> Option<PathBuf> {
        self.written()?;
        self.folder.keep().ok()
    }

    fn written(&self) -> Option<Vec<u8>> {
        let text = fs::read(&self.file).ok()?;
        let is_new = text != self.began.as_bytes() && !text.trim_ascii().is_empty();
        is_new.then_some(text)
    }

    /// Opens it and waits until the person is done. May be called again: the text is as they left it.
    pub(crate) async fn edit(&mut self, stop: &Stop) -> Result<String, EditorError> {
        // The interrupt key is the editor's meanwhile.
        let _patience = stop.be_patient();
        let mut command = self.program.command(self.folder.path(), &self.file);
        // If this future is dropped, the editor goes before its folder does.
        let status = command
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|_| EditorError::Start)?;
        match status.code() {
            Some(0) => {}
            Some(NOT_RUNNABLE | NOT_FOUND) => return Err(EditorError::Start),
            _ => return Err(EditorError::Ended),
        }
        as_text(fs::read(&self.file).map_err(EditorError::Folder)?)
    }
}

/// Leaves a text that came from elsewhere in such a file, for its owner only.
pub(crate) fn leave_in_file(text: &[u8]) -> Option<PathBuf> {
    PrivateFolder::with_kept(text).ok()
}

/// Without the line break that editors put at the end.
pub(crate) fn as_text(mut text: Vec<u8>) -> Result<String, EditorError> {
    if text.ends_with(b"\n") {
        text.pop();
    }
    String::from_utf8(text).map_err(|_| EditorError::NotUtf8)
}
