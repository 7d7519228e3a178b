//! The last step of the new device: what the relay shows is checked against the link, then opened.

use super::{Newcomer, PairingError};
use crate::{
    account::{AccountError, Logs, open_newest},
    bonds::log_of,
    keys::{AccountKeys, EpochSecret},
};
use daymark_wire::{
    EpochId, LogId,
    logs::{LogKind, TravelLink},
    sync::KnownLog,
    wrapping::Recipient,
};

/// A device that was let in: what its vault keeps beside its own keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Joined {
    /// Both logs, every rule checked.
    pub logs: Logs,
    /// The newest epoch.
    pub epoch: (EpochId, EpochSecret),
    /// What all devices share.
    pub account_keys: AccountKeys,
}

/// Folds the links, holds them against the link's heads and those of the *welcome*, and opens the newest
/// epoch (threat A1).
pub(super) fn finish(
    newcomer: &Newcomer,
    welcome: &[KnownLog],
    links: &[TravelLink],
) -> Result<Joined, PairingError> {
    let links = of_the_account(newcomer, links)?;
    let logs = Logs::fold(&links).map_err(PairingError::ForgedLogs)?;
    let known = newcomer.link().known();
    if !known.iter().chain(welcome).all(|known| had(&logs, known)) {
        return Err(PairingError::OtherHistory);
    }
    check_own_keys(newcomer, &logs)?;
    let recipient = Recipient::Device(newcomer.device().id());
    let opened = open_newest(&logs, recipient, newcomer.wrapping()).map_err(locked_out)?;
    let account_keys = opened.account_keys.ok_or(PairingError::LockedOut)?;
    Ok(Joined {
        logs,
        epoch: opened.epoch,
        account_keys,
    })
}

/// A relay shows an account's bonds too, and the accounts on their other side, whose logs may fill a reply. They wait
/// until the journal says which bonds there are.
fn of_the_account(
    newcomer: &Newcomer,
    shown: &[TravelLink],
) -> Result<Vec<TravelLink>, PairingError> {
    let account = LogId::from(newcomer.link().account());
    let is_of_it = |link: &&TravelLink| match link.kind {
        LogKind::Account => log_of(link) == Some(account),
        LogKind::Journal => true,
        LogKind::Bond => false,
    };
    let links: Vec<TravelLink> = shown.iter().filter(is_of_it).cloned().collect();
    let has_account = |links: &[TravelLink]| {
        let mut links = links.iter();
        links.any(|link| link.kind == LogKind::Account)
    };
    if has_account(shown) && !has_account(&links) {
        return Err(PairingError::OtherAccount);
    }
    Ok(links)
}

/// Whether one of the two logs has, or had, this head.
fn had(logs: &Logs, known: &KnownLog) -> bool {
    if known.log == LogId::from(logs.account().id()) {
        logs.account().has_had(known.head)
    } else if known.log == LogId::from(logs.space()) {
        logs.journal().has_had(known.head)
    } else {
        false
    }
}

/// Whether this device is in the account, with the keys that it made itself.
fn check_own_keys(newcomer: &Newcomer, logs: &Logs) -> Result<(), PairingError> {
    let id = newcomer.device().id();
    let listed = logs
        .account()
        .active(id)
        .map_err(|_| PairingError::NotLetIn)?;
    let entered = logs
        .journal()
        .wrapping_key(id)
        .ok_or(PairingError::NotLetIn)?;
    let own = newcomer.wrapping().public();
    let right = listed.signing == newcomer.device().verifying_key()
        && listed.wrapping == own.hash()
        && *entered == own;
    if right {
        Ok(())
    } else {
        Err(PairingError::OtherKeys)
    }
}

fn locked_out(error: AccountError) -> PairingError {
    match error {
        AccountError::LockedOut => PairingError::LockedOut,
        other => PairingError::Account(other),
    }
}
