//! L3, K9: what another side brings, and a vault takes, can always be read again.

use super::{
    Scene,
    hands::{accept_without_secret, add_device, another_history, next},
    in_a_day,
    people::goes_on,
    person, standing,
};
use daymark_client::sharing::Standing;
use daymark_core::{bonds, keys::DeviceKey, sync::Fault};
use daymark_relay::Clock;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    DeviceId, Generation, LogId,
    invitation::InvitationReply,
    limits,
    logs::{AccountContent, AccountState, BondLink, Home, LogKind, TravelLink},
    sync::{AppendOutcome, SyncReply, SyncRequest},
};

/// Another device of the supporter's, and as many links of it as the owner's vault reads of a log, and some more.
fn many_links(own: &mut AccountState, first: &DeviceKey, second: &DeviceKey) -> Vec<TravelLink> {
    let add = add_device(own, first, second);
    own.apply(&add).unwrap();
    let mut links = vec![add.to_travel(None)];
    let home: Home = own.home().unwrap().clone();
    while links.len() <= 16 * limits::MAX_LINKS_PER_SYNC + 16 {
        let moved = next(own, second, AccountContent::Move { home: home.clone() });
        own.apply(&moved).unwrap();
        links.push(moved.to_travel(None));
    }
    links
}

#[tokio::test]
async fn l3_a_supporters_long_account_log_leaves_the_owners_vault_readable() {
    let time = Clock::standing_at(Clock::system().now());
    let scene = Scene::set_at(time.clone()).await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let second = DeviceKey::generate(&hostile.hand.random).unwrap();
    let mut own = hostile.side().own.state().clone();
    let room = usize::try_from(limits::MAX_ACCOUNT_LINKS - own.length()).unwrap();
    let links = many_links(&mut own, &hostile.hand.device, &second);
    let (links, beyond) = links.split_at(room);
    let chunks = links.chunks(limits::MAX_LINKS_PER_SYNC);
    let chunks = chunks.map(|some| (some, true));
    // Each request in a minute of its own (rule L11).
    for (some, has_room) in chunks.chain([(&beyond[..1], false)]) {
        let request = SyncRequest {
            append: some.to_vec(),
            ..hostile.hand.push(Vec::new())
        };
        let reply = hostile.ask(scene.relay.address(), &request).await.unwrap();
        let appended = reply.append == AppendOutcome::Appended;
        assert_eq!(appended, has_room, "{:?}", reply.append);
        time.set(time.now() + 60);
    }
    // The supporter's own account goes on in their hands, and an epoch rests on it.
    hostile.goes_on(links);
    hostile.catch_up(scene.relay.address()).await;
    let epoch = hostile.epoch(Vec::new()).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(appended, AppendOutcome::Appended);
    let vault = &scene.owner().vault;
    vault.sync(&|_| ()).await.expect("a first sync");
    let again = vault.sync(&|_| ()).await;
    vault.supporters().await.expect("the list of supporters");
    again.expect("a sync");
}

#[tokio::test]
async fn l3_another_history_of_a_supporters_account_in_another_bond_leaves_the_first_readable() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let hostile = scene.hostile().await;
    let vault = &scene.owner().vault;
    // The owner invites somebody else.
    let name = person("a third supporter");
    let invitation = vault.invite(&name, None, in_a_day()).await.unwrap();
    scene.owner().sync().await;
    let kept = scene.relay.database().await.links().await;
    let invite = kept.iter().find_map(|link| {
        let opened: BondLink = link.open().ok()?;
        (opened.log_id() == LogId::from(invitation.bond())).then_some(opened)
    });
    let (side, device) = (hostile.side(), &hostile.hand.device);
    let home = Home {
        relay: device.verifying_key(),
        url: "http://127.0.0.1:1/".to_owned(),
    };
    let (own, history) = another_history(side.own.links(), device, home);
    let owner = side.logs.other().unwrap().head();
    let invite = invite.unwrap().hash();
    let accept = accept_without_secret(&invitation, invite, owner, &own, device);
    // The relay shows that history first, and then that somebody accepted: the supporter of the first bond.
    let (asks, bond) = (vault.device(), invitation.bond());
    let mut answered = 0;
    scene.relay.alter(move |asked, reply| {
        if asked.device != asks {
            return;
        }
        answered += 1;
        match answered {
            1 => {
                reply.links.extend(history.iter().cloned());
                for space in reply.spaces.iter_mut().filter(|space| space.space == bond) {
                    space.more = true;
                }
            }
            2 => reply.links.push(accept.to_travel(None)),
            _ => {}
        }
    });
    let synced = vault.sync(&|_| ()).await.expect("a sync at that relay");
    let forked = |fault: &Fault| matches!(fault, Fault::ForkedView { .. });
    assert!(synced.faults.iter().any(forked), "{:?}", synced.faults);
    scene.relay.behave();
    let again = vault.sync(&|_| ()).await;
    vault.supporters().await.expect("the list of supporters");
    again.expect("a sync");
}

/// Shows another history of the owner's account with an invitation, and takes the answer.
struct Inviting {
    shown: Vec<u8>,
    answers: DeviceId,
    bond: LogId,
    generation: Generation,
}

impl Script for Inviting {
    fn invitation(&mut self) -> Option<Vec<u8>> {
        Some(self.shown.clone())
    }

    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let of_bond = |link: &TravelLink| {
            let link: Result<BondLink, _> = link.open();
            link.is_ok_and(|link| link.log_id() == self.bond)
        };
        let accepts = asked.device == self.answers && asked.request.append.iter().any(of_bond);
        accepts.then(|| {
            Answer::reply(SyncReply {
                generation: self.generation,
                append: AppendOutcome::Appended,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: Vec::new(),
            })
        })
    }
}

#[tokio::test]
async fn l3_an_owners_second_invitation_with_another_history_leaves_the_supporters_vault_readable()
{
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let mut owner = scene.hostile_owner().await;
    // The owner's log goes on, and the first bond rests on it.
    let own = owner.side().own.state().clone();
    let home = own.home().unwrap().clone();
    let moved = next(&own, &owner.hand.device, AccountContent::Move { home });
    let moved = moved.to_travel(None);
    let appended = owner
        .append(scene.relay.address(), vec![moved.clone()])
        .await;
    assert_eq!(appended, AppendOutcome::Appended);
    owner.goes_on(&[moved]);
    owner.catch_up(scene.relay.address()).await;
    let epoch = owner.epoch(Vec::new()).link;
    let appended = owner.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(appended, AppendOutcome::Appended);
    scene.supporter().sync().await;
    // Another history, and a second invitation that rests on it.
    let home = Home {
        url: format!("{}#", own.home().unwrap().url),
        ..own.home().unwrap().clone()
    };
    let links = owner.side().own.links();
    let (mut other, history) = another_history(links, &owner.hand.device, home);
    let home = scene.relay.address().to_home();
    let back = next(&other, &owner.hand.device, AccountContent::Move { home });
    other.apply(&back).unwrap();
    let history = [history, vec![back.to_travel(None)]].concat();
    let expires = u64::try_from(jiff::Timestamp::now().as_second()).unwrap() + 3600;
    let (device, random) = (&owner.hand.device, &owner.hand.random);
    let invited = bonds::invite(&other, None, expires, device, random).unwrap();
    let shown = InvitationReply {
        owner: history,
        bond: vec![invited.link.clone()],
    };
    let exchanges = scene.relay.exchanges();
    let mut replies = exchanges
        .iter()
        .rev()
        .map(|one| SyncReply::from_bytes(&one.body));
    scene.relay.play(Inviting {
        shown: shown.to_bytes(),
        answers: scene.supporter().vault.device(),
        bond: LogId::from(invited.invitation.bond()),
        generation: replies.find_map(Result::ok).unwrap().generation,
    });
    let vault = &scene.supporter().vault;
    let considered = vault.consider(&invited.invitation.to_string()).await;
    let name = person("the owner once more");
    considered.unwrap().accept(&name).await.unwrap();
    scene.relay.behave();
    let again = vault.sync(&|_| ()).await;
    vault.supporters().await.expect("the list of bonds");
    again.expect("a sync");
    // What was there before reads as it did.
    scene.owner().sync().await;
    scene.supporter().sync().await;
    let first = standing(scene.supporter(), scene.bond()).await;
    assert_eq!(first, Standing::Active);
}

#[tokio::test]
async fn k9_a_link_that_is_none_before_ones_own_does_not_stop_the_journal_for_good() {
    let (scene, second) = Scene::with_owners_phone().await;
    let (entry, _) = scene.shared("quxshared").await;
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    // The account's log goes on, and then the bond's, which rests on it.
    let _third = second
        .pair(&scene.relay.vault_folder("third"), "third")
        .await;
    second.vault.unshare(entry, None).await.unwrap();
    second.sync().await;
    let victim = scene.owner().vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == victim && !reply.links.is_empty() {
            let mut junk = reply.links[0].clone();
            junk.kind = LogKind::Account;
            junk.bytes = vec![0xff];
            junk.blob = None;
            reply.links.insert(0, junk);
        }
    });
    let _ = scene.owner().vault.sync(&|_| ()).await;
    goes_on(&scene.relay, scene.owner()).await;
}
