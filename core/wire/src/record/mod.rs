//! Records: header ‖ signature ‖ sealed body. What travels, what a relay keeps (PROTOCOL section 5).

mod have;
mod header;

pub use have::Have;
pub use header::{ExpiryDay, Header, RecordKind, Replaces};

use crate::{
    DeviceId, Hash, Incarnation, Seq,
    cbor::DecodeError,
    hash::Domain,
    limits,
    signing::{Signature, Signed},
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::fmt;
use thiserror::Error;

/// A chain's name: the device that writes it and the incarnation in which it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct ChainId {
    /// The device.
    #[n(0)]
    pub device: DeviceId,
    /// Its incarnation.
    #[n(1)]
    pub incarnation: Incarnation,
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.device, self.incarnation)
    }
}

/// One place in one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Place {
    /// The chain.
    #[n(0)]
    pub chain: ChainId,
    /// The place in it.
    #[n(1)]
    pub seq: Seq,
}

/// The body that came with a record is not the one that its header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the record's body is not the one its header names")]
pub struct WrongBody;

/// A record, its signature unverified. Without a body it is a *stub*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    header: Signed<Header>,
    body: Option<Vec<u8>>,
}

impl Record {
    /// Puts a record together.
    ///
    /// # Errors
    /// [`WrongBody`] when length or hash differ from the header's (rule R5: a hole may be filled by a
    /// later body, but only by the right one).
    pub fn new(header: Signed<Header>, body: Option<Vec<u8>>) -> Result<Self, WrongBody> {
        if body
            .as_ref()
            .is_some_and(|body| !is_named(header.claimed(), body))
        {
            return Err(WrongBody);
        }
        Ok(Self { header, body })
    }

    /// For what a store kept after [`Self::new`] had taken it: the body is not hashed again.
    #[must_use]
    pub const fn from_own_storage(header: Signed<Header>, body: Option<Vec<u8>>) -> Self {
        Self { header, body }
    }

    /// The signed header.
    #[must_use]
    pub const fn header(&self) -> &Signed<Header> {
        &self.header
    }

    /// What the header claims.
    #[must_use]
    pub const fn claimed(&self) -> &Header {
        self.header.claimed()
    }

    /// The sealed body; `None` in a stub.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// Where it stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.header.claimed().place()
    }

    /// The hash that the next record of the chain names: over header and signature, not the body.
    #[must_use]
    pub fn hash(&self) -> Hash {
        header_hash(&self.header)
    }

    /// The same record without its body.
    #[must_use]
    pub fn into_stub(self) -> Self {
        Self {
            header: self.header,
            body: None,
        }
    }

    /// Takes it apart.
    #[must_use]
    pub fn into_parts(self) -> (Signed<Header>, Option<Vec<u8>>) {
        (self.header, self.body)
    }

    /// Bytes of header, signature and body as a relay stores them.
    #[must_use]
    pub fn size(&self) -> usize {
        self.header.bytes().len() + 64 + self.body.as_ref().map_or(0, Vec::len)
    }

    /// Encodes it for a request, a reply or a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::cbor::to_vec(self)
    }

    /// Reads one record.
    ///
    /// # Errors
    /// A [`DecodeError`] for bytes that are not a record within the limits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        crate::cbor::exactly("record", bytes, limits::MAX_RECORD_BYTES)
    }
}

/// Whether a body is the one that a header names.
fn is_named(header: &Header, body: &[u8]) -> bool {
    u32::try_from(body.len()) == Ok(header.body_length)
        && Hash::of(Domain::Body, &[body]) == header.body_hash
}

/// The hash by which a chain links one header to the one before.
#[must_use]
pub fn header_hash(header: &Signed<Header>) -> Hash {
    Hash::of(
        Domain::Header,
        &[header.bytes(), header.signature().as_bytes()],
    )
}

impl<C> Encode<C> for Record {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(3)?
            .bytes(self.header.bytes())?
            .bytes(self.header.signature().as_bytes())?;
        match &self.body {
            Some(body) => e.bytes(body)?.ok(),
            None => e.null()?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Record {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let (header, body) = decode_parts(d, ctx)?;
        Self::new(header, body).map_err(decode::Error::custom)
    }
}

/// Reads records as a relay shows them. A body that is not the one its header names counts as not shown:
/// the record is a stub, its place is wanted again, and what else came is good (threat A5).
pub(crate) fn decode_shown<'b, C>(
    d: &mut Decoder<'b>,
    ctx: &mut C,
) -> Result<Vec<Record>, decode::Error> {
    let shown: Vec<Shown> = d.decode_with(ctx)?;
    Ok(shown.into_iter().map(|Shown(record)| record).collect())
}

/// One record as a relay shows it.
struct Shown(Record);

impl<'b, C> Decode<'b, C> for Shown {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let (header, body) = decode_parts(d, ctx)?;
        let body = body.filter(|body| is_named(header.claimed(), body));
        Ok(Self(Record { header, body }))
    }
}

fn decode_parts<C>(
    d: &mut Decoder<'_>,
    ctx: &mut C,
) -> Result<(Signed<Header>, Option<Vec<u8>>), decode::Error> {
    if d.array()? != Some(3) {
        return Err(decode::Error::message("a record has three parts"));
    }
    let header = d.bytes()?.to_vec();
    let signature: Signature = d.decode_with(ctx)?;
    let body: Option<&minicbor::bytes::ByteSlice> = d.decode_with(ctx)?;
    let signed = Signed::from_parts(header, signature).map_err(decode::Error::custom)?;
    if body.is_some_and(|body| body.len() > limits::MAX_RECORD_BYTES) {
        return Err(decode::Error::message("a record is too long"));
    }
    Ok((signed, body.map(|body| body.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DeviceId, DocumentId, EpochId, KeyId, SigningKey, SpaceId, Suite, cbor,
        sync::{PushOutcome, SpaceReply, SpaceRequest},
    };
    use zeroize::Zeroizing;

    fn record(body: &[u8]) -> Record {
        let key = SigningKey::from_seed(&Zeroizing::new([1; 32]));
        let header = Header {
            suite: Suite::One,
            kind: RecordKind::Change,
            space: SpaceId::ZERO,
            document: DocumentId::from_bytes([2; 16]),
            chain: ChainId {
                device: DeviceId::ZERO,
                incarnation: Incarnation::ZERO,
            },
            seq: Seq::FIRST,
            previous: Hash::ZERO,
            epoch: EpochId::ZERO,
            heads: Vec::new(),
            expires: ExpiryDay(0),
            key: KeyId::from_bytes([3; 16]),
            introduces: None,
            replaces: None,
            body_length: u32::try_from(body.len()).unwrap(),
            body_hash: Hash::of(Domain::Body, &[body]),
        };
        Record::new(Signed::sign(header, &key), Some(body.to_vec())).unwrap()
    }

    #[test]
    fn a5_another_body_than_named_is_a_stub_in_a_reply_and_refused_in_a_request() {
        let (right, mut altered) = (record(b"right"), record(b"left"));
        altered.body = Some(b"lost".to_vec());
        let shown = SpaceReply {
            records: vec![altered.clone(), right.clone()],
            ..SpaceReply::empty(SpaceId::ZERO)
        };
        let bytes = cbor::to_vec(&shown);
        let read: SpaceReply = cbor::exactly("reply", &bytes, bytes.len()).unwrap();
        assert_eq!(read.push, PushOutcome::Nothing);
        assert_eq!(read.records, [altered.clone().into_stub(), right]);
        let brought = SpaceRequest {
            space: SpaceId::ZERO,
            have: Have::new(),
            want: Vec::new(),
            push: vec![altered],
        };
        let bytes = cbor::to_vec(&brought);
        assert!(cbor::exactly::<SpaceRequest>("request", &bytes, bytes.len()).is_err());
    }

    #[test]
    fn d6_a_header_in_another_encoding_is_refused() {
        use crate::signing::Payload;
        let signed = record(b"seven..").into_parts().0;
        let bytes = signed.bytes();
        assert!(Header::from_bytes(bytes).is_ok());
        // The body length, 7, stands before the 34 bytes of the hash: here in two bytes instead of one.
        let at = bytes.len() - 35;
        assert_eq!(bytes[at], 7);
        let longer = [&bytes[..at], &[0x18, 7], &bytes[at + 1..]].concat();
        let refused = Err(DecodeError::Malformed { what: "header" });
        assert_eq!(Header::from_bytes(&longer), refused);
    }
}
