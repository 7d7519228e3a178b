//! What happens to the trusted device, and what its caller is to do.

use super::super::{Code, PairingError};
use crate::{
    account::{Admission, Logs},
    journal::DeviceName,
    keys::{DeviceKey, EpochSecret},
};
use daymark_wire::{DeviceId, mailbox::MailboxMessage};

/// What this device knows at the moment at which links are made.
#[derive(Debug, Clone, Copy)]
pub struct Insider<'a> {
    /// Both logs, as new as they can be had.
    pub logs: &'a Logs,
    /// The newest epoch's secret.
    pub epoch: &'a EpochSecret,
    /// This device's signing key.
    pub device: &'a DeviceKey,
}

/// What happens to the trusted device.
#[derive(Debug)]
pub enum TrustedEvent<'a> {
    /// A message of the new device came out of the mailbox. The same again does no harm.
    Heard(&'a MailboxMessage),
    /// The person compared: the codes are the same. Counts only while the code is shown.
    SaidYes(Insider<'a>),
    /// The person compared: they differ, or it is not wanted any more.
    SaidNo,
    /// Someone else appended first; here are the logs with that.
    LostRace(Insider<'a>),
    /// The relay took both links; here are the logs with them.
    Appended(&'a Logs),
    /// The relay refused the links for good.
    NotAppended,
    /// The links were brought, and no relay shows what became of them; here are the logs as far as they are known.
    Undecided(&'a Logs),
    /// Nothing but time passed.
    TimePassed,
}

/// What the trusted device's caller is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum TrustedEffect {
    /// Put this into the mailbox.
    Say(MailboxMessage),
    /// Show this and ask the person whether the new device shows the same.
    Compare {
        /// The six digits.
        code: Code,
        /// What the new device calls itself.
        name: DeviceName,
        /// Its id.
        device: DeviceId,
    },
    /// Append both links, all or nothing, and tell what became of them.
    Append(Admission),
    /// Nothing more will come.
    Over(TrustedEnding),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedEnding {
    /// The device is one of the account's.
    Welcomed {
        /// Its id.
        device: DeviceId,
        /// What it calls itself, for the page of devices.
        name: DeviceName,
    },
    /// Both links were signed, and the device may be one of the account's now, or soon: it was told to look for
    /// itself.
    Undecided,
    /// The person said no. Nothing was added.
    Refused,
    /// Two minutes are over. Nothing was added.
    Expired,
    /// Something was wrong. Nothing was added.
    Failed(PairingError),
}
