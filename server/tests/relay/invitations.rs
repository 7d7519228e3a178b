//! Invitations to bonds: what their holder is shown, a no, and a yes of somebody who has no account yet.

use crate::{
    client::{Answer, send},
    couple::{Couple, HOLDS},
    person::{Device, Pen, Person},
    world::World,
};
use daymark_relay::Registration;
use daymark_wire::{
    SpaceId,
    invitation::{Decline, InvitationAnswer, InvitationReply, InvitationToken},
    logs::{EndReason, Role, TravelLink},
    problem::Code,
    sync::{AppendOutcome, PushOutcome, SyncRequest},
};

async fn ask(world: &World, space: SpaceId, token: &InvitationToken) -> Answer {
    let path = format!("/v1/invitations/{}", hex::encode(space.as_bytes()));
    let headers = [("authorization", &*token.to_header())];
    send(world.relay.address(), "GET", &path, &headers, &[]).await
}

async fn decline(world: &World, space: SpaceId, token: &InvitationToken, n: u8) -> Answer {
    let path = format!("/v1/invitations/{}/answer", hex::encode(space.as_bytes()));
    let headers = [("authorization", &*token.to_header())];
    let declined = Decline::from_bytes([n; 32]);
    let body = InvitationAnswer { declined }.to_bytes();
    send(world.relay.address(), "POST", &path, &headers, &body).await
}

/// All of an answer but when it came.
fn all(answer: Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.into_iter();
    let headers = headers.filter(|(name, _)| name != "date");
    (answer.status, headers.collect(), answer.body)
}

#[tokio::test]
async fn the_holder_of_an_invitation_is_shown_the_logs_behind_it() {
    let world = World::open().await;
    let mut owner = world.person(1).await;
    let links = owner.add(&Device::new(7));
    world
        .client(&owner)
        .sync(&owner.bringing(links))
        .await
        .unwrap();
    let couple = Couple::invited(&world, owner, Person::new(2)).await;
    let answer = ask(&world, couple.space(), &couple.token).await;
    assert_eq!(answer.status, 200);
    let shown = InvitationReply::from_bytes(&answer.body).unwrap();
    assert_eq!(shown.bond, couple.links);
    let owners: Vec<&TravelLink> = [0, 3].map(|n| &couple.owner.links[n]).to_vec();
    assert_eq!(
        shown.owner.iter().collect::<Vec<_>>(),
        owners,
        "and no journal"
    );
}

#[tokio::test]
async fn k12_an_invitation_lapses_by_the_relays_clock() {
    let world = World::open().await;
    let (owner, supporter) = (world.person(1).await, world.person(2).await);
    let mut couple = Couple::invited(&world, owner, supporter).await;
    let lapse = couple.end(EndReason::Lapsed);
    let early = couple.bring(&world, Role::Owner, vec![lapse.clone()]).await;
    assert_eq!(early.append, AppendOutcome::NotNow);
    world.clock.set(world.clock.now() + HOLDS);
    let reply = couple.bring(&world, Role::Owner, vec![lapse]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
}

#[tokio::test]
async fn j4_absent_wrong_used_declined_and_lapsed_are_one_answer() {
    let world = World::open().await;
    let (owner, supporter) = (world.person(1).await, world.person(2).await);
    let couple = Couple::invited(&world, owner, supporter).await;
    let other = InvitationToken::from_bytes([99; 32]);
    let absent = all(ask(&world, SpaceId::from_bytes([1; 16]), &other).await);
    assert_eq!(absent.0, 404);
    assert_eq!(all(ask(&world, couple.space(), &other).await), absent);
    let absent_no = all(decline(&world, SpaceId::from_bytes([1; 16]), &other, 1).await);
    assert_eq!(
        all(decline(&world, couple.space(), &other, 1).await),
        absent_no
    );

    // Lapsed.
    let now = world.clock.now();
    world.clock.set(now + HOLDS);
    assert_eq!(
        all(ask(&world, couple.space(), &couple.token).await),
        absent
    );
    let late = decline(&world, couple.space(), &couple.token, 1).await;
    assert_eq!(all(late), absent_no);
    world.clock.set(now);

    // Used.
    let mut couple = couple;
    let links = couple.accept(world.here());
    couple.bring(&world, Role::Supporter, links).await;
    assert_eq!(
        all(ask(&world, couple.space(), &couple.token).await),
        absent
    );
    let used = decline(&world, couple.space(), &couple.token, 1).await;
    assert_eq!(all(used), absent_no);

    // Declined.
    let owner = std::mem::replace(&mut couple.owner, Person::new(1));
    let second = Couple::offline(&world, owner, Person::new(3), 2);
    second
        .bring(&world, Role::Owner, second.links.clone())
        .await;
    let no = decline(&world, second.space(), &second.token, 1).await;
    assert_eq!(no.status, 200);
    assert_eq!(
        all(ask(&world, second.space(), &second.token).await),
        absent
    );
    let again = decline(&world, second.space(), &second.token, 2).await;
    assert_eq!(all(again), absent_no);
}

#[tokio::test]
async fn the_owner_hears_of_a_no_until_they_end_the_invitation() {
    let world = World::open().await;
    let (owner, supporter) = (world.person(1).await, world.person(2).await);
    let mut couple = Couple::invited(&world, owner, supporter).await;
    assert_eq!(couple.fetch(&world, Role::Owner).await.declined, None);
    decline(&world, couple.space(), &couple.token, 0xa5).await;
    let world = world.restart(Registration::Open).await;
    let declined = couple.fetch(&world, Role::Owner).await.declined;
    assert_eq!(declined, Some(Decline::from_bytes([0xa5; 32])));
    // Nobody accepts after that.
    let before = (couple.bond.clone(), couple.links.clone());
    let links = couple.accept(world.here());
    let late = couple.bring(&world, Role::Supporter, links).await;
    assert!(matches!(
        late.append,
        AppendOutcome::Refused { index: 0, .. }
    ));
    (couple.bond, couple.links) = before;
    let end = couple.end(EndReason::Declined);
    let reply = couple.bring(&world, Role::Owner, vec![end]).await;
    assert_eq!(reply.append, AppendOutcome::Appended);
    assert_eq!(reply.spaces[0].declined, None);
    let world = world.restart(Registration::Open).await;
    assert!(!world.database_holds(&[0xa5; 32]), "it is not kept");
}

/// An owner who was let in, and a supporter whom nobody knows, at a relay that registers by invite.
async fn newcomer() -> (World, Couple) {
    let world = World::open().await;
    let owner = world.person(1).await;
    let couple = Couple::invited(&world, owner, Person::new(2)).await;
    (world.restart(Registration::Invite).await, couple)
}

fn registration(couple: &mut Couple, world: &World, invite: Option<String>) -> SyncRequest {
    let accept = couple.accept(world.here());
    SyncRequest {
        append: [couple.supporter.links.clone(), accept].concat(),
        invite,
        ..couple.request(Role::Supporter)
    }
}

#[tokio::test]
async fn who_accepts_an_invitation_registers_with_it() {
    let (world, mut couple) = newcomer().await;
    let token = couple.token.to_header();
    let request = registration(&mut couple, &world, Some(token));
    let client = world.client(&couple.supporter);
    for _ in 0..2 {
        let reply = client.sync(&request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::Appended);
    }
    let world = world.restart(Registration::Invite).await;
    let mut pen = Pen::new(&couple.supporter.device, 1);
    let reply = couple.write(&mut pen, Role::Supporter, b"a reply");
    let pushed = couple
        .push(&world, Role::Supporter, vec![reply.clone()])
        .await;
    assert_eq!(pushed.push, PushOutcome::Accepted);
    assert_eq!(couple.fetch(&world, Role::Owner).await.records, [reply]);
}

#[tokio::test]
async fn j5_nobody_registers_without_the_token_of_what_they_accept() {
    let (world, mut couple) = newcomer().await;
    let request = registration(&mut couple, &world, None);
    let other = InvitationToken::from_bytes([99; 32]).to_header();
    let alone = SyncRequest {
        invite: Some(couple.token.to_header()),
        ..couple.supporter.registration(None)
    };
    let wrong = SyncRequest {
        invite: Some(other),
        ..request.clone()
    };
    for request in [request, wrong, alone] {
        let client = world.client(&couple.supporter);
        assert_eq!(client.sync(&request).await.unwrap_err(), Code::BadInvite);
    }
}

#[tokio::test]
async fn a_relay_that_registers_nobody_registers_nobody() {
    let (world, mut couple) = newcomer().await;
    let world = world.restart(Registration::Closed).await;
    let token = couple.token.to_header();
    let request = registration(&mut couple, &world, Some(token));
    let refused = world.client(&couple.supporter).sync(&request).await;
    assert_eq!(refused.unwrap_err(), Code::RegistrationClosed);
}

#[tokio::test]
async fn j5_who_came_with_an_invitation_keeps_little() {
    let (world, mut couple) = newcomer().await;
    let token = couple.token.to_header();
    let request = registration(&mut couple, &world, Some(token));
    world
        .client(&couple.supporter)
        .sync(&request)
        .await
        .unwrap();
    let mut pen = Pen::new(&couple.supporter.device, 1);
    let body = vec![7; 1_000_000];
    let mut kept = 0_u64;
    loop {
        let replies: Vec<_> = (0..4)
            .map(|_| couple.write(&mut pen, Role::Supporter, &body))
            .collect();
        let pushed = couple.push(&world, Role::Supporter, replies).await.push;
        if pushed == PushOutcome::QuotaExceeded {
            break;
        }
        assert_eq!(pushed, PushOutcome::Accepted);
        kept += 4_000_000;
        assert!(kept <= daymark_relay::GUEST_QUOTA);
    }
    assert!(kept > daymark_relay::GUEST_QUOTA - 5_000_000);
}
