//! What a bond's own device appends: the end that the person wants, or an epoch.

use super::{BondSide, SpaceLogs};
use crate::{
    account,
    bonds::{self, Pause, Standing},
    keys::{AccountKeys, DeviceKey},
    random::Random,
};
use daymark_wire::{
    DocumentId, Generation, Have, limits,
    logs::{EndReason, MadeFor, Role, TravelLink},
};
use std::collections::BTreeSet;

/// What a person wants of a bond that only a link can say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// That it ends: by the owner for this reason, by the supporter by leaving.
    pub end: Option<EndReason>,
    /// Documents to be forgotten.
    pub forget: BTreeSet<DocumentId>,
}

/// The link that this device should append now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) enum Wanted {
    /// An epoch, with which these documents are forgotten.
    Epoch(Vec<DocumentId>),
    /// *end*, or *leave*.
    End(EndReason),
}

/// What a link is made with.
pub(in crate::sync) struct Means<'a> {
    pub(in crate::sync) device: &'a DeviceKey,
    pub(in crate::sync) keys: &'a AccountKeys,
    pub(in crate::sync) have: Have,
    pub(in crate::sync) generation: Option<Generation>,
    pub(in crate::sync) random: &'a Random,
}

impl SpaceLogs {
    /// Makes a link. Where it cannot be made the space stays as it is, which is named.
    pub(in crate::sync) fn make(&self, wanted: Wanted, with: Means<'_>) -> Option<TravelLink> {
        match (self, wanted) {
            (Self::Journal(logs), _) => {
                let home = logs.account().home().map(|home| home.relay);
                let made_for = home.zip(with.generation);
                let made_for = made_for.map(|(relay, generation)| MadeFor { relay, generation });
                let Means {
                    device,
                    keys,
                    have,
                    random,
                    ..
                } = with;
                let begun = account::begin_epoch(logs, keys, have, made_for, device, random);
                begun.ok().map(|(link, _)| link)
            }
            (Self::Bond(side), Wanted::Epoch(forgets)) => side.make_epoch(forgets, with),
            (Self::Bond(side), Wanted::End(why)) => side.make_end(why, with.device),
        }
    }
}

impl BondSide {
    /// The link that this device should append now: the end that the person wants, or an epoch that is needed
    /// (rule L7) or forgets what the person wants forgotten (rule B5). In a bond that is paused none is begun to seal
    /// with: its keys would be wrapped for somebody whom nobody has looked at. New keys of the other person keep
    /// nobody from taking something back: nothing is sealed under that epoch before the person has looked.
    pub(in crate::sync) fn wants(&self, keys: &AccountKeys) -> Option<Wanted> {
        if self.is_over() {
            return None;
        }
        if let Some(why) = self.end_that_can_stand() {
            return Some(Wanted::End(why));
        }
        let agreed = self.agreed.as_ref().filter(|_| !self.is_shown_another())?;
        let standing = self.standing();
        let may_seal = standing.allows_sealing();
        if !may_seal && standing != Standing::Paused(Pause::NewRoot) {
            return None;
        }
        let own = self.own.state();
        let forgets = self.still_to_forget();
        let needed = may_seal && bonds::needs_epoch(&self.logs, agreed, own, keys);
        let forgetting = !forgets.is_empty() && bonds::may_begin_epoch(&self.logs, own, keys);
        (needed || forgetting).then_some(Wanted::Epoch(forgets))
    }

    /// Whether the person wants it to end, and it has not.
    pub(super) fn is_ending(&self) -> bool {
        !self.is_over() && self.end_that_can_stand().is_some()
    }

    /// The end that the log takes. Behind an answer that comes after it was noted that nobody answered, or a no, it
    /// takes only one that the owner chose: whether it ends so, their ledger says, where another device may have agreed.
    fn end_that_can_stand(&self) -> Option<EndReason> {
        let accepted = self.logs.state().stage().is_active();
        let stands = |why: &EndReason| !accepted || *why == EndReason::Chosen;
        self.wishes.end.filter(stands)
    }

    /// What the person wants forgotten and this side has not said yet, as much as one epoch takes.
    fn still_to_forget(&self) -> Vec<DocumentId> {
        let role = self.logs.role();
        let mut left = self.wishes.forget.clone();
        left.remove(&DocumentId::ZERO);
        for epoch in self.logs.state().epochs() {
            if epoch.bond.map(|bond| bond.by) == Some(role) {
                left.retain(|document| !epoch.forgets.contains(document));
            }
        }
        left.into_iter()
            .take(limits::MAX_FORGETS_PER_EPOCH)
            .collect()
    }

    fn make_epoch(&self, forgets: Vec<DocumentId>, with: Means<'_>) -> Option<TravelLink> {
        let relay = self.logs.state().invite().relay.relay;
        let made_for = with.generation;
        let says = bonds::NewEpoch {
            have: with.have,
            forgets,
            made_for: made_for.map(|generation| MadeFor { relay, generation }),
        };
        let (agreed, own) = (self.agreed.as_ref()?, self.own.state());
        let begun = bonds::begin_epoch(&self.logs, agreed, own, says, with.device, with.random);
        begun.ok().map(|begun| begun.link)
    }

    fn make_end(&self, why: EndReason, by: &DeviceKey) -> Option<TravelLink> {
        let own = self.own.state();
        let link = match self.logs.role() {
            Role::Owner => bonds::end(&self.logs, own, why, by),
            Role::Supporter => bonds::leave(&self.logs, own, by),
        };
        link.ok()
    }
}
