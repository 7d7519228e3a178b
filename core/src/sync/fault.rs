//! Named states (rule R6): what is wrong with what a relay showed. None of them loses local work.

use daymark_wire::{ChainId, LogId, record::Place};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// Something that a person should be able to read in `status`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Error)]
pub enum Fault {
    /// Records that exist are not shown: a place or a body is missing and nothing explains it.
    #[n(0)]
    #[error("withheld: the relay does not show what {chain} wrote from {from} on")]
    Withheld {
        /// Whose.
        #[n(0)]
        chain: ChainId,
        /// The first missing place.
        #[n(1)]
        from: u64,
    },
    /// Two signed records stand at one place: this chain is frozen.
    #[n(1)]
    #[error("forked chain: {chain} wrote two things at one place")]
    ForkedChain {
        /// Which.
        #[n(0)]
        chain: ChainId,
    },
    /// This vault's own chain went on without it: it was copied or restored, and both copies were used.
    #[n(2)]
    #[error(
        "this vault exists twice: nothing is lost here; perhaps it was copied, or restored from a backup, and both \
         copies were used; what they wrote comes together, and this one goes on apart from the other"
    )]
    VaultExistsTwice,
    /// The relay shows less than it did, with no new history of its own to explain it, or less than it
    /// showed the author of a record.
    #[n(3)]
    #[error(
        "rolled back: the relay shows less than there was; nothing is lost here; perhaps the relay, or this vault, was \
         restored from a backup; the next syncs bring back what is missing"
    )]
    RolledBack {
        /// Which log.
        #[n(0)]
        log: LogId,
    },
    /// The relay, or a record, shows another history of a log than this device knows.
    #[n(4)]
    #[error("forked view: another history of {log} was shown")]
    ForkedView {
        /// Which log.
        #[n(0)]
        log: LogId,
    },
    /// Members changed and nobody began a new epoch yet: nothing is sealed until someone did.
    #[n(5)]
    #[error("stale: new keys are needed before anything can be sent")]
    Stale,
    /// The newest epoch cannot be opened here.
    #[n(6)]
    #[error("locked out: this device cannot open the newest keys")]
    LockedOut,
    /// A record was refused: unsigned, by someone who is no member, altered, or of a wrong kind.
    #[n(7)]
    #[error("a record that is not right was shown at {}/{}, and refused", place.chain, place.seq)]
    BadRecord {
        /// Where it claimed to stand.
        #[n(0)]
        place: Place,
    },
    /// A link that breaks a rule was shown.
    #[n(8)]
    #[error("a link that breaks a rule was shown for {log}, and refused")]
    BadLink {
        /// Of which log.
        #[n(0)]
        log: LogId,
    },
    /// A record's content could not be used: it is kept apart, and the document is as it was.
    #[n(9)]
    #[error("what stands at {}/{} could not be used and is kept apart", place.chain, place.seq)]
    Quarantined {
        /// Where it stands.
        #[n(0)]
        place: Place,
    },
    /// Someone wrote without having seen the newest keys: their relay showed them an older state.
    #[n(10)]
    #[error("written with an old view: {chain} had not seen the newest keys")]
    OldView {
        /// Who.
        #[n(0)]
        chain: ChainId,
    },
    /// What this device says in a space (an end, new keys, something forgotten, records) is not taken by the relay,
    /// whatever it says why.
    #[n(11)]
    #[error(
        "not taken: the relay does not take what this device says for {log} (an end, new keys, what is shared, or \
         what is to be forgotten); it waits here, and each sync brings it again"
    )]
    NotTaken {
        /// Of which log.
        #[n(0)]
        log: LogId,
    },
}

impl Fault {
    /// The stable name that scripts see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Withheld { .. } => "withheld",
            Self::ForkedChain { .. } => "forked-chain",
            Self::VaultExistsTwice => "vault-exists-twice",
            Self::RolledBack { .. } => "rolled-back",
            Self::ForkedView { .. } => "forked-view",
            Self::Stale => "stale",
            Self::LockedOut => "locked-out",
            Self::BadRecord { .. } => "bad-record",
            Self::BadLink { .. } => "bad-link",
            Self::Quarantined { .. } => "quarantined",
            Self::OldView { .. } => "old-view",
            Self::NotTaken { .. } => "not-taken",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_backup_is_told_without_digits_and_without_alarm() {
        let log = LogId::from_bytes([0xab; 16]);
        for fault in [Fault::RolledBack { log }, Fault::VaultExistsTwice] {
            let says = fault.to_string();
            assert!(says.contains("nothing is lost here"), "{says}");
            assert!(says.contains("restored from a backup"), "{says}");
            assert!(!says.contains("abab"), "{says}");
        }
    }
}
