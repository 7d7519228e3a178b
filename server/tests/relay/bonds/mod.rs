//! Bonds at the relay: who agrees to what, who reads and writes, and what is left afterwards.

mod again;
mod limits;
mod links;
mod members;

use daymark_wire::{
    DocumentId,
    sync::{PushOutcome, RecordRefusal, SpaceReply},
};

const DAY: u64 = 24 * 60 * 60;

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn why(reply: &SpaceReply) -> RecordRefusal {
    match &reply.push {
        PushOutcome::Refused { why, .. } => *why,
        other => panic!("{other:?}"),
    }
}
