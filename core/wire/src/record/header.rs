//! A record's header: everything that the relay may know of it, signed (rule R1).

use super::{ChainId, Place};
use crate::{
    DocumentId, EpochId, Hash, Incarnation, KeyId, Seq, SpaceId, Suite,
    cbor::{self, DecodeError},
    limits,
    logs::Head,
    signing::{Context, Payload},
    wrapping::WrappedDocumentKey,
};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// What a record's body holds (rule R3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum RecordKind {
    /// Raw Automerge changes of one document. Journals only.
    #[n(0)]
    Change,
    /// One whole shared copy or reply. Bonds only.
    #[n(1)]
    Version,
    /// Document keys wrapped again under a newer epoch.
    #[n(2)]
    Keys,
    /// What this device has seen of every chain and log.
    #[n(3)]
    Checkpoint,
}

impl RecordKind {
    /// Whether it belongs to the space itself: document and key id are zero, no forget may name it.
    #[must_use]
    pub const fn is_of_the_space(self) -> bool {
        matches!(self, Self::Keys | Self::Checkpoint)
    }
}

/// The day from which on a version is shown to nobody, and deleted: days since 1970-01-01. Zero: none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct ExpiryDay(#[n(0)] pub u32);

impl ExpiryDay {
    /// How long a day is, in seconds.
    pub const SECONDS: u64 = 24 * 60 * 60;

    /// The day in which a second since 1970 lies.
    #[must_use]
    pub fn of_second(second: u64) -> Self {
        Self(u32::try_from(second / Self::SECONDS).unwrap_or(u32::MAX))
    }

    /// Whether what expires on this day has expired by `today`.
    #[must_use]
    pub fn has_come(self, today: Self) -> bool {
        self != Self::default() && self <= today
    }
}

/// Named by the first record of a chain that goes on for another (rule R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Replaces {
    /// The incarnation of the same device that ends.
    #[n(0)]
    pub incarnation: Incarnation,
    /// Its last place.
    #[n(1)]
    pub last: Seq,
}

/// A record's header. Its CBOR form is one array of 16 items in the order of these fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Algorithms.
    pub suite: Suite,
    /// What the body holds.
    pub kind: RecordKind,
    /// The space.
    pub space: SpaceId,
    /// The document; zero for kinds that belong to the space itself.
    pub document: DocumentId,
    /// The chain (two items: device, incarnation).
    pub chain: ChainId,
    /// The place in the chain, from 1.
    pub seq: Seq,
    /// Hash of the header and signature one place before; zeros at place 1.
    pub previous: Hash,
    /// The epoch that the document key is wrapped under, or that seals the body itself.
    pub epoch: EpochId,
    /// Length and hash of each log that the author knew: in a journal account and space; in a bond the
    /// owner's account, the supporter's account, and space.
    pub heads: Vec<Head>,
    /// When a version is deleted.
    pub expires: ExpiryDay,
    /// The document key; zero where the epoch itself seals.
    pub key: KeyId,
    /// The document key wrapped under the epoch secret, where this record introduces it.
    pub introduces: Option<WrappedDocumentKey>,
    /// At place 1 of a chain that goes on for another.
    pub replaces: Option<Replaces>,
    /// Length of the sealed body in bytes.
    pub body_length: u32,
    /// Hash of the sealed body.
    pub body_hash: Hash,
}

/// Items of the CBOR array.
const ITEMS: u64 = 16;

impl Header {
    /// The header's bytes up to the body length: what a body is sealed with (rule R2).
    ///
    /// `body_length` and `body_hash` are not in them, so it can be asked before the body is sealed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a Vec<u8> takes every write")]
    pub fn sealed_with(&self) -> Vec<u8> {
        let mut e = Encoder::new(Vec::with_capacity(320));
        self.encode_front(&mut e).expect("memory takes every write");
        e.into_writer()
    }

    /// Where the record stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place {
            chain: self.chain,
            seq: self.seq,
        }
    }

    fn encode_front(
        &self,
        e: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        e.array(ITEMS)?;
        e.encode(self.suite)?;
        e.encode(self.kind)?;
        e.encode(self.space)?;
        e.encode(self.document)?;
        e.encode(self.chain.device)?;
        e.encode(self.chain.incarnation)?;
        e.encode(self.seq)?;
        e.encode(self.previous)?;
        e.encode(self.epoch)?;
        e.encode(&self.heads)?;
        e.encode(self.expires)?;
        e.encode(self.key)?;
        e.encode(self.introduces)?;
        e.encode(self.replaces)?;
        Ok(())
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        if d.array()? != Some(ITEMS) {
            return Err(minicbor::decode::Error::message(
                "a header has sixteen items",
            ));
        }
        Ok(Self {
            suite: d.decode()?,
            kind: d.decode()?,
            space: d.decode()?,
            document: d.decode()?,
            chain: ChainId {
                device: d.decode()?,
                incarnation: d.decode()?,
            },
            seq: d.decode()?,
            previous: d.decode()?,
            epoch: d.decode()?,
            heads: d.decode()?,
            expires: d.decode()?,
            key: d.decode()?,
            introduces: d.decode()?,
            replaces: d.decode()?,
            body_length: d.decode()?,
            body_hash: d.decode()?,
        })
    }

    /// What must be true of a header by itself, whoever signed it.
    fn check(&self) -> Result<(), DecodeError> {
        let malformed = || Err(DecodeError::Malformed { what: "header" });
        cbor::at_most("header", &self.heads, limits::MAX_HEADER_HEADS)?;
        let of_the_space = self.kind.is_of_the_space();
        if of_the_space != self.document.is_zero() || of_the_space != self.key.is_zero() {
            return malformed();
        }
        if of_the_space && self.introduces.is_some() {
            return malformed();
        }
        if self.kind != RecordKind::Version && self.expires != ExpiryDay(0) {
            return malformed();
        }
        let first = self.seq == Seq::FIRST;
        if self.seq < Seq::FIRST || first != (self.previous == Hash::ZERO) {
            return malformed();
        }
        if !first && self.replaces.is_some() {
            return malformed();
        }
        if usize::try_from(self.body_length).is_ok_and(|n| n > limits::MAX_RECORD_BYTES) {
            return Err(DecodeError::TooLong {
                what: "body",
                limit: limits::MAX_RECORD_BYTES,
            });
        }
        Ok(())
    }
}

impl Payload for Header {
    const CONTEXT: Context = Context::Record;

    #[expect(clippy::expect_used, reason = "a Vec<u8> takes every write")]
    fn to_bytes(&self) -> Vec<u8> {
        let mut e = Encoder::new(self.sealed_with());
        e.encode(self.body_length)
            .and_then(|e| e.encode(self.body_hash))
            .expect("memory takes every write");
        e.into_writer()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limits::MAX_HEADER_BYTES {
            return Err(DecodeError::TooLong {
                what: "header",
                limit: limits::MAX_HEADER_BYTES,
            });
        }
        cbor::suite_first("header", bytes)?;
        let mut decoder = Decoder::new(bytes);
        let header = Self::decode(&mut decoder).map_err(DecodeError::malformed("header"))?;
        if decoder.position() != bytes.len() {
            return Err(DecodeError::Trailing { what: "header" });
        }
        header.check()?;
        cbor::canonical("header", &header.to_bytes(), bytes)?;
        Ok(header)
    }
}
