//! Devices, relay and faults together, for stories, attacks, benches and the tour.

pub mod hostile;
pub mod world;
