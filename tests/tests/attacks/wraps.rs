//! B1, K17: wrapped keys that are broken, by the relay on the way or by a device that made them so.

use crate::stage::{Stage, TEXT};
use daymark_client::{Fault, system::SystemBytes, vault::NewEntry};
use daymark_core::{
    account::{Founded, begin_epoch, found as found_account},
    journal::{Actor, EntryDocument},
    keys::{CannotOpen, EpochSecret},
    random::Random,
};
use daymark_tests::{hostile::StolenDevice, world::note};
use daymark_wire::{
    DocumentId, Hash, Have, Signed,
    hash::Domain,
    limits,
    logs::{JournalContent, Link, TravelLink},
    sync::{AppendOutcome, SyncRequest},
    wrapping::{Recipient, Wrap, Wraps},
};

/// An account just founded, and its first epoch's wrap for its device.
pub(crate) fn founded() -> (Founded, Wrap) {
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let owner = found_account(None, &random).unwrap();
    let epoch = owner.logs.journal_links().last().unwrap();
    let wraps: Wraps = minicbor::decode(epoch.blob.as_ref().unwrap()).unwrap();
    let wrap = wraps.wraps.first().unwrap().clone();
    (owner, wrap)
}

/// What a wrap opens to for the device that founded the account.
pub(crate) fn opens(owner: &Founded, wrap: &Wrap) -> Result<EpochSecret, CannotOpen> {
    let journal = owner.logs.journal();
    let commitment = journal.newest_epoch().unwrap().commitment;
    EpochSecret::unwrap(wrap, journal.space(), &commitment, &owner.wrapping)
}

#[test]
fn b1_ten_thousand_mutated_wraps_give_one_opaque_error() {
    const MUTATED: usize = 10_000;
    let (owner, wrap) = founded();
    let open = |wrap: &Wrap| opens(&owner, wrap);
    assert_eq!(open(&wrap), Ok(owner.epoch.1.clone()));
    let bits = (wrap.encapsulated.len() + wrap.sealed.len()) * 8;
    for n in 0..MUTATED {
        let mut mutated = wrap.clone();
        // Every bit once, then cut and stretched ones.
        let bit = n % bits;
        let (at, turned) = (bit / 8, 1 << (bit % 8));
        match mutated.encapsulated.get_mut(at) {
            Some(byte) => *byte ^= turned,
            None => mutated.sealed[at - wrap.encapsulated.len()] ^= turned,
        }
        if n >= bits {
            mutated.sealed.truncate(n % 49);
            mutated.encapsulated.resize(n % 1_200, 0);
        }
        assert_eq!(open(&mutated), Err(CannotOpen), "{n}");
    }
    assert_eq!(CannotOpen.to_string().lines().count(), 1);
}

#[tokio::test]
async fn b1_broken_wraps_from_a_relay_change_nothing_that_a_device_asks() {
    let stage = Stage::set().await;
    let insider = StolenDevice::of(&stage.writer.vault).await;
    let reader = stage.reader.vault.device();
    stage.reader.sync().await;
    let before = stage.held().await;
    let ordinary = stage
        .relay
        .exchanges_of(reader)
        .pop()
        .unwrap()
        .asked
        .request;
    let links: Vec<TravelLink> = insider
        .logs()
        .journal_links()
        .iter()
        .filter(|link| link.blob.is_some())
        .cloned()
        .collect();
    assert!(links.len() >= 2, "an epoch's and an entrance's");
    for n in 0..48_usize {
        let mut mutated = links.clone();
        for link in &mut mutated {
            let blob = link.blob.as_mut().unwrap();
            let at = n * 131 % blob.len();
            blob[at] ^= 1 << (n % 8);
        }
        stage
            .relay
            .alter(move |_, reply| reply.links.clone_from(&mutated));
        assert_eq!(stage.names().await, ["bad-link"]);
        let asked = stage.relay.exchanges_of(reader);
        assert_eq!(asked.last().unwrap().asked.request, ordinary, "{n}");
        assert_eq!(stage.held().await, before);
    }
    let count = stage.relay.exchanges_of(reader).len();
    stage.names().await;
    assert_eq!(
        stage.relay.exchanges_of(reader).len(),
        count + 1,
        "one request for each sync"
    );
    stage.heals().await;
}

/// An epoch that the insider begins, for everybody.
fn epoch_of(insider: &StolenDevice) -> TravelLink {
    let replica = &insider.replica;
    let have: Have = replica.have();
    let keys = &replica.account_keys;
    let begun = begin_epoch(
        insider.logs(),
        keys,
        have,
        None,
        &insider.device,
        &insider.random,
    );
    begun.unwrap().0
}

/// The same with other wraps, rightly signed.
fn epoch_with(insider: &StolenDevice, alter: impl FnOnce(&mut Vec<Wrap>)) -> TravelLink {
    let honest = epoch_of(insider);
    let mut wraps: Wraps = minicbor::decode(honest.blob.as_ref().unwrap()).unwrap();
    alter(&mut wraps.wraps);
    let blob = minicbor::to_vec(&wraps).unwrap();
    let link: Link<JournalContent> = honest.open().unwrap();
    let mut body = link.claimed().clone();
    let JournalContent::Epoch(epoch) = &mut body.content else {
        panic!("an epoch")
    };
    epoch.wraps = Hash::of(Domain::Blob, &[&blob]);
    Signed::sign(body, insider.device.signing()).to_travel(Some(blob))
}

async fn append(stage: &Stage, insider: &mut StolenDevice, link: TravelLink) -> AppendOutcome {
    let request = SyncRequest {
        append: vec![link.clone()],
        ..insider.push(Vec::new())
    };
    let reply = insider
        .connect(stage.relay.address())
        .sync(&request)
        .await
        .unwrap();
    insider.replica.logs.take(&[link]);
    reply.append
}

/// The insider knows everything that the relay has.
async fn catch_up(stage: &Stage, insider: &mut StolenDevice) {
    for record in insider.fetch(stage.relay.address()).await {
        insider.note(&record);
    }
}

#[tokio::test]
async fn k17_an_epoch_whose_wraps_the_relay_keeps_back_locks_out_by_name_and_heals() {
    let stage = Stage::set().await;
    let mut insider = StolenDevice::of(&stage.writer.vault).await;
    catch_up(&stage, &mut insider).await;
    let epoch = epoch_of(&insider);
    assert_eq!(
        append(&stage, &mut insider, epoch).await,
        AppendOutcome::Appended
    );
    let reader = stage.reader.vault.device();
    stage.relay.alter(move |asked, reply| {
        if asked.device == reader {
            for link in &mut reply.links {
                link.blob = None;
            }
        }
    });
    stage.reader.write("what waits for keys").await;
    let pushed = |stage: &Stage| {
        let exchanges = stage.relay.exchanges_of(reader);
        let pushed = exchanges
            .iter()
            .flat_map(|exchange| &exchange.asked.request.spaces);
        pushed.map(|space| space.push.len()).sum::<usize>()
    };
    let so_far = pushed(&stage);
    assert_eq!(stage.names().await, ["locked-out"]);
    assert_eq!(
        pushed(&stage),
        so_far,
        "nothing is sealed under an older epoch, or none"
    );
    assert_eq!(stage.reader.vault.unsent().await.unwrap(), 1);
    stage.heals().await;
    assert_eq!(stage.reader.vault.unsent().await.unwrap(), 0);
    assert_eq!(stage.writer.texts().await.len(), 2);
}

#[tokio::test]
async fn i3_what_a_thief_forgets_before_it_was_sent_keeps_nothing_else_back() {
    let stage = Stage::set().await;
    let mut insider = StolenDevice::of(&stage.writer.vault).await;
    catch_up(&stage, &mut insider).await;
    let id = |n: usize| DocumentId::from_bytes(((n + 1) as u128).to_be_bytes());
    let forgotten: Vec<_> = (0..limits::MAX_FORGETS_PER_EPOCH).map(id).collect();
    let entries = forgotten.iter().map(|id| NewEntry {
        entry: note("written with no network"),
        id: Some(*id),
    });
    let vault = &stage.reader.vault;
    let written = vault.write_many(entries.collect::<Vec<_>>(), |_| ()).await;
    assert_eq!(written.unwrap().added, limits::MAX_RECORDS_PER_PUSH);

    let honest = epoch_of(&insider);
    let link: Link<JournalContent> = honest.open().unwrap();
    let mut body = link.claimed().clone();
    let JournalContent::Epoch(epoch) = &mut body.content else {
        panic!("an epoch")
    };
    epoch.forgets.clone_from(&forgotten);
    let forget = Signed::sign(body, insider.device.signing()).to_travel(honest.blob);
    assert_eq!(
        append(&stage, &mut insider, forget).await,
        AppendOutcome::Appended
    );
    stage.reader.write("what was not forgotten").await;
    stage.reader.sync().await;
    let waits = vault.unsent().await.unwrap();
    assert_eq!(waits, u64::try_from(forgotten.len()).unwrap());
    stage.writer.sync().await;
    let mut texts = stage.writer.texts().await;
    texts.sort();
    assert_eq!(texts, [TEXT, "what was not forgotten"]);
}

#[tokio::test]
async fn k18_a_key_that_comes_only_wrapped_again_opens_what_waited_for_it_and_what_comes_later() {
    let Stage {
        relay,
        writer,
        reader,
        ..
    } = Stage::set().await;
    let mut insider = StolenDevice::of(&writer.vault).await;
    let documents = [[1; 16], [2; 16]].map(DocumentId::from_bytes);
    // Nobody is shown the chain that introduced the keys.
    for document in documents {
        insider.seal(document, b"never shown");
    }
    insider.begin_chain();
    let change = |text| {
        let actor = Actor::new(writer.vault.device(), [9; 8]);
        EntryDocument::create(actor, &note(text)).unwrap().1
    };
    let [early, late] = documents;
    let first = insider.seal(early, change("came before its key").as_bytes());
    let keys = insider.wrap_keys();
    let last = insider.seal(late, change("came after its key").as_bytes());

    insider.bring(relay.address(), vec![first]).await;
    reader.sync().await;
    assert_eq!(reader.texts().await.len(), 1, "it waits");
    let reader = reader.reopen().await;
    insider.bring(relay.address(), vec![keys]).await;
    reader.sync().await;
    assert_eq!(reader.text(early).await, "came before its key");
    insider.bring(relay.address(), vec![last]).await;
    assert_eq!(reader.sync().await.faults, [].into());
    assert_eq!(reader.text(late).await, "came after its key");
}

#[tokio::test]
async fn k17_an_epoch_with_wraps_that_do_not_open_is_replaced_by_the_next_sync() {
    let stage = Stage::set().await;
    let mut insider = StolenDevice::of(&stage.writer.vault).await;
    catch_up(&stage, &mut insider).await;
    // Rightly signed, with garbage in the wrap of each device.
    let broken = epoch_with(&insider, |wraps| {
        for wrap in wraps {
            wrap.sealed[0] ^= 1;
        }
    });
    assert_eq!(
        append(&stage, &mut insider, broken).await,
        AppendOutcome::Appended
    );
    stage.reader.write("sealed with keys that open").await;
    let faults = stage.faults().await;
    assert_eq!(
        faults,
        [Fault::LockedOut],
        "named by the sync that mends it"
    );
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 2);
    assert_eq!(stage.reader.texts().await.len(), 2);
}

#[tokio::test]
async fn k17_an_epoch_without_a_wrap_for_some_device_is_replaced_by_its_next_sync() {
    let stage = Stage::set().await;
    let mut insider = StolenDevice::of(&stage.writer.vault).await;
    catch_up(&stage, &mut insider).await;
    // Rightly signed, and it says that it is wrapped for everybody; the reader's wrap is not there.
    let reader = Recipient::Device(stage.reader.vault.device());
    let bare = epoch_with(&insider, |wraps| {
        wraps.retain(|wrap| wrap.recipient != reader);
    });
    let appended = append(&stage, &mut insider, bare).await;
    stage.reader.write("sealed with keys that open").await;
    let mut named = Vec::new();
    for _ in 0..3 {
        named.push(stage.names().await);
    }
    assert!(
        named[2].is_empty() && stage.reader.vault.unsent().await.unwrap() == 0,
        "{appended:?}, and nothing of this device leaves any more: {named:?}"
    );
}
