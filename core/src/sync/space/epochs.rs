//! Which epochs there are, and what opens them: a device's key in a journal, the account's keys in a bond.

use super::SpaceLogs;
use crate::{
    account, bonds,
    keys::{AccountKeys, WrappingKey},
    sync::replica::NewEpoch,
};
use daymark_wire::{DeviceId, EpochId, logs::EpochState, wrapping::Recipient};

impl SpaceLogs {
    /// Every epoch, oldest first.
    #[must_use]
    pub fn epochs(&self) -> &[EpochState] {
        match self {
            Self::Journal(logs) => logs.journal().epochs(),
            Self::Bond(side) => side.logs.state().epochs(),
        }
    }

    /// How many of them this side began.
    pub(in crate::sync) fn epochs_begun(&self) -> u64 {
        let epochs = self.epochs().iter();
        let of_side = epochs.filter(|epoch| match self {
            Self::Journal(_) => true,
            Self::Bond(side) => epoch.bond.map(|bond| bond.by) == Some(side.logs.role()),
        });
        u64::try_from(of_side.count()).unwrap_or(u64::MAX)
    }

    /// The newest epoch; none in a bond before *accept*.
    #[must_use]
    pub fn newest_epoch(&self) -> Option<&EpochState> {
        self.epochs().last()
    }

    /// One epoch by name.
    pub(in crate::sync) fn find_epoch(&self, id: EpochId) -> Option<&EpochState> {
        match self {
            Self::Journal(logs) => logs.journal().find_epoch(id),
            Self::Bond(side) => side.logs.state().find_epoch(id),
        }
    }

    /// Whether this device should hold the newest epoch's secret.
    pub(in crate::sync) fn should_open(&self) -> bool {
        match self {
            Self::Journal(_) => true,
            Self::Bond(side) => side.is_open() && self.newest_epoch().is_some(),
        }
    }

    /// Opens an epoch that was wrapped for this device, or for the account.
    pub(in crate::sync) fn open_epoch(
        &self,
        epoch: &EpochState,
        (device, wrapping): (DeviceId, &WrappingKey),
        keys: &AccountKeys,
    ) -> Option<NewEpoch> {
        let (opened, account_keys) = match self {
            Self::Journal(logs) => {
                let recipient = Recipient::Device(device);
                let opened = account::open_epoch(logs, epoch, recipient, wrapping).ok()?;
                (opened.epoch, opened.account_keys)
            }
            Self::Bond(side) if !side.is_open() => return None,
            Self::Bond(side) => {
                let (own, agreed) = (side.own.state().id(), side.agreed.as_ref()?);
                let opened = bonds::open_epoch(&side.logs, agreed, epoch, own, keys).ok()?;
                (opened, None)
            }
        };
        let (id, secret) = opened;
        Some(NewEpoch {
            id,
            secret,
            account_keys,
        })
    }

    /// Whether the wraps are here among which one is said to be for this device, or for the account.
    pub(in crate::sync) fn has_wraps(&self, epoch: &EpochState, device: DeviceId) -> bool {
        match self {
            Self::Journal(logs) => account::has_wraps(logs, epoch, Recipient::Device(device)),
            Self::Bond(side) => bonds::has_wraps(&side.logs, epoch),
        }
    }
}
