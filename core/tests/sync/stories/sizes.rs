//! Sizes that the relay sees (threat K15).

use crate::model::World;
use daymark_core::seal::OVERHEAD_BYTES;

/// Padmé, written down a second time from its paper: the sizes that may be seen.
fn is_padded(length: usize) -> bool {
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    length >= 256 && length.is_multiple_of(1 << (exponent - kept))
}

#[test]
fn k15_every_sealed_body_has_one_of_few_sizes() {
    let mut world = World::new(2);
    for n in 0..60_usize {
        let entry = world[0].write(&"x".repeat(1 + n * n * 3));
        if n % 7 == 0 {
            world.sync(0);
            world[0].checkpoint = true;
        }
        world[0].tag(entry, "t");
    }
    world.settle();
    world.revoke(0, 1);
    let lengths = world.notary.body_lengths();
    assert!(world.notary.count() > 60 && lengths.len() > 5);
    for length in lengths {
        assert!(is_padded(length - OVERHEAD_BYTES), "{length} bytes");
    }
}
