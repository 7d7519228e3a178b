//! `daymark list`: the entries, newest first.

use super::all_but;
use crate::{
    error::CliError,
    exit::Exit,
    output::{Shortest, print_entries},
    session::Session,
};
use clap::Args;
use daymark_client::{
    journal::{Area, Day, Kind, Person, Query, Tag},
    vault::Found,
};

/// Entries on a terminal, when nothing was said.
const ON_A_TERMINAL: usize = 20;

/// List entries, newest first
///
/// Looked up on this device only. What somebody sees is marked (shared): `daymark who-sees` says who.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
}

/// Which entries.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which entries")]
pub(crate) struct FilterArgs {
    /// Only this kind
    #[arg(long)]
    kind: Option<Kind>,
    /// Only with this tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,
    /// Only about this area; may be given several times
    #[arg(long = "area", value_name = "AREA")]
    areas: Vec<Area>,
    /// Only with this person; may be given several times
    #[arg(long = "person", value_name = "PERSON")]
    people: Vec<Person>,
    /// Only from this day on, like 2021-03-04
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Only up to this day
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
    /// At most this many; without it, 20 on a terminal and all otherwise
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    limit: Option<usize>,
}

impl ListArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        print_found(session, &self.filter, Query::new()).await
    }
}

/// Prints what the query and the filter find.
pub(super) async fn print_found(
    session: &mut Session,
    filter: &FilterArgs,
    query: Query,
) -> Result<Exit, CliError> {
    let vault = session.unlock().await?;
    let shown = session.io().terminal().out && !session.json();
    let most = if shown { ON_A_TERMINAL } else { usize::MAX };
    let limit = filter.limit.unwrap_or(most);
    let found = vault.look_for(&filter.narrow(query), limit).await?;
    let Found {
        views, all, ids, ..
    } = found;
    let shared = vault.shared_with().await?;
    print_entries(session, &views, &shared, Shortest::of(ids))?;
    if filter.limit.is_none() && views.len() < all {
        let rest = all - views.len();
        session.note(&format!(
            "… and {rest} more: --limit {all} shows all of them."
        ))?;
    }
    vault.close().await;
    all_but(session, &found.unreadable)
}

fn number(given: &str) -> Result<usize, &'static str> {
    given.parse().map_err(|_| "write a number, like 20")
}

impl FilterArgs {
    fn narrow(&self, mut query: Query) -> Query {
        if let Some(kind) = &self.kind {
            query = query.kind(kind);
        }
        query = self.tags.iter().fold(query, Query::tag);
        query = self.areas.iter().fold(query, Query::area);
        query = self.people.iter().fold(query, Query::person);
        if let Some(from) = self.from {
            query = query.from(from);
        }
        match self.until {
            Some(until) => query.until(until),
            None => query,
        }
    }
}
