//! L3, A2: other people who answer, ask about, or use up what belongs to an invitation.

use super::*;
use daymark_client::connection::answer_invitation;
use daymark_relay::Registration;
use daymark_tests::{hostile::HostileSupporter, world::World};
use daymark_wire::{
    DeviceId,
    invitation::{Decline, InvitationAnswer},
    limits,
    sync::{AppendOutcome, SyncRequest},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Takes what a device brings of bonds, and loses the answer.
struct LosesAnswers {
    of: DeviceId,
}

impl Script for LosesAnswers {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        if asked.device == self.of && brings_bond(asked) {
            return lost();
        }
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn l3_an_owner_of_whom_a_yes_was_withdrawn_hides_no_other_bond() {
    let scene = Scene::set().await;
    let (first, _) = scene.shared("a day like others").await;
    let vault = &scene.supporter().vault;
    // Somebody else invites the supporter, who thinks better of it while the line is bad.
    let other = found(&scene.relay, "another owner").await;
    // A relay shows bonds in the order of their ids: whoever invites can choose one.
    let mut invited = None;
    for n in 0..16 {
        let called = person(&format!("supporter {n}"));
        let one = other.vault.invite(&called, None, in_a_day()).await.unwrap();
        if one.bond() < scene.bond() {
            invited = Some(one);
            break;
        }
        other.vault.end_bond(one.bond()).await.unwrap();
    }
    let invited = invited.expect("half of all ids are lower, or nearly");
    other.sync().await;
    let considered = vault.consider(&invited.to_string()).await.unwrap();
    scene.relay.play(LosesAnswers { of: vault.device() });
    considered
        .accept(&person("another owner"))
        .await
        .unwrap_err();
    vault.leave_bond(invited.bond()).await.unwrap();
    scene.relay.behave();
    other.sync().await;
    // That owner fills the log with what one request takes.
    let mut hostile = HostileSupporter::of(&other.vault, invited.bond()).await;
    let mut links = Vec::new();
    while links.len() < limits::MAX_LINKS_PER_SYNC {
        let link = hostile.epoch(Vec::new()).link;
        let taken = hostile.hand.replica.logs.take(std::slice::from_ref(&link));
        assert_eq!(taken.fault, None);
        links.push(link);
    }
    let request = SyncRequest {
        append: links,
        ..hostile.hand.push(Vec::new())
    };
    let reply = hostile.ask(scene.relay.address(), &request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    // The first owner takes something back, and shares something else.
    scene.owner().vault.unshare(first, None).await.unwrap();
    scene.owner().sync().await;
    let entry = scene.owner().write("another day").await;
    scene.share(entry).await;
    scene.owner().sync().await;
    for _ in 0..3 {
        vault.sync(&|_| ()).await.unwrap();
    }
    assert_eq!(scene.received().await, ["another day"]);
}

#[tokio::test]
async fn a2_a_no_that_does_not_hold_leaves_no_invitation_open_that_nobody_can_accept() {
    let open = Open::set().await;
    let invited = &open.invitation;
    // Somebody who got hold of the link says no, with a proof that is none.
    let (token, bond) = (invited.secret().token(), invited.bond());
    let answer = InvitationAnswer {
        declined: Decline::from_bytes([7; 32]),
    };
    let url = open.relay.address().url;
    answer_invitation(&url, bond, &token, &answer)
        .await
        .unwrap();
    for _ in 0..2 {
        open.owner.sync().await;
    }
    let considered = open.meant.vault.consider(&invited.to_string()).await;
    let listed = open.owner.vault.supporters().await.unwrap();
    assert!(
        considered.is_ok() || listed[0].standing != Standing::Invited,
        "the owner reads {:?}, and whom they meant: {}",
        listed[0].standing,
        considered.unwrap_err()
    );
}

#[tokio::test]
async fn two_devices_that_invite_under_one_name_leave_a_way_to_name_each() {
    let (scene, phone) = Scene::with_owners_phone().await;
    let name = person("mum");
    let mut invited = Vec::new();
    for device in [scene.owner(), &phone] {
        invited.push(device.vault.invite(&name, None, in_a_day()).await.unwrap());
    }
    for device in [scene.owner(), &phone, scene.owner()] {
        device.sync().await;
    }
    let vault = &scene.owner().vault;
    for one in &invited {
        let bond = one.bond().to_string();
        let mut found = false;
        for given in ["mum", &bond, &bond[..8]] {
            let meant = vault.find_supporter(given).await;
            found |= meant.is_ok_and(|meant| meant.bond == one.bond());
        }
        assert!(found, "nothing that a person can type means {bond}");
    }
}

async fn joins(world: &World, owner: &Device, name: &str) -> Result<Device, ShareError> {
    let newcomer = world.offline_device(name).await;
    let invited = owner.vault.invite(&person(name), None, in_a_day()).await;
    owner.sync().await;
    let considered = newcomer.vault.consider(&invited?.to_string()).await?;
    considered.accept(&person("a friend")).await?;
    newcomer.sync().await;
    Ok(newcomer)
}

#[tokio::test]
async fn l3_who_came_with_an_invitation_lets_nobody_else_in() {
    let mut world = World::new().await;
    let owner = world.first_device("owner").await;
    world.relay.register(Registration::Invite).await;
    let supporter = joins(&world, &owner, "supporter").await.unwrap();
    // The operator knows the owner, and the owner their supporter; nobody knows these.
    let stranger = joins(&world, &supporter, "a stranger").await;
    if let Ok(stranger) = stranger {
        let another = joins(&world, &stranger, "a stranger's stranger").await;
        assert!(another.is_err(), "accounts, with 64 MiB each, without end");
    }
}

#[tokio::test]
async fn l3_strangers_who_ask_about_nothing_keep_nobody_from_accepting() {
    let open = Open::set().await;
    let asked = format!(
        "GET /v1/invitations/{} HTTP/1.1\r\nhost: r\r\nconnection: close\r\n\r\n",
        "00".repeat(16)
    );
    // Whoever they are, they show no token. Twice a minute's share, as one may be over just now.
    for _ in 0..1200 {
        let mut stream = TcpStream::connect(open.relay.relay().address())
            .await
            .unwrap();
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        if answer.starts_with("HTTP/1.1 429") {
            break;
        }
    }
    let considered = open
        .meant
        .vault
        .consider(&open.invitation.to_string())
        .await;
    assert!(considered.is_ok(), "{:?}", considered.err());
}
