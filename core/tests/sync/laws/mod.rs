//! Whatever happens in whatever order: all devices come to show the same, nothing written is lost, and no
//! vault signs two records for one place (which [`crate::model::Notary`] watches over in every story).

mod bonds;
mod convergence;
mod hostility;
mod tale;

use proptest::test_runner::{Config, RngSeed};

/// The same cases in every run.
fn seeded(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(0xbeef),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}
