//! Attacks of a hostile supporter that are not answered yet: each of these fails, and says what should hold.

mod bounds;
pub(super) mod leaves;
mod names;
mod race;
mod restored;
mod room;
mod stuck;
mod untaken;
mod words;
