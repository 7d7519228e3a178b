//! Two devices of one person, of which a relay keeps one in the dark.

use super::super::{
    Scene, invite, later_bond,
    paused::{looks_at_it, shown},
    person, side_of,
};
use crate::stage::found;
use daymark_client::sharing::{HowToShare, Parts, Standing};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::{Device, SetClock},
};
use daymark_wire::{
    DeviceId, LogId, SpaceId,
    logs::TravelLink,
    sync::{AppendOutcome, PushOutcome, SyncReply},
};
use std::sync::{Arc, Mutex};

/// Says to one device that it took its links of a bond, keeps them to itself, and shows it no other's.
struct KeepsToItself {
    device: DeviceId,
    bond: SpaceId,
    kept: Arc<Mutex<Vec<TravelLink>>>,
    last: Option<SyncReply>,
}

impl KeepsToItself {
    fn hides(&self, reply: &mut SyncReply) {
        let log = LogId::from(self.bond);
        reply.links.retain(|link| !later_bond(link));
        reply.behind.retain(|shown| shown.log != log);
        for space in &mut reply.spaces {
            if space.space == self.bond {
                space.records.clear();
                space.behind = Default::default();
                if space.push != PushOutcome::Nothing {
                    space.push = PushOutcome::Accepted;
                }
            }
        }
    }
}

impl Script for KeepsToItself {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if asked.device != self.device {
            return None;
        }
        let links = asked.request.append.iter();
        let brought: Vec<_> = links.filter(|link| later_bond(link)).cloned().collect();
        if brought.is_empty() {
            return None;
        }
        self.kept.lock().unwrap().extend(brought);
        let mut reply = self
            .last
            .clone()
            .expect("it asked before it brought anything");
        reply.append = AppendOutcome::Appended;
        for space in &mut reply.spaces {
            space.records.clear();
        }
        self.hides(&mut reply);
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.device {
            self.hides(&mut reply);
            let mut last = reply.clone();
            for space in &mut last.spaces {
                space.push = PushOutcome::Nothing;
            }
            self.last = Some(last);
        }
        Answer::reply(reply)
    }
}

/// Two devices take something back at once, and a relay shows both epochs. Everybody looks, and compares the number:
/// the way out of the pause (ADR 0027). What the fallen epoch forgot is still to be forgotten.
#[tokio::test]
async fn b5_what_an_epoch_forgot_that_another_history_fell_over_is_still_taken_back() {
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
    for _ in 0..2 {
        second.sync().await;
        scene.owner().sync().await;
    }
    // Each takes back one, before it hears of the other.
    let vault = &scene.owner().vault;
    vault.unshare(first_entry, None).await.unwrap();
    let before_second = second.vault.who_has(None).await.unwrap().len();
    assert_eq!(before_second, 2);
    second.vault.unshare(second_entry, None).await.unwrap();
    let kept = Arc::default();
    scene.relay.play(KeepsToItself {
        device: second.vault.device(),
        bond,
        kept: Arc::clone(&kept),
        last: None,
    });
    let mut said = Vec::new();
    for _ in 0..2 {
        said.push(second.vault.sync(&|_| ()).await.map(|one| one.faults));
    }
    for _ in 0..2 {
        scene.owner().sync().await;
    }
    scene.relay.behave();
    let fallen = kept.lock().unwrap().first().cloned();
    let fallen = fallen.expect("it began an epoch");
    scene.supporter().sync().await;
    // The relay shows it to all, and all of them look at it.
    for device in [scene.owner(), scene.supporter()] {
        shown(&scene, &fallen, device).await;
        looks_at_it(device, bond).await;
    }
    for device in [scene.owner(), scene.supporter()].repeat(3) {
        device.sync().await;
    }
    let told = vault.who_has(None).await.unwrap().len();
    assert_eq!(
        scene.received().await,
        Vec::<String>::new(),
        "both were taken back; the owner is told that {told} have them; the second device: {said:?}"
    );
}

/// An invitation was answered and agreed, and is used. One device of the owner is shown nothing of that until the
/// invitation's last day is over, and then everything.
#[tokio::test]
async fn b3_a_bond_that_is_in_use_is_not_ended_since_a_device_was_not_shown_the_answer() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let second = owner.pair(&relay.vault_folder("second"), "second").await;
    owner.sync().await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    for _ in 0..2 {
        second.sync().await;
    }
    assert!(side_of(&second, bond).await.is_some());
    let frozen = second.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == frozen {
            reply.links.retain(|link| !later_bond(link));
            for space in &mut reply.spaces {
                space.records.clear();
                space.more = false;
            }
        }
    });
    let considered = meant.vault.consider(&invitation.to_string()).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    owner.sync().await;
    let entry = owner.write("quxshared").await;
    let preview = owner.vault.preview(entry, &Parts::default(), &[bond]).await;
    let how = HowToShare::default();
    owner.vault.share(&preview.unwrap(), &how).await.unwrap();
    for _ in 0..2 {
        owner.sync().await;
        meant.sync().await;
    }
    let active = [&owner, &meant].map(|device| side_of(device, bond));
    for side in active {
        assert_eq!(side.await.unwrap().standing, Standing::Active);
    }
    // The last day is over. The second device syncs, and after it the relay is honest.
    let clock = SetClock::default();
    clock.put_ahead(2);
    let second = second.by_clock(&clock).await;
    let said = second.vault.sync(&|_| ()).await.map(|one| one.faults);
    let told = side_of(&second, bond).await.unwrap().standing;
    relay.behave();
    for device in [&second, &owner, &meant].repeat(3) {
        let _ = device.vault.sync(&|_| ()).await;
    }
    let mut stand = Vec::new();
    for device in [&owner, &second, &meant] {
        stand.push(side_of(device, bond).await.unwrap().standing);
    }
    assert_eq!(
        stand,
        [Standing::Active; 3],
        "nobody ended it; the second device read {told:?} ({said:?})"
    );
}
