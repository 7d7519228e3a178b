//! Devices, relay and faults together, for stories, attacks, benches and the tour.

mod bytes;
pub mod hostile;
pub mod world;

pub use bytes::{holds, position};
