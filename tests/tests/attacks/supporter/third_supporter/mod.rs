//! What a supporter, or two devices of a careless owner, still reach past the rules of ADRs 0027 to 0032.

mod invited;
mod replies;
mod sealed;
mod terms;
mod unsent;
