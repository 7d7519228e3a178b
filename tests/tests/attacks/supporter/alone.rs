//! A relay alone against sharing: answers that it took and denied, ends and unsharings that it never takes, what it
//! shows after the end, records of somebody who agreed on nothing.

use super::Scene;
use crate::stage::found;
use daymark_client::sharing::{Invitation, ShareError, SpaceId, Standing, Supporter};
use daymark_core::{
    bonds::{AccountLog, BondLogs, NewEpoch, begin_epoch},
    journal::Person,
    sync::{BondSide, Wishes},
};
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, HostileRelay, Script, StolenDevice, rows},
    world::{Device, SetClock},
};
use daymark_wire::{
    DocumentId, Hash, LogId, RecordKind, Signed, Suite,
    logs::{
        Accept, AccountLink, Author, BondContent, BondLink, EndReason, LinkBody, LogKind,
        TravelLink,
    },
    problem::Code,
    sync::{AppendOutcome, KnownLength, SyncReply, SyncRequest},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};

fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

/// Whether a request brings links of bonds that come after the first.
fn brings_bond(asked: &Asked) -> bool {
    asked.request.append.iter().any(|link| later_bond(link))
}

fn later_bond(link: &TravelLink) -> bool {
    link.kind == LogKind::Bond
        && link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.claimed().position > 1)
}

async fn invite(owner: &Device) -> Invitation {
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let invited = owner.vault.invite(&person("NAME"), None, lapses).await;
    owner.sync().await;
    invited.unwrap()
}

async fn side_of(device: &Device, bond: SpaceId) -> Option<Supporter> {
    let all = device.vault.supporters().await.unwrap();
    all.into_iter().find(|one| one.bond == bond)
}

/// Says of new links of bonds that they came too late, without having seen them.
struct TakesNoLinks {
    last: Arc<Mutex<Option<SyncReply>>>,
}

impl TakesNoLinks {
    fn new() -> Self {
        Self {
            last: Arc::default(),
        }
    }
}

impl Script for TakesNoLinks {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if !brings_bond(asked) {
            return None;
        }
        let last = self.last.lock().unwrap().clone();
        let mut reply = last.expect("it asked before it brought anything");
        reply.append = AppendOutcome::NotNext;
        reply.links.clear();
        for space in &mut reply.spaces {
            space.records.clear();
        }
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        *self.last.lock().unwrap() = Some(reply.clone());
        Answer::reply(reply)
    }
}

/// Loses every request that carries a record of a bond.
struct LosesPushes {
    bond: SpaceId,
}

impl Script for LosesPushes {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let mut spaces = asked.request.spaces.iter();
        let lost = spaces.any(|space| space.space == self.bond && !space.push.is_empty());
        lost.then(|| Answer::problem(Code::Unavailable, "lost on its way", &[]))
    }
}

/// Bodies of a bond's versions that a device brought in its exchanges from this one on.
fn bodies_brought(scene: &Scene, device: &Device, from: usize, document: DocumentId) -> usize {
    let exchanges = scene.relay.exchanges_of(device.vault.device());
    let requests = exchanges[from..].iter().map(|one| &one.asked.request);
    let spaces = requests.flat_map(|request| &request.spaces);
    let records = spaces.filter(|space| space.space == scene.bond());
    records
        .flat_map(|space| &space.push)
        .filter(|record| record.claimed().document == document && record.body().is_some())
        .count()
}

fn asked_so_far(scene: &Scene, device: &Device) -> usize {
    scene.relay.exchanges_of(device.vault.device()).len()
}

/// The document of the only version that a vault holds sealed in a bond beyond those known before.
async fn newest_version(device: &Device, bond: SpaceId) -> DocumentId {
    let hoard = Hoard::of_vault(&device.vault).await.of_space(bond);
    let own = device.vault.device();
    let mut versions: Vec<_> = hoard
        .records()
        .filter(|record| record.claimed().kind == RecordKind::Version)
        .filter(|record| record.claimed().chain.device == own)
        .map(|record| (record.claimed().seq, record.claimed().document))
        .collect();
    versions.sort();
    versions.last().unwrap().1
}

#[tokio::test]
async fn l13_an_answer_that_a_relay_took_and_denied_is_brought_again() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    relay.alter(|asked, reply| {
        if brings_bond(asked) {
            assert_eq!(reply.append, AppendOutcome::Appended, "it took the answer");
            reply.append = AppendOutcome::NotNext;
        }
    });
    let said = considered.accept(&person("the owner")).await;
    relay.behave();
    for _ in 0..2 {
        owner.sync().await;
        // Without a relay in the end, where the answer was given up.
        let _ = meant.vault.sync(&|_| ()).await;
    }
    let here = side_of(&owner, bond).await.unwrap().standing;
    let there = side_of(&meant, bond).await.map(|one| one.standing);
    assert_eq!(here, Standing::Active);
    assert_eq!(
        there,
        Some(Standing::Active),
        "the owner is told that both agreed; the other was told {said:?}"
    );
}

#[tokio::test]
async fn b3_an_answer_of_which_was_said_that_it_failed_does_not_come_to_be_later() {
    struct Fails;
    impl Script for Fails {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::Internal, "try later", &[]))
        }
    }
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = found(&relay, "meant").await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    relay.play(Fails);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    relay.behave();
    meant.sync().await;
    // `Undecided` is "the only variant after which the bond may yet come to be".
    let came = side_of(&meant, invitation.bond()).await.is_some();
    assert!(
        matches!(said, ShareError::Undecided) || !came,
        "{said:?}, and they agreed all the same"
    );
}

#[tokio::test]
async fn j3_what_was_taken_back_before_it_left_never_leaves_whatever_a_relay_refuses() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxtakenback").await;
    scene.share(entry).await;
    // It is sealed, and the line breaks.
    scene.relay.play(LosesPushes { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    let document = newest_version(scene.owner(), bond).await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    assert_eq!(scene.who_sees().await, []);
    let from = asked_so_far(&scene, scene.owner());
    // The relay takes no link of a bond, and so no forgetting.
    scene.relay.play(TakesNoLinks::new());
    scene.owner().sync().await;
    assert_eq!(
        bodies_brought(&scene, scene.owner(), from, document),
        0,
        "it left after it was taken back"
    );
}

#[tokio::test]
async fn j3_nothing_leaves_after_an_end_was_asked_for_whatever_a_relay_refuses() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxended").await;
    scene.share(entry).await;
    scene.relay.play(LosesPushes { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    let document = newest_version(scene.owner(), bond).await;
    scene.owner().vault.end_bond(bond).await.unwrap();
    let from = asked_so_far(&scene, scene.owner());
    scene.relay.play(TakesNoLinks::new());
    scene.owner().sync().await;
    assert_eq!(bodies_brought(&scene, scene.owner(), from, document), 0);
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn k1_a_word_deleted_after_the_line_broke_does_not_leave_with_what_was_sealed() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let entry = scene.owner().write("quxdeleted").await;
    let how = daymark_client::sharing::HowToShare {
        keep_updated: true,
        ..Default::default()
    };
    scene.share_as(entry, &how).await;
    scene.relay.play(LosesPushes { bond });
    scene.owner().vault.sync(&|_| ()).await.unwrap_err();
    let document = newest_version(scene.owner(), bond).await;
    scene.owner().edit(entry, "as it reads now").await;
    let from = asked_so_far(&scene, scene.owner());
    scene.relay.behave();
    scene.owner().sync().await;
    assert_eq!(bodies_brought(&scene, scene.owner(), from, document), 0);
}

#[tokio::test]
async fn j3_an_end_that_a_relay_never_takes_is_named() {
    let scene = Scene::set().await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    for _ in 0..3 {
        let said = scene.owner().vault.sync(&|_| ()).await;
        let named = said
            .as_ref()
            .map_or(true, |report| !report.faults.is_empty());
        assert!(named, "{said:?}");
    }
}

#[tokio::test]
async fn l1_while_a_relay_lacks_a_bonds_log_nothing_of_it_is_sent() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    scene.relay.alter(move |_, reply| {
        reply.behind.push(KnownLength {
            log: bond.into(),
            length: 1,
        });
    });
    let entry = scene.owner().write("waits").await;
    scene.share(entry).await;
    let from = asked_so_far(&scene, scene.owner());
    let _ = scene.owner().vault.sync(&|_| ()).await;
    let exchanges = scene.relay.exchanges_of(scene.owner().vault.device());
    let spaces = exchanges[from..]
        .iter()
        .flat_map(|one| &one.asked.request.spaces);
    let pushed = spaces
        .filter(|space| space.space == bond)
        .map(|space| space.push.len());
    assert_eq!(pushed.sum::<usize>(), 0);
}

#[tokio::test]
async fn j3_keys_that_were_destroyed_at_the_end_do_not_come_back_with_the_next_sync() {
    let scene = Scene::set().await;
    scene.shared("quxseen").await;
    let epochs = async |device: &Device| {
        let rows = rows(&device.vault).await.into_iter();
        rows.filter(|row| row.table == "epochs").count()
    };
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.in_step().await;
    let left = [epochs(scene.owner()).await, epochs(scene.supporter()).await];
    scene.in_step().await;
    let now = [epochs(scene.owner()).await, epochs(scene.supporter()).await];
    assert_eq!(now, left, "owner, supporter");
}

#[tokio::test]
async fn j3_what_is_first_shown_after_the_end_is_not_kept() {
    let scene = Scene::set().await;
    let (bond, device) = (scene.bond(), scene.supporter().vault.device());
    let hide = move |asked: &Asked, reply: &mut SyncReply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == bond {
                space.records.clear();
                space.more = false;
            }
        }
    };
    scene.relay.alter(hide);
    let entry = scene.owner().write("quxneverseen").await;
    scene.share(entry).await;
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let kept = Hoard::of_relay(&scene.relay).await.of_space(bond);
    let mut kept: Vec<_> = kept.records().cloned().collect();
    kept.sort_by_key(|record| record.place().seq);
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.in_step().await;
    let ended = side_of(scene.supporter(), bond).await.unwrap().standing;
    assert!(matches!(ended, Standing::Ended { .. }));
    // The copy that they never fetched, once all was wiped.
    scene.relay.alter(move |asked, reply| {
        for space in &mut reply.spaces {
            if asked.device == device && space.space == bond {
                space.records.clone_from(&kept);
            }
        }
    });
    for _ in 0..3 {
        scene.supporter().sync().await;
    }
    let vault = &scene.supporter().vault;
    let rows = rows(vault).await;
    let readable = rows
        .iter()
        .filter(|row| super::holds(&row.content, b"quxneverseen"));
    assert_eq!(readable.count(), 0, "it is readable on the disk");
    let records = Hoard::of_vault(vault).await.of_space(bond);
    assert!(records.records().all(|record| record.body().is_none()));
}

#[tokio::test]
async fn j3_after_leaving_nothing_new_is_kept_though_the_relay_does_not_take_it() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    scene.shared("quxseen").await;
    let supporter = scene.supporter();
    supporter.vault.leave_bond(bond).await.unwrap();
    scene.relay.play(TakesNoLinks::new());
    supporter.sync().await;
    scene.relay.behave();
    let entry = scene.owner().write("quxafterleaving").await;
    scene.share(entry).await;
    scene.owner().sync().await;
    scene.relay.play(TakesNoLinks::new());
    supporter.sync().await;
    let rows = rows(&supporter.vault).await;
    let mut readable = rows
        .iter()
        .filter(|row| super::holds(&row.content, b"quxafterleaving"));
    assert!(readable.next().is_none());
}

/// *accept* and an epoch by an account of the relay's own, and what it then holds of the bond.
async fn accepted_by_relay(
    relay: &HostileRelay,
    attacker: &Device,
    invitation: &Invitation,
) -> StolenDevice {
    let mut hand = StolenDevice::of(&attacker.vault).await;
    let own = hand.logs().account().clone();
    let own_log = AccountLog::of_own(hand.logs());
    let bond = LogId::from(invitation.bond());
    let kept = Hoard::of_relay(relay).await;
    let of_bond = |link: &&TravelLink| match link.kind {
        LogKind::Bond => link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.log_id() == bond),
        LogKind::Account => true,
        LogKind::Journal => false,
    };
    let mut links: Vec<_> = kept.links().filter(of_bond).cloned().collect();
    links.sort_by_key(|link| match link.kind {
        LogKind::Account => {
            let link: AccountLink = link.open().unwrap();
            link.claimed().position
        }
        _ => 0,
    });
    let mut logs = BondLogs::fold(&links, &own).unwrap();
    let owner = logs.other().unwrap().head();
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond,
            position: 2,
            previous: logs.state().last(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![owner, own.head()],
            content: BondContent::Accept(Accept {
                supporter: own.id(),
                owner: invitation.owner_head(),
                mac: Hash::from_bytes([0x5c; 32]),
            }),
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let mut known = hand.logs().known();
    known.extend(logs.known());
    assert_eq!(logs.take(std::slice::from_ref(&accept), &own).fault, None);
    let agreed = logs.accepted().unwrap().own(own.id()).unwrap();
    let epoch = begin_epoch(
        &logs,
        &agreed,
        &own,
        NewEpoch::default(),
        &hand.device,
        &hand.random,
    )
    .unwrap();
    assert_eq!(
        logs.take(std::slice::from_ref(&epoch.link), &own).fault,
        None
    );
    let request = SyncRequest {
        known,
        append: vec![accept, epoch.link],
        spaces: Vec::new(),
        invite: Some(invitation.secret().token().to_header()),
    };
    let reply = hand.connect(relay.address()).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    hand.space = invitation.bond();
    hand.replica.epochs.insert(epoch.epoch.0, epoch.epoch.1);
    hand.replica.logs = BondSide {
        logs,
        own: own_log,
        agreed: Some(agreed),
        pin: None,
        forked: false,
        wishes: Wishes::default(),
        now: 1,
    }
    .into();
    hand
}

#[tokio::test]
async fn a2_nothing_is_kept_of_somebody_who_agreed_on_nothing() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let mut hand = accepted_by_relay(&relay, &attacker, &invitation).await;
    owner.sync().await;
    let standing = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(standing, Standing::NotAgreed);
    let filler = vec![0x51; 500 * 1024];
    let mut seals = 0_u8;
    let size = async || {
        let file = owner.vault.folder().join("vault.sqlite");
        std::fs::metadata(file).unwrap().len()
    };
    let before = size().await;
    let records: Vec<_> = (0..24)
        .map(|_| {
            seals += 1;
            hand.seal(DocumentId::from_bytes([seals; 16]), &filler)
        })
        .collect();
    relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            if space.space == bond {
                space.records.clone_from(&records);
            }
        }
    });
    owner.sync().await;
    let kept = Hoard::of_vault(&owner.vault).await.of_space(bond);
    let kept = kept.records().filter(|record| record.body().is_some());
    assert_eq!(
        kept.count(),
        0,
        "records of a stranger are on the owner's disk: {} bytes became {}",
        before,
        size().await
    );
}

#[tokio::test]
async fn j3_another_device_of_the_owner_knows_of_an_end_that_only_the_bonds_log_is_kept_from() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    second.sync().await;
    scene.owner().sync().await;
    second.sync().await;
    let known = side_of(&second, bond).await.unwrap().standing;
    assert_eq!(known, Standing::Active);
    // From now on the second device is shown the journal, and nothing of bonds.
    let frozen = second.vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == frozen {
            reply.links.retain(|link| link.kind != LogKind::Bond);
        }
    });
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.owner().sync().await;
    let entry = second.write("quxaftertheend").await;
    for _ in 0..2 {
        second.sync().await;
    }
    let standing = side_of(&second, bond).await.unwrap().standing;
    let preview = second
        .vault
        .preview(entry, &Default::default(), &[bond])
        .await;
    assert!(
        preview.is_err() && standing != Standing::Active,
        "the journal came through, and this device would share on: {standing:?}"
    );
}

#[tokio::test]
async fn l13_a_device_signs_no_lapse_of_an_invitation_that_its_journal_knows_was_accepted() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let second = owner.pair(&relay.vault_folder("second"), "second").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    second.sync().await;
    second.sync().await;
    // The second device knows of the invitation, and is shown nothing more of it.
    let frozen = second.vault.device();
    let hide = move |asked: &Asked, reply: &mut SyncReply| {
        if asked.device == frozen {
            reply.links.retain(|link| !later_bond(link));
        }
    };
    relay.alter(hide);
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    for _ in 0..2 {
        owner.sync().await;
        second.sync().await;
    }
    assert_eq!(
        side_of(&owner, bond).await.unwrap().standing,
        Standing::Active
    );
    assert!(
        side_of(&second, bond).await.unwrap().since.is_some(),
        "its journal says that they agreed"
    );
    let clock = SetClock::default();
    clock.put_ahead(2);
    let second = second.by_clock(&clock).await;
    for _ in 0..2 {
        let _ = second.vault.sync(&|_| ()).await;
    }
    // What it signed, the relay may show to everybody: two histories, each rightly signed.
    let exchanges = relay.exchanges_of(frozen);
    let links = exchanges.iter().flat_map(|one| &one.asked.request.append);
    let lapse = links
        .filter(|link| {
            link.open::<BondContent>().is_ok_and(|link: BondLink| {
                let why = EndReason::Lapsed;
                link.claimed().content == BondContent::End { why }
            })
        })
        .next()
        .cloned();
    let shown = lapse.clone();
    relay.alter(move |_, reply| reply.links.extend(shown.clone()));
    owner.sync().await;
    meant.sync().await;
    let stand = [&owner, &meant].map(|device| side_of(device, bond));
    let [here, there] = stand;
    let stand = [here.await.unwrap().standing, there.await.unwrap().standing];
    assert!(
        lapse.is_none(),
        "it signed a lapse, and now they stand {stand:?}"
    );
}

#[tokio::test]
async fn b2_what_an_honest_relay_refused_of_two_at_once_pauses_no_bond_for_good() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    let (first_entry, _) = scene.shared("one").await;
    let (second_entry, _) = scene.shared("two").await;
    second.sync().await;
    second.sync().await;
    // Each device takes back one, before it hears of the other: both begin an epoch at one place.
    scene
        .owner()
        .vault
        .unshare(first_entry, None)
        .await
        .unwrap();
    second.vault.unshare(second_entry, None).await.unwrap();
    scene.owner().sync().await;
    let from = scene.relay.exchanges_of(second.vault.device()).len();
    // The second device sees no links before it signs.
    struct Blind(daymark_wire::DeviceId, bool);
    impl Script for Blind {
        fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
            if asked.device == self.0 && !self.1 {
                reply.links.retain(|link| !later_bond(link));
                self.1 = brings_bond(asked);
            }
            Answer::reply(reply)
        }
    }
    scene.relay.play(Blind(second.vault.device(), false));
    let _ = second.vault.sync(&|_| ()).await;
    let exchanges = scene.relay.exchanges_of(second.vault.device());
    let links = exchanges[from..].iter();
    let refused = links
        .flat_map(|one| &one.asked.request.append)
        .find(|link| later_bond(link))
        .cloned();
    let refused = refused.expect("it began an epoch");
    scene
        .relay
        .alter(move |_, reply| reply.links.push(refused.clone()));
    scene.owner().sync().await;
    scene.relay.behave();
    scene.owner().sync().await;
    let standing = side_of(scene.owner(), bond).await.unwrap().standing;
    assert_eq!(standing, Standing::Active);
}

/// Everything that a person does after an attack, with a relay that is honest again.
async fn goes_on(relay: &HostileRelay, device: &Device) {
    relay.behave();
    let entry = device.write("a quiet day").await;
    let synced = device.vault.sync(&|_| ()).await;
    let status = device.vault.status().await;
    let listed = device.vault.supporters().await;
    assert!(
        synced.is_ok() && status.is_ok() && listed.is_ok(),
        "sync {:?}; status {:?}; list {:?}",
        synced.map(|_| ()),
        status.map(|_| ()),
        listed.map(|_| ())
    );
    assert_eq!(device.text(entry).await, "a quiet day");
}

#[tokio::test]
async fn k9_a_link_that_is_none_before_ones_own_does_not_stop_the_journal_for_good() {
    let scene = Scene::set().await;
    let folder = |name: &str| scene.relay.vault_folder(name);
    let second = scene.owner().pair(&folder("second"), "second").await;
    let (entry, _) = scene.shared("quxshared").await;
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    // The account's log goes on, and then the bond's, which rests on it.
    let _third = second.pair(&folder("third"), "third").await;
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
    let first = scene.owner().vault.sync(&|_| ()).await;
    eprintln!("{:?}", first.map(|report| report.faults));
    goes_on(&scene.relay, scene.owner()).await;
}

#[tokio::test]
async fn a2_an_account_of_the_relays_own_in_a_bond_that_nobody_agreed_on_does_not_stop_the_journal()
{
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let logs = StolenDevice::of(&attacker.vault).await;
    let hand = accepted_by_relay(&relay, &attacker, &invitation).await;
    owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let (links, epoch) =
        super::together::long_log(side, (&hand.device, &hand.random), logs.logs(), 4_200);
    let victim = owner.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == victim {
            reply.links.extend(links.iter().cloned());
            reply.links.push(epoch.clone());
        }
    });
    let _ = owner.vault.sync(&|_| ()).await;
    goes_on(&relay, &owner).await;
}

#[tokio::test]
async fn a4_an_answer_that_waits_goes_to_no_other_relay_than_the_invitations() {
    let relay = HostileRelay::start().await;
    let another = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    struct Lost;
    impl Script for Lost {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::Unavailable, "", &[]).unsigned())
        }
    }
    relay.play(Lost);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(said, ShareError::Undecided), "{said:?}");
    meant
        .vault
        .set_relay(&another.address(), None)
        .await
        .unwrap();
    let _ = meant.vault.sync(&|_| ()).await;
    let token = invitation.secret().token().to_header();
    let token = token.rsplit(' ').next().unwrap().to_owned();
    assert!(!another.knows(token.as_bytes()), "the token");
    assert!(
        !another.knows(invitation.owner().as_bytes()),
        "the owner's account"
    );
}

#[tokio::test]
async fn b2_an_answer_that_a_relay_showed_after_the_invitation_lapsed_leaves_a_bond_that_can_be_ended()
 {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    // In time; but the owner is shown it when the day has passed.
    relay.alter(move |_, reply| reply.links.retain(|link| !later_bond(link)));
    let clock = SetClock::default();
    clock.put_ahead(2);
    let owner = owner.by_clock(&clock).await;
    owner.sync().await;
    relay.behave();
    for _ in 0..2 {
        owner.sync().await;
        meant.sync().await;
    }
    let here = side_of(&owner, bond).await.unwrap();
    let there = side_of(&meant, bond).await.unwrap().standing;
    let ended = owner.vault.end_bond(bond).await;
    owner.sync().await;
    meant.sync().await;
    let after = side_of(&meant, bond).await.unwrap().standing;
    assert!(
        here.standing == there || matches!(after, Standing::Ended { .. }),
        "owner {:?} (ending {}), supporter {there:?}; ending it: {ended:?}; supporter then {after:?}",
        here.standing,
        here.ending
    );
}

#[tokio::test]
async fn b7_a_relay_whose_invitation_was_refused_is_not_the_journals_from_then_on() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let entry = meant.write("quxmyownjournal").await;
    let invitation = invite(&owner).await;
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    struct Refuses;
    impl Script for Refuses {
        fn instead(&mut self, asked: &Asked) -> Option<Answer> {
            brings_bond(asked).then(|| Answer::problem(Code::BadInvite, "", &[]))
        }
    }
    relay.play(Refuses);
    let said = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(said, ShareError::NoInvitation), "{said:?}");
    relay.behave();
    let set = meant.vault.relay().await.unwrap();
    let synced = meant.vault.sync(&|_| ()).await;
    let brought = relay
        .database()
        .await
        .records_of(meant.vault.device())
        .await;
    assert!(
        set.is_none() && brought.is_empty(),
        "nothing is kept, it says; {set:?}, sync {:?}: {} records of the journal are there now ({entry})",
        synced.map(|_| ()),
        brought.len()
    );
}

#[tokio::test]
async fn k16_a_device_that_was_not_shown_a_bonds_log_does_not_say_that_nobody_answered() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let own = LogId::from(scene.owner().vault.account());
    scene.relay.alter(move |_, reply| {
        reply.links.retain(|link| match link.kind {
            LogKind::Journal => true,
            LogKind::Bond => false,
            LogKind::Account => link
                .open()
                .is_ok_and(|link: AccountLink| link.log_id() == own),
        });
    });
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    second.sync().await;
    let side = side_of(&second, bond).await.unwrap();
    assert!(
        side.since.is_none() || side.standing != Standing::Invited,
        "its journal says that they agreed, and it says {:?}",
        side.standing
    );
}

#[tokio::test]
async fn k7_two_histories_of_an_account_of_the_relays_own_do_not_stop_the_journal() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let first = invite(&owner).await;
    let stolen = StolenDevice::of(&attacker.vault).await;
    let hand = accepted_by_relay(&relay, &attacker, &first).await;
    owner.sync().await;
    let side = hand.replica.logs.as_bond().unwrap();
    let with = (&*hand.device, &*hand.random);
    // One history in the first bond.
    let (one, epoch) = super::together::long_log(side, with, stolen.logs(), 1);
    let (two, _) = super::together::long_log(side, with, stolen.logs(), 2);
    assert_eq!(one[0].bytes, two[0].bytes, "the same so far");
    let victim = owner.vault.device();
    let shown = [one[0].clone(), epoch];
    relay.alter(move |asked, reply| {
        if asked.device == victim {
            reply.links.extend(shown.iter().cloned());
        }
    });
    owner.sync().await;
    relay.behave();
    // Another in the second.
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let second = owner.vault.invite(&person("ANOTHER"), None, lapses).await;
    let second = second.unwrap();
    owner.sync().await;
    let own = stolen.logs().account();
    let mut other = own.clone();
    let link = super::together::move_link(&other, &hand.device, "https://elsewhere.example");
    other.apply(&link).unwrap();
    let fork = link.to_travel(None);
    let genesis = stolen.logs().links_beyond(own.id().into(), 0).to_vec();
    let kept = Hoard::of_relay(&relay).await;
    let bond = LogId::from(second.bond());
    let invite_link = kept
        .links()
        .find(|link| {
            link.open::<BondContent>()
                .is_ok_and(|link: BondLink| link.log_id() == bond)
        })
        .unwrap()
        .clone();
    let owner_head = second.owner_head();
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond,
            position: 2,
            previous: invite_link.hash(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![owner_head, other.head()],
            content: BondContent::Accept(Accept {
                supporter: own.id(),
                owner: owner_head,
                mac: Hash::from_bytes([0x5c; 32]),
            }),
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let (space, mut round) = (second.bond(), 0);
    relay.alter(move |asked, reply| {
        if asked.device != victim {
            return;
        }
        round += 1;
        if round == 1 {
            reply.links.extend(genesis.iter().cloned());
            reply.links.push(fork.clone());
            for shown in &mut reply.spaces {
                shown.more |= shown.space == space;
            }
        } else {
            reply.links.push(accept.clone());
        }
    });
    let _ = owner.vault.sync(&|_| ()).await;
    goes_on(&relay, &owner).await;
}
