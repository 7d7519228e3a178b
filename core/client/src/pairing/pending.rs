//! What a new device keeps until it is let in: its keys are stored before they are sent, so that a crash
//! after the other device said yes costs nothing.

use crate::vault::{VaultError, make_folder};
use daymark_core::{
    keys::{DeviceKey, PassphraseWrap, VaultKey, WrappingKey},
    pairing::{Newcomer, PairingLink},
    random::Random,
    secret::Secret,
};
use daymark_wire::{Hash, hash::Domain};
use minicbor::{Decode, Encode, bytes::ByteArray};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Stands in the vault's folder until the vault itself does.
const FILE: &str = "joining";

const TABLE: &str = "joining";

/// The file: which link it belongs to, the content's key wrapped by the passphrase, and the sealed content.
/// What is left of another link asks nobody for the passphrase that was chosen then.
#[derive(Encode, Decode)]
struct Stored {
    #[n(0)]
    link: Hash,
    #[n(1)]
    wrap: PassphraseWrap,
    #[cbor(n(2), with = "minicbor::bytes")]
    sealed: Vec<u8>,
}

#[derive(Encode, Decode)]
struct Content {
    #[n(0)]
    link: String,
    #[n(1)]
    device: ByteArray<32>,
    #[n(2)]
    wrapping: ByteArray<32>,
}

/// Keeps a newcomer, sealed under the passphrase. Takes one Argon2id.
pub(super) fn save(
    folder: &Path,
    passphrase: &str,
    newcomer: &Newcomer,
    random: &Random,
) -> Result<(), VaultError> {
    let key = VaultKey::generate(random)?;
    let wrap = PassphraseWrap::new(&key, passphrase, random)?;
    let content = Content {
        link: newcomer.link().to_string(),
        device: (*newcomer.device().seed().expose()).into(),
        wrapping: (*newcomer.wrapping().seed().expose()).into(),
    };
    let content = zeroize::Zeroizing::new(daymark_wire::cbor::to_vec(&content));
    let sealed = key.seal_row(TABLE, b"", &content, random)?;
    let stored = Stored {
        link: name(newcomer.link()),
        wrap,
        sealed,
    };
    make_folder(folder)?;
    write_private(folder, &daymark_wire::cbor::to_vec(&stored))
        .map_err(|error| VaultError::Disk(Box::new(error)))
}

/// Says nothing of the link: its secret is random.
fn name(link: &PairingLink) -> Hash {
    Hash::of(Domain::Token, &[link.to_string().as_bytes()])
}

/// The newcomer that was kept for this link, if there is one. Takes one Argon2id.
pub(super) fn load(
    folder: &Path,
    passphrase: &str,
    link: &PairingLink,
) -> Result<Option<Newcomer>, VaultError> {
    let damaged = || VaultError::Damaged {
        what: "what was kept of a pairing",
    };
    let bytes = match fs::read(path(folder)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(VaultError::Disk(Box::new(error))),
    };
    let stored: Stored = minicbor::decode(&bytes).map_err(|_| damaged())?;
    if stored.link != name(link) {
        return Ok(None);
    }
    let key = stored.wrap.open(passphrase)?;
    let content = key
        .open_row(TABLE, b"", &stored.sealed)
        .map_err(|_| damaged())?;
    let content = zeroize::Zeroizing::new(content);
    let content: Content = minicbor::decode(&content).map_err(|_| damaged())?;
    if content.link != link.to_string() {
        return Ok(None);
    }
    let device = Secret::from_slice(content.device.as_slice()).ok_or_else(damaged)?;
    let wrapping = Secret::from_slice(content.wrapping.as_slice()).ok_or_else(damaged)?;
    Ok(Some(Newcomer::stored(
        link.clone(),
        DeviceKey::from_seed(device),
        WrappingKey::from_seed(wrapping),
    )))
}

/// Whether a join was begun in this folder, and not ended: with the same link it goes on.
#[must_use]
pub fn join_was_begun(folder: &Path) -> bool {
    path(folder).exists()
}

/// Lets go of it: the vault has the keys now.
pub(super) fn remove(folder: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(VaultError::Disk(Box::new(error)))
        }
        _ => Ok(()),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Writes beside the name, makes it durable, then gives it the name.
fn write_private(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let beside = folder.join("joining.new");
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path(folder))
}
