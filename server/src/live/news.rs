//! What one commit brought, for those who listen.

use super::Origin;
use crate::{
    accounts::Account,
    push::Effect,
    store::{ChainRow, Store},
};
use axum::body::Bytes;
use daymark_wire::{
    Record, Seq, SpaceId, limits,
    logs::TravelLink,
    sync::{self, RelayFrame},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Records up to this size wait with the news itself; larger ones are read again for each socket, so that
/// slow sockets hold little memory.
const CARRIED_BYTES: usize = 64 * 1024;

/// News in the making.
#[derive(Debug, Clone)]
pub(crate) struct News {
    origin: Origin,
    pub(crate) links: Vec<TravelLink>,
    space: Option<SpaceId>,
    records: Vec<Record>,
    /// Whether the records themselves wait with the news.
    is_carried: bool,
    bytes: usize,
    stretches: BTreeMap<ChainRow, (Seq, Seq)>,
}

impl News {
    /// Who begins to listen before the commit is shown is told as well: so there are news also where nobody
    /// listens yet, but then records are not held for them.
    pub(crate) const fn new(origin: Origin, somebody_listens: bool) -> Self {
        Self {
            origin,
            links: Vec::new(),
            space: None,
            records: Vec::new(),
            is_carried: somebody_listens,
            bytes: 0,
            stretches: BTreeMap::new(),
        }
    }

    /// Notes the records among what a push changes.
    pub(crate) fn note(&mut self, space: SpaceId, effects: &[Effect]) {
        for effect in effects {
            let (Effect::Keep { row, record } | Effect::Fill { row, record }) = effect else {
                continue;
            };
            self.space = Some(space);
            self.bytes = self.bytes.saturating_add(record.size());
            let seq = record.place().seq;
            let (_, last) = self.stretches.entry(*row).or_insert((seq, seq));
            *last = seq.max(*last);
            self.is_carried &= self.bytes <= CARRIED_BYTES;
            if self.is_carried {
                self.records.push(record.clone());
            } else {
                self.records = Vec::new();
            }
        }
    }

    /// The records alone.
    pub(crate) fn without_links(self) -> Self {
        Self {
            links: Vec::new(),
            ..self
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.links.is_empty() && self.space.is_none()
    }

    /// The news, of an account as it stands with them.
    pub(crate) fn of(self, account: Arc<Account>) -> NewsOf {
        NewsOf {
            origin: self.origin,
            account,
            links: self.links,
            space: self.space,
            records: self.records,
            is_carried: self.is_carried,
            stretches: self.stretches,
            whole: OnceLock::new(),
        }
    }
}

/// News of an account.
#[derive(Debug)]
pub(crate) struct NewsOf {
    pub(super) origin: Origin,
    /// The account as it stands with the news.
    pub(crate) account: Arc<Account>,
    links: Vec<TravelLink>,
    space: Option<SpaceId>,
    records: Vec<Record>,
    is_carried: bool,
    stretches: BTreeMap<ChainRow, (Seq, Seq)>,
    /// Encoded once for all sockets.
    whole: OnceLock<Bytes>,
}

impl NewsOf {
    /// The frames for a socket that watches these spaces.
    pub(super) async fn frames(
        &self,
        watched: &[SpaceId],
        store: &Store,
    ) -> Result<Vec<Bytes>, crate::store::StoreError> {
        let space = self.space.filter(|space| watched.contains(space));
        if space.is_none() && self.links.is_empty() {
            return Ok(Vec::new());
        }
        if space == self.space && self.is_carried {
            let whole = self
                .whole
                .get_or_init(|| frame(self.links.clone(), space, self.records.clone()));
            return Ok(vec![whole.clone()]);
        }
        let mut frames = Vec::new();
        if !self.links.is_empty() {
            frames.push(frame(self.links.clone(), None, Vec::new()));
        }
        if space.is_some() {
            self.read(space, store, &mut frames).await?;
        }
        Ok(frames)
    }

    /// Reads records that were too many to wait with the news.
    async fn read(
        &self,
        space: Option<SpaceId>,
        store: &Store,
        frames: &mut Vec<Bytes>,
    ) -> Result<(), crate::store::StoreError> {
        let mut reading = store.reading().await?;
        let mut budget = crate::store::Budget::new(limits::MAX_REPLY_RECORD_BYTES);
        for (row, (first, last)) in &self.stretches {
            let after = Seq(first.0.saturating_sub(1));
            let records = reading.records(*row, after, *last, &mut budget).await?;
            frames.push(frame(Vec::new(), space, records));
        }
        Ok(())
    }
}

fn frame(links: Vec<TravelLink>, space: Option<SpaceId>, records: Vec<Record>) -> Bytes {
    let news = sync::News {
        links,
        space,
        records,
    };
    RelayFrame::News(news).to_bytes().into()
}
