//! Which editor, and how it is told to keep its copies of the text in one place.

use std::{
    env,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// The editor that the person named in `VISUAL` or `EDITOR`, with arguments if they gave some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program(String);

/// Editors that lay copies elsewhere unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Vim,
    Emacs,
    Nano,
    Other,
}

impl Program {
    pub(super) fn named() -> Option<Self> {
        ["VISUAL", "EDITOR"]
            .into_iter()
            .filter_map(|name| env::var(name).ok())
            .find(|program| !program.trim().is_empty())
            .map(Self)
    }

    /// The command that opens `file`, with every temporary file in `folder`.
    pub(super) fn command(&self, folder: &Path, file: &Path) -> Command {
        let mut command = self.started();
        command.args(self.family().arguments()).arg(file);
        for variable in ["TMPDIR", "TMP", "TEMP", "XDG_STATE_HOME"] {
            command.env(variable, folder);
        }
        command
    }

    /// Through the shell, as other programs do: the name may be a whole command line. The shell becomes the
    /// editor where it can, so that ending the one ends the other.
    #[cfg(unix)]
    fn started(&self) -> Command {
        let sets_variables = self.first_word().contains('=');
        let exec = if sets_variables { "" } else { "exec " };
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("{exec}{} \"$@\"", self.0))
            .arg(&self.0);
        command
    }

    #[cfg(not(unix))]
    fn started(&self) -> Command {
        let mut words = self.0.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    fn first_word(&self) -> &str {
        self.0.split_whitespace().next().unwrap_or_default()
    }

    fn family(&self) -> Family {
        let name = Path::new(self.first_word());
        // `vi` is often another name of Vim.
        let real = resolved(name).unwrap_or_else(|| name.to_owned());
        let real = real
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        match real.as_str() {
            vim if vim.contains("vim") => Family::Vim,
            client if client.starts_with("emacsclient") => Family::Other,
            emacs if emacs.starts_with("emacs") => Family::Emacs,
            "nano" => Family::Nano,
            _ => Family::Other,
        }
    }
}

impl Family {
    const fn arguments(self) -> &'static [&'static str] {
        match self {
            // No swap file, no memory of registers; after the person's own settings, no backup and undo.
            Self::Vim => &[
                "-n",
                "-i",
                "NONE",
                "-c",
                "silent! set nobackup nowritebackup noundofile",
            ],
            Self::Emacs => &[
                "--eval",
                "(setq make-backup-files nil auto-save-default nil create-lockfiles nil)",
            ],
            // Restricted: no backups, no history.
            Self::Nano => &["-R"],
            Self::Other => &[],
        }
    }
}

/// Where a program lies, all links followed.
fn resolved(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return name.canonicalize().ok();
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|folder| folder.join(name).canonicalize().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(program: &str) -> Family {
        Program(program.to_owned()).family()
    }

    #[test]
    fn editors_that_lay_copies_elsewhere_are_known() {
        for program in [
            "/nowhere/vim",
            "/nowhere/nvim --clean",
            "/nowhere/vim.basic -X",
        ] {
            assert_eq!(family(program), Family::Vim, "{program}");
        }
        assert_eq!(family("/nowhere/nano"), Family::Nano);
        assert_eq!(family("/nowhere/emacs -nw"), Family::Emacs);
        assert_eq!(family("/nowhere/emacsclient -c"), Family::Other);
        assert_eq!(family("/nowhere/hx"), Family::Other);
    }
}
