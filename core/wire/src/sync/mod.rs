//! The one request that carries everything, and its reply (PROTOCOL section 7).
//!
//! The client says what it knows (log heads, a version vector for each space) and what it brings (links,
//! records). The relay keeps no cursor: the same request works against a relay that is new, restored
//! from a backup, or another one.
//!
//! - `frames`: the same over the live socket.

mod frames;
#[cfg(test)]
mod tests;

pub use frames::{ClientFrame, News, RelayFrame};

use crate::{
    Generation, Have, LogId, Record, SpaceId,
    cbor::{self, DecodeError},
    invitation::Decline,
    limits,
    logs::{Head, TravelLink},
    record::Place,
};
use minicbor::{Decode, Encode};

/// A log and the head that someone knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct KnownLog {
    /// Which log.
    #[n(0)]
    pub log: LogId,
    /// Its head as known.
    #[n(1)]
    pub head: Head,
}

/// One whole sync, of all spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct SyncRequest {
    /// The heads of every log that the client knows, *before* `append`.
    #[n(0)]
    pub known: Vec<KnownLog>,
    /// Links to append, all or nothing, in an order in which each can be judged (account first).
    #[n(1)]
    pub append: Vec<TravelLink>,
    /// What the client knows and brings of each space.
    #[n(2)]
    pub spaces: Vec<SpaceRequest>,
    /// The operator's invite, where `append` registers a new account (rule S4); or what shows an invitation to
    /// a bond that `append` accepts, as [`crate::invitation::InvitationToken::to_header`] writes it.
    #[n(3)]
    pub invite: Option<String>,
}

/// One space of a request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SpaceRequest {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// How far the client knows each chain.
    #[n(1)]
    pub have: Have,
    /// Places whose bodies the client lacks (holes).
    #[n(2)]
    pub want: Vec<Place>,
    /// Records that the client brings: each chain's in order, its own or another device's.
    #[n(3)]
    pub push: Vec<Record>,
}

/// What the relay answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SyncReply {
    /// The relay's history. Another than last time: it lost something or is another relay.
    #[n(0)]
    pub generation: Generation,
    /// What became of `append`.
    #[n(1)]
    pub append: AppendOutcome,
    /// Links beyond those that the client knew, oldest first; none when its heads are current.
    #[n(2)]
    pub links: Vec<TravelLink>,
    /// Logs of which the relay has fewer links than the client, or none (head length zero): the client
    /// offers again what is missing.
    #[n(3)]
    pub behind: Vec<KnownLength>,
    /// One for each space of the request, in its order. A space unknown to the relay and one that the
    /// client may not read get the same empty answer.
    #[n(4)]
    pub spaces: Vec<SpaceReply>,
}

/// How many links of a log the relay has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct KnownLength {
    /// Which log.
    #[n(0)]
    pub log: LogId,
    /// Number of links; zero for a log that the relay does not have.
    #[n(1)]
    pub length: u64,
}

/// What became of the links that a request brought.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AppendOutcome {
    /// None were brought.
    #[n(0)]
    Nothing,
    /// All were appended and are committed, or stood already.
    #[n(1)]
    Appended,
    /// Someone was first: the links, or the records that an epoch's `have` lacks, are in the reply; none of
    /// these was appended. Make them anew on what came, and try again.
    #[n(2)]
    NotNext,
    /// One breaks a rule; none was appended.
    #[n(3)]
    Refused {
        /// Its index in `append`.
        #[n(0)]
        index: u32,
        /// Which rule, for a person to read.
        #[n(1)]
        why: String,
    },
    /// The device has appended as many links to one of these logs as it may in a minute (rule L11), it is the other
    /// side's turn in a bond, or an invitation that is said to have lapsed has time left; none was appended. Bring them again a minute later, as long as they can stand.
    #[n(4)]
    NotNow,
}

/// One space of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SpaceReply {
    /// The space.
    #[n(0)]
    pub space: SpaceId,
    /// What became of `push`.
    #[n(1)]
    pub push: PushOutcome,
    /// Records beyond `have`, each chain's in order, and the bodies that were wanted. Read, one with another
    /// body than its header names is a stub.
    #[cbor(n(2), decode_with = "crate::record::decode_shown")]
    pub records: Vec<Record>,
    /// Places whose bodies the relay lacks and nothing explains.
    #[n(3)]
    pub want: Vec<Place>,
    /// Chains of which the relay has less than the client: how far it has them. The client offers the rest.
    #[n(4)]
    pub behind: Have,
    /// There are more records than this reply holds: ask again.
    #[n(5)]
    pub more: bool,
    /// In a bond, to its owner, as long as the invitation is open: somebody who holds it declined. Whether they
    /// do, the owner's device checks.
    #[n(6)]
    pub declined: Option<Decline>,
}

impl SpaceReply {
    /// The answer for a space of which there is nothing to say.
    #[must_use]
    pub fn empty(space: SpaceId) -> Self {
        Self {
            space,
            push: PushOutcome::Nothing,
            records: Vec::new(),
            want: Vec::new(),
            behind: Have::new(),
            more: false,
            declined: None,
        }
    }
}

/// What became of the records that a request brought for one space.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum PushOutcome {
    /// None were brought.
    #[n(0)]
    Nothing,
    /// All are committed, or were there already.
    #[n(1)]
    Accepted,
    /// The heads that the request knew are not current: nothing was taken; the links are in the reply.
    #[n(2)]
    HeadsNotCurrent,
    /// The space needs a new epoch first (rule L7): nothing was taken.
    #[n(3)]
    Stale,
    /// One record breaks a rule: nothing from there on was taken.
    #[n(4)]
    Refused {
        /// Where it stands.
        #[n(0)]
        place: Place,
        /// Which rule.
        #[n(1)]
        why: RecordRefusal,
    },
    /// The account's quota is used up; what is stored stays readable.
    #[n(5)]
    QuotaExceeded,
    /// It is the other side's turn in this bond: nothing was taken. Bring them again a minute later.
    #[n(6)]
    NotNow,
}

/// Why a relay does not take a record. The client does not try the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum RecordRefusal {
    /// Its device is not, or no longer, a member, or the place lies beyond its cut.
    #[n(0)]
    NotAMember,
    /// The signature does not hold.
    #[n(1)]
    BadSignature,
    /// It does not follow the chain's head: the client's vault is older than what it wrote, or there are two.
    #[n(2)]
    NotNext,
    /// Another record, rightly signed, stands at its place.
    #[n(3)]
    Forked,
    /// Sealed under an epoch that is not the newest (rule L6).
    #[n(4)]
    OldEpoch,
    /// Of a document that was forgotten.
    #[n(5)]
    Forgotten,
    /// More chains than a device may keep (rule R7).
    #[n(6)]
    TooManyChains,
    /// A kind that this space does not take, or past its expiry; in a bond, also heads that are on none of its logs.
    #[n(7)]
    WrongKind,
}

impl RecordRefusal {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::NotAMember,
        Self::BadSignature,
        Self::NotNext,
        Self::Forked,
        Self::OldEpoch,
        Self::Forgotten,
        Self::TooManyChains,
        Self::WrongKind,
    ];
}

impl SyncRequest {
    /// Encodes the request.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a request within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let request: Self = cbor::exactly("sync request", bytes, limits::MAX_REQUEST_BYTES)?;
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), DecodeError> {
        const WHAT: &str = "sync request";
        cbor::at_most(WHAT, &self.known, limits::MAX_SPACES_PER_SYNC * 3)?;
        cbor::at_most(WHAT, &self.append, limits::MAX_LINKS_PER_SYNC)?;
        cbor::at_most(WHAT, &self.spaces, limits::MAX_SPACES_PER_SYNC)?;
        let mut pushed = 0;
        for space in &self.spaces {
            cbor::at_most(WHAT, &space.want, limits::MAX_WANTED)?;
            pushed += space.push.len();
        }
        if pushed > limits::MAX_RECORDS_PER_PUSH {
            return Err(DecodeError::TooLong {
                what: WHAT,
                limit: limits::MAX_RECORDS_PER_PUSH,
            });
        }
        Ok(())
    }
}

impl SyncReply {
    /// Encodes the reply.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a reply.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a reply within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let reply: Self = cbor::exactly("sync reply", bytes, limits::MAX_REPLY_BYTES)?;
        check_links(&reply.links)?;
        Ok(reply)
    }
}

/// A relay shows as many links at once as it says that it does: each may cost its reader a signature.
fn check_links(shown: &[TravelLink]) -> Result<(), DecodeError> {
    cbor::at_most("links shown", shown, limits::MAX_LINKS_PER_SYNC)
}
