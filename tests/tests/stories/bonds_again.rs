//! What a device says again in a bond, in a new chain: its vault was restored from a backup, or exists twice; or its
//! chain cannot go on, as the other side began an epoch meanwhile. On either side, and nothing is lost or there twice.

use crate::{
    copies::copied,
    support::{
        assert_signed_once,
        couple::{Couple, received, share},
        names, set, signed_twice,
    },
};
use daymark_client::sharing::{ShareId, SpaceId, Topic};
use daymark_tests::world::{Device, Fault, World};
use daymark_wire::{DocumentId, logs::Role};
use std::collections::BTreeSet;

const ROLES: [Role; 2] = [Role::Owner, Role::Supporter];

/// What the owner shared before each story begins.
const SHARED: [&str; 2] = ["to be replied to", "to be taken back"];

/// An owner and a supporter, in step.
struct People {
    world: World,
    owner: Device,
    supporter: Device,
    bond: SpaceId,
    /// What the supporter replies to.
    share: ShareId,
    /// What the owner takes back when an epoch is to begin.
    taken_back: DocumentId,
}

fn other(role: Role) -> Role {
    match role {
        Role::Owner => Role::Supporter,
        Role::Supporter => Role::Owner,
    }
}

impl People {
    async fn set() -> Self {
        let couple = Couple::agreed().await;
        let (owner, bond) = (&couple.owner, couple.bond);
        let [replied_to, taken_back] = SHARED.map(|text| owner.write(text));
        let (replied_to, taken_back) = (replied_to.await, taken_back.await);
        let share_id = share(owner, replied_to, &[bond]).await[0];
        share(owner, taken_back, &[bond]).await;
        let people = Self {
            world: couple.world,
            owner: couple.owner,
            supporter: couple.supporter,
            bond,
            share: share_id,
            taken_back,
        };
        people.rather_not("work").await;
        for device in [&people.owner, &people.supporter].repeat(2) {
            device.sync().await;
        }
        people
    }

    fn device(&self, role: Role) -> &Device {
        match role {
            Role::Owner => &self.owner,
            Role::Supporter => &self.supporter,
        }
    }

    /// A copy of one side's vault, as a backup holds it.
    async fn copied(self, role: Role) -> (Self, Device) {
        let Self {
            mut owner,
            mut supporter,
            world,
            ..
        } = self;
        let copy;
        match role {
            Role::Owner => (owner, copy) = copied(&world, owner, "copy").await,
            Role::Supporter => (supporter, copy) = copied(&world, supporter, "copy").await,
        }
        let people = Self {
            owner,
            supporter,
            world,
            ..self
        };
        (people, copy)
    }

    /// The owner shares a text, or the supporter replies with it; it waits for a sync.
    async fn say(&self, by: &Device, role: Role, text: &str) {
        match role {
            Role::Owner => {
                let entry = by.write(text).await;
                share(by, entry, &[self.bond]).await;
            }
            Role::Supporter => {
                by.vault.reply(self.share, text).await.unwrap();
            }
        }
    }

    /// What the other side has of that, after a sync.
    async fn heard_of(&self, role: Role) -> BTreeSet<String> {
        let listens = self.device(other(role));
        let report = listens.sync().await;
        assert_eq!(report.faults, [].into(), "{}", listens.name);
        let mut texts = match role {
            Role::Owner => received(listens).await,
            Role::Supporter => {
                let replies = listens.vault.replies().await.unwrap();
                let texts = replies.iter().map(|reply| reply.text.as_str().to_owned());
                texts.collect()
            }
        };
        texts.retain(|text| !SHARED.contains(&text.as_str()));
        let count = texts.len();
        let texts: BTreeSet<_> = texts.into_iter().collect();
        assert_eq!(texts.len(), count, "something is there twice");
        texts
    }

    /// One side begins an epoch of the bond, with which it forgets something of its own.
    async fn begin_epoch(&self, by: Role) {
        match by {
            Role::Owner => {
                let taken_back = self.owner.vault.unshare(self.taken_back, None).await;
                assert_eq!(taken_back.unwrap(), 1);
            }
            Role::Supporter => self.rather_not("family").await,
        }
        let report = self.device(by).sync().await;
        assert_eq!(report.faults, [].into());
    }

    /// Of what they said before, the supporter's next sync forgets the older.
    async fn rather_not(&self, topic: &str) {
        let topics = BTreeSet::from([Topic::parse(topic).unwrap()]);
        let vault = &self.supporter.vault;
        assert!(vault.prefer(self.bond, topics).await.unwrap());
    }
}

/// Syncs until nothing waits; gives the names of what was found wrong.
async fn settle(device: &Device) -> BTreeSet<&'static str> {
    let mut found = names(&device.sync().await);
    found.extend(names(&device.sync().await));
    let status = device.vault.status().await.unwrap();
    assert_eq!((status.unsent, status.last.error), (0, None));
    assert_eq!(status.bonds, [], "nothing waits, and nothing is wrong");
    found
}

#[tokio::test]
async fn k3_a_vault_restored_from_a_backup_shares_and_replies_on() {
    for role in ROLES {
        let people = People::set().await;
        people.say(people.device(role), role, "before").await;
        people.device(role).sync().await;
        let (people, backup) = people.copied(role).await;
        people.say(people.device(role), role, "after").await;
        people.device(role).sync().await;
        // The device is gone; what it said after the backup comes back from the relay.
        people.say(&backup, role, "on the restored vault").await;
        assert_eq!(settle(&backup).await, ["vault-exists-twice"].into());
        let expected = ["before", "after", "on the restored vault"];
        assert_eq!(people.heard_of(role).await, set(expected), "{role:?}");
        people.say(&backup, role, "later").await;
        settle(&backup).await;
        let expected = ["before", "after", "on the restored vault", "later"];
        assert_eq!(people.heard_of(role).await, set(expected), "{role:?}");
        assert_signed_once(people.world.line());
    }
}

#[tokio::test]
async fn k3_a_vault_restored_with_something_unanswered_says_it_once() {
    for role in ROLES {
        let people = People::set().await;
        people.say(people.device(role), role, "unanswered").await;
        people.world.line().set(Fault::LoseQuestion(2));
        people.device(role).vault.sync(&|_| ()).await.unwrap_err();
        let (people, backup) = people.copied(role).await;
        people.say(people.device(role), role, "after").await;
        people.device(role).sync().await;
        people.say(&backup, role, "on the restored vault").await;
        settle(&backup).await;
        let expected = ["unanswered", "after", "on the restored vault"];
        assert_eq!(people.heard_of(role).await, set(expected), "{role:?}");
    }
}

#[tokio::test]
async fn k7_two_copies_that_say_something_at_one_place_are_both_heard() {
    for role in ROLES {
        let people = People::set().await;
        people.say(people.device(role), role, "shared past").await;
        people.device(role).sync().await;
        let (people, twin) = people.copied(role).await;
        let device = people.device(role);
        // Each signs its next record for the same place: one of them is cut off before it hears.
        people.say(device, role, "the one's next").await;
        people.world.line().set(Fault::LoseQuestion(2));
        device.vault.sync(&|_| ()).await.unwrap_err();
        people.say(&twin, role, "the other's next").await;
        settle(&twin).await;
        let found = settle(device).await;
        assert!(found.contains("vault-exists-twice"), "{found:?}");
        assert!(!signed_twice(people.world.line()).is_empty());
        let expected = ["shared past", "the one's next", "the other's next"];
        assert_eq!(people.heard_of(role).await, set(expected), "{role:?}");
    }
}

#[tokio::test]
async fn what_waited_sealed_while_the_other_side_began_an_epoch_is_said_again_under_it() {
    for role in ROLES {
        let people = People::set().await;
        let device = people.device(role);
        people.say(device, role, "sealed before").await;
        people.world.line().set(Fault::LoseQuestion(2));
        device.vault.sync(&|_| ()).await.unwrap_err();
        people.begin_epoch(other(role)).await;
        assert_eq!(settle(device).await, [].into());
        assert_eq!(people.heard_of(role).await, set(["sealed before"]));
        assert_signed_once(people.world.line());
    }
}

#[tokio::test]
async fn what_a_relay_took_and_lost_before_the_other_side_began_an_epoch_is_said_again() {
    for role in ROLES {
        let mut people = People::set().await;
        let backup = people.world.relay.back_up().await;
        people
            .say(people.device(role), role, "taken and lost")
            .await;
        settle(people.device(role)).await;
        people.world.relay.restore(&backup).await;
        people.begin_epoch(other(role)).await;
        settle(people.device(role)).await;
        assert_eq!(people.heard_of(role).await, set(["taken and lost"]));
    }
}
