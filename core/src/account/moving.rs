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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{account::found, random::tests::seeded};

    #[test]
    fn an_account_made_offline_gets_a_home() {
        let random = seeded(1);
        let mut owner = found(None, &random).unwrap();
        assert_eq!(owner.logs.account().home(), None);
        let relay = found(None, &random).unwrap().device.verifying_key();
        let home = Home {
            relay,
            url: "https://relay.example".to_owned(),
        };
        let link = move_home(&owner.logs, home.clone(), &owner.device).unwrap();
        assert_eq!(owner.logs.take(&[link]).fault, None);
        assert_eq!(owner.logs.account().home(), Some(&home));
    }

    #[test]
    fn b3_a_stranger_cannot_move_an_account() {
        let random = seeded(2);
        let owner = found(None, &random).unwrap();
        let stranger = found(None, &random).unwrap().device;
        let relay = stranger.verifying_key();
        let home = Home {
            relay,
            url: "https://relay.example".to_owned(),
        };
        assert!(move_home(&owner.logs, home, &stranger).is_err());
    }
}
