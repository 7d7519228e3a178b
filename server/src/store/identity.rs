//! Who the relay is: its key, and the generation of its history.

use super::{StoreError, id};
use crate::random;
use daymark_wire::{Generation, SigningKey, VerifyingKey, logs::MadeFor};
use sqlx::SqliteConnection;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The relay's key and generation, as long as it runs.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    key: Arc<SigningKey>,
    public: VerifyingKey,
    generation: Generation,
    past: Arc<[Generation]>,
}

impl Identity {
    /// Signs the relay's answers.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// What clients pin.
    pub(crate) const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The history that this database is.
    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// The histories that were before it.
    pub(crate) fn past(&self) -> Arc<[Generation]> {
        Arc::clone(&self.past)
    }

    /// How an epoch link names this relay and its present history.
    pub(crate) const fn made_for(&self) -> MadeFor {
        MadeFor {
            relay: self.public,
            generation: self.generation,
        }
    }
}

pub(super) async fn load_or_make(
    connection: &mut SqliteConnection,
) -> Result<Identity, StoreError> {
    let seed = Zeroizing::new(random::bytes::<32>()?);
    let generation = random::bytes::<16>()?;
    sqlx::query("INSERT OR IGNORE INTO relay (id, key_seed, generation) VALUES (1, ?, ?)")
        .bind(seed.as_slice())
        .bind(generation.as_slice())
        .execute(&mut *connection)
        .await?;
    load(connection).await
}

/// The identity of a relay that was started before.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Identity, StoreError> {
    let (seed, generation): (Vec<u8>, Vec<u8>) =
        sqlx::query_as("SELECT key_seed, generation FROM relay WHERE id = 1")
            .fetch_one(&mut *connection)
            .await?;
    let past: Vec<Vec<u8>> = sqlx::query_scalar("SELECT generation FROM past_generations")
        .fetch_all(connection)
        .await?;
    let past: Result<_, StoreError> = past
        .iter()
        .map(|past| id(past, Generation::try_from))
        .collect();
    let seed = Zeroizing::new(seed);
    let seed = Zeroizing::new(id(&seed, <[u8; 32]>::try_from)?);
    let key = SigningKey::from_seed(&seed);
    Ok(Identity {
        public: key.verifying_key(),
        key: Arc::new(key),
        generation: id(&generation, Generation::try_from)?,
        past: past?,
    })
}
