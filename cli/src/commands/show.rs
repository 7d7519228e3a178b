//! `daymark show`: one entry, whole.

use super::all_but;
use crate::{
    error::CliError,
    exit::Exit,
    output::{EntryJson, page, short_id},
    session::Session,
};
use clap::Args;
use daymark_client::{
    journal::Person,
    vault::{EntryName, Views},
};

/// Show one entry
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The beginning of its id, or @1 for the newest, @2 for the one before
    #[arg(value_name = "ENTRY")]
    entry: String,
}

impl ShowArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let name = session.entry_name(&self.entry).await?;
        let vault = session.unlock().await?;
        let view = vault.read(vault.find(&name).await?).await?;
        // A place is counted among the entries that can be read: where some cannot, it may mean another.
        let views = match name {
            EntryName::Newest(_) => Box::pin(vault.views()).await?,
            EntryName::Id(_) => Views::default(),
        };
        let shared = vault.shared_with().await?;
        vault.close().await;
        if session.json() {
            session.print_json(&EntryJson::of(&view, &shared))?;
            return all_but(session, views.unreadable());
        }
        session.print(&page(&view))?;
        if let Some(names) = shared.get(&view.id) {
            let names: Vec<_> = names.iter().map(Person::as_str).collect();
            session.print(&format!(
                "shared with {}: `daymark who-sees {}`",
                names.join(", "),
                short_id(view.id)
            ))?;
        }
        all_but(session, views.unreadable())
    }
}
