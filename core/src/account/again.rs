//! Links of this device's own making of which no relay has shown what became (rule L13).
//!
//! A relay that takes a link and says that it came too late could have another one signed for the same place, and
//! show one history to one device and another to the next. So what was signed for a place is brought again, the
//! same bytes, until something is seen to stand there.

use super::{AccountError, DeviceRequest, Logs, admit_device};
use crate::keys::{DeviceKey, EpochSecret};
use crate::random::Random;
use daymark_wire::logs::{AccountContent, JournalContent, TravelLink};

/// Whether nothing is known yet to stand at the place for which these links were signed. The first decides, which
/// is the account log's: what is brought beside it rests on it, and falls with it.
#[must_use]
pub fn are_unsettled(links: &[TravelLink], logs: &Logs) -> bool {
    let first = links.first().map(TravelLink::open::<AccountContent>);
    first.is_some_and(|first| {
        first.is_ok_and(|first| first.claimed().position > logs.account().length())
    })
}

/// Links of this device's own, to be brought again. An *enter* that cannot be the next of the journal log any more is
/// made anew for the place that is; the *add* before it stays as it was signed.
///
/// # Errors
/// [`AccountError`]; nothing was signed that could be used.
pub fn bring_again(
    links: Vec<TravelLink>,
    logs: &Logs,
    epoch: &EpochSecret,
    by: &DeviceKey,
    random: &Random,
) -> Result<Vec<TravelLink>, AccountError> {
    let [add, enter] = links.as_slice() else {
        return Ok(links);
    };
    let enter = enter.open::<JournalContent>()?;
    if enter.claimed().previous == logs.journal().last() {
        return Ok(links);
    }
    let add = add.open::<AccountContent>()?;
    let (AccountContent::Add { device }, JournalContent::Enter(enter)) =
        (&add.claimed().content, &enter.claimed().content)
    else {
        return Ok(links);
    };
    let nonce = device.verify().map_err(|_| AccountError::BadRequest)?.nonce;
    let request = DeviceRequest {
        device: device.clone(),
        wrapping: enter.wrapping.clone(),
    };
    let admission = admit_device(logs, &request, nonce, epoch, by, random)?;
    Ok(vec![admission.add, admission.enter])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{Admission, begin_epoch, found},
        keys::WrappingKey,
        random::tests::seeded,
    };
    use daymark_wire::{Have, Nonce};

    const NONCE: Nonce = Nonce::from_bytes([7; 16]);

    #[test]
    fn an_add_is_brought_as_it_was_signed_also_after_the_journal_went_on() {
        let random = seeded(1);
        let mut owner = found(None, &random).unwrap();
        let device = DeviceKey::generate(&random).unwrap();
        let wrapping = WrappingKey::generate(&random).unwrap();
        let account = owner.logs.account().id();
        let request = DeviceRequest::new(&device, &wrapping, account, NONCE);
        let key = &owner.device;
        let Admission { add, enter } =
            admit_device(&owner.logs, &request, NONCE, &owner.epoch.1, key, &random).unwrap();
        let links = vec![add.clone(), enter];
        assert!(are_unsettled(&links, &owner.logs));
        let same = bring_again(links.clone(), &owner.logs, &owner.epoch.1, key, &random).unwrap();
        assert_eq!(same, links);

        let keys = &owner.account_keys;
        let (epoch, begun) =
            begin_epoch(&owner.logs, keys, Have::default(), None, key, &random).unwrap();
        assert_eq!(owner.logs.take(&[epoch]).fault, None);
        let again = bring_again(links.clone(), &owner.logs, &begun.1, key, &random).unwrap();
        assert_eq!(again[0], add);
        assert_ne!(again[1], links[1]);
        assert!(are_unsettled(&again, &owner.logs));
        let taken = owner.logs.take(&again);
        assert_eq!((taken.new.len(), taken.fault), (2, None));
        assert!(!are_unsettled(&again, &owner.logs));
        assert!(!are_unsettled(&[], &owner.logs));
    }
}
