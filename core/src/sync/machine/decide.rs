//! What to do next: first what this device must put right, then what the relay lacks, then what is new.

use super::{Again, Asked, Effect, Machine, Work, links::Appending};
use crate::{
    random::{NoRandomness, Random},
    sync::ChainState,
};
use daymark_wire::{ChainId, Record, Seq, limits, record::Place};

impl Machine {
    pub(super) fn decide(&mut self, random: &Random) -> Result<Effect, NoRandomness> {
        self.asked = Asked::Nothing;
        let at_rest = self.replica.logs.is_at_rest();
        if at_rest {
            self.push.clear();
        }
        self.hold_back();
        self.drop_outdated();
        if let Some(again) = self.needed_renewal().filter(|_| !at_rest) {
            if self.budget.may_renew() {
                return self.renew(again, random);
            }
            self.stop();
        }
        let again =
            std::mem::take(&mut self.reply.more) | std::mem::take(&mut self.reply.ask_again);
        self.asks_on = again;
        if !self.stopped {
            self.append = self.links_that_relay_lacks();
            self.appending = Appending::Known;
        }
        // Everything that the relay shows is taken before an epoch says what its author has.
        if again || !self.append.is_empty() {
            return Ok(self.send());
        }
        // A bond that a relay lost waits for the other person, too, who brings their own account's log.
        if self.stopped || self.reply.lacks_bond {
            return Ok(self.finish());
        }
        if let Some(effect) = self.link_to_append(random) {
            return Ok(effect);
        }
        if !self.replica.logs.takes_content() || self.replica.newest_epoch().is_none() {
            return Ok(self.finish());
        }
        if self.not_now {
            return Ok(self.finish());
        }
        if !self.push.is_empty() {
            return Ok(self.send());
        }
        Ok(match self.something_to_load() {
            Some(work) => Effect::Work(work),
            None => self.finish(),
        })
    }

    /// Nothing more is sent in this sync; what the relay still shows is taken.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.outcome.given_up = true;
        self.push.clear();
    }

    fn something_to_load(&mut self) -> Option<Work> {
        if let Some(work) = self.own_to_offer() {
            return Some(work);
        }
        if self.replica.has_pending() {
            // It was offered and not taken: nothing may be signed after it.
            return None;
        }
        if let Some(work) = self.others_to_offer() {
            return Some(work);
        }
        if let Some(work) = self.keys_to_wrap() {
            return Some(work);
        }
        self.waiting.then(|| {
            self.asked = Asked::Changes;
            Work::Seal
        })
    }

    /// What the person wants forgotten leaves without its body, also where it was sealed before they said so and no
    /// relay takes what they said.
    fn hold_back(&mut self) {
        for record in &mut self.push {
            if record.body().is_some()
                && self
                    .replica
                    .logs
                    .is_to_be_forgotten(record.claimed().document)
            {
                *record = record.clone().into_stub();
            }
        }
    }

    /// Records that are sealed under an older epoch, beyond what its successor's author had, are not shown
    /// to any relay any more. This device says its own again, under the new one (rule R7).
    fn drop_outdated(&mut self) {
        let own = self.replica.own.chain;
        let is_outdated = |record: &Record| self.replica.is_outdated(record.claimed());
        if !self.push.iter().any(is_outdated) {
            return;
        }
        let own_too = self
            .push
            .iter()
            .any(|record| record.place().chain == own && is_outdated(record));
        self.push
            .retain(|record| !self.replica.is_outdated(record.claimed()));
        if own_too {
            self.renewal = self.renewal.max(Some(Again::Unseen));
        }
    }

    /// Whether this device's chain cannot go on: it was refused or replaced, or what is known of it is not
    /// what this vault signed.
    pub(super) fn needed_renewal(&self) -> Option<Again> {
        let own = self.replica.own;
        let seen = self.replica.chains.head(own.chain).and_then(|head| {
            let another = head.seq == own.seq && head.hash != own.hash;
            if head.state == ChainState::Frozen || another {
                Some(Again::Everything)
            } else if head.seq > own.seq {
                Some(Again::Unsaid)
            } else {
                None
            }
        });
        self.renewal.max(seen)
    }

    /// A new incarnation: what the old one leaves unsaid is said again in it (rule R7).
    fn renew(&mut self, again: Again, random: &Random) -> Result<Effect, NoRandomness> {
        let ended = self.replica.own;
        let stands = self.replica.chains.seq(ended.chain);
        let own = ended.renewed(stands, random)?;
        self.push.clear();
        self.suspects.forget(ended.chain);
        self.renewal = None;
        self.replica.own = own;
        Ok(Effect::Work(Work::Renew {
            own,
            after: match again {
                // Nothing of it stands: all that it said waits again, also what it said for a chain before it.
                _ if stands < Seq::FIRST => Seq(u64::MAX),
                Again::Unsaid => stands.min(ended.seq),
                Again::Unseen => {
                    let newest = self.replica.logs.newest_epoch();
                    let seen = newest.map(|epoch| epoch.have.of(ended.chain));
                    stands.min(ended.seq).min(seen.unwrap_or_default())
                }
                Again::Everything => Seq(0),
            },
        }))
    }

    /// This device's own records, where the relay has fewer than this vault signed.
    fn own_to_offer(&mut self) -> Option<Work> {
        let chain = self.replica.own.chain;
        let taken = self.replica.chains.seq(chain);
        let shown = self.reply.behind.iter().find(|(of, _)| *of == chain);
        let look = std::mem::take(&mut self.look_at_own);
        let after = match shown {
            Some((_, seq)) => seq.min(taken),
            None if self.replica.has_pending() => taken,
            None if look => Seq(taken.0.checked_sub(1)?),
            None => return None,
        };
        let lacks = after < self.replica.own.seq && self.budget.may_offer(chain, after);
        lacks.then(|| self.ask_for(chain, after))
    }

    /// Other devices' records and bodies that the relay lacks and this device has (threat K9).
    fn others_to_offer(&mut self) -> Option<Work> {
        let behind = self.reply.behind.iter().find(|(chain, after)| {
            *chain != self.replica.own.chain
                && *after < self.replica.chains.seq(*chain)
                && !self.replica.chains.is_frozen(*chain)
                && self.budget.may_offer(*chain, *after)
        });
        if let Some((chain, after)) = behind {
            return Some(self.ask_for(chain, after));
        }
        let wanted = std::mem::take(&mut self.reply.want);
        let places: Vec<Place> = wanted
            .into_iter()
            .take(limits::MAX_WANTED)
            .filter(|place| self.replica.holds(*place) && !self.replica.holes.contains_key(place))
            .filter(|place| self.budget.may_offer_body(*place))
            .collect();
        (!places.is_empty()).then(|| {
            self.asked = Asked::Places;
            Work::OfferPlaces(places)
        })
    }

    fn ask_for(&mut self, chain: ChainId, after: Seq) -> Work {
        self.asked = Asked::Chain(chain);
        Work::Offer { chain, after }
    }

    pub(super) fn offered(
        &mut self,
        records: Vec<Record>,
        random: &Random,
    ) -> Result<Effect, NoRandomness> {
        if let Asked::Chain(chain) = self.asked {
            match records.last() {
                Some(last) => self.budget.offered(chain, last.place().seq),
                None => self.budget.give_up(chain),
            }
            if records.is_empty() && chain == self.replica.own.chain && self.replica.has_pending() {
                self.renewal = self.renewal.max(Some(Again::Unsaid));
            }
        }
        // What was forgotten or has expired is never given away again: its stub holds the place.
        let replica = &self.replica;
        self.push.extend(records.into_iter().map(|record| {
            let header = record.claimed();
            if replica.is_forgotten(header) || replica.logs.is_expired(header.expires) {
                record.into_stub()
            } else {
                record
            }
        }));
        self.decide(random)
    }

    /// After an epoch began, document keys are wrapped again under it: by its author at once, by another
    /// device if that author did not, at the next sync (threats K17, K18).
    fn keys_to_wrap(&mut self) -> Option<Work> {
        let newest = self.replica.logs.newest_epoch()?;
        let (epoch, is_first) = (newest.id, newest.number <= 1);
        let due = self.began == Some(epoch) || self.epoch_at_start == Some(epoch);
        if is_first || !due || self.wrapped == Some(epoch) {
            return None;
        }
        self.wrapped = Some(epoch);
        self.asked = Asked::Keys;
        Some(Work::WrapKeys { epoch })
    }
}
