//! `daymark search`: entries by the words in them.

use super::list::{FilterArgs, print_found};
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::journal::Query;

/// Find entries by words
///
/// Every word must stand somewhere in the entry: in its text, title, answers, tags, areas, people, content
/// note or kind, also inside a longer word. Capitals do not matter. Words in one pair of quotes stand
/// together. What you search for is looked up on this device only.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What to look for
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
}

impl SearchArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let query = self
            .words
            .iter()
            .fold(Query::new(), |query, word| query.phrase(word));
        print_found(session, &self.filter, query).await
    }
}
