//! L3: what a supporter brings, and the owner's vault takes, can always be read again.

use super::super::Scene;
use daymark_core::{journal::Person, keys::DeviceKey, sync::Fault};
use daymark_relay::Clock;
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::PASSPHRASE,
};
use daymark_wire::{
    DeviceId, Generation, Hash, LogId, Nonce, Signed, Suite,
    invitation::InvitationReply,
    limits,
    logs::{
        Accept, AccountContent, AccountLink, AccountState, Author, BondContent, BondLink, Home,
        LinkBody, NewDevice, NewDeviceStatement, TravelLink,
    },
    sync::{AppendOutcome, SyncReply, SyncRequest},
};

fn next(own: &AccountState, by: &DeviceKey, content: AccountContent) -> AccountLink {
    Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(own.id()),
            position: own.length() + 1,
            previous: own.last(),
            author: Author::Device(by.id()),
            rests_on: Vec::new(),
            content,
        },
        by.signing(),
    )
}

/// Another device of the supporter's, and as many links of it as the owner's vault reads of a log, and some more.
fn many_links(own: &mut AccountState, first: &DeviceKey, second: &DeviceKey) -> Vec<TravelLink> {
    let statement = NewDeviceStatement {
        signing: second.verifying_key(),
        wrapping: Hash::from_bytes([1; 32]),
        account: own.id(),
        nonce: Nonce::from_bytes([1; 16]),
    };
    let device = NewDevice::sign(statement, second.signing());
    let add = next(own, first, AccountContent::Add { device });
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
    let (relay, circle) = HostileRelay::with_circle_at(time.clone()).await;
    let scene = Scene { relay, circle };
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

/// Another history of the supporter's account, of which the last link says another address.
fn another_history(links: &[TravelLink], by: &DeviceKey) -> (AccountState, Vec<TravelLink>) {
    let (_, before) = links.split_last().unwrap();
    let mut links = before.iter();
    let genesis: AccountLink = links.next().unwrap().open().unwrap();
    let mut own = AccountState::begin(&genesis).unwrap();
    for link in links {
        own.apply(&link.open().unwrap()).unwrap();
    }
    let home = Home {
        relay: by.verifying_key(),
        url: "http://127.0.0.1:1/".to_owned(),
    };
    let moved = next(&own, by, AccountContent::Move { home });
    own.apply(&moved).unwrap();
    let links = [before, &[moved.to_travel(None)]].concat();
    (own, links)
}

#[tokio::test]
async fn l3_another_history_of_a_supporters_account_in_another_bond_leaves_the_first_readable() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let hostile = scene.hostile().await;
    let vault = &scene.owner().vault;
    // The owner invites somebody else.
    let lapses = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let name = Person::parse("a third supporter").unwrap();
    let invitation = vault.invite(&name, None, lapses).await.unwrap();
    scene.owner().sync().await;
    let kept = scene.relay.database().await.links().await;
    let invite = kept.iter().find_map(|link| {
        let opened: BondLink = link.open().ok()?;
        (opened.log_id() == LogId::from(invitation.bond())).then_some(opened)
    });
    let (own, history) = another_history(hostile.side().own.links(), &hostile.hand.device);
    let accept = Accept {
        supporter: own.id(),
        owner: invitation.owner_head(),
        mac: Hash::from_bytes([7; 32]),
    };
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(invitation.bond()),
            position: 2,
            previous: invite.unwrap().hash(),
            author: Author::Device(hostile.hand.device.id()),
            rests_on: vec![hostile.side().logs.other().unwrap().head(), own.head()],
            content: BondContent::Accept(accept),
        },
        hostile.hand.device.signing(),
    );
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

#[tokio::test]
async fn j5_an_epoch_that_knows_of_nothing_makes_no_device_doubt_the_relay() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let hostile = scene.hostile().await;
    // Made for no generation: whether its author knew what was there is not asked.
    let epoch = hostile.epoch(Vec::new()).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    // What its author knew is asked all the same.
    assert_eq!(appended, AppendOutcome::NotNext);
    scene.owner().sync().await;
    let folder = scene.relay.vault_folder("a phone");
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let trusted = scene.owner().vault.pair(show, async |_| true);
    let newcomer = async {
        let link = link.await.unwrap();
        daymark_client::pairing::join(&folder, PASSPHRASE, &link, "a phone", |_| ()).await
    };
    let (paired, joined) = tokio::join!(trusted, newcomer);
    paired.unwrap();
    let phone = joined.unwrap();
    let mut faults = std::collections::BTreeSet::new();
    for _ in 0..3 {
        faults.extend(phone.sync(&|_| ()).await.unwrap().faults);
    }
    assert_eq!(faults, [].into());
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
    let (_, before) = owner.side().own.links().split_last().unwrap();
    let mut links = before.iter();
    let genesis: AccountLink = links.next().unwrap().open().unwrap();
    let mut other = AccountState::begin(&genesis).unwrap();
    for link in links {
        other.apply(&link.open().unwrap()).unwrap();
    }
    let home = Home {
        url: format!("{}#", own.home().unwrap().url),
        ..own.home().unwrap().clone()
    };
    let moved = next(&other, &owner.hand.device, AccountContent::Move { home });
    other.apply(&moved).unwrap();
    let history = [before, &[moved.to_travel(None)]].concat();
    let home = scene.relay.address().to_home();
    let back = next(&other, &owner.hand.device, AccountContent::Move { home });
    other.apply(&back).unwrap();
    let history = [history, vec![back.to_travel(None)]].concat();
    let expires = u64::try_from(jiff::Timestamp::now().as_second()).unwrap() + 3600;
    let (device, random) = (&owner.hand.device, &owner.hand.random);
    let invited = daymark_core::bonds::invite(&other, None, expires, device, random).unwrap();
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
    let name = Person::parse("the owner once more").unwrap();
    considered.unwrap().accept(&name).await.unwrap();
    scene.relay.behave();
    let again = vault.sync(&|_| ()).await;
    vault.supporters().await.expect("the list of bonds");
    again.expect("a sync");
    // What was there before reads as it did.
    scene.owner().sync().await;
    scene.supporter().sync().await;
    let bonds = vault.supporters().await.unwrap();
    let first = bonds.iter().find(|one| one.bond == scene.bond()).unwrap();
    assert_eq!(first.standing, daymark_client::sharing::Standing::Active);
}
