//! L3, A2: other people who answer, ask about, or use up what belongs to an invitation.

use super::{
    super::{people::share_in, texts},
    *,
};
use daymark_client::{connection::answer_invitation, sharing::HowToShare};
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
    let open = Open::set().await;
    let other = found(&open.relay, "another owner").await;
    let theirs = invite(&other).await;
    // A relay shows bonds in the order of their ids, and whoever invites can choose one: the lower is the hostile one's.
    let mut owners = [(&open.owner, &open.invitation), (&other, &theirs)];
    owners.sort_by_key(|(_, invitation)| invitation.bond());
    let [(hostile, withdrawn), (owner, invitation)] = owners;
    accept(&open.meant, invitation).await;
    let (vault, bond) = (&open.meant.vault, invitation.bond());
    let entry = owner.write("a day like others").await;
    owner.sync().await;
    share_in(owner, bond, entry, &HowToShare::default()).await;
    owner.sync().await;
    vault.sync(&|_| ()).await.unwrap();
    assert_eq!(texts(&open.meant).await, ["a day like others"]);
    // The hostile one invites them too, and they think better of it while the line is bad.
    let considered = vault.consider(&withdrawn.to_string()).await.unwrap();
    open.relay.play(LosesAnswers { of: vault.device() });
    considered.accept(&person("another")).await.unwrap_err();
    vault.leave_bond(withdrawn.bond()).await.unwrap();
    open.relay.behave();
    hostile.sync().await;
    // That owner fills the log with what one request takes.
    let mut hostile = HostileSupporter::of(&hostile.vault, withdrawn.bond()).await;
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
    let reply = hostile.ask(open.relay.address(), &request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    // The other takes something back, and shares something else.
    owner.vault.unshare(entry, None).await.unwrap();
    owner.sync().await;
    let entry = owner.write("another day").await;
    share_in(owner, bond, entry, &HowToShare::default()).await;
    owner.sync().await;
    for _ in 0..3 {
        vault.sync(&|_| ()).await.unwrap();
    }
    assert_eq!(texts(&open.meant).await, ["another day"]);
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
