//! A1, A4, H1, H2: what a relay, or somebody with the link, can do while a new device is let in.

use crate::stage::{Stage, found};
use daymark_client::{
    PairingError,
    connection::mailbox_as_new,
    pairing::{Comparison, PairError, join},
    system::SystemBytes,
    vault::Vault,
};
use daymark_core::{
    journal::DeviceName,
    pairing::{JoiningEffect, JoiningEvent, Newcomer, PairingLink},
    random::Random,
    secret::Secret,
};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, MailboxAsked, Script, StolenDevice},
    world::{Device, PASSPHRASE},
};
use daymark_wire::{
    DeviceId, Signed,
    logs::{AccountContent, Author, JournalContent, Link, LinkBody, LogKind, TravelLink},
    mailbox::{MailboxReply, MailboxRequest, Taker},
    sync::{AppendOutcome, SpaceReply, SyncReply},
    wrapping::Wraps,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Both sides of one pairing: what each came to.
type Both = (Result<(), PairError>, Result<Vault, PairError>);

async fn pairing(relay: &HostileRelay, trusted: &Device, name: &str) -> Both {
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let here = async { trusted.vault.pair(show, async |_| true).await.map(drop) };
    let there = async {
        let link = link.await.unwrap();
        join(&relay.vault_folder(name), PASSPHRASE, &link, name, |_| ()).await
    };
    tokio::join!(here, there)
}

/// The log of an account with a device of the attacker's: rightly made by somebody who founded it.
struct Forger {
    links: Vec<TravelLink>,
}

impl Forger {
    /// The whole log of an account that is the attacker's own.
    async fn own_account(relay: &HostileRelay) -> Self {
        let device = found(relay, "a forger's desk").await;
        let stolen = StolenDevice::of(&device.vault).await;
        let logs = &stolen.replica.logs;
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
    let logs = &insider.replica.logs;
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

fn named(error: &PairError) -> (&'static str, String) {
    assert!(!error.hint().is_empty());
    (error.code(), error.to_string())
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

/// Swaps what the two sides of a mailbox say.
struct MailboxForger<F>(F);

impl<F: FnMut(&MailboxAsked, &mut MailboxReply) + Send + 'static> Script for MailboxForger<F> {
    fn mailbox(&mut self, asked: &MailboxAsked, mut reply: MailboxReply) -> MailboxReply {
        (self.0)(asked, &mut reply);
        reply
    }
}

#[tokio::test]
async fn a1_messages_altered_in_the_mailbox_end_the_pairing_by_name() {
    let stage = Stage::set().await;
    for to_trusted in [true, false] {
        let forger = move |asked: &MailboxAsked, reply: &mut MailboxReply| {
            if asked.trusted == to_trusted {
                for message in &mut reply.messages {
                    message.sealed[40] ^= 1;
                }
            }
        };
        stage.relay.play(MailboxForger(forger));
        let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
        let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
        let here = stage.writer.vault.pair(show, async |_| true);
        let folder = stage.relay.vault_folder("a third");
        let there = async {
            let link = link.await.unwrap();
            join(&folder, PASSPHRASE, &link, "a third", |_| ()).await
        };
        let error = if to_trusted {
            // The trusted device tells the new one, too.
            let (here, there) = tokio::join!(here, there);
            assert!(matches!(there, Err(PairError::Refused)), "{there:?}");
            here.map(drop).unwrap_err()
        } else {
            tokio::select! {
                here = here => panic!("{here:?}"),
                there = there => there.map(drop).unwrap_err(),
            }
        };
        assert!(
            matches!(error, PairError::Pairing(PairingError::Altered)),
            "{error:?}"
        );
        assert_eq!(named(&error).0, "pairing-failed");
        assert!(Vault::open(&folder).await.is_err(), "no vault was made");
    }
    stage.heals().await;
    assert_eq!(stage.writer.vault.status().await.unwrap().devices.len(), 2);
}

#[tokio::test]
async fn a4_a_pairing_links_secret_is_in_no_traffic_and_nothing_that_the_relay_keeps() {
    let relay = HostileRelay::start().await;
    let trusted = found(&relay, "writer's desk").await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let codes = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&codes);
    let read = |code: &str| code.replace(' ', "").parse::<u64>().unwrap();
    let here = trusted.vault.pair(show, async |asked: Comparison| {
        read(&asked.code.to_string()) == codes.load(Ordering::SeqCst)
    });
    let folder = relay.vault_folder("reader");
    let there = async {
        let link = link.await.unwrap();
        let shown = |code: daymark_core::pairing::Code| {
            shown.store(read(&code.to_string()), Ordering::SeqCst);
        };
        let joined = join(&folder, PASSPHRASE, &link, "reader's pocket", shown).await;
        (link, joined)
    };
    let (paired, (link, joined)) = tokio::join!(here, there);
    paired.unwrap();
    joined.unwrap();

    let encoded = link.rsplit('/').next().unwrap();
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, encoded).unwrap();
    let mut decoder = minicbor::Decoder::new(&bytes);
    decoder.array().unwrap();
    for _ in 0..3 {
        decoder.skip().unwrap();
    }
    let secret = decoder.bytes().unwrap();
    assert_eq!(secret.len(), 32);
    let digits = format!("{:06}", codes.load(Ordering::SeqCst));
    let said = [&digits[..3], &digits[3..]].join(" ");
    for known in [
        secret,
        hex::encode(secret).as_bytes(),
        encoded.as_bytes(),
        said.as_bytes(),
        b"reader's pocket",
        b"writer's desk",
    ] {
        assert!(!relay.knows(known), "{}", String::from_utf8_lossy(known));
    }
    // The mailbox's name passes in the clear, as an address; nothing follows from it.
    let link: PairingLink = link.parse().unwrap();
    assert!(
        !relay.knows(link.nonce().as_bytes()) || relay.knows(trusted.vault.account().as_bytes())
    );
}

/// Somebody with the link who is quicker than the device that it was shown to.
async fn thief_takes(link: &str) -> Option<u64> {
    let link: PairingLink = link.parse().unwrap();
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let url = daymark_client::connection::RelayAddress::parse_url(link.relay_url()).unwrap();
    let (mailbox, now) = (link.mailbox(), link.expires() - 100);
    let newcomer = Newcomer::new(link, now, &random).unwrap();
    let name = DeviceName::parse("reader's pocket").unwrap();
    let (mut thief, hello) = newcomer.say_hello(&name, &random).unwrap();
    let taker = Some(Taker::from_bytes([1; 16]));
    let ask = |say, heard, wait_ms| MailboxRequest {
        taker,
        say,
        heard,
        wait_ms,
    };
    let reply = mailbox_as_new(&url, mailbox, &ask(Some(hello), 0, 5_000))
        .await
        .unwrap();
    let reply = reply.messages.first().expect("the trusted device replies");
    let effects = thief.handle(&JoiningEvent::Heard(reply), now, &random);
    let mut code = None;
    for effect in effects {
        match effect {
            JoiningEffect::Say(said) => {
                mailbox_as_new(&url, mailbox, &ask(Some(said), 1, 0))
                    .await
                    .unwrap();
            }
            JoiningEffect::ShowCode(shown) => {
                code = shown.to_string().replace(' ', "").parse().ok();
            }
            JoiningEffect::Over(ending) => panic!("{ending:?}"),
        }
    }
    code
}

#[tokio::test]
async fn h1_who_takes_the_link_first_gets_in_only_if_the_person_says_yes() {
    let stage = Stage::set().await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let folder = stage.relay.vault_folder("too late");
    let (late_told, late) = tokio::sync::oneshot::channel();
    // The person looks at the new device, which shows no code but an error, and says no.
    let here = stage.writer.vault.pair(show, async |_| {
        let error: PairError = late.await.unwrap();
        assert!(
            matches!(error, PairError::Pairing(PairingError::LinkTaken)),
            "{error:?}"
        );
        assert_eq!(named(&error).0, "link-taken");
        false
    });
    let there = async {
        let link = link.await.unwrap();
        let code = thief_takes(&link).await;
        assert!(
            code.is_some(),
            "the thief sees a code, on a screen that the person does not look at"
        );
        let shown = |_| panic!("no code is shown on the honest device");
        let late = join(&folder, PASSPHRASE, &link, "reader's pocket", shown).await;
        drop(late_told.send(late.unwrap_err()));
    };
    let (refused, ()) = tokio::join!(here, there);
    let refused = refused.unwrap_err();
    assert!(matches!(refused, PairError::Refused), "{refused:?}");
    stage.heals().await;
    for device in [&stage.writer, &stage.reader] {
        assert_eq!(
            device.vault.status().await.unwrap().devices.len(),
            2,
            "nothing was added"
        );
    }
}

#[tokio::test]
async fn h1_a_link_of_an_attackers_does_nothing_at_a_trusted_device() {
    let stage = Stage::set().await;
    let attacker = found(&stage.relay, "an attacker's lamp").await;
    let before = stage.held().await;
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let pairing = attacker.vault.pair(show, async |_| panic!("nobody came"));
    let asked = stage.relay.exchanges_of(stage.reader.vault.device()).len();
    let shown_to_victim = async {
        // The only verb that takes a link makes a new vault; a vault that is there is not touched.
        let link = link.await.unwrap();
        let folder = stage.reader.vault.folder().to_owned();
        join(&folder, PASSPHRASE, &link, "reader's pocket", |_| {
            panic!("no code")
        })
        .await
    };
    let refused = tokio::select! {
        _ = pairing => panic!("nothing ends it"),
        refused = shown_to_victim => refused.unwrap_err(),
    };
    assert_eq!(refused.code(), "vault-exists");
    assert_eq!(
        stage.relay.exchanges_of(stage.reader.vault.device()).len(),
        asked,
        "silent"
    );
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn h2_a_device_that_was_added_shows_on_every_device() {
    let stage = Stage::set().await;
    // A thief with the unlocked writer lets a device of the thief's own in.
    let folder = stage.relay.vault_folder("thief");
    let thief = stage.writer.pair(&folder, "a thief's lamp").await;
    stage.reader.sync().await;
    for device in [&stage.writer, &stage.reader, &thief] {
        let devices = device.vault.status().await.unwrap().devices;
        assert_eq!(devices.len(), 3, "{}", device.name);
        let added = devices
            .iter()
            .find(|shown| shown.device == thief.vault.device())
            .unwrap();
        assert!(added.active);
    }
    thief.sync().await;
    stage.reader.sync().await;
    let devices = stage.reader.vault.status().await.unwrap().devices;
    let added = devices
        .iter()
        .find(|shown| shown.device == thief.vault.device())
        .unwrap();
    assert_eq!(added.name.as_deref(), Some("a thief's lamp"));
    assert!(!stage.relay.knows(b"a thief's lamp"));
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
