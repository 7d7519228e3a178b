//! J5, L1, L3: how much a supporter makes the relay and the owner keep.

use super::{Scene, hands::by_root, people::share_in};
use daymark_client::{
    connection::RelayAddress,
    sharing::{HowToShare, SpaceId},
};
use daymark_core::{
    bonds::{NewEpoch, begin_epoch},
    keys::DocumentKey,
    sharing::{MAX_VERSION_BYTES, Reply, Version},
};
use daymark_relay::Registration;
use daymark_tests::{
    hostile::HostileSupporter,
    world::{Device, World},
};
use daymark_wire::{
    ChainId, DeviceId, DocumentId, Have, Incarnation, Seq, limits,
    record::{ExpiryDay, RecordKind},
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SyncRequest},
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

#[tokio::test]
async fn l1_a_supporter_without_room_leaves_the_owners_sync_alone() {
    let mut world = World::new().await;
    let owner = world.first_device("owner").await;
    world.relay.register(Registration::Invite).await;
    let (supporter, bond) = world.join_circle(&owner, "a supporter").await;
    let entry = owner.write("a day like others").await;
    let how = HowToShare::default();
    let share = share_in(&owner, bond, entry, &how).await;
    owner.sync().await;
    supporter.sync().await;
    let backup = world.relay.back_up().await;
    let mut hostile = HostileSupporter::of(&supporter.vault, bond).await;
    let reply = Version::Reply(Reply::new(share, "a word").unwrap());
    let reply = hostile.say(document(1), &reply);
    let brought = hostile.bring(world.relay_address(), vec![reply]).await;
    assert_eq!(brought, PushOutcome::Accepted);
    owner.sync().await;
    // The relay loses it, and the supporter uses up their room before the owner comes.
    world.relay.restore(&backup).await;
    world.relay.stop().await;
    let mut database = world.relay.database().await;
    let filled = sqlx::query("UPDATE accounts SET bytes = 64 * 1024 * 1024 WHERE guest = 1");
    filled.execute(&mut database).await.unwrap();
    sqlx::Connection::close(database).await.unwrap();
    world.relay.start().await;
    let entry = owner.write("another day").await;
    share_in(&owner, bond, entry, &how).await;
    let mut synced = Vec::new();
    for _ in 0..2 {
        synced.push(owner.vault.sync(&|_| ()).await.map(|_| ()));
    }
    assert!(synced[1].is_ok(), "the owner has room: {synced:?}");
}

/// The supporter's account log is made as long as it can be.
async fn fill_account_log(relay: RelayAddress, supporter: &Device, bond: SpaceId) {
    supporter.sync().await;
    let hostile = HostileSupporter::of(&supporter.vault, bond).await;
    let phrase = supporter.phrase.as_ref().unwrap();
    let own = hostile.side().own.state();
    let links = by_root(own, phrase, 2 * limits::MAX_ACCOUNT_LINKS - own.length());
    for some in links.chunks(limits::MAX_LINKS_PER_SYNC) {
        let request = SyncRequest {
            append: some.to_vec(),
            ..hostile.hand.push(Vec::new())
        };
        let reply = hostile.ask(relay.clone(), &request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::Appended);
    }
}

#[tokio::test]
async fn l3_two_supporters_with_long_account_logs_keep_nobody_else_from_being_agreed_with() {
    let world = World::new().await;
    let owner = world.first_device("owner").await;
    for name in ["one supporter", "another supporter"] {
        let (supporter, bond) = world.join_circle(&owner, name).await;
        fill_account_log(world.relay_address(), &supporter, bond).await;
    }
    owner.sync().await;
    // It fails in here: whoever accepts now is never agreed with.
    world.join_circle(&owner, "a third supporter").await;
}

#[tokio::test]
async fn j5_keys_of_ever_so_many_records_of_the_other_side_are_not_all_wrapped_again() {
    const RECORDS: u16 = 600;
    let scene = Scene::set().await;
    let (_, share) = scene.shared("a day like others").await;
    let mut hostile = scene.hostile().await;
    let reply = Reply::new(share, "again").unwrap();
    let reply = Version::Reply(reply);
    let documents = (0..RECORDS).map(document);
    let records: Vec<_> = documents.map(|one| hostile.say(one, &reply)).collect();
    for some in records.chunks(300) {
        let brought = hostile.bring(scene.relay.address(), some.to_vec()).await;
        assert_eq!(brought, PushOutcome::Accepted);
    }
    scene.owner().sync().await;
    hostile.catch_up(scene.relay.address()).await;
    let epoch = hostile.epoch(Vec::new()).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(appended, AppendOutcome::Appended);
    let device = scene.owner().vault.device();
    let before = scene.relay.exchanges_of(device).len();
    for _ in 0..2 {
        scene.owner().sync().await;
    }
    let exchanges = scene.relay.exchanges_of(device);
    let spaces = exchanges[before..]
        .iter()
        .flat_map(|one| &one.asked.request.spaces);
    let pushed = spaces.flat_map(|space| &space.push);
    let keys = pushed.filter(|record| record.claimed().kind == RecordKind::Keys);
    let size: usize = keys.map(|record| record.size()).sum();
    // A wrapped key and the document that it is of come to more than eighty bytes.
    let all = usize::from(RECORDS) * 80;
    assert!((1..all).contains(&size), "{size} bytes of keys");
}
