//! What can be checked of pushed records by themselves: space, that they follow on each other, and
//! that their device signed them (rule R4).
//!
//! Each record names the hash of the one before, header and signature. So the signature of the last record
//! of a run binds all before it, and in a journal one check a run is enough. A push that fills holes has several runs
//! of a chain; whether each is where it belongs is for the judge. In a bond every signature is checked, as its other
//! side's devices will: what they cannot take would stand between them and each epoch of theirs (rule L6).

use crate::accounts::Members;
use daymark_wire::{
    ChainId, Hash, Record, SpaceId, VerifyingKey, record::Place, sync::RecordRefusal,
};
use std::collections::BTreeMap;

/// Records of one space in the order in which they came, up to the first that is not right.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) records: Vec<Placed>,
    /// The first that is not right, and why.
    pub(crate) refused: Option<(Place, RecordRefusal)>,
}

/// A record that its device signed, with its hash.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) record: Record,
    pub(crate) hash: Hash,
}

/// Which signatures of a run are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signatures {
    /// The last, which binds those before it: in a journal.
    Last,
    /// Each: in a bond.
    Each,
}

/// Checks records against the devices of those who write in their space.
pub(crate) fn prepare(
    space: SpaceId,
    push: Vec<Record>,
    members: Members<'_>,
    signatures: Signatures,
) -> Prepared {
    let mut prepared = Prepared {
        records: Vec::with_capacity(push.len()),
        refused: None,
    };
    let mut ends: BTreeMap<ChainId, End> = BTreeMap::new();
    let mut finished: Vec<End> = Vec::new();
    for record in push {
        let place = record.place();
        let hash = record.hash();
        match follow(space, &record, members, ends.get(&place.chain)) {
            Ok((key, follows)) => {
                let index = prepared.records.len();
                let end = End {
                    place,
                    hash,
                    key,
                    index,
                };
                let before = ends.insert(place.chain, end);
                finished.extend(before.filter(|_| !follows));
                prepared.records.push(Placed { record, hash });
            }
            Err(why) => {
                prepared.refused = Some((place, why));
                break;
            }
        }
    }
    let mut runs = ends.values().chain(&finished);
    if signatures == Signatures::Each || !runs.all(|end| prepared.is_signed(end)) {
        prepared.cut_at_first_bad_signature(&ends);
    }
    prepared
}

/// The last record so far of one run of a chain.
struct End {
    place: Place,
    hash: Hash,
    key: VerifyingKey,
    index: usize,
}

/// Whether a record can follow what came before it in the same push; gives its device's key, and whether it
/// goes on where the one before ended, or begins another run further on.
fn follow(
    space: SpaceId,
    record: &Record,
    members: Members<'_>,
    before: Option<&End>,
) -> Result<(VerifyingKey, bool), RecordRefusal> {
    let header = record.claimed();
    if header.space != space {
        return Err(RecordRefusal::NotAMember);
    }
    let Some(before) = before else {
        let device = members.device(header.chain.device);
        return device
            .map(|(_, device)| (device.signing, true))
            .ok_or(RecordRefusal::NotAMember);
    };
    let next = before.place.seq.next();
    if next.is_some_and(|next| header.seq > next) {
        return Ok((before.key, false));
    }
    if next == Some(header.seq) && header.previous == before.hash {
        Ok((before.key, true))
    } else {
        Err(RecordRefusal::NotNext)
    }
}

impl Prepared {
    fn is_signed(&self, end: &End) -> bool {
        self.records
            .get(end.index)
            .is_some_and(|placed| placed.record.header().check(&end.key).is_ok())
    }

    /// Every record is checked by itself up to the first bad one.
    fn cut_at_first_bad_signature(&mut self, ends: &BTreeMap<ChainId, End>) {
        let bad = self.records.iter().position(|placed| {
            let end = ends.get(&placed.record.place().chain);
            end.is_none_or(|end| placed.record.header().check(&end.key).is_err())
        });
        if let Some(bad) = bad {
            let place = self.records.get(bad).map(|placed| placed.record.place());
            self.records.truncate(bad);
            self.refused = place.map(|place| (place, RecordRefusal::BadSignature));
        }
    }
}
