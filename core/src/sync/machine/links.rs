//! Links that this machine brings: those that are needed or wanted, and those that the relay lacks.

use super::{Effect, Machine, PUSH_BYTES, Work};
use crate::random::Random;
use daymark_wire::{
    limits,
    logs::TravelLink,
    sync::{KnownLength, KnownLog},
};
use minicbor::{Decode, Encode};

/// Whose links a request brings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Appending {
    /// The caller's; or none.
    #[default]
    Callers,
    /// Known ones, which the relay lacks.
    Known,
    /// One that was needed or wanted: an epoch, or a bond's end.
    Made,
}

/// What a relay puts off with *not now*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum PutOff {
    /// A link that is needed, or wanted.
    #[n(0)]
    Links,
    /// Records, in the other side's turn.
    #[n(1)]
    Records,
}

/// Which links go first where whole logs are brought and are more than one request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// To a relay that has none.
    FromTheFirst,
    /// To a relay that has the first ones: what it lacks are the last.
    UpToTheLast,
}

impl Machine {
    /// A link that is needed, or wanted. One that was signed and not taken is brought again as it is, also after
    /// a restart, as long as it can stand: two of this device's for one place would be two histories (rule L13).
    pub(super) fn link_to_append(&mut self, random: &Random) -> Option<Effect> {
        let wanted = self.replica.wants().filter(|_| !self.held_up)?;
        if self.replica.signed_for_next().is_some() {
            return self.may_bring().then(|| self.bring_signed());
        }
        let link = self.replica.make(wanted, self.generation, random)?;
        self.may_bring().then(|| {
            self.replica.signed = Some(link.clone());
            Effect::Work(Work::KeepLink(Box::new(link)))
        })
    }

    /// Whether such a link is brought once more. Where it was not taken again and again, that is named.
    fn may_bring(&mut self) -> bool {
        let may = self.budget.may_begin_epoch();
        self.untaken |= !may;
        may
    }

    /// Whether the relay took no link of this device's making, again and again, or lacks the log that it would stand in
    /// whatever is brought of it, and one is still to be said.
    pub(in crate::sync) fn is_untaken(&self) -> bool {
        (self.untaken || self.reply.lacks_bond) && self.replica.wants().is_some()
    }

    /// What is to be said and waits, as the relay answered it with *not now*; with how much of that sort it took of this
    /// side so far.
    pub(in crate::sync) fn put_off(&self) -> impl Iterator<Item = (PutOff, u64)> {
        let links = self.held_up && self.replica.wants().is_some();
        let records = || self.replica.chains.seq(self.replica.own.chain).0;
        let put_off = [
            links.then(|| (PutOff::Links, self.replica.logs.epochs_begun())),
            self.not_now.then(|| (PutOff::Records, records())),
        ];
        put_off.into_iter().flatten()
    }

    /// Whether the relay takes no more links of this device for now (rule L11), or, in the other side's turn, no
    /// records: what is said by them waits.
    pub(in crate::sync) const fn is_held_up(&self) -> bool {
        self.held_up || self.not_now
    }

    /// A minute went by: what waited is brought again.
    pub(in crate::sync) const fn go_on(&mut self) {
        self.held_up = false;
        self.not_now = false;
    }

    /// Brings the link that was signed, which is stored.
    pub(super) fn bring_signed(&mut self) -> Effect {
        self.append = self.replica.signed.iter().cloned().collect();
        self.appending = Appending::Made;
        self.send()
    }

    /// Known links that the relay lacks, as many as fit in one request.
    pub(super) fn links_that_relay_lacks(&mut self) -> Vec<TravelLink> {
        let behind = std::mem::take(&mut self.reply.behind_links);
        let known = self.replica.logs.known();
        let lacked: Vec<KnownLength> = behind
            .into_iter()
            .filter(|shown| {
                let mut logs = known.iter();
                let is_shorter =
                    logs.any(|known| known.log == shown.log && shown.length < known.head.length);
                is_shorter && self.budget.may_offer_links(shown.log, shown.length)
            })
            .collect();
        fitting(self.replica.logs.links_lacked(&lacked))
    }

    /// Brings every link known, as many as fit, and after them what the caller brings.
    pub(super) fn bring_whole_logs(&mut self, whole: Whole) {
        let known = self.replica.logs.known().into_iter();
        let nothing = |known: KnownLog| KnownLength {
            log: known.log,
            length: 0,
        };
        let none: Vec<KnownLength> = known.map(nothing).collect();
        let mut links = self.replica.logs.links_lacked(&none);
        links.append(&mut self.append);
        let count = links.len();
        match whole {
            Whole::FromTheFirst => {
                links = fitting(links);
                if links.len() < count {
                    // What the caller brings comes last: it is not among them.
                    self.appending = Appending::Known;
                }
            }
            Whole::UpToTheLast => {
                links.reverse();
                links = fitting(links);
                links.reverse();
            }
        }
        self.append = links;
    }

    /// Whether the links of the next request are ones that the relay lost, or never had.
    pub(in crate::sync) fn brings_known_links(&self) -> bool {
        self.appending == Appending::Known && !self.append.is_empty()
    }

    /// Known links were not taken beside another space's: they are brought once more by themselves.
    pub(in crate::sync) fn bring_again(&mut self) {
        self.budget.forget_offered_links();
    }
}

/// As many links as one request takes, the first ones.
fn fitting(mut links: Vec<TravelLink>) -> Vec<TravelLink> {
    let mut bytes = 0;
    let fit = links
        .iter()
        .take(limits::MAX_LINKS_PER_SYNC)
        .take_while(|link| {
            bytes += link.size();
            bytes <= PUSH_BYTES
        })
        .count();
    links.truncate(fit);
    links
}
