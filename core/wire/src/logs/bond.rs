//! The bond log's links: two people's agreement (rules L2, B2, B3).

use super::{
    Head, Home, LogKind,
    journal::EpochContent,
    link::{Content, Link},
};
use crate::{AccountId, Hash, Nonce, signing::Context};
use minicbor::{Decode, Encode};

/// A link of a bond log.
pub type BondLink = Link<BondContent>;

/// What a bond link says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum BondContent {
    /// The first link, by a device of the owner. Its hash is the space's id.
    #[n(0)]
    Invite(#[n(0)] Invite),
    /// The supporter agreed, by a device of the supporter.
    #[n(1)]
    Accept(#[n(0)] Accept),
    /// The owner ended it.
    #[n(2)]
    End {
        /// Why.
        #[n(0)]
        why: EndReason,
    },
    /// The supporter left.
    #[n(3)]
    Leave,
    /// A new generation of the bond's secret, wrapped for the two account keys.
    #[n(4)]
    Epoch(#[n(0)] EpochContent),
}

impl Content for BondContent {
    const KIND: LogKind = LogKind::Bond;
    const CONTEXT: Context = Context::BondLink;
    const HEADS: usize = 2;

    fn blob(&self) -> Option<Hash> {
        match self {
            Self::Epoch(epoch) => Some(epoch.wraps),
            Self::Invite(_) | Self::Accept(_) | Self::End { .. } | Self::Leave => None,
        }
    }
}

/// An invitation as the log shows it. The secret travels elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Invite {
    /// Who invites. The second head of `rests_on` repeats the first until someone accepts.
    #[n(0)]
    pub owner: AccountId,
    /// Random.
    #[n(1)]
    pub nonce: Nonce,
    /// Hash of the token, which is derived from the one-time secret.
    #[n(2)]
    pub secret: Hash,
    /// Seconds since 1970 after which nobody can accept.
    #[n(3)]
    pub expires: u64,
    /// Where the bond lives.
    #[n(4)]
    pub relay: Home,
}

/// The supporter's answer (rule B3).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Accept {
    /// Who accepts.
    #[n(0)]
    pub supporter: AccountId,
    /// The inviter's account head as the invitation showed it.
    #[n(1)]
    pub owner: Head,
    /// MAC of the invite's hash, both account ids and heads, by a key that is derived from the one-time secret.
    #[n(2)]
    pub mac: Hash,
}

/// Why a bond ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum EndReason {
    /// The owner chose to.
    #[n(0)]
    Chosen,
    /// The supporter declined the invitation.
    #[n(1)]
    Declined,
    /// The invitation lapsed.
    #[n(2)]
    Lapsed,
}
