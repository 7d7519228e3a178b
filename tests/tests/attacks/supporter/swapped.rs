//! A2, A4: the relay answers an invitation itself, or shows another person's account; what it learns of an
//! invitation.

use super::{Open, Scene, in_a_day, names, person, standing, strangers::accepted_by_relay};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use daymark_client::sharing::{Invitation, ShareError, SpaceId, Standing};
use daymark_tests::{
    hostile::{Hoard, SeenKeys, StolenDevice},
    world::Circle,
};
use daymark_wire::{
    LogId,
    logs::{AccountLink, BondContent, BondLink, TravelLink},
};

impl Scene {
    /// Nobody agreed on anything yet: an owner at the relay, somebody without a relay who is meant, and an account
    /// that does what the relay asks.
    async fn before_any_bond() -> Self {
        let Open {
            relay,
            owner,
            meant,
            stranger,
            ..
        } = Open::set().await;
        let circle = Circle {
            owner,
            supporters: [meant, stranger],
            bonds: [SpaceId::ZERO; 2],
        };
        Self { relay, circle }
    }

    /// The owner invites one more person, and the relay has the invitation.
    async fn invite(&self, name: &str) -> Invitation {
        let vault = &self.owner().vault;
        let invited = vault.invite(&person(name), None, in_a_day()).await;
        self.owner().sync().await;
        invited.unwrap()
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

#[tokio::test]
async fn a2_a_relay_that_accepts_with_an_account_of_its_own_is_named_and_gets_nothing() {
    let scene = Scene::before_any_bond().await;
    let invitation = scene.invite("a third supporter").await;
    let attacker = &scene.circle.supporters[1];
    // It is appended: a relay cannot check a MAC.
    accepted_by_relay(&scene.relay, attacker, &invitation).await;
    let entry = scene.owner().write("quxforthethird").await;
    let bond = invitation.bond();
    for _ in 0..3 {
        scene.owner().sync().await;
        assert_eq!(standing(scene.owner(), bond).await, Standing::NotAgreed);
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
    considered.accept(&person("the same owner")).await.unwrap();
    scene.owner().sync().await;
    assert_eq!(standing(scene.owner(), anew.bond()).await, Standing::Active);
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
    considered.accept(&person("the owner")).await.unwrap();
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
    assert_eq!(standing(scene.owner(), bond).await, Standing::Invited);
    let (vault, parts) = (&scene.owner().vault, Default::default());
    assert!(vault.preview(entry, &parts, &[bond]).await.is_err());
    assert_eq!(scene.brought_by_owner(bond), (0, 0));
    scene.relay.behave();
    assert_eq!(scene.names().await, Vec::<&str>::new());
    assert_eq!(standing(scene.owner(), bond).await, Standing::Active);
}

#[tokio::test]
async fn a4_an_invitations_secret_is_in_no_traffic_and_nothing_that_the_relay_keeps() {
    let scene = Scene::before_any_bond().await;
    let accepted = scene.invite("a third supporter").await;
    let declined = scene.invite("a fourth").await;
    let vault = &scene.supporter().vault;
    let considered = vault.consider(&accepted.to_string()).await.unwrap();
    considered.accept(&person("an owner")).await.unwrap();
    let considered = vault.consider(&declined.to_string()).await.unwrap();
    considered.decline().await.unwrap();
    for _ in 0..2 {
        scene.owner().sync().await;
        scene.supporter().sync().await;
    }
    assert_eq!(
        standing(scene.owner(), accepted.bond()).await,
        Standing::Active
    );
    assert_eq!(
        standing(scene.owner(), declined.bond()).await,
        Standing::Declined
    );
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
