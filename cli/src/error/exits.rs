//! With which exit code each error of the library ends a command.

use crate::exit::Exit;
use daymark_client::{
    PairingError, connection::RelayError, journal::JournalError, pairing::PairError, problem::Code,
    sync::SyncError, vault::VaultError,
};

pub(super) const fn vault_exit(error: &VaultError) -> Exit {
    match error {
        VaultError::NoVault => Exit::NoVault,
        VaultError::WrongPassphrase => Exit::WrongPassphrase,
        VaultError::Locked | VaultError::Busy => Exit::Busy,
        VaultError::Newer => Exit::Newer,
        VaultError::Damaged { .. }
        | VaultError::DocumentDamaged(_)
        | VaultError::Journal(JournalError::Document) => Exit::Damaged,
        VaultError::NotFound | VaultError::Ambiguous { .. } => Exit::NotFound,
        VaultError::Journal(_) => Exit::Usage,
        _ => Exit::Failed,
    }
}

pub(super) const fn sync_exit(error: &SyncError) -> Exit {
    match error {
        SyncError::Relay(error) => relay_exit(error),
        SyncError::Vault(error) => vault_exit(error),
        SyncError::Running => Exit::Busy,
        SyncError::Quota | SyncError::NotTaken => Exit::Refused,
        _ => Exit::Failed,
    }
}

pub(super) const fn relay_exit(error: &RelayError) -> Exit {
    match error {
        RelayError::InviteNeeded => Exit::Refused,
        RelayError::BadAddress | RelayError::BadInvite | RelayError::KeyUnknown => Exit::Usage,
        RelayError::Unreachable | RelayError::Closed => Exit::Unreachable,
        RelayError::NotTheRelay => Exit::Distrusted,
        RelayError::Refused {
            code: Code::Unavailable | Code::Internal,
            ..
        } => Exit::Unreachable,
        RelayError::Refused { .. } | RelayError::OtherProtocol | RelayError::ClockOff { .. } => {
            Exit::Refused
        }
        RelayError::NoRandomness => Exit::Failed,
    }
}

pub(super) const fn pair_exit(error: &PairError) -> Exit {
    match error {
        PairError::Pairing(error) => pairing_exit(error),
        PairError::Undecided => Exit::Refused,
        PairError::Refused | PairError::Expired => Exit::Failed,
        PairError::Relay(error) => relay_exit(error),
        PairError::Sync(error) => sync_exit(error),
        PairError::Vault(error) => vault_exit(error),
        PairError::Name(_) => Exit::Usage,
    }
}

const fn pairing_exit(error: &PairingError) -> Exit {
    match error {
        PairingError::NotALink | PairingError::DamagedLink | PairingError::ExpiredLink => {
            Exit::Usage
        }
        PairingError::NewerLink => Exit::Newer,
        PairingError::NotAppended | PairingError::NotLetIn => Exit::Refused,
        PairingError::ForgedLogs(_)
        | PairingError::OtherAccount
        | PairingError::OtherHistory
        | PairingError::OtherKeys
        | PairingError::LockedOut => Exit::Distrusted,
        _ => Exit::Failed,
    }
}
