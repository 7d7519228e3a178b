//! How far each log is known: what is asked, named, taken and offered again.

use super::{BondSide, SpaceLogs};
use crate::{account::Taken, bonds, sync::Fault};
use daymark_wire::{
    LogId,
    logs::{AccountState, Head, LogKind, TravelLink},
    sync::{KnownLength, KnownLog},
};

impl SpaceLogs {
    /// The heads of all logs, as a sync request names them.
    #[must_use]
    pub fn known(&self) -> Vec<KnownLog> {
        match self {
            Self::Journal(logs) => logs.known(),
            Self::Bond(side) => side.with_own(side.logs.known()),
        }
    }

    /// What a sync request names so that the relay shows the newest epoch's link again.
    pub(in crate::sync) fn known_before_newest_epoch(&self) -> Vec<KnownLog> {
        match self {
            Self::Journal(logs) => logs.known_before_newest_epoch(),
            Self::Bond(side) => side.with_own(side.logs.known_before_newest_epoch()),
        }
    }

    /// The heads that a record's header names; none while nobody has accepted.
    pub(in crate::sync) fn heads(&self) -> Vec<Head> {
        match self {
            Self::Journal(logs) => logs.heads(),
            Self::Bond(side) => {
                let heads = side.logs.heads(side.own.state());
                heads.map(Vec::from).unwrap_or_default()
            }
        }
    }

    /// Whether heads that another device names are on the logs known here.
    pub(in crate::sync) fn check_heads(&self, named: &[Head]) -> Result<(), Fault> {
        let space = LogId::from(self.space());
        let logs = match (self, named) {
            (Self::Journal(logs), [account, of_space]) => vec![
                account_head(logs.account(), *account),
                (space, logs.journal().head_at(of_space.length)),
            ],
            (Self::Bond(side), [owner, supporter, of_space]) => {
                let accounts = side.accounts();
                let theirs = accounts.supporter;
                vec![
                    account_head(accounts.owner, *owner),
                    theirs.map_or((space, None), |account| account_head(account, *supporter)),
                    (space, side.logs.state().head_at(of_space.length)),
                ]
            }
            _ => return Err(Fault::ForkedView { log: space }),
        };
        for ((log, known), named) in logs.into_iter().zip(named) {
            match known {
                Some(known) if known == *named => {}
                Some(_) => return Err(Fault::ForkedView { log }),
                None => return Err(Fault::RolledBack { log }),
            }
        }
        Ok(())
    }

    /// Whether a link is of one of these logs.
    #[must_use]
    pub fn follows(&self, link: &TravelLink) -> bool {
        match self {
            Self::Journal(logs) => logs.follows(link),
            Self::Bond(side) => side.follows(link),
        }
    }

    /// Takes what a relay showed. What is new is for the vault to keep.
    pub fn take(&mut self, links: &[TravelLink]) -> Taken {
        match self {
            Self::Journal(logs) => logs.take(links),
            Self::Bond(side) => side.take(links),
        }
    }

    /// Known links of the logs that a relay has only so far, in an order in which they can be appended. A bond
    /// brings one's own account's too, since links that rest on them are appended in one request or not at all;
    /// the other person's are theirs to bring.
    pub(in crate::sync) fn links_lacked(&self, by: &[KnownLength]) -> Vec<TravelLink> {
        let length = |log: LogId| {
            let shown = by.iter().find(|shown| shown.log == log);
            shown.map_or(u64::MAX, |shown| shown.length)
        };
        let (account, space) = (
            length(self.account().id().into()),
            length(self.space().into()),
        );
        match self {
            Self::Journal(logs) => logs.links_in_order(account, space),
            // What the journal brings alone is not brought twice.
            Self::Bond(_) if space == u64::MAX => Vec::new(),
            Self::Bond(side) => side.logs.links_in_order(&side.own, account, space),
        }
    }
}

fn account_head(account: &AccountState, named: Head) -> (LogId, Option<Head>) {
    (account.id().into(), account.head_at(named.length))
}

impl BondSide {
    fn with_own(&self, known: Vec<KnownLog>) -> Vec<KnownLog> {
        let own = self.own.state();
        let own = KnownLog {
            log: own.id().into(),
            head: own.head(),
        };
        std::iter::once(own).chain(known).collect()
    }

    /// Links of the supporter's account are followed once an *accept* named them: until then any account's may be
    /// theirs, and [`crate::sync::Machines`] sets these aside.
    fn follows(&self, link: &TravelLink) -> bool {
        let known = self.with_own(self.logs.known());
        let is_known = |log| known.iter().any(|known| known.log == log);
        match link.kind {
            LogKind::Journal => false,
            LogKind::Account | LogKind::Bond => bonds::log_of(link).is_some_and(is_known),
        }
    }

    fn take(&mut self, links: &[TravelLink]) -> Taken {
        // What is wrong with one's own account log is the journal's to name.
        self.own.take_all(links);
        let own = self.own.state();
        // The wraps were destroyed with the keys: they are not taken once more.
        let is_ending = self.logs.state().stage().is_active() && self.is_ending();
        let taken = if self.is_over() || is_ending {
            self.logs.take(&without_wraps(links), own)
        } else {
            self.logs.take(links, own)
        };
        if let Some(link) = self.logs.forked_by() {
            self.forks.show(link);
        }
        taken
    }
}

fn without_wraps(links: &[TravelLink]) -> Vec<TravelLink> {
    let links = links.iter().cloned();
    let bare = links.map(|link| TravelLink { blob: None, ..link });
    bare.collect()
}
