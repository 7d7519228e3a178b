//! The version vector: how far each chain of a space is known.

use super::ChainId;
use crate::{Seq, limits};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::collections::BTreeMap;

/// For each chain the last place up to which all are known. A chain not named is at zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Have(BTreeMap<ChainId, Seq>);

impl Have {
    /// Nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How far one chain is known; zero for one that is not named.
    #[must_use]
    pub fn of(&self, chain: ChainId) -> Seq {
        self.0.get(&chain).copied().unwrap_or_default()
    }

    /// Notes that a chain is known up to `seq`.
    pub fn set(&mut self, chain: ChainId, seq: Seq) {
        self.0.insert(chain, seq);
    }

    /// Every chain named, in order of its id.
    pub fn iter(&self) -> impl Iterator<Item = (ChainId, Seq)> + '_ {
        self.0.iter().map(|(chain, seq)| (*chain, *seq))
    }

    /// How many chains are named.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no chain is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(ChainId, Seq)> for Have {
    fn from_iter<I: IntoIterator<Item = (ChainId, Seq)>>(chains: I) -> Self {
        Self(chains.into_iter().collect())
    }
}

/// One flat array: device, incarnation, seq, device, incarnation, seq …
impl<C> Encode<C> for Have {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(3 * self.0.len() as u64)?;
        for (chain, seq) in self.iter() {
            chain.device.encode(e, ctx)?;
            chain.incarnation.encode(e, ctx)?;
            seq.encode(e, ctx)?;
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Have {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let items = d.array()?.unwrap_or(u64::MAX);
        if items % 3 != 0 || items / 3 > limits::MAX_CHAINS as u64 {
            return Err(decode::Error::message("a version vector of a wrong length"));
        }
        let mut have = Self::new();
        let mut last = None;
        for _ in 0..items / 3 {
            let chain = ChainId {
                device: d.decode_with(ctx)?,
                incarnation: d.decode_with(ctx)?,
            };
            if last >= Some(chain) {
                return Err(decode::Error::message("chains are named once, in order"));
            }
            have.set(chain, d.decode_with(ctx)?);
            last = Some(chain);
        }
        Ok(have)
    }
}
