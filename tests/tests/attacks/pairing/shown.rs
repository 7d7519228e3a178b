//! A1, K16: what a relay shows the two sides of the logs.

use super::{named, pairing};
use crate::stage::{Stage, found};
use daymark_client::{
    PairingError,
    pairing::{PairError, join},
    vault::Vault,
};
use daymark_core::secret::Secret;
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script, StolenDevice},
    world::{Device, PASSPHRASE},
};
use daymark_wire::{
    DeviceId, Signed,
    logs::{AccountContent, Author, JournalContent, Link, LinkBody, LogKind, TravelLink},
    sync::{AppendOutcome, SpaceReply, SyncReply},
    wrapping::Wraps,
};

/// The log of an account with a device of the attacker's: rightly made by somebody who founded it.
struct Forger {
    links: Vec<TravelLink>,
}

impl Forger {
    /// The whole log of an account that is the attacker's own.
    async fn own_account(relay: &HostileRelay) -> Self {
        let device = found(relay, "a forger's desk").await;
        let stolen = StolenDevice::of(&device.vault).await;
        let logs = stolen.logs();
        let account = logs.links_beyond(logs.account().id().into(), 0);
        Self {
            links: [account, logs.journal_links()].concat(),
        }
    }
}

/// Alters what a device that joins is shown: its request knows no link.
struct ForJoiners<F>(F);

impl<F: FnMut(&mut Vec<TravelLink>) + Send + 'static> Script for ForJoiners<F> {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked
            .request
            .known
            .iter()
            .all(|known| known.head.length == 0)
        {
            (self.0)(&mut reply.links);
        }
        Answer::reply(reply)
    }
}

/// Replaces the blob of the link that lets the newcomer in.
fn swap_wraps(links: &mut [TravelLink], swap: impl Fn(&mut Wraps)) {
    for link in links
        .iter_mut()
        .filter(|link| link.kind == LogKind::Journal)
    {
        if let Some(blob) = &mut link.blob {
            let mut wraps: Wraps = minicbor::decode(blob).unwrap();
            swap(&mut wraps);
            *blob = minicbor::to_vec(&wraps).unwrap();
        }
    }
}

/// What the newcomer says of what it is shown. The person said yes, so it is in the account's log all the same;
/// nothing else is, and nothing was wrapped for anybody else.
async fn fails_as(
    relay: &HostileRelay,
    alter: impl FnMut(&mut Vec<TravelLink>) + Send + 'static,
) -> PairError {
    let trusted = found(relay, "writer's desk").await;
    relay.play(ForJoiners(alter));
    let (paired, joined) = pairing(relay, &trusted, "reader's pocket").await;
    paired.expect("the person said yes");
    relay.behave();
    let folder = relay.vault_folder("reader's pocket");
    assert!(Vault::open(&folder).await.is_err(), "no vault was made");
    trusted.sync().await;
    let insider = StolenDevice::of(&trusted.vault).await;
    let logs = insider.logs();
    assert_eq!(
        (logs.account().devices().count(), logs.account().length()),
        (2, 2)
    );
    assert_eq!(logs.journal().length(), 3, "open, epoch, enter");
    let wraps = logs
        .journal_links()
        .iter()
        .filter_map(|link| link.blob.as_ref());
    let wraps = wraps.flat_map(|blob| minicbor::decode::<Wraps>(blob).unwrap().wraps);
    assert_eq!(
        wraps.count(),
        3,
        "the first device, the phrase, the newcomer"
    );
    assert!(!relay.knows(b"reader's pocket"));
    joined.expect_err("the newcomer does not believe it")
}

#[tokio::test]
async fn a1_a_new_device_believes_no_other_account() {
    // Whole and rightly signed: the forger's own.
    let relay = HostileRelay::start().await;
    let links = Forger::own_account(&relay).await.links;
    let error = fails_as(&relay, move |shown| shown.clone_from(&links)).await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::OtherAccount)),
        "{error:?}"
    );
    assert_eq!(named(&error).0, "forged-view");
}

#[tokio::test]
async fn a1_a_new_device_believes_no_link_that_the_relay_appended() {
    let relay = HostileRelay::start().await;
    let forger = Forger::own_account(&relay).await.links;
    let error = fails_as(&relay, move |shown| {
        let account = || shown.iter().filter(|link| link.kind == LogKind::Account);
        let last: Link<AccountContent> = account().next_back().unwrap().open().unwrap();
        let genesis: Link<AccountContent> = forger[0].open().unwrap();
        let AccountContent::Genesis { device, .. } = &genesis.claimed().content else {
            panic!("a genesis");
        };
        let body = LinkBody {
            position: last.claimed().position + 1,
            previous: last.hash(),
            author: Author::Root,
            content: AccountContent::Add {
                device: device.clone(),
            },
            ..last.claimed().clone()
        };
        let key = Secret::from_slice(&[3; 32]).unwrap();
        let key = daymark_wire::SigningKey::from_seed(key.expose_zeroizing());
        shown.push(Signed::sign(body, &key).to_travel(None));
    })
    .await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::ForgedLogs(_))),
        "{error:?}"
    );
    assert_eq!(named(&error).0, "forged-view");
}

#[tokio::test]
async fn a1_a_new_device_believes_no_log_that_lacks_what_the_other_knew() {
    let relay = HostileRelay::start().await;
    let error = fails_as(&relay, |shown| {
        // Its own *enter* is cut off; what is left holds together.
        shown.pop_if(|link| link.kind == LogKind::Journal).unwrap();
    })
    .await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::OtherHistory)),
        "{error:?}"
    );
    assert_eq!(named(&error).0, "forged-view");

    let relay = HostileRelay::start().await;
    let error = fails_as(&relay, Vec::clear).await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::ForgedLogs(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a1_a_new_device_believes_no_swapped_wraps() {
    // Bytes turned in the wrap: not the blob that the link names.
    let relay = HostileRelay::start().await;
    let error = fails_as(&relay, |shown| {
        swap_wraps(shown, |wraps| wraps.wraps[0].sealed[5] ^= 1);
    })
    .await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::ForgedLogs(_))),
        "{error:?}"
    );
    assert_eq!(named(&error).0, "forged-view");

    // A wrap of the forger's own making.
    let relay = HostileRelay::start().await;
    let forger = Forger::own_account(&relay).await;
    let wraps = forger.links.iter().find_map(|link| link.blob.clone());
    let error = fails_as(&relay, move |shown| {
        for link in shown.iter_mut().filter(|link| link.blob.is_some()) {
            link.blob.clone_from(&wraps);
        }
    })
    .await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::ForgedLogs(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a1_a_new_device_whose_wrap_is_kept_back_is_locked_out_by_name() {
    let relay = HostileRelay::start().await;
    let error = fails_as(&relay, |shown| {
        let enter = shown.iter_mut().rfind(|link| link.blob.is_some()).unwrap();
        let opened = enter.open::<JournalContent>().unwrap();
        assert!(matches!(opened.claimed().content, JournalContent::Enter(_)));
        enter.blob = None;
    })
    .await;
    assert!(
        matches!(error, PairError::Pairing(PairingError::LockedOut)),
        "{error:?}"
    );
    assert_eq!(named(&error).0, "locked-out");
}

/// Appends what a device brings and says that it came too late; then says that it appended what comes, and keeps
/// it from everybody.
struct TwoHistories {
    device: DeviceId,
    denied: bool,
}

impl Script for TwoHistories {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let brings = asked.device == self.device && !asked.request.append.is_empty();
        (brings && self.denied).then(|| {
            let spaces = asked.request.spaces.iter();
            Answer::reply(SyncReply {
                generation: daymark_wire::Generation::ZERO,
                append: AppendOutcome::Appended,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: spaces.map(|space| SpaceReply::empty(space.space)).collect(),
            })
        })
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.device && !asked.request.append.is_empty() {
            self.denied = true;
            reply.append = AppendOutcome::NotNext;
            reply.links.clear();
        }
        Answer::reply(reply)
    }
}

/// Appends what a device brings, says that it came too late, and shows it nothing new.
struct Denies(DeviceId);

impl Script for Denies {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.0 {
            reply.links.clear();
            if !asked.request.append.is_empty() {
                reply.append = AppendOutcome::NotNext;
            }
        }
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn k16_what_was_denied_is_brought_again_by_the_next_pairing_and_nothing_else() {
    let stage = Stage::set().await;
    let device = stage.writer.vault.device();
    let so_far = stage.relay.exchanges_of(device).len();
    stage.relay.play(Denies(device));
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let here = stage.writer.vault.pair(show, async |_| true);
    let folder = stage.relay.vault_folder("a third");
    let there = async {
        let link = link.await.unwrap();
        join(&folder, PASSPHRASE, &link, "a third", |_| ()).await
    };
    let (denied, third) = tokio::join!(here, there);
    assert_eq!(named(&denied.unwrap_err()).0, "pairing-undecided");
    third.expect("the relay shows it what it took");

    // Another program of this device, another newcomer.
    let again = Device::open(stage.writer.vault.folder(), "the writer, later").await;
    let denied = again
        .vault
        .pair(|_| panic!("no link is shown"), async |_| true);
    assert_eq!(named(&denied.await.unwrap_err()).0, "pairing-undecided");

    let exchanges = stage.relay.exchanges_of(device).into_iter().skip(so_far);
    let brought = exchanges.map(|exchange| exchange.asked.request.append);
    let brought: Vec<_> = brought.filter(|links| !links.is_empty()).collect();
    assert!(brought.len() > 1 && brought.iter().all(|links| *links == brought[0]));

    stage.heals().await;
    let devices = stage.writer.vault.status().await.unwrap().devices;
    assert_eq!(devices.len(), 3, "what was signed stands");
    let (here, there) = pairing(&stage.relay, &again, "a fourth").await;
    here.unwrap();
    there.unwrap();
    stage.heals().await;
}

#[tokio::test]
async fn k16_a_relay_that_denies_what_it_appended_gets_no_second_link_for_the_same_place() {
    let stage = Stage::set().await;
    let device = stage.writer.vault.device();
    let so_far = stage.relay.exchanges_of(device).len();
    stage.relay.play(TwoHistories {
        device,
        denied: false,
    });
    let (here, there) = pairing(&stage.relay, &stage.writer, "a third").await;
    let exchanges = stage.relay.exchanges_of(device);
    let brought: Vec<_> = exchanges
        .into_iter()
        .skip(so_far)
        .map(|exchange| exchange.asked.request.append)
        .filter(|links| !links.is_empty())
        .collect();
    assert!(brought.len() > 1, "it was denied once");
    assert!(brought.iter().all(|links| *links == brought[0]));
    here.unwrap();
    stage.heals().await;
    there.unwrap();
    stage.writer.write("after it").await;
    stage.heals().await;
}
