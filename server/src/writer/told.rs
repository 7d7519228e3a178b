//! What one request tells the two sides of its bonds. A supporter hears of the owner's account what a bond's
//! links may rest on, and of the journal nothing.

use crate::{
    append::Appended,
    live::{News, Origin},
};
use daymark_wire::{LogId, SpaceId, logs::LogKind};
use std::collections::BTreeMap;

/// News of each bond that a request changes.
#[derive(Debug)]
pub(super) struct Told {
    origin: Origin,
    pub(super) bonds: BTreeMap<SpaceId, News>,
}

impl Told {
    pub(super) const fn new(origin: Origin) -> Self {
        Self {
            origin,
            bonds: BTreeMap::new(),
        }
    }

    /// Notes the new links of each bond, after those of the account.
    pub(super) fn note_links(&mut self, appended: &Appended) {
        let of = |wanted: LogKind, log: Option<LogId>| {
            let links = appended
                .new
                .iter()
                .filter(move |new| new.link.kind == wanted && log.is_none_or(|log| new.log == log));
            links.map(|new| new.link.clone())
        };
        for (log, draft) in &appended.bonds {
            if draft.has_new {
                let links = of(LogKind::Account, None).chain(of(LogKind::Bond, Some(*log)));
                self.of(SpaceId::from(*log)).links = links.collect();
            }
        }
    }

    /// The news of one bond.
    pub(super) fn of(&mut self, space: SpaceId) -> &mut News {
        // Both sides may listen, so small records wait with the news.
        let origin = self.origin;
        self.bonds
            .entry(space)
            .or_insert_with(|| News::new(origin, true))
    }
}
