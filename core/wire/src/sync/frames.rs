//! What goes over the live socket: a sync as in one POST, and what other devices brought meanwhile.

use super::{SyncReply, SyncRequest, check_links};
use crate::{
    Record, SpaceId,
    cbor::{self, DecodeError},
    limits,
    logs::TravelLink,
};
use minicbor::{Decode, Encode};

/// What a client sends over the live socket: one binary message each.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ClientFrame {
    /// A sync, as in one POST. The reply carries the same number.
    #[n(0)]
    Sync {
        /// Chosen by the client, ascending.
        #[n(0)]
        number: u64,
        /// The request. Of the spaces that requests on this socket named, the last 64, the relay sends news (rule S3).
        #[n(1)]
        request: SyncRequest,
    },
}

/// What a relay sends over the live socket: one binary message each.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum RelayFrame {
    /// The answer to one request.
    #[n(0)]
    Reply {
        /// The request's number.
        #[n(0)]
        number: u64,
        /// The answer.
        #[n(1)]
        reply: SyncReply,
    },
    /// New links or records that another device brought. Nothing was asked.
    #[n(1)]
    News(#[n(0)] News),
    /// The request could not be answered; the code and sentence of a problem.
    #[n(2)]
    Problem {
        /// The request's number.
        #[n(0)]
        number: u64,
        /// One of [`crate::problem::Code`], as text.
        #[n(1)]
        code: String,
        /// For a person.
        #[n(2)]
        detail: String,
    },
}

/// What another device brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct News {
    /// Links appended, oldest first.
    #[n(0)]
    pub links: Vec<TravelLink>,
    /// The space of the records; none when only links came.
    #[n(1)]
    pub space: Option<SpaceId>,
    /// Records committed, each chain's in order. Read, one with another body than its header names is a stub.
    #[cbor(n(2), decode_with = "crate::record::decode_shown")]
    pub records: Vec<Record>,
}

impl ClientFrame {
    /// Encodes the frame.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a frame within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let frame: Self = cbor::exactly("live frame", bytes, limits::MAX_REQUEST_BYTES)?;
        let Self::Sync { request, .. } = &frame;
        request.check()?;
        Ok(frame)
    }
}

impl RelayFrame {
    /// Encodes the frame.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::to_vec(self)
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a frame within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let frame: Self = cbor::exactly("live frame", bytes, limits::MAX_REPLY_BYTES)?;
        match &frame {
            Self::Reply { reply, .. } => check_links(&reply.links)?,
            Self::News(news) => check_links(&news.links)?,
            Self::Problem { .. } => {}
        }
        Ok(frame)
    }
}
