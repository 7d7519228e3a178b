//! What one device took back, and another that keeps it up to date shares anew by itself.

use super::super::{Scene, kept_up_to_date};
use daymark_client::sharing::Parts;
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::Device,
};
use daymark_wire::{DeviceId, DocumentId, limits, problem::Code, sync::SyncReply};

/// More than one request takes.
const COUNT: usize = limits::MAX_RECORDS_PER_PUSH + 16;

/// Both devices know of a share that is kept up to date, and its supporter has it.
async fn kept_by_both(scene: &Scene) -> (Device, DocumentId) {
    let owner = scene.owner();
    let folder = scene.relay.vault_folder("a phone");
    let phone = owner.pair(&folder, "a phone").await;
    let entry = owner.write("quxshared").await;
    let bonds = [scene.bond()];
    let preview = owner.vault.preview(entry, &Parts::default(), &bonds).await;
    let how = kept_up_to_date();
    owner.vault.share(&preview.unwrap(), &how).await.unwrap();
    for device in [owner, &phone, owner, &phone, scene.supporter()] {
        device.sync().await;
    }
    assert_eq!(scene.received().await, ["quxshared"]);
    (phone, entry)
}

/// Shows one device nothing of its journal that another wrote.
struct HidesJournal {
    from: DeviceId,
}

impl Script for HidesJournal {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.from
            && let Some(journal) = reply.spaces.first_mut()
        {
            journal.records.clear();
            journal.more = false;
        }
        Answer::reply(reply)
    }
}

/// The relay shows the phone the bond's epoch, and keeps the journal's change to itself.
#[tokio::test]
async fn j3_what_was_taken_back_is_not_shared_anew_by_a_device_that_was_shown_the_epoch_alone() {
    let scene = Scene::set().await;
    let (phone, entry) = kept_by_both(&scene).await;
    scene.relay.play(HidesJournal {
        from: phone.vault.device(),
    });
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.owner().sync().await;
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let said = phone.vault.sync(&|_| ()).await.map(|one| one.faults);
    scene.supporter().sync().await;
    let received = scene.received().await;
    let told = scene.owner().vault.who_has(None).await.unwrap().len();
    assert_eq!(
        received,
        Vec::<String>::new(),
        "taken back, and wiped there once; the owner reads that {told} have it; the phone: {said:?}"
    );
    let who = phone.vault.who_sees(None).await.unwrap();
    assert_eq!((who[0].number, who[0].waiting), (None, true), "{who:?}");
}

/// Breaks the line of a device once it brought a link and records.
struct BreaksAfterLink {
    device: DeviceId,
    brought: bool,
}

impl Script for BreaksAfterLink {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let breaks = asked.device == self.device && self.brought;
        breaks.then(|| Answer::problem(Code::Unavailable, "lost on its way", &[]))
    }

    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        self.brought |= asked.device == self.device && !asked.request.append.is_empty();
        Answer::reply(reply)
    }
}

/// HONEST RELAY. Much was written with no network, and then something taken back; the line breaks while that is sent.
#[tokio::test]
async fn j3_what_was_taken_back_after_a_long_day_is_not_shared_anew_by_another_device() {
    let scene = Scene::set().await;
    let (phone, entry) = kept_by_both(&scene).await;
    let owner = scene.owner();
    for day in 0..COUNT {
        owner.write(&format!("a day {day}")).await;
    }
    owner.vault.unshare(entry, None).await.unwrap();
    scene.relay.play(BreaksAfterLink {
        device: owner.vault.device(),
        brought: false,
    });
    let broke = owner.vault.sync(&|_| ()).await.is_err();
    scene.relay.behave();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new(), "it is gone");
    phone.sync().await;
    scene.supporter().sync().await;
    assert_eq!(
        scene.received().await,
        Vec::<String>::new(),
        "taken back by its owner on one device, and shared anew by the other (the line broke: {broke})"
    );
}
