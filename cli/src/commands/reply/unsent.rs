//! A reply that cannot be sent any more stays with whoever wrote it, as a draft.

use crate::{
    entry::{known, own_zone},
    error::CliError,
};
use daymark_client::{
    DocumentId,
    journal::{Entry, Person, Text, View, When},
    sharing::{Role, Shared, SharedText, Standing, unheard_title, unsent_title},
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

/// The draft that holds a reply, where a sync has shown that the bond had ended. The sync made one; where
/// it did not, as the owner says that they have it, one is made here all the same.
pub(super) async fn kept(
    vault: &Vault,
    shared: &Shared,
    text: String,
) -> Result<Option<DocumentId>, CliError> {
    let supporters = vault.supporters().await?;
    let bond = supporters.iter().find(|one| one.bond == shared.bond);
    if !bond.is_some_and(|bond| matches!(bond.standing, Standing::Ended { by: Role::Owner })) {
        return Ok(None);
    }
    let titles = [unsent_title(&shared.name), unheard_title(&shared.name)];
    let sent = SharedText::written(&text);
    let sent = sent.as_ref().map(SharedText::as_str);
    let is_kept = |view: &&View| {
        let entry = &view.entry;
        entry.draft && titles.contains(&entry.title) && Some(entry.text.as_str()) == sent
    };
    let views = Box::pin(vault.views()).await?;
    match views.iter().map(AsRef::as_ref).find(is_kept) {
        Some(draft) => Ok(Some(draft.id)),
        None => Ok(Some(keep(vault, &shared.name, text).await?)),
    }
}
