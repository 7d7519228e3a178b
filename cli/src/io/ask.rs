//! Asking the person: a line, a yes, a passphrase.

use super::{Input, Io, Why};
use crate::exit::Exit;
use std::{io, sync::PoisonError};
use thiserror::Error;
use zeroize::Zeroizing;

/// How often a person may mistype.
const TRIES: usize = 3;

/// Why no answer came.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// There is nobody to ask, or `--no-input` forbids it.
    #[error("{why}")]
    Nobody {
        /// What a person was needed for.
        why: &'static str,
        /// How to do without.
        instead: &'static str,
    },
    /// The vault is locked, and there is nobody to ask for its passphrase.
    #[error("the vault is locked, and nobody can be asked for its passphrase here")]
    Locked,
    /// The input ended, or the question was broken off.
    #[error("no answer was given")]
    NoAnswer,
    /// Two passphrases that differ, several times.
    #[error("the two passphrases differ")]
    Differ,
    /// The interrupt key was pressed instead.
    #[error("interrupted")]
    Interrupted,
    /// The terminal could not be read.
    #[error("the terminal cannot be read: {}", Why(.0))]
    Terminal(#[source] io::Error),
}

impl AskError {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Nobody { .. } => "nobody-to-ask",
            Self::Locked => "locked",
            Self::NoAnswer => "no-answer",
            Self::Differ => "passphrases-differ",
            Self::Interrupted => "interrupted",
            Self::Terminal(_) => "terminal",
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Nobody { instead, .. } => instead,
            Self::Locked => {
                "Name a file that holds it with --passphrase-file, or run `daymark unlock` first."
            }
            Self::NoAnswer | Self::Differ => "Begin again when you are ready. Nothing was changed.",
            Self::Interrupted => "What was kept before is kept.",
            Self::Terminal(_) => "Run it in a terminal, or see --help for how to do without.",
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Nobody { .. } => Exit::Usage,
            Self::Locked => Exit::Busy,
            Self::Interrupted => Exit::Interrupted,
            Self::NoAnswer | Self::Differ | Self::Terminal(_) => Exit::Failed,
        }
    }
}

impl Io {
    /// Prints a question and reads a line.
    pub(crate) async fn ask(&mut self, question: &str) -> Result<Zeroizing<String>, AskError> {
        self.put_question(question)?;
        let input = self.input();
        let line = tokio::task::spawn_blocking(move || read_line(&input)).await;
        line.map_err(|_| AskError::NoAnswer)?
    }

    /// Asks for a yes; everything else is a no. What was typed before the question was there answers it not.
    pub(crate) async fn confirm(&mut self, question: &str) -> Result<bool, AskError> {
        self.forget_typed_ahead();
        let answer = self.ask(&format!("{question} [y/N] ")).await?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Reads a line that is not shown.
    pub(crate) async fn ask_hidden(
        &mut self,
        question: &str,
    ) -> Result<Zeroizing<String>, AskError> {
        if !self.terminal().real {
            return self.ask(question).await;
        }
        // The interrupt key comes back as an answer, once the terminal is as it was.
        let _patience = self.stop.be_patient();
        let question = question.to_owned();
        let answer = tokio::task::spawn_blocking(move || rpassword::prompt_password(question));
        match answer.await {
            Ok(Ok(answer)) => Ok(Zeroizing::new(answer)),
            Ok(Err(error)) => Err(match error.kind() {
                io::ErrorKind::Interrupted => AskError::Interrupted,
                io::ErrorKind::UnexpectedEof => AskError::NoAnswer,
                _ => AskError::Terminal(error),
            }),
            Err(_) => Err(AskError::NoAnswer),
        }
    }

    /// Asks for a new passphrase twice.
    pub(crate) async fn ask_new_passphrase(&mut self) -> Result<Zeroizing<String>, AskError> {
        for tries_left in (0..TRIES).rev() {
            let first = self.ask_hidden("A passphrase for this device: ").await?;
            if first.is_empty() {
                self.put_question("It needs at least one character; several words are best.\n")?;
                continue;
            }
            let second = self.ask_hidden("The same once more: ").await?;
            if *first == *second {
                return Ok(first);
            }
            if tries_left > 0 {
                self.put_question("They were not the same. Once more from the start.\n")?;
            }
        }
        Err(AskError::Differ)
    }

    /// Throws away what was typed or pasted into the terminal and is not read yet.
    pub(crate) fn forget_typed_ahead(&self) {
        #[cfg(unix)]
        if self.terminal().real && self.terminal().input {
            use rustix::termios::{QueueSelector, tcflush};
            // A terminal gives whole lines, one at a time: nothing more was read than was asked for. Where it cannot
            // be told, it is as it was.
            let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        }
    }

    fn put_question(&mut self, question: &str) -> Result<(), AskError> {
        self.out().flush().map_err(AskError::Terminal)?;
        let err = self.err();
        write!(err, "{question}")
            .and_then(|()| err.flush())
            .map_err(AskError::Terminal)
    }
}

fn read_line(input: &Input) -> Result<Zeroizing<String>, AskError> {
    let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
    let mut line = Zeroizing::new(String::new());
    let read = input.read_line(&mut line).map_err(AskError::Terminal)?;
    if read == 0 {
        return Err(AskError::NoAnswer);
    }
    let trimmed = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(trimmed);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stop, Terminal};

    fn person(says: &'static str) -> Io {
        let terminal = Terminal {
            input: true,
            out: true,
            err: true,
            real: false,
        };
        Io::new(
            says.as_bytes(),
            Vec::new(),
            Vec::new(),
            terminal,
            Stop::never(),
        )
    }

    #[tokio::test]
    async fn only_a_yes_is_a_yes() {
        for (says, yes) in [
            ("y\n", true),
            ("YES\r\n", true),
            ("\n", false),
            ("yesterday\n", false),
        ] {
            assert_eq!(person(says).confirm("Go on?").await.unwrap(), yes, "{says}");
        }
        assert!(matches!(
            person("").confirm("Go on?").await,
            Err(AskError::NoAnswer)
        ));
    }

    #[tokio::test]
    async fn a_new_passphrase_is_the_same_twice() {
        let mut person = person("one\ntwo\n\nthree little words\nthree little words\n");
        assert_eq!(
            person.ask_new_passphrase().await.unwrap().as_str(),
            "three little words"
        );
    }

    #[tokio::test]
    async fn three_slips_are_enough() {
        let asked = person("a\nb\nc\nd\ne\nf\n").ask_new_passphrase().await;
        assert!(matches!(asked, Err(AskError::Differ)));
    }
}
