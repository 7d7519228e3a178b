//! Reading what is stored of a chain, and finding what is damaged.
//!
//! Each record names the hash of the one before, so the links between them are looked at, and a signature only
//! where one does not hold.

use crate::{
    accounts::Chain,
    damage::{Damaged, Part},
    store::RecordAsStored,
};
use daymark_wire::{
    ChainId, Hash, Header, Record, Seq, Signed, SpaceId, VerifyingKey, hash::Domain, record::Place,
};

/// The chain that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    pub(super) space: SpaceId,
    pub(super) name: ChainId,
    pub(super) chain: Chain,
    /// Its device's key.
    pub(super) key: Option<VerifyingKey>,
}

/// What can be served of records in order, and what is damaged. A record whose body is damaged is served as a
/// stub, and so is one whose body is withheld (rule F1); one that was lost before is passed over.
pub(super) fn read(
    stored: Vec<RecordAsStored>,
    of: &Of,
    is_withheld: impl Fn(&Header) -> bool,
) -> (Vec<Record>, Vec<Damaged>) {
    let mut damaged = Vec::new();
    let mut heads = Vec::with_capacity(stored.len());
    for stored in stored.into_iter().filter(|stored| !stored.is_lost()) {
        let (seq, hash) = (stored.seq, stored.hash());
        match stored.into_header() {
            Ok((header, body)) if of.is_place(&header, seq) => heads.push(Head {
                header,
                hash,
                body,
                is_linked: true,
            }),
            _ => damaged.push(of.damaged(seq, hash, Part::Head)),
        }
    }
    doubt_broken_links(&mut heads, of);
    let mut records = Vec::with_capacity(heads.len());
    for head in heads {
        let seq = head.header.claimed().seq;
        if !head.is_linked && !of.is_signed(&head.header) {
            damaged.push(of.damaged(seq, head.hash, Part::Head));
            continue;
        }
        let withheld = is_withheld(head.header.claimed());
        let body = head.body.filter(|_| !withheld);
        if let Some(hash) = body
            .as_ref()
            .map(|body| Hash::of(Domain::Body, &[body]))
            .filter(|hash| *hash != head.header.claimed().body_hash)
        {
            damaged.push(of.damaged(seq, head.hash, Part::Body(hash)));
            records.push(Record::from_own_storage(head.header, None));
        } else {
            records.push(Record::from_own_storage(head.header, body));
        }
    }
    (records, damaged)
}

/// A record of which the header can be read.
struct Head {
    header: Signed<Header>,
    hash: Hash,
    body: Option<Vec<u8>>,
    /// Those before and after it name what they should.
    is_linked: bool,
}

/// Where a link does not hold, either of the two may be the damaged one.
fn doubt_broken_links(heads: &mut [Head], of: &Of) {
    for index in 1..heads.len() {
        if let Some([before, after]) = heads.get_mut(index - 1..=index) {
            let (named, seq) = (after.header.claimed().previous, before.header.claimed().seq);
            let is_next = seq.next() == Some(after.header.claimed().seq);
            if is_next && named != before.hash {
                before.is_linked = false;
                after.is_linked = false;
            }
        }
    }
    if let Some(first) = heads.first_mut() {
        let header = first.header.claimed();
        first.is_linked &= header.seq != Seq::FIRST || header.previous == Hash::ZERO;
    }
    if let Some(last) = heads.last_mut() {
        let is_last = last.header.claimed().seq == of.chain.last;
        last.is_linked &= !is_last || last.hash == of.chain.hash;
    }
}

impl Of {
    fn is_place(&self, header: &Signed<Header>, seq: Seq) -> bool {
        let header = header.claimed();
        header.space == self.space && header.chain == self.name && header.seq == seq
    }

    fn is_signed(&self, header: &Signed<Header>) -> bool {
        self.key.is_some_and(|key| header.check(&key).is_ok())
    }

    const fn damaged(&self, seq: Seq, head: Hash, part: Part) -> Damaged {
        Damaged {
            row: self.chain.row,
            place: Place {
                chain: self.name,
                seq,
            },
            head,
            part,
        }
    }
}
