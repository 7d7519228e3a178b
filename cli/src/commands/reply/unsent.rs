//! A reply that cannot be sent any more stays with whoever wrote it, as a draft.

use crate::{
    entry::{known, own_zone},
    error::CliError,
};
use daymark_client::{
    DocumentId,
    journal::{Entry, Person, Text, View, When},
    sharing::{Shared, Standing, unsent_title},
    vault::Vault,
};
use jiff::Timestamp;

/// Keeps it.
pub(super) async fn keep(
    vault: &Vault,
    name: &Person,
    text: String,
) -> Result<DocumentId, CliError> {
    let mut draft = Entry::new(When::new(Timestamp::now(), known(own_zone())?));
    draft.title = unsent_title(name);
    draft.text = Text::parse(text)?;
    draft.draft = true;
    Ok(vault.write(&draft, None).await?)
}

/// The draft that a sync made of it, where it has shown that the bond had ended.
pub(super) async fn kept(vault: &Vault, shared: &Shared) -> Result<Option<DocumentId>, CliError> {
    let supporters = vault.supporters().await?;
    let bond = supporters.iter().find(|one| one.bond == shared.bond);
    if !bond.is_some_and(|bond| matches!(bond.standing, Standing::Ended { .. })) {
        return Ok(None);
    }
    let title = unsent_title(&shared.name);
    let is_kept = |view: &&View| view.entry.draft && view.entry.title == title;
    let views = vault.views().await?;
    let drafts = views.iter().map(AsRef::as_ref).filter(is_kept);
    Ok(drafts
        .max_by_key(|view| view.entry.at.instant())
        .map(|view| view.id))
}
