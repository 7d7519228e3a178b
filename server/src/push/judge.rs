//! Putting each pushed record in its place (rules L6, L8, R5, R7, R8).

use super::{Placed, Prepared};
use crate::{
    accounts::{Chain, Members, Space, SpaceLog, is_expired},
    store::{ChainRow, StoredHeader},
};
use daymark_wire::{
    ChainId, Hash, Header, Record, Seq, limits,
    logs::Role,
    record::{ExpiryDay, Place},
    sync::{PushOutcome, RecordRefusal},
};
use std::collections::BTreeMap;

/// What stands at places that a push names again.
pub(crate) type Stored = BTreeMap<Place, StoredHeader>;

/// What becomes of one push.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: PushOutcome,
    pub(crate) effects: Vec<Effect>,
}

/// A change to what is stored, to be carried out in order.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A chain begins, or is named as one that another goes on for.
    Open { row: ChainRow, chain: ChainId },
    /// A chain ends at a place, as another goes on for it.
    End { row: ChainRow, last: Seq },
    /// A record is the next of its chain.
    Keep { row: ChainRow, record: Record },
    /// A record that is kept lacks its body, and nothing explains it.
    Hole { row: ChainRow, seq: Seq },
    /// A record that was lost, or the body of one that lacked it.
    Fill { row: ChainRow, record: Record },
    /// What lies beyond the chain's last place was damaged, and makes room for what comes.
    Clear { row: ChainRow, last: Seq },
}

/// The stretches of each chain that are stored already and come again: they must be the same.
pub(crate) fn overlaps<L>(
    space: &Space<L>,
    pushed: &Prepared,
) -> Vec<(ChainId, ChainRow, Seq, Seq)> {
    let mut stretches: BTreeMap<ChainId, (ChainRow, Seq, Seq)> = BTreeMap::new();
    for placed in &pushed.records {
        let Place { chain, seq } = placed.record.place();
        if let Some(known) = space.chains.get(&chain)
            && seq <= known.last
        {
            // With its neighbours: they say what stood at a place that was lost.
            let from = Seq(seq.0.saturating_sub(1));
            let (_, _, to) = stretches.entry(chain).or_insert((known.row, from, seq));
            *to = Seq(seq.0.saturating_add(1));
        }
    }
    stretches
        .into_iter()
        .map(|(chain, (row, from, to))| (chain, row, from, to))
        .collect()
}

/// Who brings records, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) members: Members<'a>,
    /// The side of a bond that brings them; none in a journal.
    pub(crate) by: Option<Role>,
    /// Bytes that the other side of a bond may keep more.
    pub(crate) others_room: u64,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

/// Takes records in order up to the first that breaks a rule. `space` stands with them afterwards.
pub(crate) fn judge<L: SpaceLog>(
    space: &mut Space<L>,
    who: Who<'_>,
    pushed: Prepared,
    stored: &Stored,
    new_row: impl FnMut() -> ChainRow,
) -> Verdict {
    let refused = pushed.refused;
    let mut judge = Judge {
        space,
        members: who.members,
        by: who.by,
        others_room: who.others_room,
        now: who.now,
        stored,
        new_row,
        effects: Vec::with_capacity(pushed.records.len()),
    };
    for placed in pushed.records {
        let place = placed.record.place();
        if let Err(why) = judge.take(placed) {
            return Verdict {
                outcome: PushOutcome::Refused { place, why },
                effects: judge.effects,
            };
        }
    }
    Verdict {
        outcome: refused.map_or(PushOutcome::Accepted, |(place, why)| PushOutcome::Refused {
            place,
            why,
        }),
        effects: judge.effects,
    }
}

struct Judge<'a, L, R> {
    space: &'a mut Space<L>,
    members: Members<'a>,
    by: Option<Role>,
    /// Bytes that the other side of a bond may keep more.
    others_room: u64,
    /// Seconds since 1970.
    now: u64,
    stored: &'a Stored,
    new_row: R,
    effects: Vec<Effect>,
}

impl<L: SpaceLog, R: FnMut() -> ChainRow> Judge<'_, L, R> {
    fn take(&mut self, placed: Placed) -> Result<(), RecordRefusal> {
        let header = placed.record.claimed();
        let (chain, seq) = (header.chain, header.seq);
        if !L::takes(header.kind) || !self.space.state.has_had(self.members, &header.heads) {
            return Err(RecordRefusal::WrongKind);
        }
        if self.members.device(chain.device).is_none() {
            return Err(RecordRefusal::NotAMember);
        }
        let cut = self.space.state.cut(self.members, chain);
        if cut.is_some_and(|cut| seq > cut) {
            return Err(RecordRefusal::NotAMember);
        }
        let known = self.space.chains.get(&chain).copied();
        let (last, hash) = known.map_or((Seq::default(), Hash::ZERO), |known| {
            (known.last, known.hash)
        });
        if seq <= last {
            return self.take_again(placed);
        }
        let ended = known
            .and_then(|known| known.ends)
            .is_some_and(|ends| seq > ends);
        if ended || last.next() != Some(seq) || header.previous != hash {
            return Err(RecordRefusal::NotNext);
        }
        self.check_epoch(header)?;
        if self.space.is_beyond_forget(self.members, header) {
            return Err(RecordRefusal::Forgotten);
        }
        if self.is_supporters(header) && header.expires != ExpiryDay::default() {
            return Err(RecordRefusal::WrongKind);
        }
        if is_expired(header.expires, self.now) && placed.record.body().is_some() {
            return Err(RecordRefusal::WrongKind);
        }
        if placed.record.body().is_none() && self.lacks_own_body(header) {
            return Err(RecordRefusal::WrongKind);
        }
        self.take_room(chain, placed.record.size())?;
        let row = match known {
            Some(known) => known.row,
            None => self.open(header)?,
        };
        if let Some(replaces) = header.replaces {
            let replaced = ChainId {
                device: chain.device,
                incarnation: replaces.incarnation,
            };
            self.end(replaced, replaces.last);
        }
        self.keep(row, placed);
        Ok(())
    }

    /// A record at a place that is taken.
    fn take_again(&mut self, placed: Placed) -> Result<(), RecordRefusal> {
        let place = placed.record.place();
        let stands = self.stored.get(&place);
        if stands.is_some_and(|stands| stands.hash.is_none()) {
            return self.take_lost(placed);
        }
        if stands.is_none_or(|stands| stands.hash != Some(placed.hash)) {
            return Err(RecordRefusal::Forked);
        }
        let fills = stands.is_some_and(|stands| stands.is_stub)
            && placed.record.body().is_some()
            && !self.withholds(&placed);
        if fills {
            let body = placed.record.body().map_or(0, <[u8]>::len);
            self.take_room(place.chain, body)?;
        }
        if let (true, Some(chain)) = (fills, self.space.chains.get(&place.chain)) {
            self.effects.push(Effect::Fill {
                row: chain.row,
                record: placed.record,
            });
        }
        Ok(())
    }

    /// A record at a place whose own was damaged. Those beside it say which one stood there.
    fn take_lost(&mut self, placed: Placed) -> Result<(), RecordRefusal> {
        let Place { chain, seq } = placed.record.place();
        let Some(known) = self.space.chains.get(&chain).copied() else {
            return Err(RecordRefusal::Forked);
        };
        let at = |seq| self.stored.get(&Place { chain, seq });
        let before = match Seq(seq.0.saturating_sub(1)) {
            Seq(0) => Some(Hash::ZERO),
            before => at(before).and_then(|before| before.hash),
        };
        let named = if seq == known.last {
            Some(known.hash)
        } else {
            seq.next().and_then(at).and_then(|after| after.previous)
        };
        let previous = placed.record.claimed().previous;
        if before.is_some_and(|before| before != previous)
            || named.is_some_and(|named| named != placed.hash)
        {
            return Err(RecordRefusal::Forked);
        }
        let forgotten = self.withholds(&placed);
        let record = if forgotten {
            placed.record.into_stub()
        } else {
            placed.record
        };
        let hole = record.body().is_none() && !forgotten;
        self.effects.push(Effect::Fill {
            row: known.row,
            record,
        });
        if hole {
            self.effects.push(Effect::Hole {
                row: known.row,
                seq,
            });
        }
        Ok(())
    }

    /// What the other side's devices wrote takes up that side's room. Where there is none left it is not taken, and
    /// whoever offers it goes on: else one who is full would hold up all that the other has to say.
    fn take_room(&mut self, chain: ChainId, bytes: usize) -> Result<(), RecordRefusal> {
        let author = self.members.device(chain.device).map(|(role, _)| role);
        if self.by.is_none() || author == self.by {
            return Ok(());
        }
        let left = self.others_room.checked_sub(bytes as u64);
        self.others_room = left.ok_or(RecordRefusal::WrongKind)?;
        Ok(())
    }

    /// Whether nobody is shown what it holds: then it is not kept either.
    fn withholds(&self, placed: &Placed) -> bool {
        let header = placed.record.claimed();
        self.space.withholds(self.members, header, self.now)
    }

    /// Whether a supporter wrote it: of theirs nothing expires (rule B6).
    fn is_supporters(&self, header: &Header) -> bool {
        let author = self.members.device(header.chain.device);
        author.is_some_and(|(role, _)| role == Role::Supporter)
    }

    /// Whether a supporter brings their own record without the body, and nothing explains that (rule R5): the owner
    /// would ask for it at every sync, and blame the relay. An owner's may be a copy taken back before it left.
    fn lacks_own_body(&self, header: &Header) -> bool {
        self.by == Some(Role::Supporter)
            && self.is_supporters(header)
            && !self.space.is_forgotten(self.members, header)
            && !self.space.is_superseded(header)
    }

    /// Rule L6: at or below the newest epoch's `have` a key of any epoch will do.
    fn check_epoch(&self, header: &Header) -> Result<(), RecordRefusal> {
        let log = &self.space.state;
        let newest = log.newest_epoch().ok_or(RecordRefusal::OldEpoch)?;
        let fits = newest.id == header.epoch
            || (header.seq <= newest.have.of(header.chain)
                && log.find_epoch(header.epoch).is_some());
        if fits {
            Ok(())
        } else {
            Err(RecordRefusal::OldEpoch)
        }
    }

    /// Rule R7: a device has few chains that no other goes on for. The space has a bound, too.
    fn open(&mut self, header: &Header) -> Result<ChainRow, RecordRefusal> {
        let chain = header.chain;
        let replaced = header.replaces.is_some_and(|replaces| {
            let name = ChainId {
                device: chain.device,
                incarnation: replaces.incarnation,
            };
            let known = self.space.chains.get(&name);
            known.is_some_and(|known| known.ends.is_none())
        });
        let live = self
            .space
            .live_chains(chain.device)
            .saturating_sub(usize::from(replaced));
        let role = |device| self.members.device(device).map(|(role, _)| role);
        let side = role(chain.device);
        let names = self.space.chains.keys();
        let of_side = names.filter(|name| role(name.device) == side).count();
        // One more may be named by `replaces`.
        let full = of_side + 2 > limits::MAX_CHAINS_OF_ACCOUNT;
        if full || live >= limits::MAX_LIVE_INCARNATIONS {
            return Err(RecordRefusal::TooManyChains);
        }
        Ok(self.name(chain))
    }

    fn name(&mut self, chain: ChainId) -> ChainRow {
        let row = (self.new_row)();
        self.effects.push(Effect::Open { row, chain });
        let begins = Chain {
            row,
            last: Seq::default(),
            hash: Hash::ZERO,
            ends: None,
            has_debris: false,
        };
        self.space.chains.insert(chain, begins);
        row
    }

    /// A chain ends where the first that goes on for it says. It may not be here yet.
    fn end(&mut self, chain: ChainId, last: Seq) {
        if !self.space.chains.contains_key(&chain) {
            self.name(chain);
        }
        if let Some(known) = self.space.chains.get_mut(&chain)
            && known.ends.is_none()
        {
            known.ends = Some(last);
            let row = known.row;
            self.effects.push(Effect::End { row, last });
        }
    }

    fn keep(&mut self, row: ChainRow, placed: Placed) {
        let forgotten = self.withholds(&placed);
        let Placed { record, hash } = placed;
        let Place { chain, seq } = record.place();
        if let Some(known) = self.space.chains.get_mut(&chain) {
            if std::mem::take(&mut known.has_debris) {
                self.effects.push(Effect::Clear {
                    row,
                    last: known.last,
                });
            }
            known.last = seq;
            known.hash = hash;
        }
        // A forgotten document's body is not taken in again: its stub holds the place.
        let record = if forgotten {
            record.into_stub()
        } else {
            record
        };
        let hole = record.body().is_none() && !forgotten;
        self.effects.push(Effect::Keep { row, record });
        if hole {
            self.space.has_holes = true;
            self.effects.push(Effect::Hole { row, seq });
        }
    }
}
