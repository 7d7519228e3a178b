//! What a person's own devices do with what is shared: one that is lost, kept in the dark or ahead of its time, a line
//! that breaks, a relay that was restored. The relay is honest where a test does not say otherwise.

mod clocks;
mod in_the_dark;
mod lapsed;
mod lost_answers;
mod replies;
mod restored;
mod sealed;
mod shared_anew;
mod terms;
mod unsent;
