//! D1: every signature and every wrap, used in every context but its own.

mod signatures;
mod wraps;

use daymark_client::system::SystemBytes;
use daymark_core::{keys::DeviceKey, random::Random};
use daymark_wire::{
    ChainId, DocumentId, Hash, Header, Incarnation, KeyId, RecordKind, Seq, SpaceId, Suite,
    hash::Domain, record::ExpiryDay,
};

fn random() -> Random {
    Random::first(Box::new(SystemBytes::new())).unwrap()
}

fn header(key: &DeviceKey, space: SpaceId) -> Header {
    Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space,
        document: DocumentId::from_bytes([2; 16]),
        chain: ChainId {
            device: key.id(),
            incarnation: Incarnation::from_bytes([3; 8]),
        },
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        epoch: daymark_wire::EpochId::from_bytes([4; 16]),
        heads: Vec::new(),
        expires: ExpiryDay(0),
        key: KeyId::from_bytes([5; 16]),
        introduces: None,
        replaces: None,
        body_length: 0,
        body_hash: Hash::of(Domain::Body, &[b""]),
    }
}
