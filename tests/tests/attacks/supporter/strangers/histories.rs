//! A2, K7: long logs and two histories of an account of the relay's own stop no journal.

use super::*;

#[tokio::test]
async fn a2_an_account_of_the_relays_own_in_a_bond_that_nobody_agreed_on_does_not_stop_the_journal()
{
    let open = Open::set().await;
    let logs = StolenDevice::of(&open.stranger.vault).await;
    let hand = accepted_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    open.owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let (links, epoch) = long_log(side, (&hand.device, &hand.random), logs.logs(), 4_200);
    shows(&open.relay, &open.owner, [links, vec![epoch]].concat());
    let _ = open.owner.vault.sync(&|_| ()).await;
    goes_on(&open.relay, &open.owner).await;
}

/// The relay shows a device another history of the stranger's account, and then that it accepted.
async fn accepts_by_another_history(
    relay: &HostileRelay,
    shown_to: &Device,
    stranger: &StolenDevice,
    invitation: &Invitation,
) {
    let own = stranger.logs().account();
    let mut other = own.clone();
    let moved = move_link(&other, &stranger.device, "https://elsewhere.example");
    other.apply(&moved).unwrap();
    let genesis = stranger.logs().links_beyond(own.id().into(), 0);
    let history = [genesis, &[moved.to_travel(None)]].concat();
    let (bond, owner) = (invitation.bond(), invitation.owner_head());
    let kept = Hoard::of_relay(relay).await;
    let mut links = kept.links();
    let invite = links.find(|link| is_of_bond(link, bond.into())).unwrap();
    let accept = accept_without_secret(invitation, invite.hash(), owner, &other, &stranger.device);
    let accept = accept.to_travel(None);
    let (to, mut round) = (shown_to.vault.device(), 0);
    relay.alter(move |asked, reply| {
        if asked.device != to {
            return;
        }
        round += 1;
        if round > 1 {
            reply.links.push(accept.clone());
            return;
        }
        reply.links.extend(history.iter().cloned());
        for shown in &mut reply.spaces {
            shown.more |= shown.space == bond;
        }
    });
}

/// A second invitation of the owner's, which the relay has.
async fn invite_another(owner: &Device) -> Invitation {
    let invited = owner
        .vault
        .invite(&person("ANOTHER"), None, in_a_day())
        .await;
    owner.sync().await;
    invited.unwrap()
}

#[tokio::test]
async fn k7_two_histories_of_an_account_of_the_relays_own_do_not_stop_the_journal() {
    let open = Open::set().await;
    let stolen = StolenDevice::of(&open.stranger.vault).await;
    let hand = accepted_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    open.owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let with = (&*hand.device, &*hand.random);
    // One history in the first bond.
    let (one, epoch) = long_log(side, with, stolen.logs(), 1);
    let (two, _) = long_log(side, with, stolen.logs(), 2);
    assert_eq!(one[0].bytes, two[0].bytes, "the same so far");
    shows(&open.relay, &open.owner, vec![one[0].clone(), epoch]);
    open.owner.sync().await;
    open.relay.behave();
    // Another in the second.
    let second = invite_another(&open.owner).await;
    accepts_by_another_history(&open.relay, &open.owner, &stolen, &second).await;
    let _ = open.owner.vault.sync(&|_| ()).await;
    goes_on(&open.relay, &open.owner).await;
}

#[tokio::test]
async fn k7_a_second_device_that_was_shown_two_histories_of_a_strangers_comes_to_the_answer_that_its_journal_knows()
 {
    let (open, phone) = Open::with_phone().await;
    let second = invite_another(&open.owner).await;
    for _ in 0..2 {
        phone.sync().await;
    }
    // An account of the relay's own accepts the first.
    let stolen = StolenDevice::of(&open.stranger.vault).await;
    let hand = accepted_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    phone.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let with = (&*hand.device, &*hand.random);
    let (one, epoch) = long_log(side, with, stolen.logs(), 1);
    shows(&open.relay, &phone, vec![one[0].clone(), epoch]);
    phone.sync().await;
    // The second it accepts by another history of that account.
    accepts_by_another_history(&open.relay, &phone, &stolen, &second).await;
    let bond = second.bond();
    let _ = phone.vault.sync(&|_| ()).await;
    // From now on the relay is honest, and the right person answers.
    open.relay.behave();
    let deceived = standing(&phone, bond).await;
    accept(&open.meant, &second).await;
    for _ in 0..3 {
        open.owner.sync().await;
        let _ = phone.vault.sync(&|_| ()).await;
    }
    let here = standing(&open.owner, bond).await;
    let there = standing(&phone, bond).await;
    assert_eq!(
        [here, there],
        [Standing::Active; 2],
        "the phone said {deceived:?} before"
    );
}
