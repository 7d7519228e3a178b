//! Keys, each its own type (PROTOCOL section 3): phrase → root and recovery; device; epoch → documents; vault.

mod account;
mod aead;
mod device;
mod document;
mod epoch;
mod passphrase;
mod phrase;
mod vault;
mod wrapping;

pub use account::{AccountKeys, AccountSecret};
pub use device::DeviceKey;
pub use document::DocumentKey;
pub use epoch::{EpochSecret, SpaceKey};
pub use passphrase::{PassphraseWrap, WrongPassphrase};
pub use phrase::{PhraseError, RecoveryPhrase, RootKey};
pub use vault::VaultKey;
pub use wrapping::{WrapError, WrappingKey};

pub(crate) use aead::{open_once, seal_once};

use thiserror::Error;

/// Something sealed did not open: another key, another place, or altered bytes. One opaque error, so that
/// nobody learns which (threat B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it does not open")]
pub struct CannotOpen;
