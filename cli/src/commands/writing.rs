//! What `add` and `edit` have in common: text from the input or from an editor. And what other
//! commands read from the input.

#[cfg(unix)]
use super::left::bring_in_left;
use crate::{
    editor::{Editor, EditorError, Purpose, leave_in_file},
    entry::{EntryError, read_text},
    error::CliError,
    output::sentence,
    session::Session,
};
use daymark_client::vault::Vault;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The standard input as a text.
pub(super) async fn text_from_input(session: &mut Session) -> Result<String, CliError> {
    let reader = session.io().reader();
    let text = tokio::task::spawn_blocking(move || read_text(reader)).await;
    Ok(text.map_err(|_| CliError::Interrupted)??)
}

/// An argument that others on this machine must not see, since programs' arguments are shown to all; - reads it as
/// a line of the input.
pub(super) async fn given(
    session: &mut Session,
    argument: &str,
    question: &str,
) -> Result<Zeroizing<String>, CliError> {
    if argument != "-" {
        return Ok(Zeroizing::new(argument.to_owned()));
    }
    let question = if session.io().terminal().input {
        question
    } else {
        ""
    };
    Ok(session.io().ask(question).await?)
}

/// How a text came out of an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// The person left the editor.
    Whole,
    /// The program was told to end, or its terminal was closed, while the editor was open: this much was saved.
    SoFar,
}

/// Opens the editor with a text, until what is written in it is kept, or the person lets it be. What they wrote is
/// never lost: what they saved before a signal ended it is kept, too, and where a text is not kept it is left in a
/// file. `again` is the command that brings it in from there. What an earlier editor of this journal left when its
/// program was killed is kept before.
pub(super) async fn from_editor<T>(
    session: &mut Session,
    vault: &Vault,
    (purpose, began): (Purpose, &str),
    again: &str,
    keep: impl AsyncFn(String, Written) -> Result<T, CliError>,
) -> Result<(T, Written), CliError> {
    let stop = session.io().stop();
    let _last_words = stop.have_last_words();
    #[cfg(unix)]
    bring_in_left(session, vault).await?;
    let mut editor =
        Editor::with_text(began, vault.journal(), purpose)?.ok_or(EntryError::NoText)?;
    loop {
        let edited = tokio::select! {
            edited = editor.edit(&stop) => Some(edited),
            () = stop.clone().wished() => None,
        };
        let why = match edited {
            Some(Ok(text)) => match keep(text, Written::Whole).await {
                Ok(kept) => return Ok((kept, Written::Whole)),
                Err(why) => why,
            },
            Some(Err(why)) => why.into(),
            None => return so_far(editor, again, keep).await,
        };
        match goes_back(session, &why).await {
            Answer::Yes => {}
            Answer::No => return Err(left(editor, again, why)),
            Answer::None => return so_far(editor, again, keep).await,
        }
    }
}

/// Keeps what was saved before the end came.
async fn so_far<T>(
    editor: Editor,
    again: &str,
    keep: impl AsyncFn(String, Written) -> Result<T, CliError>,
) -> Result<(T, Written), CliError> {
    let Some(text) = editor.saved() else {
        return Err(left(editor, again, CliError::Interrupted));
    };
    match keep(text, Written::SoFar).await {
        Ok(kept) => Ok((kept, Written::SoFar)),
        Err(why) => Err(left(editor, again, why)),
    }
}

/// Leaves a text that was not kept in a file, if there is one.
fn left(editor: Editor, again: &str, why: CliError) -> CliError {
    // The draft has it.
    if matches!(why, CliError::TakenBackMeanwhile { .. }) {
        return why;
    }
    match editor.leave_text() {
        Some(path) => unkept(path, again, why),
        None => why,
    }
}

/// Leaves a text that no editor was open on in such a file too.
pub(super) fn left_in_file(text: &[u8], again: &str, why: CliError) -> CliError {
    match leave_in_file(text) {
        Some(path) => unkept(path, again, why),
        None => why,
    }
}

fn unkept(path: PathBuf, again: &str, why: CliError) -> CliError {
    CliError::Unkept {
        hint: bring_in(again, &path),
        path,
        why: Box::new(why),
    }
}

/// What a person says to a question.
enum Answer {
    Yes,
    No,
    /// They interrupted it, or closed the terminal.
    None,
}

/// What was written in an editor could not be kept: whether the person wants to go back to it.
async fn goes_back(session: &mut Session, why: &CliError) -> Answer {
    let is_refused = matches!(
        why,
        CliError::Entry(EntryError::Nothing | EntryError::NoReply | EntryError::Empties)
            | CliError::TakenBackMeanwhile { .. }
            | CliError::ReplyKept { .. }
    );
    let no_editor = matches!(why, CliError::Editor(EditorError::Start));
    if is_refused || no_editor || !session.can_ask() {
        return Answer::No;
    }
    if session.note(&sentence(&why.to_string())).is_err() {
        return Answer::None;
    }
    let stop = session.io().stop();
    session.io().forget_typed_ahead();
    let answer = session.io().ask("Go back to your text? [Y/n] ");
    let answer = tokio::select! {
        biased;
        () = stop.wished() => return Answer::None,
        answer = answer => answer,
    };
    match answer {
        Ok(answer) if matches!(answer.to_lowercase().as_str(), "n" | "no") => Answer::No,
        Ok(_) => Answer::Yes,
        Err(_) => Answer::None,
    }
}

/// How a text that was left in a file comes into the journal.
fn bring_in(again: &str, path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:".contains(c);
    let quoted = match path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    };
    format!(
        "Bring it in with `{again} < {quoted}`, and delete the file then. Do that soon: it may be gone once you log out."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_shell_reads_it() {
        let brought = |path: &str| bring_in("daymark add -", Path::new(path));
        assert!(brought("/tmp/daymark-editor-a1/kept.md").contains("- < /tmp/daymark-editor-a1/"));
        assert!(brought("/my tmp/it's").contains(r"- < '/my tmp/it'\''s'`"));
    }
}
