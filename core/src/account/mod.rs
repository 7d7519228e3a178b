//! The account's own doings: founding it, letting a device in, opening what is wrapped for this device.
//!
//! The logs themselves and their rules are in `daymark_wire::logs`; here are the keys that go with them.

mod again;
mod entering;
mod epochs;
mod founding;
mod logs;
mod moving;

pub use again::{are_unsettled, bring_again};
pub use entering::{Admission, DeviceRequest, admit_device};
pub use epochs::{Opened, begin_epoch, open_newest};
pub use founding::{Founded, found};
pub use logs::{LogFault, Logs, Taken};
pub use moving::move_home;

pub(crate) use epochs::{has_wraps, open_epoch};
pub(crate) use logs::{beyond, in_order, known};

use crate::{
    keys::{CannotOpen, WrapError},
    random::NoRandomness,
};
use daymark_wire::logs::LogError;
use thiserror::Error;

/// Something about the account could not be done. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AccountError {
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// A secret could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// A link breaks a rule.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The newest epoch has no wrap that this device can open (state *locked out*, rule R6).
    #[error("this device cannot open the newest keys of the journal")]
    LockedOut,
    /// A new device's request names keys that do not fit together.
    #[error("the new device's keys do not fit together")]
    BadRequest,
}

impl From<CannotOpen> for AccountError {
    fn from(_: CannotOpen) -> Self {
        Self::LockedOut
    }
}
