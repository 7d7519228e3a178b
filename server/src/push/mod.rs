//! Whether records may be kept (PROTOCOL section 5).
//!
//! In two steps, so that the writer has little to do: [`prepare()`] checks what needs no knowledge of what
//! else is stored (on the request's own task), [`judge()`] puts each record in its place (in the writer).

mod judge;
mod prepare;

pub(crate) use judge::{Effect, Stored, Verdict, Who, judge, overlaps};
pub(crate) use prepare::{Placed, Prepared, Signatures, prepare};
