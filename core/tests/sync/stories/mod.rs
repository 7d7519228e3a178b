//! One thing that goes wrong, told from beginning to end.

mod bonds;
mod bounds;
mod contexts;
mod copies;
mod epochs;
mod keys;
mod lies;
mod lost;
mod sizes;
mod views;
