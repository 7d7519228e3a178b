//! The gate as a whole: it takes whatever honest devices make, in any order, and nothing that hurts.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "gate/bombs.rs"]
mod bombs;
#[path = "gate/corpus.rs"]
mod corpus;
#[path = "../../tests/fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "public in the fuzz crate, whose file this is"
)]
mod fuzz;
#[path = "gate/honest.rs"]
mod honest;
#[path = "gate/mutated.rs"]
mod mutated;
#[path = "gate/silent.rs"]
mod silent;
