//! A new home relay (rule L1, *move*).

use super::{AccountError, Logs};
use crate::keys::DeviceKey;
use daymark_wire::{
    LogId, Signed, Suite,
    logs::{AccountContent, AccountLink, Author, Home, LinkBody, TravelLink},
};

/// The link that names a new home relay.
///
/// # Errors
/// [`AccountError::Log`] when this device may not say so, or the address is too long.
pub fn move_home(logs: &Logs, home: Home, by: &DeviceKey) -> Result<TravelLink, AccountError> {
    let account = logs.account();
    let link: AccountLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(account.id()),
            position: account.length() + 1,
            previous: account.last(),
            author: Author::Device(by.id()),
            rests_on: Vec::new(),
            content: AccountContent::Move { home },
        },
        by.signing(),
    );
    account.clone().apply(&link)?;
    Ok(link.to_travel(None))
}
