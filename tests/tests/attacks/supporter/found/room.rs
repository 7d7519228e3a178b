//! J5, L3: how much a supporter who came with an invitation makes the relay keep.

use super::super::Scene;
use daymark_client::sharing::ShareError;
use daymark_core::{
    bonds::{NewEpoch, begin_epoch},
    journal::Person,
    keys::DocumentKey,
    sharing::MAX_VERSION_BYTES,
};
use daymark_relay::Registration;
use daymark_tests::{
    hostile::HostileRelay,
    world::{Device, World},
};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, Have, Incarnation, RecordKind, Seq, limits,
    record::ExpiryDay,
    sync::{AppendOutcome, PushOutcome, RecordRefusal},
};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn document(n: u16) -> DocumentId {
    let mut bytes = [0x2d; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    DocumentId::from_bytes(bytes)
}

#[tokio::test]
async fn j5_bodies_that_come_after_their_headers_count_as_much_as_others() {
    let scene = Scene::set().await;
    let mut database = scene.relay.database().await;
    // All but one mebibyte is used up.
    let filled = database.execute("UPDATE accounts SET bytes = 66060288 WHERE guest = 1");
    filled.await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let large = vec![0x2a; MAX_VERSION_BYTES];
    let records: Vec<_> = (0..6)
        .map(|n| hostile.seal(document(n), &large, ExpiryDay::default()))
        .collect();
    let heads = records.iter().cloned().map(|record| record.into_stub());
    // The other side may offer what it has of them.
    let owner = scene.hostile_owner().await;
    let brought = owner.bring(scene.relay.address(), heads.collect()).await;
    assert_eq!(brought, PushOutcome::Accepted, "headers are small");
    let mut taken = 0;
    for record in records {
        let brought = hostile.bring(scene.relay.address(), vec![record]).await;
        taken += usize::from(brought == PushOutcome::Accepted);
    }
    assert!(taken <= 1, "{taken} bodies of half a mebibyte each");
}

#[tokio::test]
async fn j5_a_head_without_its_body_is_no_fault_of_the_relay() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let record = hostile.seal(document(1), b"never shown", ExpiryDay::default());
    let place = record.place();
    let brought = hostile
        .bring(scene.relay.address(), vec![record.into_stub()])
        .await;
    let why = RecordRefusal::WrongKind;
    assert_eq!(brought, PushOutcome::Refused { place, why });
    // The relay kept all that it took.
    assert_eq!(scene.names().await, Vec::<&str>::new());
}

#[tokio::test]
async fn j5_links_of_a_guest_without_room_are_few() {
    let scene = Scene::set().await;
    let mut database = scene.relay.database().await;
    let filled = database.execute("UPDATE accounts SET bytes = 64 * 1024 * 1024 WHERE guest = 1");
    filled.await;
    let mut hostile = scene.hostile().await;
    // Chains that nobody has, with any 32 bytes in each.
    let invented = |n: u16| {
        let mut device = [0xd5; 16];
        device[..2].copy_from_slice(&n.to_be_bytes());
        let chain = ChainId {
            device: DeviceId::from_bytes(device),
            incarnation: Incarnation::from_bytes([0xd5; 8]),
        };
        (chain, Seq(u64::MAX >> 1))
    };
    let mut links = Vec::new();
    for _ in 0..24 {
        let have: Have = (0..4000).map(invented).collect();
        let says = NewEpoch {
            have,
            ..NewEpoch::default()
        };
        let side = hostile.side();
        let (logs, agreed, own) = (&side.logs, side.agreed.unwrap(), side.own.state());
        let (device, random) = (&hostile.hand.device, &hostile.hand.random);
        let link = begin_epoch(logs, &agreed, own, says, device, random)
            .unwrap()
            .link;
        let taken = hostile.hand.replica.logs.take(std::slice::from_ref(&link));
        assert_eq!(taken.fault, None);
        links.push(link);
    }
    let bytes: usize = links.iter().map(|link| link.bytes.len()).sum();
    // `append` names the heads after these links: the ones before are asked for.
    let appended = hostile.append(scene.relay.address(), links).await;
    assert!(
        matches!(appended, AppendOutcome::Refused { index: 0, .. }),
        "{bytes} bytes, and as much again each minute: {appended:?}"
    );
}

#[tokio::test]
async fn j5_keys_of_nothing_cost_the_owner_no_room() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let random = std::sync::Arc::clone(&hostile.hand.random);
    let keys: Vec<_> = (0..4096)
        .map(|n| (document(n), DocumentKey::generate(&random).unwrap()))
        .collect();
    let records = hostile
        .hand
        .replica
        .wrap_keys(&keys, &random)
        .unwrap()
        .records;
    let size: usize = records.iter().map(|record| record.size()).sum();
    let brought = hostile.bring(scene.relay.address(), records).await;
    assert_eq!(brought, PushOutcome::Accepted);
    scene.owner().sync().await;
    let device = scene.owner().vault.device();
    let before = scene.relay.exchanges_of(device).len();
    for _ in 0..2 {
        hostile.catch_up(scene.relay.address()).await;
        let epoch = hostile.epoch(Vec::new()).link;
        let appended = hostile
            .append(scene.relay.address(), vec![epoch.clone()])
            .await;
        assert_eq!(appended, AppendOutcome::Appended);
        let taken = hostile.hand.replica.logs.take(&[epoch]);
        assert_eq!(taken.fault, None);
        scene.owner().sync().await;
        scene.owner().sync().await;
    }
    let exchanges = scene.relay.exchanges_of(device);
    let spaces = exchanges[before..]
        .iter()
        .flat_map(|one| &one.asked.request.spaces);
    let of_bond = spaces.filter(|space| space.space == scene.bond());
    let pushed: usize = of_bond
        .flat_map(|space| &space.push)
        .map(|record| record.size())
        .sum();
    assert!(
        pushed < 16 * 1024,
        "the supporter brought {size} bytes once, the owner {pushed}"
    );
}

async fn joins(world: &World, owner: &Device, name: &str) -> Result<Device, ShareError> {
    let newcomer = world.offline_device(name).await;
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let called = Person::parse(name).unwrap();
    let invitation = owner.vault.invite(&called, None, lapses).await?;
    owner.sync().await;
    let considered = newcomer.vault.consider(&invitation.to_string()).await?;
    considered
        .accept(&Person::parse("a friend").unwrap())
        .await?;
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
async fn j3_a_supporter_who_begins_chains_without_end_keeps_nobody_from_unsharing() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let reply = daymark_core::sharing::Reply::new(share, "again").unwrap();
    let reply = daymark_core::sharing::Version::Reply(reply);
    let mut records = Vec::new();
    for n in 0..limits::MAX_CHAINS {
        let record = hostile.say(document(u16::try_from(n).unwrap()), &reply);
        let random = std::sync::Arc::clone(&hostile.hand.random);
        let next = hostile
            .hand
            .replica
            .own
            .renewed(record.place().seq, &random);
        hostile.hand.replica.own = next.unwrap();
        records.push(record);
    }
    let mut taken = 0;
    for some in records.chunks(512) {
        match hostile.bring(scene.relay.address(), some.to_vec()).await {
            PushOutcome::Accepted => taken += some.len(),
            PushOutcome::Refused { why, .. } => assert_eq!(why, RecordRefusal::TooManyChains),
            other => panic!("{other:?} after {taken}"),
        }
    }
    scene.owner().sync().await;
    scene.owner().vault.unshare(entry, None).await.unwrap();
    for _ in 0..2 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    let owner = scene.owner().vault.device();
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let records = shown.spaces[0].records.iter();
    // The keys that the owner's device wrapped under its new epoch are there, too.
    let copies = records.filter(|record| {
        let header = record.claimed();
        let is_theirs = header.chain.device == owner && header.kind == RecordKind::Version;
        is_theirs && record.body().is_some()
    });
    assert_eq!(
        copies.count(),
        0,
        "copies left at the relay after unsharing"
    );
}

#[tokio::test]
async fn l3_strangers_who_ask_about_nothing_keep_nobody_from_accepting() {
    let relay = HostileRelay::start().await;
    let owner = crate::stage::found(&relay, "owner").await;
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let name = Person::parse("a third supporter").unwrap();
    let invited = owner.vault.invite(&name, None, lapses).await;
    let invitation = invited.unwrap();
    owner.sync().await;
    let meant = Device::found(&relay.vault_folder("meant"), "meant", None).await;
    let asked = format!(
        "GET /v1/invitations/{} HTTP/1.1\r\nhost: r\r\nconnection: close\r\n\r\n",
        "00".repeat(16)
    );
    // Whoever they are, they show no token. Twice a minute's share, as one may be over just now.
    for _ in 0..1200 {
        let mut stream = TcpStream::connect(relay.relay().address()).await.unwrap();
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        if answer.starts_with("HTTP/1.1 429") {
            break;
        }
    }
    let considered = meant.vault.consider(&invitation.to_string()).await;
    assert!(considered.is_ok(), "{:?}", considered.err());
}

#[tokio::test]
async fn j5_heads_without_bodies_make_no_sync_longer() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let heads: Vec<_> = (0..5_000)
        .map(|n| {
            hostile
                .seal(document(n), b"never shown", ExpiryDay::default())
                .into_stub()
        })
        .collect();
    let size: usize = heads.iter().map(|record| record.size()).sum();
    for some in heads.chunks(1_000) {
        let brought = hostile.bring(scene.relay.address(), some.to_vec()).await;
        assert!(matches!(brought, PushOutcome::Refused { .. }));
    }
    let mut trips = Vec::new();
    for _ in 0..3 {
        trips.push(scene.owner().sync().await.round_trips);
    }
    assert_eq!(trips[2], 1, "{trips:?} after {size} bytes of heads");
}
