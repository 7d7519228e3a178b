//! What a record's body says, read without any document: everything that can be refused at once, and so
//! for the same reason on every device, whatever came before.

use super::{
    Offered,
    chunk::{self, Chunk},
    refusal::Refusal,
    walker::{self, Walked},
};
use automerge::ChangeHash;
use daymark_wire::DeviceId;
use std::ops::Range;

/// One change of a record, read by the walker.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) hash: ChangeHash,
    /// Where its chunk lies in the record's body.
    pub(super) place: Range<usize>,
    pub(super) walked: Walked,
}

/// Reads every change of the record, in order.
pub(super) fn prepare(offered: &Offered) -> Result<Vec<Prepared>, Refusal> {
    chunk::split(&offered.bytes)?
        .into_iter()
        .map(|chunk| read(chunk, offered.author))
        .collect()
}

fn read(chunk: Chunk<'_>, author: DeviceId) -> Result<Prepared, Refusal> {
    let walked = walker::walk(chunk.content)?;
    if !walked.actor.to_bytes().starts_with(&author.prefix()) {
        return Err(Refusal::ForeignActor);
    }
    Ok(Prepared {
        hash: chunk.hash,
        place: chunk.place,
        walked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{
        refusal::Malformed,
        testing::{device, honest_change, offered, repaired},
    };
    use automerge::{
        ActorId, Automerge, ROOT, transaction::CommitOptions, transaction::Transactable,
    };

    fn refusal(offered: &Offered) -> Refusal {
        prepare(offered).unwrap_err()
    }

    #[test]
    fn an_honest_record_is_read_whole() {
        let change = honest_change(1, "a line of text");
        let prepared = prepare(&offered(1, change.raw_bytes())).unwrap();
        assert_eq!(prepared[0].hash, change.hash());
        assert_eq!(prepared[0].walked.operations, change.len() as u64);
        assert_eq!(prepared[0].walked.actor, *change.actor_id());
        assert_eq!(prepared[0].walked.start_op, 1);
    }

    #[test]
    fn k4_an_actor_of_another_device_is_refused() {
        let change = honest_change(1, "not mine");
        assert_eq!(
            refusal(&offered(2, change.raw_bytes())),
            Refusal::ForeignActor
        );
    }

    #[test]
    fn k4_an_actor_of_another_length_is_refused() {
        let mut document = Automerge::new();
        document.set_actor(ActorId::from(&device(1).as_bytes()[..8]));
        let mut edit = document.transaction();
        edit.put(ROOT, "key", 1).unwrap();
        let hash = edit.commit().0.unwrap();
        let change = crate::gate::testing::change(&document, hash);
        let found = refusal(&offered(1, change.raw_bytes()));
        assert_eq!(found, Malformed::Number.into());
    }

    #[test]
    fn times_messages_and_more_bytes_are_refused() {
        for options in [
            CommitOptions::default().with_time(1),
            CommitOptions::default().with_message("why"),
        ] {
            let mut document = Automerge::new();
            document.set_actor(crate::gate::testing::actor(1, 0));
            let mut edit = document.transaction();
            edit.put(ROOT, "key", 1).unwrap();
            let hash = edit.commit_with(options).0.unwrap();
            let change = crate::gate::testing::change(&document, hash);
            let found = refusal(&offered(1, change.raw_bytes()));
            assert_eq!(found, Refusal::Annotated);
        }
        let honest = honest_change(1, "text");
        let longer = repaired(&[&honest.raw_bytes()[10..], b"footer"].concat());
        assert_eq!(refusal(&offered(1, &longer)), Refusal::Annotated);
    }

    #[test]
    fn one_bad_change_spoils_its_record() {
        let good = honest_change(1, "good");
        let foreign = honest_change(2, "foreign");
        let body = [good.raw_bytes(), foreign.raw_bytes()].concat();
        assert_eq!(refusal(&offered(1, &body)), Refusal::ForeignActor);
    }
}
