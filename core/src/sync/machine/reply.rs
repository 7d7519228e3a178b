//! What a reply, or a piece of news, changes.

use super::{Again, LastReply, Machine, links::Appending};
use crate::sync::{ChainHead, ChainState, Fault, Intake, Workers};
use daymark_wire::{
    ChainId, Generation, LogId, Record, Seq,
    logs::TravelLink,
    record::Place,
    sync::{AppendOutcome, KnownLength, News, PushOutcome, RecordRefusal, SpaceReply, SyncReply},
};

impl Machine {
    pub(super) fn replied(&mut self, reply: SyncReply, workers: &impl Workers) -> Intake {
        self.outcome.round_trips += 1;
        self.asks_on = false;
        let mut intake = Intake::default();
        let links = self.links_of(reply.links, reply.append);
        let known = self.replica.logs.known();
        self.take_links(&links, &mut intake);
        let logs_grew = known != self.replica.logs.known();
        let space = self.replica.space();
        let shown = reply.spaces.into_iter().find(|shown| shown.space == space);
        let shown = shown.unwrap_or_else(|| SpaceReply::empty(space));
        intake.declined = shown.declined;
        self.look_at_suspects(&shown.records, &mut intake);
        self.pushed(&shown.push, &mut intake);
        self.take_records(shown.records, &mut intake, workers);
        let wants_more = self.wants_more && !self.budget.asked_all(self.replica.holes.keys());
        let came = logs_grew || !(intake.records.is_empty() && intake.filled.is_empty());
        self.reply = LastReply {
            more: shown.more && came,
            lacks_bond: self.is_lacked_bond(&reply.behind),
            behind_links: reply.behind,
            behind: shown.behind,
            want: shown.want,
            ask_again: !self.suspects.is_empty() || wants_more,
        };
        self.notice_history(reply.generation, &mut intake);
        let missing = std::mem::take(&mut intake.missing);
        if !self.reply.more {
            intake.faults.extend(missing);
        }
        self.note(&intake);
        intake
    }

    fn is_lacked_bond(&self, behind: &[KnownLength]) -> bool {
        let logs = &self.replica.logs;
        let log = LogId::from(logs.space());
        logs.as_bond().is_some() && behind.iter().any(|shown| shown.log == log)
    }

    /// News may arrive out of step with a reply: what seems missing is asked for before it is named.
    pub(super) fn news(&mut self, news: News, workers: &impl Workers) -> Intake {
        let mut intake = Intake::default();
        self.take_links(&news.links, &mut intake);
        if news.space == Some(self.replica.space()) {
            self.take_records(news.records, &mut intake, workers);
        }
        let lacked = self.reply.lacks_bond;
        let is_due = self.passed_over && self.replica.logs.takes_records();
        self.passed_over &= !is_due;
        let is_missing = !std::mem::take(&mut intake.missing).is_empty();
        self.reply = LastReply {
            // Until a reply says otherwise; links that another brings are reason to ask.
            lacks_bond: lacked,
            ask_again: is_missing || is_due || lacked && !news.links.is_empty(),
            ..LastReply::default()
        };
        self.note(&intake);
        intake
    }

    /// What came before both agreed is asked for again when they have.
    fn take_records(&mut self, records: Vec<Record>, intake: &mut Intake, workers: &impl Workers) {
        if self.replica.logs.takes_records() {
            self.replica.take_records(records, intake, workers);
        } else {
            self.passed_over |= !records.is_empty();
        }
    }

    fn take_links(&mut self, links: &[TravelLink], intake: &mut Intake) {
        self.replica.take_links(links, intake);
        self.replica.settle_signed();
        if std::mem::take(&mut self.keys_came) {
            intake.older_epochs.extend(self.replica.open_all());
        }
    }

    fn note(&mut self, intake: &Intake) {
        self.outcome.received += intake.records.len();
        if intake.own_chain_replaced {
            self.renewal = Some(Again::Everything);
        }
    }

    /// The links that stand now beyond those known: those brought, if they were appended, and those shown. A
    /// relay shows what comes after the brought ones: where they stood before, others may have come since.
    fn links_of(&mut self, shown: Vec<TravelLink>, append: AppendOutcome) -> Vec<TravelLink> {
        let brought = std::mem::take(&mut self.append);
        let appending = std::mem::take(&mut self.appending);
        let mut links = Vec::new();
        match append {
            AppendOutcome::Appended => self.held_up = false,
            AppendOutcome::NotNow => self.held_up = true,
            _ => {}
        }
        if append == AppendOutcome::Appended {
            if let (Appending::Made, Some(link)) = (appending, brought.last()) {
                self.untaken = false;
                self.began = Some(link.hash().epoch_id());
            }
            links = brought;
            self.invite = None;
        }
        links.extend(shown);
        if append != AppendOutcome::Nothing && appending == Appending::Callers {
            self.outcome.append = append;
        }
        links
    }

    /// What became of the records that the request carried.
    fn pushed(&mut self, outcome: &PushOutcome, intake: &mut Intake) {
        let in_flight = std::mem::take(&mut self.in_flight);
        match outcome {
            PushOutcome::Nothing if in_flight == 0 => {}
            PushOutcome::Accepted => self.accepted(in_flight, intake),
            PushOutcome::NotNow if self.replica.logs.as_bond().is_some() => self.not_now = true,
            // Nothing, though something was brought, only a relay that is not honest says; a journal has no turns.
            PushOutcome::Nothing
            | PushOutcome::HeadsNotCurrent
            | PushOutcome::Stale
            | PushOutcome::NotNow => {
                if !self.budget.may_retry() {
                    self.stop();
                }
            }
            PushOutcome::Refused { place, why } => {
                let mut sent = self.push.iter().take(in_flight);
                match sent.position(|record| record.place() == *place) {
                    Some(index) => {
                        let refused = self.push.get(index).cloned();
                        self.accepted(index, intake);
                        self.push.clear();
                        if let Some(refused) = refused {
                            self.refused(&refused, *why);
                        }
                    }
                    // What was not brought only a relay that is not honest refuses.
                    None if in_flight == 0 || self.budget.may_retry() => {}
                    None => self.stop(),
                }
            }
            PushOutcome::QuotaExceeded => {
                self.outcome.quota_exceeded = true;
                self.stop();
            }
        }
    }

    /// The relay has the first `count` records of the push. Only now is this device's chain known to have
    /// come so far: at a place where a relay merely has *a* record, a copy of this vault may have put it.
    fn accepted(&mut self, count: usize, intake: &mut Intake) {
        let own = self.replica.own.chain;
        let count = count.min(self.push.len());
        for record in self.push.drain(..count) {
            let Place { chain, seq } = record.place();
            self.budget.offered(chain, seq);
            if chain == own && seq > self.replica.chains.seq(own) {
                let head = ChainHead {
                    seq,
                    hash: record.hash(),
                    state: ChainState::Live,
                };
                self.replica.chains.set(own, head);
                intake.acknowledged = Some(Place { chain, seq });
                self.budget.may_say_more();
                self.untaken = false;
            }
        }
        self.outcome.sent += count;
    }

    /// A relay does not take a record. Of this device's own it is not believed more than can be seen: else it
    /// could have new chains begun without end, each with everything said again.
    fn refused(&mut self, refused: &Record, why: RecordRefusal) {
        let chain = refused.place().chain;
        if chain != self.replica.own.chain {
            self.suspects.refused(refused, why);
            self.budget.give_up(chain);
            return;
        }
        match why {
            // What stands there, or that the chain ends before, only another copy of this vault can have said.
            RecordRefusal::Forked | RecordRefusal::NotNext => {
                self.suspects.refused(refused, why);
                if why == RecordRefusal::NotNext {
                    let chains = self.replica.chains.iter().map(|(chain, _)| chain);
                    let of_this =
                        chains.filter(|other| other.device == chain.device && *other != chain);
                    self.suspects.may_have_ended(of_this);
                }
                if self.suspects.is_empty() {
                    self.stop();
                }
            }
            RecordRefusal::OldEpoch if self.replica.is_outdated(refused.claimed()) => {
                self.renewal = self.renewal.max(Some(Again::Unseen));
            }
            RecordRefusal::Forgotten
                if self.replica.forgotten.contains(&refused.claimed().document) =>
            {
                self.renewal = self.renewal.max(Some(Again::Unsaid));
            }
            // Nothing explains to the relay why the body is gone, and nobody misses it: the rest goes on without it.
            RecordRefusal::WrongKind if refused.body().is_none() => {
                self.renewal = self.renewal.max(Some(Again::Unsaid));
            }
            RecordRefusal::OldEpoch
            | RecordRefusal::Forgotten
            | RecordRefusal::NotAMember
            | RecordRefusal::BadSignature
            | RecordRefusal::TooManyChains
            | RecordRefusal::WrongKind => {
                self.outcome.refused = Some(why);
                self.stop();
            }
        }
    }

    /// A relay that shows less than before is named, unless it says itself that its history is another. That
    /// one is taken for its history when it has everything again.
    fn notice_history(&mut self, generation: Generation, intake: &mut Intake) {
        self.generation = Some(generation);
        let lost = self.lost_logs();
        if self.replica.generation == Some(generation) {
            let faults = lost.into_iter().map(|log| Fault::RolledBack { log });
            intake.faults.extend(faults);
            return;
        }
        self.look_at_own = self.replica.generation.is_some();
        if lost.is_empty() {
            self.replica.generation = Some(generation);
            intake.generation = Some(generation);
        }
    }

    /// Whether what a relay lacks after a place of an ended chain of this device is what it never gets again: the
    /// newest epoch's author had not seen it, and it was said again under that epoch.
    fn was_said_again(&self, chain: ChainId, after: Seq) -> bool {
        let own = self.replica.own.chain;
        let newest = self.replica.logs.newest_epoch();
        chain.device == own.device
            && chain != own
            && newest.is_some_and(|newest| after >= newest.have.of(chain))
    }

    /// The logs, and the space if records of it, of which the relay has less than it is known to have had.
    fn lost_logs(&self) -> Vec<LogId> {
        let known = self.replica.logs.known();
        let is_shorter = |shown: &&KnownLength| {
            let mut logs = known.iter();
            logs.any(|known| known.log == shown.log && shown.length < known.head.length)
        };
        let shorter = self.reply.behind_links.iter().filter(is_shorter);
        let chains = &self.replica.chains;
        let mut behind = self.reply.behind.iter();
        let records = behind.any(|(chain, seq)| {
            seq < chains.seq(chain) && !chains.is_frozen(chain) && !self.was_said_again(chain, seq)
        });
        // After the end of a bond a relay has its log alone.
        let records = records && !self.replica.logs.is_over();
        let space = records.then(|| LogId::from(self.replica.space()));
        shorter.map(|shown| shown.log).chain(space).collect()
    }
}
