//! Inviting, answering, comparing the number.

use super::*;
use crate::sharing::Pause;
use daymark_core::{
    bonds::InvitationSecret,
    journal::Alias,
    secret::Secret,
    sharing::{BondEntry, Closed, LedgerItem},
};
use daymark_wire::logs::{EndReason, Role};
use std::sync::Arc;

#[tokio::test]
async fn the_owner_checks_the_answer_once_and_lets_the_secret_go() {
    let couple = Couple::accepted().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    assert_eq!(owner.standing(couple.bond).await, Standing::Invited);
    assert_eq!(supporter.standing(couple.bond).await, Standing::Active);
    couple.tell_owner().await;
    assert_eq!(owner.standing(couple.bond).await, Standing::Active);
    let bonds = owner.bonds().await;
    let entry = &bonds.all.get(&couple.bond).unwrap().entry;
    assert_eq!(entry.secret, None);
    assert!(entry.accept.is_some() && entry.since.is_some());
    assert_eq!(entry.pin, None, "only who verifies notes one");
    let again = owner.vault.take_in_bonds().await.unwrap();
    assert_eq!(again, Default::default(), "nothing is left to do");
    let later = owner.bonds().await;
    assert_eq!(&later.all.get(&couple.bond).unwrap().entry, entry);
}

impl Side {
    async fn change(&self, bond: SpaceId, change: impl FnOnce(&mut BondEntry)) {
        let mut writing = self.vault.writing().await.unwrap();
        let mut bonds = Bonds::load(&mut writing).await.unwrap();
        let mut entry = bonds.all.get(&bond).unwrap().entry.clone();
        change(&mut entry);
        let item = [LedgerItem::Bond(bond, entry)];
        let put = self
            .vault
            .put_ledger(&mut writing, &mut bonds.ledger, &item);
        put.await.unwrap();
        writing.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a2_who_answers_without_the_invitation_is_sent_nothing() {
    let couple = Couple::accepted().await;
    let (owner, bond) = (&couple.owner, couple.bond);
    let other = Secret::new(Zeroizing::new([0x5e; 32]));
    let other = Some(InvitationSecret::from_secret(other));
    owner
        .change(bond, |entry| entry.secret = other.clone())
        .await;
    couple.tell_owner().await;
    assert_eq!(owner.standing(bond).await, Standing::NotAgreed);
    let bonds = owner.bonds().await;
    let entry = &bonds.all.get(&bond).unwrap().entry;
    assert_eq!((&entry.secret, entry.accept), (&other, None));
    let entry = owner.write("A day", "in some words").await;
    let refused = couple.preview(entry).await.unwrap_err();
    assert!(matches!(
        refused,
        ShareError::NotActive(Standing::NotAgreed)
    ));
    assert!(owner.vault.number(bond).await.is_err());
}

#[tokio::test]
async fn an_answer_that_was_checked_is_the_only_one_that_counts() {
    let couple = Couple::agreed().await;
    let (owner, bond) = (&couple.owner, couple.bond);
    let other = Hash::from_bytes([9; 32]);
    owner.change(bond, |entry| entry.accept = Some(other)).await;
    // The right one is still to come.
    let withheld = Standing::Paused(Pause::Withheld);
    assert_eq!(owner.standing(bond).await, withheld);
    let entry = owner.write("A day", "in some words").await;
    let refused = couple.preview(entry).await.unwrap_err();
    assert!(matches!(refused, ShareError::NotActive(standing) if standing == withheld));
    owner.vault.take_in_bonds().await.unwrap();
    assert_eq!(owner.links(bond.into()).await.len(), 1, "the invite");
    assert_eq!(owner.wishes(bond).await, Default::default());
}

#[tokio::test]
async fn both_see_one_number_and_only_the_right_one_verifies() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner.vault, &couple.supporter.vault);
    let number = owner.number(couple.bond).await.unwrap();
    assert_eq!(supporter.number(couple.bond).await.unwrap(), number);
    let wrong = number.to_string().replace('1', "2").replace('0', "3");
    let wrong = wrong.parse().unwrap();
    let refused = owner.verify(couple.bond, &wrong).await.unwrap_err();
    assert!(matches!(refused, ShareError::OtherNumber));
    assert!(!owner.supporters().await.unwrap()[0].verified);
    owner.verify(couple.bond, &number).await.unwrap();
    assert!(owner.supporters().await.unwrap()[0].verified);
    assert!(
        !supporter.supporters().await.unwrap()[0].verified,
        "each for themselves"
    );
}

#[tokio::test]
async fn a_no_that_holds_ends_the_invitation_and_any_other_does_not() {
    let owner = side().await;
    let invited = owner.vault.invite(&person("NAME"), None, in_a_week()).await;
    let (offer, _) = offer(&owner, &invited.unwrap().to_string()).await;
    let bond = offer.invitation().bond();
    let no = offer.decline();
    let forged = daymark_wire::invitation::Decline::from_bytes([7; 32]);
    for (answer, expected) in [(forged, None), (no, Some(EndReason::Declined))] {
        let mut writing = owner.vault.writing().await.unwrap();
        let notes = crate::vault::BondNotes {
            declined: Some(answer),
            ..Default::default()
        };
        writing.put_bond_notes(bond, &notes).await.unwrap();
        writing.commit().await.unwrap();
        owner.vault.take_in_bonds().await.unwrap();
        assert_eq!(owner.wishes(bond).await.end, expected);
    }
    assert_eq!(owner.standing(bond).await, Standing::Declined);
}

#[tokio::test]
async fn an_invitation_that_nobody_answered_in_time_is_ended() {
    let owner = side().await;
    let soon = Timestamp::now() + SignedDuration::from_secs(1);
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    let late = owner.vault.invite(&person("NAME"), None, past).await;
    assert!(matches!(late.unwrap_err(), ShareError::Passed));
    let invited = owner.vault.invite(&person("NAME"), None, soon).await;
    let bond = invited.unwrap().bond();
    // The clock has whole seconds.
    while owner.standing(bond).await == Standing::Invited {
        tokio::task::yield_now().await;
    }
    assert_eq!(owner.wishes(bond).await.end, None);
    owner.vault.take_in_bonds().await.unwrap();
    assert_eq!(owner.wishes(bond).await.end, Some(EndReason::Lapsed));
}

#[tokio::test]
async fn an_invitation_that_is_taken_back_is_over_and_its_name_is_free() {
    let owner = side().await;
    let invited = owner.vault.invite(&person("NAME"), None, in_a_week()).await;
    let bond = invited.unwrap().bond();
    let taken = owner.vault.invite(&person("name"), None, in_a_week()).await;
    assert!(matches!(taken.unwrap_err(), ShareError::NameTaken));
    let refused = owner.vault.leave_bond(bond).await.unwrap_err();
    assert!(matches!(refused, ShareError::OtherSide(Role::Supporter)));
    owner.vault.end_bond(bond).await.unwrap();
    assert_eq!(owner.standing(bond).await, Standing::TakenBack);
    assert_eq!(owner.wishes(bond).await.end, Some(EndReason::Chosen));
    let again = owner.vault.end_bond(bond).await.unwrap_err();
    assert!(matches!(again, ShareError::NotActive(Standing::TakenBack)));
    let anew = owner.vault.invite(&person("NAME"), None, in_a_week()).await;
    let meant = owner.vault.find_supporter("na").await.unwrap();
    assert_eq!(meant.bond, anew.unwrap().bond(), "the one that is open");
}

/// A clock on the day on which the invitations of these tests are over.
#[derive(Debug)]
struct AfterwardsClock;

impl Clock for AfterwardsClock {
    fn now_ms(&self) -> u64 {
        u64::try_from(in_a_week().as_millisecond()).unwrap() + 1000
    }
}

impl Side {
    /// The same, when its invitations are over.
    async fn afterwards(self) -> Self {
        self.vault.close().await;
        let locked = Vault::open(self.folder.path()).await.unwrap();
        let locked = locked.with_clock(Arc::new(AfterwardsClock));
        let vault = locked.unlock("pass").await.unwrap();
        Self { vault, ..self }
    }
}

#[tokio::test]
async fn k12_that_an_invitation_lapsed_counts_from_its_last_day_on_by_each_devices_clock() {
    let couple = Couple::accepted().await;
    let (owner, bond) = (&couple.owner, couple.bond);
    // As another device noted it, whose clock was ahead.
    let lapsed = Closed {
        why: EndReason::Lapsed,
        at: in_a_week(),
    };
    owner
        .change(bond, |entry| entry.closed = Some(lapsed))
        .await;
    assert_eq!(owner.standing(bond).await, Standing::Invited);
    assert_eq!(owner.wishes(bond).await.end, None);
    couple.tell_owner().await;
    assert_eq!(owner.standing(bond).await, Standing::Active);
    let owner = couple.owner.afterwards().await;
    assert_eq!(owner.standing(bond).await, Standing::Active);
}

#[tokio::test]
async fn b3_an_answer_to_an_invitation_that_is_over_is_agreed_by_nobody_and_ended() {
    for closed in [None, Some(EndReason::Lapsed), Some(EndReason::Declined)] {
        let mut couple = Couple::accepted().await;
        if closed == Some(EndReason::Lapsed) {
            couple.owner = couple.owner.afterwards().await;
        }
        let (owner, bond) = (&couple.owner, couple.bond);
        match closed {
            None => owner.vault.end_bond(bond).await.unwrap(),
            // As another device noted it.
            Some(why) => {
                let at = Timestamp::now();
                let closed = Some(Closed { why, at });
                owner.change(bond, |entry| entry.closed = closed).await;
            }
        }
        let over = owner.standing(bond).await;
        let expected = match closed {
            None => Standing::TakenBack,
            Some(EndReason::Lapsed) => Standing::Lapsed,
            Some(_) => Standing::Declined,
        };
        assert_eq!(over, expected);
        // The one who was meant, with the right answer.
        couple.tell_owner().await;
        let by = Role::Owner;
        assert_eq!(owner.standing(bond).await, Standing::Ended { by });
        let chosen = Some(EndReason::Chosen);
        assert_eq!(owner.wishes(bond).await.end, chosen);
        let bonds = owner.bonds().await;
        let known = bonds.all.get(&bond).unwrap();
        assert_eq!((known.agreed, known.entry.accept), (None, None));
        let (logs, device) = (known.logs.as_ref().unwrap(), owner.vault.device_key());
        let end = daymark_core::bonds::end(logs, &bonds.own, EndReason::Chosen, device);
        couple.add(owner, &couple.supporter, end.unwrap()).await;
        owner.vault.take_in_bonds().await.unwrap();
        let bonds = owner.bonds().await;
        assert_eq!(bonds.all.get(&bond).unwrap().entry.secret, None);
    }
}

#[tokio::test]
async fn b3_of_an_answer_and_a_note_that_there_was_none_the_first_stands() {
    let couple = Couple::agreed().await;
    let (owner, bond) = (&couple.owner, couple.bond);
    let since = owner.bonds().await.all.get(&bond).unwrap().entry.since;
    let (since, minute) = (since.unwrap(), SignedDuration::from_mins(1));
    for (at, end) in [
        (since + minute, None),
        (since - minute, Some(EndReason::Chosen)),
    ] {
        // Which counts at any time; a lapse only from the last day on.
        let why = EndReason::Declined;
        owner
            .change(bond, |entry| entry.closed = Some(Closed { why, at }))
            .await;
        let is_active = owner.standing(bond).await == Standing::Active;
        assert_eq!(is_active, end.is_none());
        assert_eq!(owner.wishes(bond).await.end, end);
    }
}

#[tokio::test]
async fn a_supporter_is_found_by_name_or_named_as_what_there_is() {
    let owner = side().await;
    for name in ["Zoe", "Zora"] {
        let invited = owner.vault.invite(&person(name), None, in_a_week()).await;
        invited.unwrap();
    }
    let find = async |name: &str| owner.vault.find_supporter(name).await;
    assert_eq!(find("zoe").await.unwrap().name, person("Zoe"));
    assert_eq!(find("Zor").await.unwrap().name, person("Zora"));
    match find("zo").await.unwrap_err() {
        ShareError::AmbiguousSupporter { candidates } => assert_eq!(candidates.len(), 2),
        other => panic!("{other}"),
    }
    match find("").await.unwrap_err() {
        ShareError::UnknownSupporter { known } => assert_eq!(known.len(), 2),
        other => panic!("{other}"),
    }
    let zoe = find("Zoe").await.unwrap();
    assert!(owner.vault.mute(zoe.bond, true).await.unwrap());
    assert!(!owner.vault.mute(zoe.bond, true).await.unwrap());
    assert!(find("Zoe").await.unwrap().muted);
}

#[tokio::test]
async fn people_have_aliases_that_do_not_say_their_names() {
    let side = side().await;
    let owner = &side.vault;
    let (anna, alias) = (person("Anna"), Alias::parse("a friend").unwrap());
    let mut entry = entry("A day", "with Anna and Ben");
    entry.people = [anna.clone(), person("Ben")].into();
    owner.write(&entry, None).await.unwrap();
    assert!(owner.set_alias(&anna, Some(&alias)).await.unwrap());
    assert!(!owner.set_alias(&anna, Some(&alias)).await.unwrap());
    let says = Alias::parse("old anna").unwrap();
    let refused = owner.set_alias(&anna, Some(&says)).await.unwrap_err();
    assert!(matches!(refused, ShareError::Sharing(_)));
    let people = owner.people().await.unwrap();
    let both = [(anna.clone(), Some(alias)), (person("Ben"), None)].into();
    assert_eq!(people, both);
    assert!(owner.set_alias(&anna, None).await.unwrap());
}
