//! Letting a new device in: *add* and *enter* in one request (rules L1, L2, Q2).

use super::{AccountError, Logs, epochs::journal_link};
use crate::keys::{DeviceKey, EpochSecret, WrappingKey};
use crate::random::Random;
use daymark_wire::{
    AccountId, DeviceId, Hash, LogId, Nonce, Signed, Suite, cbor,
    hash::Domain,
    logs::{
        AccountContent, AccountLink, Author, Enter, JournalContent, LinkBody, NewDevice,
        NewDeviceStatement, TravelLink,
    },
    wrapping::{Recipient, WrappingPublicKey, Wraps},
};
use minicbor::{Decode, Encode};

/// What a new device asks with: its signed statement and its wrapping key whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DeviceRequest {
    /// Signed by the new device.
    #[n(0)]
    pub device: NewDevice,
    /// The key that the statement names by hash.
    #[n(1)]
    pub wrapping: WrappingPublicKey,
}

impl DeviceRequest {
    /// The new device makes its request, for one account and one pairing.
    #[must_use]
    pub fn new(
        device: &DeviceKey,
        wrapping: &WrappingKey,
        account: AccountId,
        nonce: Nonce,
    ) -> Self {
        let public = wrapping.public();
        let statement = NewDeviceStatement {
            signing: device.verifying_key(),
            wrapping: public.hash(),
            account,
            nonce,
        };
        Self {
            device: NewDevice::sign(statement, device.signing()),
            wrapping: public,
        }
    }

    /// The new device's id, if the request holds together and is for this account and pairing.
    ///
    /// # Errors
    /// [`AccountError::BadRequest`].
    pub fn check(&self, account: AccountId, nonce: Nonce) -> Result<DeviceId, AccountError> {
        let statement = self.device.verify().map_err(|_| AccountError::BadRequest)?;
        let right = statement.account == account
            && statement.nonce == nonce
            && statement.wrapping == self.wrapping.hash();
        if right {
            Ok(statement.signing.device_id())
        } else {
            Err(AccountError::BadRequest)
        }
    }
}

/// The two links that let a device in, to be appended together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// *add*, for the account log.
    pub add: TravelLink,
    /// *enter*, for the journal log, with the newest epoch's wrap beside it.
    pub enter: TravelLink,
}

/// Makes the links that let a device in. The person has compared the code by then.
///
/// # Errors
/// [`AccountError`]; nothing was signed that could be used.
pub fn admit_device(
    logs: &Logs,
    request: &DeviceRequest,
    nonce: Nonce,
    epoch: &EpochSecret,
    by: &DeviceKey,
    random: &Random,
) -> Result<Admission, AccountError> {
    let new = request.check(logs.account().id(), nonce)?;
    let newest = logs
        .journal()
        .newest_epoch()
        .ok_or(AccountError::LockedOut)?;
    if newest.commitment != epoch.commitment() {
        return Err(AccountError::LockedOut);
    }
    let add: AccountLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(logs.account().id()),
            position: logs.account().length() + 1,
            previous: logs.account().last(),
            author: Author::Device(by.id()),
            rests_on: Vec::new(),
            content: AccountContent::Add {
                device: request.device.clone(),
            },
        },
        by.signing(),
    );
    let mut account = logs.account().clone();
    account.apply(&add)?;

    let recipient = Recipient::Device(new);
    let wrap = epoch.wrap_for(logs.space(), recipient, &request.wrapping, random)?;
    let blob = cbor::to_vec(&Wraps {
        wraps: vec![wrap],
        shared: Vec::new(),
    });
    let content = JournalContent::Enter(Enter {
        device: new,
        wrapping: request.wrapping.clone(),
        epoch: newest.id,
        wraps: Hash::of(Domain::Blob, &[&blob]),
    });
    let enter = journal_link(&account, logs.journal(), content, by);
    let mut journal = logs.journal().clone();
    journal.apply(&enter, &account)?;
    Ok(Admission {
        add: add.to_travel(None),
        enter: enter.to_travel(Some(blob)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{found, open_newest},
        random::tests::seeded,
    };
    use daymark_wire::logs::LogError;

    const NONCE: Nonce = Nonce::from_bytes([7; 16]);

    #[test]
    fn a_device_that_was_let_in_opens_the_epoch_and_the_account_keys() {
        let random = seeded(1);
        let mut owner = found(None, &random).unwrap();
        let (device, wrapping) = (
            DeviceKey::generate(&random).unwrap(),
            WrappingKey::generate(&random).unwrap(),
        );
        let request = DeviceRequest::new(&device, &wrapping, owner.logs.account().id(), NONCE);
        let admitted = admit_device(
            &owner.logs,
            &request,
            NONCE,
            &owner.epoch.1,
            &owner.device,
            &random,
        )
        .unwrap();
        let taken = owner.logs.take(&[admitted.enter, admitted.add]);
        assert_eq!((taken.new.len(), taken.fault), (2, None));
        let opened = open_newest(&owner.logs, Recipient::Device(device.id()), &wrapping).unwrap();
        assert_eq!(opened.epoch, owner.epoch);
        assert_eq!(opened.account_keys, Some(owner.account_keys));
    }

    #[test]
    fn a1_a_request_with_a_swapped_wrapping_key_is_refused() {
        let random = seeded(2);
        let owner = found(None, &random).unwrap();
        let device = DeviceKey::generate(&random).unwrap();
        let wrapping = WrappingKey::generate(&random).unwrap();
        let mut request = DeviceRequest::new(&device, &wrapping, owner.logs.account().id(), NONCE);
        request.wrapping = WrappingKey::generate(&random).unwrap().public();
        let refused = admit_device(
            &owner.logs,
            &request,
            NONCE,
            &owner.epoch.1,
            &owner.device,
            &random,
        );
        assert_eq!(refused, Err(AccountError::BadRequest));
    }

    #[test]
    fn h1_a_request_made_for_another_pairing_or_account_is_refused() {
        let random = seeded(3);
        let owner = found(None, &random).unwrap();
        let device = DeviceKey::generate(&random).unwrap();
        let wrapping = WrappingKey::generate(&random).unwrap();
        let account = owner.logs.account().id();
        let other_account =
            DeviceRequest::new(&device, &wrapping, AccountId::from_bytes([9; 16]), NONCE);
        let other_pairing = DeviceRequest::new(&device, &wrapping, account, Nonce::ZERO);
        assert_eq!(
            other_account.check(account, NONCE),
            Err(AccountError::BadRequest)
        );
        assert_eq!(
            other_pairing.check(account, NONCE),
            Err(AccountError::BadRequest)
        );
    }

    #[test]
    fn b3_a_link_by_a_device_that_is_not_in_the_account_is_refused() {
        let random = seeded(4);
        let owner = found(None, &random).unwrap();
        let stranger = DeviceKey::generate(&random).unwrap();
        let wrapping = WrappingKey::generate(&random).unwrap();
        let request = DeviceRequest::new(&stranger, &wrapping, owner.logs.account().id(), NONCE);
        let refused = admit_device(
            &owner.logs,
            &request,
            NONCE,
            &owner.epoch.1,
            &stranger,
            &random,
        );
        let unknown = LogError::NoSuchDevice(stranger.id());
        assert_eq!(refused, Err(AccountError::Log(unknown)));
    }
}
