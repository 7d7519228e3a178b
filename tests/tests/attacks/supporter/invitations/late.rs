//! B2, B3: answers that come, or are shown, after the last day of an invitation, or after a no.

use super::*;
use daymark_tests::hostile::Hoard;
use daymark_wire::{
    LogId,
    invitation::Decline,
    logs::{AccountContent, AccountLink, LogKind, TravelLink},
};

/// A clock so many days from now.
fn in_days(days: u64) -> SetClock {
    let clock = SetClock::default();
    clock.put_ahead(days);
    clock
}

#[tokio::test]
async fn b3_an_invitation_that_lapsed_a_year_ago_makes_nobody_a_supporter_whatever_a_relay_takes() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    // A year goes by. The relay takes no link that says so.
    let owner = open.owner.by_clock(&in_days(400)).await;
    open.relay.play(TakesNoLinks::new());
    for _ in 0..2 {
        let _ = owner.vault.sync(&|_| ()).await;
    }
    let told = standing(&owner, bond).await;
    assert_eq!(told, Standing::Lapsed);
    // By the clock of this relay it may be accepted for ever.
    open.relay.behave();
    accept(&open.meant, &open.invitation).await;
    for _ in 0..2 {
        owner.sync().await;
    }
    let stands = standing(&owner, bond).await;
    assert_ne!(stands, Standing::Active, "it was {told:?} for a year");
}

#[tokio::test]
async fn b3_an_answer_in_time_is_agreed_though_its_owner_was_away_until_after_the_last_day() {
    let open = Open::set().await;
    accept(&open.meant, &open.invitation).await;
    let owner = open.owner.by_clock(&in_days(400)).await;
    let before = standing(&owner, open.invitation.bond()).await;
    assert_eq!(before, Standing::Lapsed);
    owner.sync().await;
    open.meant.sync().await;
    for device in [&owner, &open.meant] {
        let stands = standing(device, open.invitation.bond()).await;
        assert_eq!(stands, Standing::Active);
    }
}

#[tokio::test]
async fn b2_an_answer_that_a_relay_showed_after_the_invitation_lapsed_leaves_a_bond_that_can_be_ended()
 {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    accept(&open.meant, &open.invitation).await;
    // In time; but the owner is shown it when the day has passed.
    open.relay
        .alter(move |_, reply| reply.links.retain(|link| !later_bond(link)));
    let owner = open.owner.by_clock(&in_days(2)).await;
    owner.sync().await;
    open.relay.behave();
    for _ in 0..2 {
        owner.sync().await;
        open.meant.sync().await;
    }
    let here = side_of(&owner, bond).await.unwrap();
    let there = standing(&open.meant, bond).await;
    let ended = owner.vault.end_bond(bond).await;
    owner.sync().await;
    open.meant.sync().await;
    let after = standing(&open.meant, bond).await;
    assert!(
        here.standing == there || matches!(after, Standing::Ended { .. }),
        "owner {:?} (ending {}), supporter {there:?}; ending it: {ended:?}; supporter then {after:?}",
        here.standing,
        here.ending
    );
}

/// Shows an owner the no that was given, and takes no link.
struct Declined {
    bond: SpaceId,
    no: Decline,
    inner: TakesNoLinks,
}

impl Script for Declined {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        self.inner.instead(asked)
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        for space in &mut reply.spaces {
            if space.space == self.bond {
                space.declined = Some(self.no);
            }
        }
        self.inner.sync(asked, reply)
    }
}

/// The no of whoever holds the invitation.
async fn declined(relay: &HostileRelay, invitation: &Invitation) -> Decline {
    let kept = Hoard::of_relay(relay).await;
    let owner = LogId::from(invitation.owner());
    let is_shown = |link: &&TravelLink| match link.open::<AccountContent>() {
        Ok(link) => link.log_id() == owner,
        Err(_) => link.kind == LogKind::Bond,
    };
    let mut links: Vec<TravelLink> = kept.links().filter(is_shown).cloned().collect();
    links.sort_by_key(|link| {
        let account: Result<AccountLink, _> = link.open();
        account.map_or(u64::MAX, |link| link.claimed().position)
    });
    let offer = daymark_core::bonds::consider(invitation.clone(), &links);
    offer.unwrap().decline()
}

#[tokio::test]
async fn b3_an_invitation_that_was_declined_makes_nobody_a_supporter_whatever_a_relay_takes() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    open.relay.play(Declined {
        bond,
        no: declined(&open.relay, &open.invitation).await,
        inner: TakesNoLinks::new(),
    });
    for _ in 0..2 {
        let _ = open.owner.vault.sync(&|_| ()).await;
    }
    let told = standing(&open.owner, bond).await;
    assert_eq!(told, Standing::Declined);
    open.relay.behave();
    accept(&open.meant, &open.invitation).await;
    for _ in 0..2 {
        open.owner.sync().await;
    }
    let stands = standing(&open.owner, bond).await;
    assert_ne!(stands, Standing::Active, "it was {told:?}");
}

/// Hides from everybody what stands in a bond after its *invite*, and takes no link of it.
struct Hides(TakesNoLinks);

impl Script for Hides {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        self.0.instead(asked)
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        reply.links.retain(|link| !later_bond(link));
        self.0.sync(asked, reply)
    }
}

#[tokio::test]
async fn b2_a_lapse_that_was_signed_before_the_answer_was_shown_pauses_nobody_for_good() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    // In time, and the owner is not shown it.
    accept(&open.meant, &open.invitation).await;
    let owner = open.owner.by_clock(&in_days(2)).await;
    open.relay.play(Hides(TakesNoLinks::new()));
    for _ in 0..2 {
        let _ = owner.vault.sync(&|_| ()).await;
    }
    let exchanges = open.relay.exchanges_of(owner.vault.device());
    let mut brought = exchanges.iter().flat_map(|one| &one.asked.request.append);
    let lapse = brought.find(|link| later_bond(link)).unwrap().clone();
    // Now it is shown the answer, and both are shown the lapse.
    open.relay.behave();
    owner.sync().await;
    open.relay
        .alter(move |_, reply| reply.links.push(lapse.clone()));
    for device in [&owner, &open.meant] {
        let _ = device.vault.sync(&|_| ()).await;
    }
    open.relay.behave();
    let mut stand = Vec::new();
    for device in [&owner, &open.meant] {
        let _ = device.vault.sync(&|_| ()).await;
        stand.push(standing(device, bond).await);
    }
    let is_paused = |one: &Standing| matches!(one, Standing::Paused(_));
    assert!(!stand.iter().any(is_paused), "{stand:?}");
}
