//! Finding one entry by what a person types: the beginning of its id, or its place in the list.

use super::{Vault, VaultError};
use daymark_wire::DocumentId;
use std::{num::NonZeroUsize, str::FromStr};

/// How many candidates an ambiguous name gives.
const MAX_CANDIDATES: usize = 10;

/// How a person names an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryName {
    /// `@1` is the newest, `@2` the one before.
    Newest(NonZeroUsize),
    /// The first digits of its id, in hexadecimal; 32 are all.
    Id(IdPrefix),
}

/// The first digits of a document's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdPrefix {
    /// The digits, and then zeros.
    first: DocumentId,
    /// The digits, and then `f`s.
    last: DocumentId,
}

impl FromStr for EntryName {
    type Err = VaultError;

    /// Reads `@n` or digits; anything else names no entry.
    fn from_str(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        let name = match text.strip_prefix('@') {
            Some(place) => place.parse().ok().map(Self::Newest),
            None => IdPrefix::parse(text).map(Self::Id),
        };
        name.ok_or(VaultError::NotFound)
    }
}

impl From<DocumentId> for EntryName {
    fn from(id: DocumentId) -> Self {
        Self::Id(IdPrefix {
            first: id,
            last: id,
        })
    }
}

impl IdPrefix {
    fn parse(digits: &str) -> Option<Self> {
        let all = 2 * DocumentId::SIZE;
        if digits.is_empty() || digits.len() > all {
            return None;
        }
        Some(Self {
            first: format!("{digits:0<all$}").parse().ok()?,
            last: format!("{digits:f<all$}").parse().ok()?,
        })
    }
}

impl Vault {
    /// The entry that a person means.
    ///
    /// # Errors
    /// [`VaultError::NotFound`], [`VaultError::Ambiguous`], and what reading gives.
    pub async fn find(&self, name: &EntryName) -> Result<DocumentId, VaultError> {
        match name {
            EntryName::Newest(place) => {
                let views = self.views().await?;
                let view = views.nth(place.get()).ok_or(VaultError::NotFound)?;
                Ok(view.id)
            }
            EntryName::Id(prefix) => {
                let candidates = self.candidates(*prefix).await?;
                match candidates.as_slice() {
                    [] => Err(VaultError::NotFound),
                    [one] => Ok(*one),
                    _ => Err(VaultError::Ambiguous { candidates }),
                }
            }
        }
    }

    async fn candidates(&self, prefix: IdPrefix) -> Result<Vec<DocumentId>, VaultError> {
        let mut reading = self.reading().await?;
        let ids: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT id FROM documents WHERE id BETWEEN ? AND ? AND pack IS NOT NULL \
             ORDER BY id LIMIT ?",
        )
        .bind(prefix.first.as_bytes().as_slice())
        .bind(prefix.last.as_bytes().as_slice())
        .bind(i64::try_from(MAX_CANDIDATES).unwrap_or(i64::MAX))
        .fetch_all(reading.connection())
        .await?;
        ids.iter()
            .map(|id| Ok(DocumentId::try_from(id.as_slice())?))
            .collect()
    }
}
