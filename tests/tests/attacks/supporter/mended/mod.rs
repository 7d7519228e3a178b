//! A relay against what was built after the attacks before: answers that come late, what was taken back while a chain
//! was begun anew, what a second device reads otherwise.

mod answers;
mod devices;
pub(super) mod leaves;
mod named;
mod room;
