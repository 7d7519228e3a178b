//! Why the gate refuses. No variant carries text, so a refusal may be shown, stored and logged.

use thiserror::Error;

/// Why a record was quarantined whole. The same bytes are refused for the same reason on every device,
/// except [`Refusal::DocumentFull`] and [`Refusal::Sequence`], which depend on what came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The body is empty or longer than a record may be.
    #[error("the record holds nothing or too much")]
    Size,
    /// The bytes do not begin with Automerge's mark.
    #[error("this is not an Automerge chunk")]
    NotAChunk,
    /// A deflated change: it would be expanded before anyone could count it.
    #[error("compressed changes are not taken")]
    Compressed,
    /// A whole document, which would bring changes of others.
    #[error("whole documents are not taken")]
    Document,
    /// A chunk of a type that Daymark never writes.
    #[error("a chunk of an unknown type")]
    UnknownChunk,
    /// The checksum is not that of the bytes.
    #[error("the checksum does not fit the bytes")]
    Checksum,
    /// The bytes are not what Automerge writes.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The change expands to more than is allowed for one.
    #[error("the change holds too many operations")]
    TooManyOperations,
    /// The document would hold more operations than is allowed.
    #[error("the document holds too many operations")]
    DocumentFull,
    /// The change's actor does not belong to the device that signed the record.
    #[error("the change was made in another device's name")]
    ForeignActor,
    /// The change carries a time, a message or other bytes beside its operations.
    #[error("the change carries more than its operations")]
    Annotated,
    /// Not the next change of its actor, or not built on the one before.
    #[error("the change is out of its actor's sequence")]
    Sequence,
    /// The first operation does not follow the last one that the change knew.
    #[error("the change counts its operations from a wrong number")]
    StartOp,
    /// The change names an actor that wrote nothing in this document.
    #[error("the change names an actor that is not known here")]
    UnknownActor,
    /// Automerge could not read the change, or read another than the gate.
    #[error("the change cannot be read")]
    Unreadable,
    /// Automerge could not apply the change.
    #[error("the change cannot be applied")]
    Inapplicable,
    /// With this change the document could not be saved and loaded again.
    #[error("the change would damage the document")]
    Damaging,
}

/// Where bytes differ from what Automerge writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The bytes end early.
    #[error("the change ends early")]
    Truncated,
    /// A number is too large, or longer than it needs to be.
    #[error("a number in the change is badly written")]
    Number,
    /// A list of hashes or actors is out of order, or names one twice or in vain.
    #[error("a list in the change is out of order")]
    Order,
    /// Columns are unknown, repeated, out of order, empty or missing.
    #[error("the change has other columns than it needs")]
    Columns,
    /// A column is not encoded as Automerge encodes it.
    #[error("a column of the change is badly encoded")]
    Runs,
    /// The columns describe different numbers of operations.
    #[error("the columns of the change do not agree")]
    Counts,
    /// A key or a name is not text.
    #[error("a name in the change is not text")]
    Text,
    /// An operation refers to one that cannot come before it.
    #[error("an operation refers to what cannot exist")]
    Reference,
    /// An operation that Automerge never makes.
    #[error("an operation of the change makes no sense")]
    Operation,
}

/// A saved document that could not be loaded. Rebuild it from its records (rule G3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the saved document is damaged")]
pub struct LoadFailed;
