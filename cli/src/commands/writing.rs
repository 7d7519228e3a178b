//! What `add` and `edit` have in common: text from the input, and the way back to the editor.

use crate::{
    entry::{EntryError, read_text},
    error::CliError,
    output::sentence,
    session::Session,
};

/// The standard input as a text.
pub(super) async fn text_from_input(session: &mut Session) -> Result<String, CliError> {
    let reader = session.io().reader();
    let text = tokio::task::spawn_blocking(move || read_text(reader)).await;
    Ok(text.map_err(|_| CliError::Interrupted)??)
}

/// What was written in an editor could not be kept: whether the person wants to go back to it.
pub(super) async fn goes_back(session: &mut Session, why: &CliError) -> Result<bool, CliError> {
    if !session.can_ask() || matches!(why, CliError::Entry(EntryError::Nothing)) {
        return Ok(false);
    }
    session.note(&sentence(&why.to_string()))?;
    let answer = session.io().ask("Go back to your text? [Y/n] ").await?;
    Ok(!matches!(answer.to_lowercase().as_str(), "n" | "no"))
}
