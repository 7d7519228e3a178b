//! Lists and searches: every entry's view, newest first.
//!
//! A program that runs once opens all packs, on every core. One that stays keeps the views in memory and
//! opens only packs that were written since.

use super::{
    Reading, Vault, VaultError,
    mending::{BrokenPack, Rebuilt},
    packs::{self, PackRow, SealedPack},
    sealer::Sealer,
    store,
};
use daymark_core::journal::{Query, View};
use daymark_wire::DocumentId;
use rayon::prelude::*;
use std::{collections::HashMap, fmt, sync::Arc};

/// Views below which a search does not use several cores: it would take longer to begin than to end.
const VIEWS_PER_CORE: usize = 256;

/// Packs that are read before the first of them are opened.
pub(super) const PACKS_AT_ONCE: usize = 32;

/// Every entry as it read at one moment, newest first.
#[derive(Clone, Default)]
pub struct Views {
    all: Arc<[Arc<View>]>,
    unreadable: Arc<[DocumentId]>,
}

impl Views {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Entries that are damaged and cannot be shown: none of them is among the others.
    #[must_use]
    pub fn unreadable(&self) -> &[DocumentId] {
        &self.unreadable
    }

    /// Each of them, newest first; from the back, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<View>> + ExactSizeIterator {
        self.all.iter()
    }

    /// Those that the query finds, newest first.
    #[must_use]
    pub fn search(&self, query: &Query) -> Vec<Arc<View>> {
        let found = |view: &&Arc<View>| view.matches(query);
        self.all
            .par_iter()
            .with_min_len(VIEWS_PER_CORE)
            .filter(found)
            .cloned()
            .collect()
    }

    /// The newest ones that the query finds, at most `limit`.
    #[must_use]
    pub fn newest(&self, query: &Query, limit: usize) -> Vec<Arc<View>> {
        let found = |view: &&Arc<View>| view.matches(query);
        self.iter().filter(found).take(limit).cloned().collect()
    }

    /// The one at a place, counted from 1 for the newest.
    #[must_use]
    pub fn nth(&self, place: usize) -> Option<&Arc<View>> {
        self.all.get(place.checked_sub(1)?)
    }
}

impl fmt::Debug for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Views({})", self.len())
    }
}

impl Vault {
    /// Every entry as it reads now. Within one opening of the vault, only what changed is opened again.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn views(&self) -> Result<Views, VaultError> {
        let mut cache = self.inner.views.lock().await;
        let reading = self.reading().await?;
        let (fresh, mendable) = refresh(std::mem::take(&mut *cache), reading).await?;
        *cache = fresh;
        Box::pin(self.mend(mendable)).await;
        Ok(cache.sorted.clone())
    }

    /// The newest entries that the query finds, at most `limit`.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn list(&self, query: &Query, limit: usize) -> Result<Vec<Arc<View>>, VaultError> {
        let (views, query) = (self.views().await?, query.clone());
        store::heavy(move || Ok(views.newest(&query, limit))).await
    }

    /// Every entry that the query finds, newest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn search(&self, query: &Query) -> Result<Vec<Arc<View>>, VaultError> {
        let (views, query) = (self.views().await?, query.clone());
        store::heavy(move || Ok(views.search(&query))).await
    }

    /// How many entries there are. Opens none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn count(&self) -> Result<usize, VaultError> {
        let mut reading = self.reading().await?;
        let count: i64 = sqlx::query_scalar("SELECT coalesce(sum(views), 0) FROM packs")
            .fetch_one(reading.connection())
            .await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }
}

/// Views as they were when last asked for, by pack.
#[derive(Default)]
pub(super) struct ViewCache {
    packs: HashMap<PackRow, CachedPack>,
    sorted: Views,
}

struct CachedPack {
    version: i64,
    views: Vec<Arc<View>>,
    unreadable: Vec<DocumentId>,
}

/// Opens the packs that were written since; gives those too that did not open and can be mended. A failure leaves
/// an empty cache, and the next call begins anew.
async fn refresh(
    mut cache: ViewCache,
    mut reading: Reading,
) -> Result<(ViewCache, Vec<PackRow>), VaultError> {
    let mut changed = Vec::new();
    for (pack, version) in listed(&mut reading).await? {
        let known = cache.packs.get(&pack);
        if known.is_none_or(|known| known.version != version) {
            changed.push(pack);
        }
    }
    if changed.is_empty() {
        return Ok((cache, Vec::new()));
    }
    // While one core opens packs, another reads the next ones from the file.
    let mut opening = Vec::new();
    for rows in changed.chunks(PACKS_AT_ONCE) {
        let loaded = packs::load_packs(reading.connection(), rows).await?;
        let sealer = Arc::clone(&reading.sealer);
        opening.push(tokio::task::spawn_blocking(move || open(&loaded, &sealer)));
    }
    let (mut broken, mut mendable) = (Vec::new(), Vec::new());
    for opened in opening {
        for (row, pack) in opened.await? {
            match pack {
                Ok(pack) => drop(cache.packs.insert(row, pack)),
                Err(pack) => broken.push(pack),
            }
        }
    }
    for pack in broken {
        let Rebuilt { views, unreadable } = Box::pin(reading.rebuild(pack)).await?;
        if unreadable.is_empty() {
            mendable.push(pack.row);
        }
        let cached = CachedPack {
            version: pack.version,
            views: views.into_iter().map(Arc::new).collect(),
            unreadable,
        };
        cache.packs.insert(pack.row, cached);
    }
    drop(reading);
    store::heavy(move || {
        cache.sorted = sorted(&cache.packs);
        Ok((cache, mendable))
    })
    .await
}

/// Every pack with its version.
pub(super) async fn listed(reading: &mut Reading) -> Result<Vec<(PackRow, i64)>, VaultError> {
    let listed: Vec<(i64, i64)> = sqlx::query_as("SELECT id, version FROM packs")
        .fetch_all(reading.connection())
        .await?;
    // The list comes from an index. One that is damaged may be shorter than the table, and say nothing.
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM packs NOT INDEXED")
        .fetch_one(reading.connection())
        .await?;
    if i64::try_from(listed.len()) != Ok(stored) {
        return Err(VaultError::Damaged {
            what: "the list of entries",
        });
    }
    let pack = |(row, version)| (PackRow(row), version);
    Ok(listed.into_iter().map(pack).collect())
}

/// What comes later in this order stands higher in a list.
pub(super) fn order(view: &View) -> (i64, DocumentId) {
    (view.entry.at.milliseconds(), view.id)
}

fn open(packs: &[SealedPack], sealer: &Sealer) -> Vec<(PackRow, Result<CachedPack, BrokenPack>)> {
    let open = |pack: &SealedPack| {
        let views = pack.views(sealer).map_err(|_| BrokenPack::from(pack));
        let cached = views.map(|views| CachedPack {
            version: pack.version,
            views,
            unreadable: Vec::new(),
        });
        (pack.row, cached)
    };
    packs.par_iter().map(open).collect()
}

fn sorted(packs: &HashMap<PackRow, CachedPack>) -> Views {
    let all = packs.values().flat_map(|pack| &pack.views);
    let mut keyed: Vec<((i64, DocumentId), &Arc<View>)> =
        all.map(|view| (order(view), view)).collect();
    keyed.par_sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
    let unreadable = packs.values().flat_map(|pack| &pack.unreadable);
    let mut unreadable: Vec<_> = unreadable.copied().collect();
    unreadable.sort_unstable();
    Views {
        all: keyed
            .into_iter()
            .map(|(_, view)| Arc::clone(view))
            .collect(),
        unreadable: unreadable.into(),
    }
}
