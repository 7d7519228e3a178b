//! Founding an account: one phrase, one device, one journal, its first epoch. Works with no relay.

use super::{AccountError, Logs, epochs::epoch_link};
use crate::{
    keys::{AccountKeys, DeviceKey, EpochSecret, RecoveryPhrase, WrappingKey},
    random::{Purpose, Random},
};
use daymark_wire::{
    AccountId, EpochId, Hash, Have, LogId, Nonce, Signed, Suite,
    logs::{
        AccountContent, AccountLink, AccountState, Author, Home, JournalContent, JournalState,
        LinkBody, NewDevice, NewDeviceStatement,
    },
    wrapping::Recipient,
};

/// A new account: what its first vault keeps, and the phrase that is shown once.
#[derive(Debug)]
pub struct Founded {
    /// To be shown and then let go.
    pub phrase: RecoveryPhrase,
    /// The device's signing key.
    pub device: DeviceKey,
    /// The device's wrapping key.
    pub wrapping: WrappingKey,
    /// What all devices share.
    pub account_keys: AccountKeys,
    /// The first epoch.
    pub epoch: (EpochId, EpochSecret),
    /// Genesis, open, epoch 1.
    pub logs: Logs,
}

/// Founds an account. `home` is none for one that is made offline.
///
/// # Errors
/// [`AccountError`]; nothing exists then.
pub fn found(home: Option<Home>, random: &Random) -> Result<Founded, AccountError> {
    let phrase = RecoveryPhrase::generate(random)?;
    let device = DeviceKey::generate(random)?;
    let wrapping = WrappingKey::generate(random)?;
    let account_keys = AccountKeys::generate(random)?;

    let genesis = genesis(&phrase, &device, &wrapping, &account_keys, home, random)?;
    let account = AccountState::begin(&genesis)?;

    let open = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::ZERO,
            position: 1,
            previous: Hash::ZERO,
            author: Author::Device(device.id()),
            rests_on: vec![account.head()],
            content: JournalContent::Open {
                account: account.id(),
                wrapping: wrapping.public(),
                nonce: Nonce::from_bytes(random.bytes(Purpose::Id)?),
            },
        },
        device.signing(),
    );
    let journal = JournalState::begin(&open, &account)?;

    let secret = EpochSecret::generate(random)?;
    let recovery = phrase.recovery_key().public();
    let recipients = [
        (Recipient::Device(device.id()), wrapping.public()),
        (Recipient::Recovery, recovery),
    ];
    let epoch = epoch_link(
        &account,
        &journal,
        &recipients,
        &secret,
        &account_keys,
        Have::new(),
        None,
        &device,
        random,
    )?;
    let epoch_id = epoch.hash().epoch_id();
    let links = [genesis.to_travel(None), open.to_travel(None), epoch];
    let logs = Logs::fold(&links)?;
    Ok(Founded {
        phrase,
        device,
        wrapping,
        account_keys,
        epoch: (epoch_id, secret),
        logs,
    })
}

fn genesis(
    phrase: &RecoveryPhrase,
    device: &DeviceKey,
    wrapping: &WrappingKey,
    account_keys: &AccountKeys,
    home: Option<Home>,
    random: &Random,
) -> Result<AccountLink, AccountError> {
    let root = phrase.root_key();
    let statement = NewDeviceStatement {
        signing: device.verifying_key(),
        wrapping: wrapping.public().hash(),
        account: AccountId::ZERO,
        nonce: Nonce::from_bytes(random.bytes(Purpose::Id)?),
    };
    let account_key = account_keys.newest()?.public();
    let content = AccountContent::Genesis {
        root: root.verifying_key(),
        recovery: phrase.recovery_key().public(),
        device: NewDevice::sign(statement, device.signing()),
        account_key,
        home,
    };
    let body = LinkBody {
        suite: Suite::One,
        log: LogId::ZERO,
        position: 1,
        previous: Hash::ZERO,
        author: Author::Root,
        rests_on: Vec::new(),
        content,
    };
    Ok(Signed::sign(body, root.signing()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{begin_epoch, open_newest},
        random::tests::seeded,
    };

    #[test]
    fn the_24_words_open_the_first_epoch_and_the_account_keys() {
        let founded = found(None, &seeded(1)).unwrap();
        let words = founded.phrase.words();
        let phrase = RecoveryPhrase::parse(&words).unwrap();
        let opened =
            open_newest(&founded.logs, Recipient::Recovery, &phrase.recovery_key()).unwrap();
        assert_eq!(opened.epoch, founded.epoch);
        assert_eq!(opened.account_keys, Some(founded.account_keys));
        assert_eq!(
            phrase.root_key().verifying_key(),
            *founded.logs.account().root()
        );
    }

    #[test]
    fn the_24_words_open_every_later_epoch_too() {
        let random = seeded(2);
        let mut founded = found(None, &random).unwrap();
        let (link, epoch) = begin_epoch(
            &founded.logs,
            &founded.account_keys,
            Have::new(),
            None,
            &founded.device,
            &random,
        )
        .unwrap();
        assert_eq!(founded.logs.take(&[link]).fault, None);
        let key = founded.phrase.recovery_key();
        assert_eq!(
            open_newest(&founded.logs, Recipient::Recovery, &key)
                .unwrap()
                .epoch,
            epoch
        );
    }
}
