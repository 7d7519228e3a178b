//! Two people agree, through a real relay: what the holder of an invitation is shown, a yes, a no.

use daymark_client::{
    connection::{Identity, Relay, RelayAddress},
    sharing::{BondError, ShareError, Standing},
    system::{SystemBytes, SystemClock},
};
use daymark_core::{
    account::{Logs, found},
    bonds::{self, Invitation, Invited},
    journal::{OwnerName, Person},
    random::Random,
};
use daymark_relay::{Clock, Registration};
use daymark_tests::world::{Fault, World};
use daymark_wire::{
    logs::{LogKind, TravelLink},
    sync::{AppendOutcome, KnownLog, SpaceRequest, SyncReply, SyncRequest},
};
use std::sync::Arc;

/// An owner at the relay who invited somebody, made by hand.
struct Owner {
    logs: Logs,
    relay: Relay,
    invited: Invited,
}

fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

fn now() -> u64 {
    use daymark_client::system::Clock as _;
    SystemClock.now_ms() / 1000
}

impl Owner {
    async fn inviting(address: RelayAddress) -> Self {
        let random = Random::first(Box::new(SystemBytes::new())).unwrap();
        let founded = found(Some(address.to_home()), &random).unwrap();
        let identity = Identity {
            account: founded.logs.account().id(),
            device: Arc::new(founded.device),
        };
        let name = OwnerName::parse("NAME").unwrap();
        let account = founded.logs.account();
        let device = &identity.device;
        let expires = now() + 1000;
        let invited = bonds::invite(account, Some(&name), expires, device, &random).unwrap();
        let relay = Relay::new(address, identity, Arc::new(SystemClock), Arc::new(random));
        Self {
            logs: founded.logs,
            relay: relay.unwrap(),
            invited,
        }
    }

    async fn bring(&self, append: Vec<TravelLink>) -> SyncReply {
        let mut known: Vec<KnownLog> = self.logs.known();
        known.extend(self.invited.logs.known());
        let request = SyncRequest {
            known,
            append,
            spaces: vec![SpaceRequest {
                space: self.invited.logs.space(),
                have: Default::default(),
                want: Vec::new(),
                push: Vec::new(),
            }],
            invite: None,
        };
        self.relay.sync(&request).await.unwrap()
    }

    /// Registers, and brings the invitation.
    async fn publish(&self) {
        let mut links = Vec::new();
        for known in self.logs.known() {
            links.extend_from_slice(self.logs.links_beyond(known.log, 0));
        }
        links.push(self.invited.link.clone());
        let reply = self.bring(links).await;
        assert_eq!(reply.append, AppendOutcome::Appended);
    }

    fn text(&self) -> String {
        self.invited.invitation.to_string()
    }

    fn invitation(&self) -> &Invitation {
        &self.invited.invitation
    }
}

/// A relay that registers by invite only, and an owner whom it knew before.
async fn world() -> (World, Owner) {
    let mut world = World::with(Registration::Open, Clock::system()).await;
    let owner = Owner::inviting(world.relay_address()).await;
    owner.publish().await;
    world.relay.register(Registration::Invite).await;
    (world, owner)
}

#[tokio::test]
async fn who_has_no_relay_accepts_and_is_at_home_where_the_bond_lives() {
    let (world, owner) = world().await;
    let supporter = world.offline_device("supporter").await;
    let considered = supporter.vault.consider(&owner.text()).await.unwrap();
    assert_eq!(considered.owner_name().unwrap().as_str(), "NAME");
    assert!(considered.becomes_home());
    assert_eq!(supporter.vault.relay().await.unwrap(), None, "only looked");
    considered.accept(&person("the owner")).await.unwrap();
    let supporters = supporter.vault.supporters().await.unwrap();
    assert_eq!(supporters[0].standing, Standing::Active);
    assert_eq!(supporters[0].name, person("the owner"));
    // Registered, and a sync goes on from there.
    supporter.write("a note").await;
    assert!(supporter.sync().await.sent > 0);
    assert_eq!(supporter.vault.unsent().await.unwrap(), 0);
    // The owner is shown an answer that holds.
    let shown = owner.bring(Vec::new()).await.links;
    let mut logs = owner.invited.logs.clone();
    let own = owner.logs.account();
    assert_eq!(logs.take(&shown, own).fault, None);
    let accepted = logs.accepted().unwrap();
    assert!(accepted.agree(&owner.invitation().secret()).is_ok());
    assert_eq!(accepted.supporter(), supporter.vault.account());

    let again = supporter.vault.consider(&owner.text()).await.unwrap_err();
    assert!(matches!(again, ShareError::AlreadyAccepted));
    let other = world.offline_device("somebody else").await;
    let used = other.vault.consider(&owner.text()).await.unwrap_err();
    assert!(matches!(used, ShareError::NoInvitation));
}

#[tokio::test]
async fn who_is_at_home_at_that_relay_already_accepts_as_they_are() {
    let (mut world, owner) = world().await;
    world.relay.register(Registration::Open).await;
    let supporter = world.first_device("supporter").await;
    let considered = supporter.vault.consider(&owner.text()).await.unwrap();
    assert!(!considered.becomes_home());
    considered.accept(&person("the owner")).await.unwrap();
    let shown = owner.bring(Vec::new()).await.links;
    let bond = shown.iter().filter(|link| link.kind == LogKind::Bond);
    assert_eq!(bond.count(), 2);
}

#[tokio::test]
async fn a_no_is_left_for_the_owner_and_nothing_is_kept() {
    let (world, owner) = world().await;
    let supporter = world.offline_device("supporter").await;
    let considered = supporter.vault.consider(&owner.text()).await.unwrap();
    considered.decline().await.unwrap();
    let declined = owner.bring(Vec::new()).await.spaces[0].declined.unwrap();
    let secret = owner.invitation().secret();
    assert!(secret.has_declined(owner.invitation().bond(), &declined));
    assert!(supporter.vault.supporters().await.unwrap().is_empty());
    assert_eq!(supporter.vault.relay().await.unwrap(), None);
    let again = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(again, ShareError::NoInvitation));
    assert!(supporter.vault.supporters().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_of_which_nothing_is_heard_is_brought_again_as_it_is() {
    let (world, owner) = world().await;
    let supporter = world.offline_device("supporter").await;
    let considered = supporter.vault.consider(&owner.text()).await.unwrap();
    // It does not know the account; then it takes everything, and its answer is lost.
    world.line().set(Fault::LoseAnswer(2));
    let lost = considered.accept(&person("the owner")).await.unwrap_err();
    assert!(matches!(lost, ShareError::Undecided), "{lost}");
    assert!(supporter.vault.supporters().await.unwrap().is_empty());
    assert_eq!(supporter.vault.bring_answers().await.unwrap(), 1);
    let supporters = supporter.vault.supporters().await.unwrap();
    assert_eq!(supporters[0].standing, Standing::Active);
    assert_eq!(supporter.vault.bring_answers().await.unwrap(), 0);
    supporter.sync().await;
    let shown = owner.bring(Vec::new()).await.links;
    let bond = shown.iter().filter(|link| link.kind == LogKind::Bond);
    assert_eq!(bond.count(), 2);
}

#[tokio::test]
async fn what_cannot_be_answered_is_said_in_one_sentence() {
    let (world, owner) = world().await;
    let supporter = world.offline_device("supporter").await;
    let vault = &supporter.vault;
    let altered = owner.text().replace("daymark:bond/1/", "daymark:bond/1/AA");
    let bond = |error| match error {
        ShareError::Bond(error) => error,
        other => panic!("{other}"),
    };
    let error = bond(vault.consider(&altered).await.unwrap_err());
    assert_eq!(error, BondError::DamagedInvitation);
    let error = bond(vault.consider("hello").await.unwrap_err());
    assert_eq!(error, BondError::NotAnInvitation);
    // Not brought to the relay yet.
    let early = Owner::inviting(world.relay_address()).await;
    let error = vault.consider(&early.text()).await.unwrap_err();
    assert!(matches!(error, ShareError::NoInvitation));
    // From another relay than the vault's own.
    let elsewhere = world.other_relay().await;
    let other = Owner::inviting(elsewhere.relay_address()).await;
    other.publish().await;
    vault.set_relay(&world.relay_address(), None).await.unwrap();
    let error = bond(vault.consider(&other.text()).await.unwrap_err());
    assert_eq!(error, BondError::OtherRelay);
    // One's own.
    let own = owner_with_vault(&world).await;
    let invited = own.vault.invite(&person("NAME"), None, later()).await;
    let invitation = invited.unwrap().to_string();
    let error = bond(own.vault.consider(&invitation).await.unwrap_err());
    assert_eq!(error, BondError::OwnInvitation);
}

fn later() -> jiff::Timestamp {
    jiff::Timestamp::from_second(i64::try_from(now() + 1000).unwrap()).unwrap()
}

async fn owner_with_vault(world: &World) -> daymark_tests::world::Device {
    let folder = world.vault_folder("owner");
    let relay = Some((world.relay_address(), None));
    daymark_tests::world::Device::found(&folder, "owner", relay).await
}
