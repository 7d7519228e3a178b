//! Packs: views of entries, many sealed in one row, so that ten thousand open in milliseconds.
//!
//! New views go into the newest pack until it is full; then the next one begins. Whatever a change touches,
//! each pack is opened once and written once. A pack holds the views' own encodings, one after the other.

use super::{
    VaultError, Writing,
    mending::{BrokenPack, Rebuilt},
    sealer::{Sealer, Table},
    store::{self, ROWS_PER_INSERT},
};
use daymark_core::journal::View;
use daymark_wire::{DocumentId, cbor};
use minicbor::Decoder;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Views in one pack, at most: with short entries the count bounds what one change decodes.
const MAX_VIEWS: usize = 64;

/// Bytes in one pack, unless a single view has more. An added entry writes half of that again on average,
/// which is a fraction of what its commit costs; larger packs would hardly open faster.
const MAX_BYTES: usize = 32 * 1024;

/// The row of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PackRow(pub(super) i64);

/// A pack as it is stored.
#[derive(Debug)]
pub(super) struct SealedPack {
    pub(super) row: PackRow,
    pub(super) version: i64,
    /// How many views it holds.
    pub(super) views: i64,
    pub(super) sealed: Vec<u8>,
}

/// What becomes of one document's view.
#[derive(Debug)]
pub(super) struct ViewChange {
    pub(super) document: DocumentId,
    /// Where its view is now.
    pub(super) at: Option<PackRow>,
    /// The view from now on; none to show it no longer.
    pub(super) view: Option<View>,
}

impl SealedPack {
    /// Opens a pack and decodes every view.
    pub(super) fn views(&self, sealer: &Sealer) -> Result<Vec<Arc<View>>, VaultError> {
        let mut views = Vec::with_capacity(MAX_VIEWS);
        self.each_view(sealer, |view| views.push(Arc::new(view)))?;
        Ok(views)
    }

    /// Opens a pack and hands over each of its views.
    pub(super) fn each_view(
        &self,
        sealer: &Sealer,
        mut take: impl FnMut(View),
    ) -> Result<(), VaultError> {
        let content = self.open(sealer)?;
        let mut decoder = Decoder::new(&content);
        while decoder.position() < content.len() {
            take(decoder.decode().map_err(|_| DAMAGED)?);
        }
        Ok(())
    }

    /// Opens a pack and decodes one view.
    pub(super) fn view(&self, sealer: &Sealer, document: DocumentId) -> Result<View, VaultError> {
        let pack = Pack::open(self, sealer)?;
        let item = pack.items.iter().find(|item| item.document == document);
        let item = item.ok_or(DAMAGED)?;
        minicbor::decode(&item.bytes).map_err(|_| DAMAGED)
    }

    fn open(&self, sealer: &Sealer) -> Result<zeroize::Zeroizing<Vec<u8>>, VaultError> {
        sealer.open(Table::Packs, &self.row.0.to_be_bytes(), &self.sealed)
    }
}

const DAMAGED: VaultError = VaultError::Damaged {
    what: "a pack of views",
};

impl Writing {
    /// Puts views into their packs; gives the pack of each document, in the order of the changes.
    pub(super) async fn put_views(
        &mut self,
        changes: Vec<ViewChange>,
    ) -> Result<Vec<Option<PackRow>>, VaultError> {
        if changes
            .iter()
            .all(|change| change.at.is_none() && change.view.is_none())
        {
            return Ok(changes.iter().map(|_| None).collect());
        }
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM packs")
            .fetch_one(self.connection())
            .await?;
        let touched: BTreeSet<PackRow> = changes
            .iter()
            .filter_map(|change| change.at)
            .chain(newest.map(PackRow))
            .collect();
        let touched: Vec<_> = touched.into_iter().collect();
        Box::pin(self.change_packs(changes, &touched)).await
    }

    /// The same with the packs that it needs, the newest among them where anything is added. One that does not
    /// open is rebuilt from its documents; where one of those is lost, it stays as it is, and what changes in it
    /// moves to another.
    pub(super) async fn change_packs(
        &mut self,
        changes: Vec<ViewChange>,
        touched: &[PackRow],
    ) -> Result<Vec<Option<PackRow>>, VaultError> {
        let stored = load_packs(self.connection(), touched).await?;
        let sealer = Arc::clone(&self.sealer);
        let known: usize = stored.iter().map(|pack| pack.sealed.len()).sum();
        let bytes = known + changes.len() * MAX_BYTES / MAX_VIEWS;
        let opener = Arc::clone(&sealer);
        let (mut packs, broken) =
            store::weighed(bytes, move || Ok(Packs::open(&stored, &opener))).await?;
        for pack in broken {
            let rebuilt = Box::pin(self.rebuild(pack)).await?;
            if rebuilt.unreadable.is_empty() {
                packs.open.insert(pack.row, Pack::rebuilt(pack, &rebuilt));
            } else {
                let moved = changes.iter().filter(|change| change.at == Some(pack.row));
                Box::pin(self.take_from_broken(pack.row, moved.count())).await?;
            }
        }
        let (places, packs) = store::weighed(bytes, move || {
            let places = changes.iter().map(|change| packs.apply(change)).collect();
            Ok((places, packs.seal(&sealer)?))
        })
        .await?;
        for chunk in packs.chunks(ROWS_PER_INSERT) {
            let mut query =
                QueryBuilder::<Sqlite>::new("INSERT INTO packs (id, version, views, sealed) ");
            query.push_values(chunk, |mut values, pack| {
                values
                    .push_bind(pack.row.0)
                    .push_bind(pack.version)
                    .push_bind(pack.views)
                    .push_bind(pack.sealed.as_slice());
            });
            query.push(
                " ON CONFLICT (id) DO UPDATE SET version = excluded.version, \
                 views = excluded.views, sealed = excluded.sealed",
            );
            query.build().execute(self.connection()).await?;
        }
        Ok(places)
    }

    /// Counts what a pack holds no longer that does not open.
    async fn take_from_broken(&mut self, row: PackRow, views: usize) -> Result<(), VaultError> {
        sqlx::query("UPDATE packs SET views = views - ?, version = version + 1 WHERE id = ?")
            .bind(i64::try_from(views).unwrap_or(i64::MAX))
            .bind(row.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// Loads packs by their rows, which are all different.
///
/// # Errors
/// [`VaultError::Damaged`] where one is not there: nothing that was written goes missing without a word.
pub(super) async fn load_packs(
    connection: &mut SqliteConnection,
    rows: &[PackRow],
) -> Result<Vec<SealedPack>, VaultError> {
    let mut packs = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT id, version, views, sealed FROM packs WHERE id IN (",
        );
        let mut list = query.separated(", ");
        for row in chunk {
            list.push_bind(row.0);
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            packs.push(SealedPack {
                row: PackRow(row.try_get(0)?),
                version: row.try_get(1)?,
                views: row.try_get(2)?,
                sealed: row.try_get(3)?,
            });
        }
    }
    if packs.len() == rows.len() {
        Ok(packs)
    } else {
        Err(VaultError::Damaged {
            what: "the list of entries",
        })
    }
}

/// The packs that a change touches, open.
struct Packs {
    open: BTreeMap<PackRow, Pack>,
    newest: PackRow,
}

#[derive(Default)]
struct Pack {
    version: i64,
    items: Vec<Item>,
    changed: bool,
}

struct Item {
    document: DocumentId,
    bytes: Vec<u8>,
}

impl Packs {
    /// Opens packs; those that do not open are given beside.
    fn open(stored: &[SealedPack], sealer: &Sealer) -> (Self, Vec<BrokenPack>) {
        let (mut open, mut broken) = (BTreeMap::new(), Vec::new());
        for pack in stored {
            match Pack::open(pack, sealer) {
                Ok(opened) => drop(open.insert(pack.row, opened)),
                Err(_) => broken.push(BrokenPack::from(pack)),
            }
        }
        let newest = stored.iter().map(|pack| pack.row).max();
        let newest = newest.unwrap_or(PackRow(0));
        (Self { open, newest }, broken)
    }

    fn apply(&mut self, change: &ViewChange) -> Option<PackRow> {
        let old = change.at.and_then(|row| self.open.get_mut(&row));
        let Some(view) = &change.view else {
            if let Some(pack) = old {
                pack.take_out(change.document);
            }
            return None;
        };
        let item = Item {
            document: change.document,
            bytes: cbor::to_vec(view),
        };
        let item = match old {
            None => item,
            Some(pack) => match pack.replace(item) {
                None => return change.at,
                Some(item) => item,
            },
        };
        Some(self.append(item))
    }

    fn append(&mut self, item: Item) -> PackRow {
        let full = self
            .open
            .get(&self.newest)
            .is_none_or(|pack| !pack.has_room_for(item.bytes.len()));
        if full {
            self.newest = PackRow(self.newest.0 + 1);
        }
        let pack = self.open.entry(self.newest).or_default();
        pack.items.push(item);
        pack.changed = true;
        self.newest
    }

    /// Seals what changed.
    fn seal(self, sealer: &Sealer) -> Result<Vec<SealedPack>, VaultError> {
        let changed = self.open.into_iter().filter(|(_, pack)| pack.changed);
        changed
            .map(|(row, pack)| {
                let items: Vec<_> = pack
                    .items
                    .iter()
                    .map(|item| item.bytes.as_slice())
                    .collect();
                let content = zeroize::Zeroizing::new(items.concat());
                let sealed = sealer.seal(Table::Packs, &row.0.to_be_bytes(), &content)?;
                let version = pack.version + 1;
                let views = i64::try_from(items.len()).unwrap_or(i64::MAX);
                Ok(SealedPack {
                    row,
                    version,
                    views,
                    sealed,
                })
            })
            .collect()
    }
}

impl Pack {
    fn open(stored: &SealedPack, sealer: &Sealer) -> Result<Self, VaultError> {
        let content = stored.open(sealer)?;
        let mut decoder = Decoder::new(&content);
        let mut items = Vec::with_capacity(MAX_VIEWS);
        while decoder.position() < content.len() {
            let begin = decoder.position();
            decoder.skip().map_err(|_| DAMAGED)?;
            let bytes = content.get(begin..decoder.position()).ok_or(DAMAGED)?;
            let mut front = Decoder::new(bytes);
            front.array().map_err(|_| DAMAGED)?;
            items.push(Item {
                document: front.decode().map_err(|_| DAMAGED)?,
                bytes: bytes.to_vec(),
            });
        }
        Ok(Self {
            version: stored.version,
            items,
            changed: false,
        })
    }

    fn rebuilt(broken: BrokenPack, rebuilt: &Rebuilt) -> Self {
        let item = |view: &View| Item {
            document: view.id,
            bytes: cbor::to_vec(view),
        };
        Self {
            version: broken.version,
            items: rebuilt.views.iter().map(item).collect(),
            changed: true,
        }
    }

    fn bytes(&self) -> usize {
        self.items.iter().map(|item| item.bytes.len()).sum()
    }

    fn has_room_for(&self, bytes: usize) -> bool {
        self.items.is_empty() || (self.items.len() < MAX_VIEWS && self.bytes() + bytes <= MAX_BYTES)
    }

    fn take_out(&mut self, document: DocumentId) {
        let before = self.items.len();
        self.items.retain(|item| item.document != document);
        self.changed |= self.items.len() != before;
    }

    /// Puts a view in the place of the one before. One that has outgrown its pack is given back.
    fn replace(&mut self, item: Item) -> Option<Item> {
        let place = self
            .items
            .iter()
            .position(|old| old.document == item.document);
        self.take_out(item.document);
        self.changed = true;
        match place {
            Some(place) if self.has_room_for(item.bytes.len()) => {
                self.items.insert(place, item);
                None
            }
            _ => Some(item),
        }
    }
}
