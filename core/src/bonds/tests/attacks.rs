//! A relay that puts somebody else in the supporter's place, and what it learns.

use super::super::{
    Accepted, BondError, BondLogs, Invited, NewEpoch, begin_epoch, end, inviting::next_link,
    open_newest, secret::Terms,
};
use super::{Pair, Person, offer};
use crate::secret::derive;
use daymark_wire::{
    AccountId, Hash, cbor,
    logs::{Accept, BondContent, EndReason, TravelLink},
};

/// The logs as somebody else sees them whom the relay lets have a look at everything.
fn seen_by(owner: &Person, invited: &Invited, by: &Person) -> BondLogs {
    let links = [owner.links.as_slice(), std::slice::from_ref(&invited.link)].concat();
    BondLogs::fold(&links, &by.account).unwrap()
}

/// An *accept* by somebody, with this MAC.
fn forged_accept(owner: &Person, invited: &Invited, by: &Person, mac: Hash) -> TravelLink {
    let content = BondContent::Accept(Accept {
        supporter: by.id(),
        owner: owner.account.head(),
        mac,
    });
    let logs = seen_by(owner, invited, by);
    next_link(&logs, &by.account, content, by.device()).to_travel(None)
}

/// The owner's logs after the relay has shown that somebody accepted and began an epoch, and what the owner
/// makes of it.
fn shown(owner: &Person, invited: &Invited, by: &Person, mac: Hash) -> (BondLogs, Accepted) {
    let accept = forged_accept(owner, invited, by, mac);
    let mut theirs = seen_by(owner, invited, by);
    theirs.take(std::slice::from_ref(&accept), &by.account);
    let agreed = theirs.accepted().unwrap().own(by.id()).unwrap();
    let says = NewEpoch::default();
    let begun = begin_epoch(&theirs, &agreed, &by.account, says, by.device(), &by.random);

    let mut logs = invited.logs.clone();
    let links = [by.links.as_slice(), &[accept, begun.unwrap().link]].concat();
    let taken = logs.take(&links, &owner.account);
    assert_eq!((taken.new.len(), taken.fault), (3, None));
    let accepted = logs.accepted().unwrap();
    (logs, accepted)
}

#[test]
fn a2_somebody_who_accepts_without_the_secret_gets_nothing() {
    let (owner, attacker) = (Person::new(1), Person::new(6));
    let invited = owner.invite();
    let secret = invited.invitation.secret();
    let token = secret.token();
    let terms = Terms {
        invite: invited.logs.state().invite_link(),
        owner: (owner.id(), owner.account.head()),
        supporter: (attacker.id(), attacker.account.head()),
    };
    let guess = |bytes: &[u8; 32]| {
        let secret = crate::secret::Secret::from_slice(bytes).unwrap();
        super::super::InvitationSecret::from_secret(secret).accept_mac(&terms)
    };
    let macs = [
        Hash::ZERO,
        token.hash(),
        guess(token.as_bytes()),
        guess(token.hash().as_bytes()),
    ];
    for mac in macs {
        let (logs, accepted) = shown(&owner, &invited, &attacker, mac);
        assert_eq!(accepted.supporter(), attacker.id());
        assert_eq!(accepted.agree(&secret), Err(BondError::NotAgreed));
        nothing_is_wrapped(&owner, &logs);
    }
}

#[test]
fn a2_no_other_answer_stands_in_the_place_of_one_that_was_checked() {
    let pair = Pair::new();
    let (own, attacker) = (&pair.owner.account, Person::new(6));
    let answer = pair.agreed.accept();
    let (mut logs, _) = shown(&pair.owner, &pair.invited, &attacker, Hash::ZERO);
    assert_eq!(logs.expect(answer, own), Ok(true));
    assert_eq!((logs.bond_links().len(), logs.other()), (1, None));
    let forged = forged_accept(&pair.owner, &pair.invited, &attacker, Hash::ZERO);
    let lapsed = end(&logs, own, EndReason::Lapsed, pair.owner.device()).unwrap();
    for other in [forged, lapsed] {
        let links = [attacker.links.as_slice(), &[other]].concat();
        assert!(logs.take(&links, own).fault.is_some());
        assert_eq!((logs.bond_links().len(), logs.forked_by()), (1, None));
    }
    let right = [pair.supporter.links.as_slice(), &pair.accepted.links].concat();
    assert_eq!(logs.take(&right, own).fault, None);
    assert!(logs.accepted().unwrap().remember(answer).is_ok());
    assert_eq!(logs.expect(answer, own), Ok(false));
}

#[test]
fn a2_a_strangers_answer_keeps_the_place_of_the_right_one_free_and_that_stands_over_a_lapse() {
    let (owner, supporter, attacker) = (Person::new(1), Person::new(2), Person::new(6));
    let (own, invited) = (&owner.account, owner.invite());
    let secret = invited.invitation.secret();
    let (mut logs, _) = shown(&owner, &invited, &attacker, Hash::ZERO);
    logs.judge_with(&secret, own).unwrap();
    assert_eq!((logs.bond_links().len(), logs.other()), (1, None));
    assert!(logs.has_stranger());
    let forged = forged_accept(&owner, &invited, &attacker, Hash::ZERO);
    let mut anew = invited.logs.clone();
    anew.judge_with(&secret, own).unwrap();
    assert!(!anew.has_stranger());
    let taken = anew.take(&[attacker.links.as_slice(), &[forged]].concat(), own);
    assert!(taken.fault.is_some() && taken.new.is_empty() && anew.has_stranger());
    let accepted = supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let right = [supporter.links.as_slice(), &accepted.links].concat();
    for mut logs in [logs, anew] {
        assert_eq!(logs.take(&right, own).fault, None);
        assert!(logs.accepted().unwrap().agree(&secret).is_ok());
        let ends = [EndReason::Lapsed, EndReason::Declined, EndReason::Chosen];
        for why in ends {
            let other = end(&invited.logs, own, why, owner.device()).unwrap();
            assert!(logs.take(&[other], own).fault.is_some(), "it is named");
            let pauses = logs.forked_by().is_some();
            assert_eq!(pauses, why == EndReason::Chosen, "{why:?}");
        }
    }
}

#[test]
fn a2_an_answer_put_in_another_supporters_name_is_refused() {
    let (owner, supporter, attacker) = (Person::new(1), Person::new(2), Person::new(6));
    let invited = owner.invite();
    let secret = invited.invitation.secret();
    let right = supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let mac = match &right.links[0].open().unwrap().claimed().content {
        BondContent::Accept(accept) => accept.mac,
        other => panic!("{other:?}"),
    };
    let (logs, accepted) = shown(&owner, &invited, &attacker, mac);
    assert_eq!(accepted.agree(&secret), Err(BondError::NotAgreed));
    nothing_is_wrapped(&owner, &logs);
    // Nor does the right answer to one invitation count for another.
    let another = owner.invite();
    let (_, elsewhere) = shown(&owner, &another, &supporter, mac);
    let other_secret = another.invitation.secret();
    assert_eq!(elsewhere.agree(&other_secret), Err(BondError::NotAgreed));
    assert_eq!(elsewhere.agree(&secret), Err(BondError::NotAgreed));
}

/// What was checked for one answer opens and begins nothing for another.
fn nothing_is_wrapped(owner: &Person, logs: &BondLogs) {
    let elsewhere = Pair::new().agreed;
    let begun = begin_epoch(
        logs,
        &elsewhere,
        &owner.account,
        NewEpoch::default(),
        owner.device(),
        &owner.random,
    );
    assert_eq!(begun, Err(BondError::NotAgreed));
    let keys = &owner.founded.account_keys;
    let opened = open_newest(logs, &elsewhere, owner.id(), keys);
    assert_eq!(opened, Err(BondError::NotAgreed));
}

#[test]
fn a2_a_supporters_account_with_a_swapped_key_is_refused() {
    let (owner, supporter, attacker) = (Person::new(1), Person::new(2), Person::new(6));
    let invited = owner.invite();
    let accepted = supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let id = supporter.id();
    let key = attacker.account.account_key().as_bytes();
    let mut genesis = supporter.links[0].clone();
    let own = supporter.account.account_key().as_bytes();
    let place = genesis
        .bytes
        .windows(own.len())
        .position(|window| window == own)
        .unwrap();
    genesis.bytes[place..place + key.len()].copy_from_slice(key);
    for account in [vec![genesis], attacker.links] {
        let mut logs = invited.logs.clone();
        let links = [account.as_slice(), &accepted.links].concat();
        let taken = logs.take(&links, &owner.account);
        assert!(taken.fault.is_some() && taken.new.is_empty());
        assert_eq!(logs.state(), invited.logs.state(), "nobody accepted");
        assert_eq!(logs.other(), None);
    }
    let missing = invited.logs.clone().take(&accepted.links, &owner.account);
    let log = daymark_wire::LogId::from(id);
    assert_eq!(
        missing.fault,
        Some(crate::account::LogFault::Missing { log })
    );
}

#[test]
fn a4_what_the_relay_sees_holds_neither_the_secret_nor_what_answers_are_made_with() {
    let pair = Pair::new();
    let invitation = &pair.invited.invitation;
    let secret = invitation.secret();
    let answer = derive::<32>(b"", secret.secret().expose(), &[b"daymark/1/bond/answer"]);
    let declined = offer(&pair.owner, &pair.invited).unwrap().decline();
    let epoch = &pair.accepted.epoch.1;
    let links = [
        pair.owner.links.as_slice(),
        &pair.supporter.links,
        pair.logs.bond_links(),
    ]
    .concat();
    let mut seen = cbor::to_vec(&links);
    seen.extend(secret.token().as_bytes());
    seen.extend(secret.token().to_header().as_bytes());
    seen.extend(declined.as_bytes());
    let found = |bytes: &[u8]| seen.windows(bytes.len()).any(|window| window == bytes);
    assert!(
        found(secret.token().hash().as_bytes()),
        "as the invite says"
    );
    for hidden in [
        secret.secret().expose(),
        answer.expose(),
        epoch.secret().expose(),
    ] {
        assert!(!found(hidden));
    }
    // Nor the name that the owner gave, which is for the one invited.
    let name = invitation.name().unwrap();
    assert!(!found(name.as_str().as_bytes()));
}

#[test]
fn a_forged_accept_that_does_not_stand_keeps_no_room_for_a_stranger() {
    let (owner, supporter, attacker) = (Person::new(1), Person::new(2), Person::new(6));
    let invited = owner.invite();
    let mut forged = forged_accept(&owner, &invited, &attacker, Hash::ZERO);
    forged.signature = invited.link.signature;
    let mut logs = invited.logs.clone();
    let links = [attacker.links.as_slice(), &[forged]].concat();
    let taken = logs.take(&links, &owner.account);
    assert!(taken.fault.is_some() && taken.new.is_empty());
    assert_eq!(logs.state(), invited.logs.state());
    assert_eq!(logs.other(), None);

    let accepted = supporter.accept(&offer(&owner, &invited).unwrap()).unwrap();
    let links = [supporter.links.as_slice(), &accepted.links].concat();
    let taken = logs.take(&links, &owner.account);
    assert_eq!((taken.new.len(), taken.fault), (3, None));
    let of: AccountId = logs.accepted().unwrap().supporter();
    assert_eq!(of, supporter.id());
}
