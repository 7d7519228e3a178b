//! The rules of the logs, one refusal at a time. Whatever is refused leaves the state as it was.

mod account;
mod bond;
mod bond_epochs;
mod bond_heads;
mod cast;
mod journal;
mod travel;
