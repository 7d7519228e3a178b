//! Bytes that are the same in every run.

use daymark_core::{
    random::{FreshBytes, NoRandomness, Random},
    secret::Secret,
};
use ring::digest;
use std::sync::atomic::{AtomicU64, Ordering};

/// A stream of bytes from a seed.
struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl FreshBytes for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in buffer.chunks_mut(32) {
            let n = self.drawn.fetch_add(1, Ordering::Relaxed);
            let input = [self.seed.to_be_bytes(), n.to_be_bytes()].concat();
            let block = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A source of randomness that gives the same draws in every run.
pub(crate) fn random(seed: u64) -> Random {
    let drawn = AtomicU64::new(0);
    Random::new(
        Secret::from_slice(&[7; 32]).unwrap(),
        Box::new(Seeded { seed, drawn }),
    )
}
