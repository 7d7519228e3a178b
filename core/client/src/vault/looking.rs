//! A search by a program that runs once. Packs are opened, looked through and let go of: most of what a search
//! costs otherwise is memory for ten thousand views that nobody asked for. A program that stays keeps them
//! ([`super::views`]).

use super::{
    Vault, VaultError,
    mending::BrokenPack,
    packs::{self, SealedPack},
    sealer::Sealer,
    views::{PACKS_AT_ONCE, listed, order},
};
use daymark_core::journal::{Query, View};
use daymark_wire::DocumentId;
use std::{cmp::Reverse, collections::VecDeque, sync::Arc, thread};

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// The newest of the entries that were found, newest first: as many as were asked for.
    pub views: Vec<Arc<View>>,
    /// How many were found.
    pub all: usize,
    /// Every entry of the vault, in no order.
    pub ids: Vec<DocumentId>,
    /// Entries that are damaged and cannot be looked through.
    pub unreadable: Vec<DocumentId>,
    broken: Vec<BrokenPack>,
}

impl Vault {
    /// The newest entries that the query finds, at most `limit`, and how many it finds. Nothing is kept for the
    /// next question: for that there is [`Vault::views`].
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn look_for(&self, query: &Query, limit: usize) -> Result<Found, VaultError> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let query = Arc::new(query.clone());
        let mut reading = self.reading().await?;
        let rows = listed(&mut reading).await?;
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        let mut found = Found::default();
        // While each core looks through some packs, the next ones are read from the file.
        let mut looking = VecDeque::with_capacity(cores);
        for rows in rows.chunks(PACKS_AT_ONCE) {
            let loaded = packs::load_packs(reading.connection(), rows).await?;
            let (sealer, query) = (Arc::clone(&reading.sealer), Arc::clone(&query));
            if looking.len() == cores
                && let Some(first) = looking.pop_front()
            {
                found.add(first.await?, limit);
            }
            let look = move || look_through(&loaded, &sealer, &query, limit);
            looking.push_back(tokio::task::spawn_blocking(look));
        }
        for rest in looking {
            found.add(rest.await?, limit);
        }
        let mut mendable = Vec::new();
        for pack in std::mem::take(&mut found.broken) {
            let rebuilt = Box::pin(reading.rebuild(pack)).await?;
            if rebuilt.unreadable.is_empty() {
                mendable.push(pack.row);
            }
            found.unreadable.extend(rebuilt.unreadable);
            for view in rebuilt.views {
                found.look_at(view, &query);
            }
            found.keep_newest(limit);
        }
        drop(reading);
        found.unreadable.sort_unstable();
        Box::pin(self.mend(mendable)).await;
        Ok(found)
    }
}

impl Found {
    fn add(&mut self, more: Self, limit: usize) {
        self.all += more.all;
        self.ids.extend(more.ids);
        self.broken.extend(more.broken);
        self.views.extend(more.views);
        self.keep_newest(limit);
    }

    fn look_at(&mut self, view: View, query: &Query) {
        self.ids.push(view.id);
        if view.matches(query) {
            self.all += 1;
            self.views.push(Arc::new(view));
        }
    }

    fn keep_newest(&mut self, limit: usize) {
        self.views.sort_unstable_by_key(|view| Reverse(order(view)));
        self.views.truncate(limit);
    }
}

fn look_through(packs: &[SealedPack], sealer: &Sealer, query: &Query, limit: usize) -> Found {
    let mut found = Found::default();
    for pack in packs {
        let mut inner = Found::default();
        match pack.each_view(sealer, |view| inner.look_at(view, query)) {
            Ok(()) => found.add(inner, limit),
            Err(_) => found.broken.push(BrokenPack::from(pack)),
        }
    }
    found
}
