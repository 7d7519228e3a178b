//! What a killed program left of a text in an editor becomes a draft.

use crate::{
    editor::{LeftText, as_text, left_of},
    entry::{known, own_zone},
    error::CliError,
    output::{sentence, short_id},
    session::Session,
};
use daymark_client::{
    DocumentId,
    journal::{Entry, Text, When},
    vault::Vault,
};
use jiff::Timestamp;

/// Keeps what was left of this journal's texts, and says so. What cannot be kept stays where it is.
pub(super) async fn bring_in_left(session: &mut Session, vault: &Vault) -> Result<(), CliError> {
    for left in left_of(vault.journal()) {
        match kept(&left, vault).await {
            Ok(id) => {
                left.wipe();
                session.note(&format!(
                    "What was being written when Daymark was cut off is kept as the draft {}.",
                    short_id(id)
                ))?;
            }
            Err(why) => session.note(&format!(
                "{} What was being written when Daymark was cut off is still in {}",
                sentence(&why.to_string()),
                left.path().display()
            ))?,
        }
    }
    Ok(())
}

/// At the time when it was saved last.
async fn kept(left: &LeftText, vault: &Vault) -> Result<DocumentId, CliError> {
    let saved_at = left.saved_at().and_then(|time| time.try_into().ok());
    let at = saved_at.unwrap_or_else(Timestamp::now);
    let mut entry = Entry::new(When::new(at, known(own_zone())?));
    entry.text = Text::parse(as_text(left.text().to_vec())?)?;
    entry.draft = true;
    Ok(vault.write(&entry, None).await?)
}
