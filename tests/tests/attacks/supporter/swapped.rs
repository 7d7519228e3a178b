//! A2, A4: the relay answers an invitation itself, or shows another person's account; what it learns of an
//! invitation.

use super::{Scene, names};
use crate::stage::found;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use daymark_client::sharing::{Invitation, ShareError, SpaceId, Standing};
use daymark_core::{
    bonds::{BondLogs, NewEpoch, begin_epoch},
    journal::Person,
};
use daymark_tests::{
    hostile::{Hoard, HostileRelay, SeenKeys, StolenDevice},
    world::{Circle, Device},
};
use daymark_wire::{
    Hash, LogId, Signed, Suite,
    logs::{Accept, AccountLink, Author, BondContent, BondLink, LinkBody, LogKind, TravelLink},
    sync::{AppendOutcome, SyncRequest},
};
use jiff::{SignedDuration, Timestamp};

impl Scene {
    /// Nobody agreed on anything yet: an owner at the relay, somebody without a relay who is meant, and an account
    /// that does what the relay asks.
    async fn before_any_bond() -> Self {
        let relay = HostileRelay::start().await;
        let owner = found(&relay, "owner").await;
        let attacker = found(&relay, "attacker").await;
        let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
        let circle = Circle {
            owner,
            supporters: [meant, attacker],
            bonds: [SpaceId::ZERO; 2],
        };
        Self { relay, circle }
    }

    /// The owner invites one more person, and the relay has the invitation.
    async fn invite(&self, name: &str) -> Invitation {
        let lapses = Timestamp::now() + SignedDuration::from_hours(24);
        let name = Person::parse(name).unwrap();
        let invited = self
            .owner()
            .vault
            .invite(&name, None, lapses)
            .await
            .unwrap();
        self.owner().sync().await;
        invited
    }

    async fn standing(&self, bond: SpaceId) -> Standing {
        let all = self.owner().vault.supporters().await.unwrap();
        all.iter().find(|one| one.bond == bond).unwrap().standing
    }

    /// What the owner's devices ever brought of a bond: links after the first, and records.
    fn brought_by_owner(&self, bond: SpaceId) -> (usize, usize) {
        let exchanges = self.relay.exchanges_of(self.owner().vault.device());
        let requests: Vec<_> = exchanges.iter().map(|one| &one.asked.request).collect();
        let of_bond = |link: &&TravelLink| {
            let opened = link.open::<BondContent>();
            opened.is_ok_and(|link: BondLink| {
                link.log_id() == LogId::from(bond) && link.claimed().position > 1
            })
        };
        let links = requests.iter().flat_map(|request| &request.append);
        let spaces = requests.iter().flat_map(|request| &request.spaces);
        let records = spaces.filter(|space| space.space == bond);
        (
            links.filter(of_bond).count(),
            records.map(|space| space.push.len()).sum(),
        )
    }
}

/// *accept* and an epoch, by an account that the relay made, or that does what the relay asks: the invitation's
/// token is known to it, and not the secret.
async fn accept_instead(
    scene: &Scene,
    attacker: &Device,
    invitation: &Invitation,
) -> AppendOutcome {
    let hand = StolenDevice::of(&attacker.vault).await;
    let own = hand.logs().account();
    let bond = LogId::from(invitation.bond());
    let kept = Hoard::of_relay(&scene.relay).await;
    let of_bond = |link: &&TravelLink| match link.kind {
        LogKind::Bond => link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.log_id() == bond),
        LogKind::Account => true,
        LogKind::Journal => false,
    };
    let mut links: Vec<_> = kept.links().filter(of_bond).cloned().collect();
    links.sort_by_key(position);
    let mut logs = BondLogs::fold(&links, own).unwrap();
    let owner = logs.other().unwrap();
    let content = BondContent::Accept(Accept {
        supporter: own.id(),
        owner: invitation.owner_head(),
        mac: Hash::from_bytes([0x5c; 32]),
    });
    let accept: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: bond,
            position: 2,
            previous: logs.state().last(),
            author: Author::Device(hand.device.id()),
            rests_on: vec![owner.head(), own.head()],
            content,
        },
        hand.device.signing(),
    );
    let accept = accept.to_travel(None);
    let mut known = hand.logs().known();
    known.extend(logs.known());
    assert_eq!(logs.take(std::slice::from_ref(&accept), own).fault, None);
    let agreed = logs.accepted().unwrap().own(own.id()).unwrap();
    let says = NewEpoch::default();
    let epoch = begin_epoch(&logs, &agreed, own, says, &hand.device, &hand.random).unwrap();
    let request = SyncRequest {
        known,
        append: vec![accept, epoch.link],
        spaces: Vec::new(),
        invite: Some(invitation.secret().token().to_header()),
    };
    let reply = hand.connect(scene.relay.address()).sync(&request).await;
    reply.unwrap().append
}

/// Links of one log in their order.
fn position(link: &TravelLink) -> u64 {
    match link.kind {
        LogKind::Account => {
            let link: AccountLink = link.open().unwrap();
            link.claimed().position
        }
        _ => 0,
    }
}

#[tokio::test]
async fn a2_a_relay_that_accepts_with_an_account_of_its_own_is_named_and_gets_nothing() {
    let scene = Scene::before_any_bond().await;
    let invitation = scene.invite("a third supporter").await;
    let attacker = &scene.circle.supporters[1];
    let accepted = accept_instead(&scene, attacker, &invitation).await;
    assert_eq!(
        accepted,
        AppendOutcome::Appended,
        "a relay cannot check a MAC"
    );
    let entry = scene.owner().write("quxforthethird").await;
    let bond = invitation.bond();
    for _ in 0..3 {
        scene.owner().sync().await;
        assert_eq!(scene.standing(bond).await, Standing::NotAgreed);
        let (vault, parts) = (&scene.owner().vault, Default::default());
        let refused = vault.preview(entry, &parts, &[bond]).await.unwrap_err();
        assert!(matches!(
            refused,
            ShareError::NotActive(Standing::NotAgreed)
        ));
        assert!(
            vault.number(bond).await.is_err(),
            "there is no number to compare"
        );
    }
    // Nothing wrapped, nothing sealed.
    assert_eq!(scene.brought_by_owner(bond), (0, 0));
    let keys = SeenKeys::of(&attacker.vault).await;
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    assert!(!opened.holds(b"quxforthethird"));
    // The one who was meant learns that somebody was first, and the owner invites anew.
    let meant = &scene.supporter().vault;
    let used = meant.consider(&invitation.to_string()).await.unwrap_err();
    assert!(matches!(used, ShareError::NoInvitation));
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.owner().sync().await;
    let anew = scene.invite("a third supporter, again").await;
    let considered = meant.consider(&anew.to_string()).await.unwrap();
    considered
        .accept(&Person::parse("the same owner").unwrap())
        .await
        .unwrap();
    scene.owner().sync().await;
    assert_eq!(scene.standing(anew.bond()).await, Standing::Active);
}

#[tokio::test]
async fn a2_a_relay_that_shows_another_account_in_the_supporters_place_is_named_and_gets_nothing() {
    let scene = Scene::before_any_bond().await;
    let invitation = scene.invite("a third supporter").await;
    let bond = invitation.bond();
    let considered = scene
        .supporter()
        .vault
        .consider(&invitation.to_string())
        .await
        .unwrap();
    let name = Person::parse("the owner").unwrap();
    considered.accept(&name).await.unwrap();
    // Theirs is replaced by an account of the relay's own, with other keys.
    let attacker = StolenDevice::of(&scene.circle.supporters[1].vault).await;
    let own = LogId::from(attacker.account);
    let theirs: Vec<_> = attacker.logs().links_beyond(own, 0).to_vec();
    let (meant, asks) = (
        scene.supporter().vault.account(),
        scene.owner().vault.device(),
    );
    scene.relay.alter(move |asked, reply| {
        let is_theirs = |link: &TravelLink| {
            let opened = link.open::<daymark_wire::logs::AccountContent>();
            opened.is_ok_and(|link: AccountLink| link.log_id() == LogId::from(meant))
        };
        if asked.device == asks {
            reply.links.retain(|link| !is_theirs(link));
            reply.links.extend(theirs.iter().cloned());
        }
    });
    let entry = scene.owner().write("quxforthethird").await;
    let report = scene.owner().sync().await;
    assert!(!names(&report).is_empty(), "{report:?}");
    assert_eq!(scene.standing(bond).await, Standing::Invited);
    let (vault, parts) = (&scene.owner().vault, Default::default());
    assert!(vault.preview(entry, &parts, &[bond]).await.is_err());
    assert_eq!(scene.brought_by_owner(bond), (0, 0));
    scene.relay.behave();
    assert_eq!(scene.names().await, Vec::<&str>::new());
    assert_eq!(scene.standing(bond).await, Standing::Active);
}

#[tokio::test]
async fn a4_an_invitations_secret_is_in_no_traffic_and_nothing_that_the_relay_keeps() {
    let scene = Scene::before_any_bond().await;
    let accepted = scene.invite("a third supporter").await;
    let declined = scene.invite("a fourth").await;
    let vault = &scene.supporter().vault;
    let considered = vault.consider(&accepted.to_string()).await.unwrap();
    considered
        .accept(&Person::parse("an owner").unwrap())
        .await
        .unwrap();
    let considered = vault.consider(&declined.to_string()).await.unwrap();
    considered.decline().await.unwrap();
    for _ in 0..2 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    assert_eq!(scene.standing(accepted.bond()).await, Standing::Active);
    assert_eq!(scene.standing(declined.bond()).await, Standing::Declined);
    for invitation in [accepted, declined] {
        let token = invitation.secret().token();
        let shown = token.to_header();
        let shown = shown.rsplit(' ').next().unwrap().to_owned();
        assert!(
            scene.relay.knows(shown.as_bytes()),
            "the search finds what it is shown"
        );
        let secret = invitation.secret();
        let secret = secret.secret().expose();
        for spelled in [
            secret.to_vec(),
            hex::encode(secret).into_bytes(),
            STANDARD_NO_PAD.encode(secret).into_bytes(),
            URL_SAFE_NO_PAD.encode(secret).into_bytes(),
            invitation.to_string().into_bytes(),
        ] {
            assert!(!scene.relay.knows(&spelled));
        }
    }
    for name in ["a third supporter", "a fourth", "an owner"] {
        assert!(!scene.relay.knows(name.as_bytes()), "{name}");
    }
}
