//! Appending: by compare-and-swap, all or nothing, resting on what is current (rules L1 to L6, L11).

use crate::{
    client::raw,
    person::{Device, Pen, Person},
    world::{World, pushed},
};
use daymark_wire::{
    Generation, Have, Signed, limits,
    logs::{AccountContent, Author, Home, MadeFor},
    problem::Code,
    sync::{AppendOutcome, KnownLength, PushOutcome, SyncRequest},
};

async fn append(world: &World, person: &Person, request: &SyncRequest) -> AppendOutcome {
    let reply = world.client(person).sync(request).await.unwrap();
    reply.append
}

#[tokio::test]
async fn a_link_is_appended_once_and_stands_when_it_comes_again() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let before = person.request();
    let links = person.add(&Device::new(2));
    let request = person.appending(links.clone());
    let request = SyncRequest {
        known: before.known.clone(),
        ..request
    };
    for _ in 0..2 {
        let reply = world.client(&person).sync(&request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::Appended);
        assert!(reply.links.is_empty());
    }
    let reply = world.client(&person).sync(&before).await.unwrap();
    assert_eq!(reply.links, links, "with the blobs beside them");
}

#[tokio::test]
async fn who_comes_second_is_told_and_given_what_came_first() {
    let world = World::open().await;
    let mut first = world.person(1).await;
    let mut second = Person::new(1);
    let known = first.known();
    let links = first.add(&Device::new(2));
    let request = first.appending(links.clone());
    assert_eq!(
        append(&world, &first, &request).await,
        AppendOutcome::Appended
    );

    let late = second.add(&Device::new(3));
    let request = SyncRequest {
        known,
        ..second.appending(late)
    };
    let reply = world.client(&second).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::NotNext);
    assert_eq!(reply.links, links);
}

#[tokio::test]
async fn several_links_stand_or_fall_together() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let known = person.known();
    let tablet = Device::new(2);
    let mut links = person.add(&tablet);
    // The second link's keys are not those that it names.
    links[1].blob = Some(b"other keys".to_vec());
    let request = SyncRequest {
        known: known.clone(),
        ..person.appending(links.clone())
    };
    let refused = append(&world, &person, &request).await;
    assert!(
        matches!(refused, AppendOutcome::Refused { index: 1, .. }),
        "{refused:?}"
    );
    let reply = world.client(&person).sync(&Person::new(1).request()).await;
    let reply = reply.unwrap();
    assert!(reply.links.is_empty(), "the first was not appended either");

    links[1].blob = None;
    let request = SyncRequest {
        known,
        ..person.appending(links)
    };
    let refused = append(&world, &person, &request).await;
    assert!(matches!(refused, AppendOutcome::Refused { index: 1, .. }));
}

#[tokio::test]
async fn b3_a_link_that_nobody_of_the_account_signed_is_refused() {
    let world = World::open().await;
    let person = world.person(1).await;
    let stranger = Device::new(7);
    let (content, blob) = person.epoch_content(Vec::new(), Have::new(), None);
    let mut body = person.journal_link(content).claimed().clone();
    body.author = Author::Device(stranger.id);
    let forged = Signed::sign(body.clone(), &stranger.key).to_travel(Some(blob.clone()));
    body.author = Author::Device(person.device.id);
    let altered = Signed::sign(body, &stranger.key).to_travel(Some(blob));
    for link in [forged, altered] {
        let refused = append(&world, &person, &person.appending(vec![link])).await;
        assert!(matches!(refused, AppendOutcome::Refused { index: 0, .. }));
    }
}

#[tokio::test]
async fn l6_an_epoch_must_know_every_record_that_the_relay_has() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 3);
    let reply = world.client(&person).sync(&person.pushing(records)).await;
    assert_eq!(pushed(&reply.unwrap()), &PushOutcome::Accepted);

    let (content, blob) = person.epoch_content(Vec::new(), Have::new(), Some(world.here()));
    let link = person.journal_link(content).to_travel(Some(blob));
    let reply = world
        .client(&person)
        .sync(&person.appending(vec![link]))
        .await;
    let reply = reply.unwrap();
    assert_eq!(reply.append, AppendOutcome::NotNext);
    assert_eq!(reply.spaces[0].records.len(), 3, "and they come along");

    let known = person.known();
    let link = person.epoch(pen.have(), Some(world.here()));
    let request = SyncRequest {
        known,
        ..person.appending(vec![link])
    };
    assert_eq!(
        append(&world, &person, &request).await,
        AppendOutcome::Appended
    );
}

#[tokio::test]
async fn l6_an_epoch_of_another_generation_is_offered_again_and_judged_by_its_place() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 1);
    world
        .client(&person)
        .sync(&person.pushing(records))
        .await
        .unwrap();
    let other = MadeFor {
        generation: Generation::from_bytes([1; 16]),
        ..world.here()
    };
    for made_for in [None, Some(other)] {
        let known = person.known();
        let link = person.epoch(Have::new(), made_for);
        let request = SyncRequest {
            known,
            ..person.appending(vec![link])
        };
        assert_eq!(
            append(&world, &person, &request).await,
            AppendOutcome::Appended
        );
    }
}

#[tokio::test]
async fn l3_a_journal_link_on_an_account_head_that_is_past_is_not_next() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let old = Person::new(1);
    let tablet = Device::new(2);
    let known = person.known();
    let add = person.add(&tablet).remove(0);
    let request = SyncRequest {
        known,
        ..person.appending(vec![add])
    };
    assert_eq!(
        append(&world, &person, &request).await,
        AppendOutcome::Appended
    );
    let (content, blob) = old.epoch_content(Vec::new(), Have::new(), Some(world.here()));
    let link = old.journal_link(content).to_travel(Some(blob));
    assert_eq!(
        append(&world, &old, &old.appending(vec![link])).await,
        AppendOutcome::NotNext
    );
}

#[tokio::test]
async fn i3_six_links_a_minute_and_a_log_offered_again_is_not_held_up() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    for n in 0..7 {
        let known = person.known();
        let link = person.rekey();
        let request = SyncRequest {
            known,
            ..person.appending(vec![link])
        };
        let reply = append(&world, &person, &request).await;
        match n {
            0..6 => assert_eq!(reply, AppendOutcome::Appended),
            _ => assert_eq!(reply, AppendOutcome::NotNow),
        }
    }
    world.clock.set(world.clock.now() + 60);
    let request = person.bringing(person.links.clone());
    assert_eq!(
        append(&world, &person, &request).await,
        AppendOutcome::Appended
    );
}

#[tokio::test]
async fn l11_an_account_log_that_devices_made_full_is_appended_to_by_root_alone() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let content = AccountContent::Move {
        home: Home {
            relay: world.relay.key(),
            url: "https://relay.example.org".to_owned(),
        },
    };
    while person.account.length() < limits::MAX_ACCOUNT_LINKS {
        let room = limits::MAX_ACCOUNT_LINKS - person.account.length();
        let known = person.known();
        let most = room.min(limits::MAX_LINKS_PER_SYNC as u64);
        let links = (0..most).map(|_| person.say_account(content.clone()));
        let brought = links.collect();
        let request = SyncRequest {
            known,
            ..person.appending(brought)
        };
        world.clock.set(world.clock.now() + 60);
        let appended = append(&world, &person, &request).await;
        assert_eq!(appended, AppendOutcome::Appended);
    }
    world.clock.set(world.clock.now() + 60);
    let by_device = person.account_link(content.clone()).to_travel(None);
    let root = Person::root(1);
    let by_root = person.account_link_by(Author::Root, &root, content);
    let request = person.appending(vec![by_device]);
    let refused = append(&world, &person, &request).await;
    assert!(
        matches!(refused, AppendOutcome::Refused { .. }),
        "{refused:?}"
    );
    let request = person.appending(vec![by_root.to_travel(None)]);
    let appended = append(&world, &person, &request).await;
    assert_eq!(appended, AppendOutcome::Appended);
}

#[tokio::test]
async fn l1_a_relay_that_is_behind_says_so_and_a_fork_is_shown_whole() {
    let world = World::open().await;
    let mut ahead = world.person(1).await;
    ahead.add(&Device::new(2));
    let reply = world.client(&ahead).sync(&ahead.request()).await.unwrap();
    let behind = [
        KnownLength {
            log: ahead.id().into(),
            length: 1,
        },
        KnownLength {
            log: ahead.space().into(),
            length: 2,
        },
    ];
    let mut shown = reply.behind.clone();
    shown.sort_by_key(|log| log.length);
    assert_eq!(shown, behind);

    let mut other = Person::new(1);
    let links = other.add(&Device::new(3));
    let request = other.bringing(links);
    assert_eq!(
        append(&world, &other, &request).await,
        AppendOutcome::Appended
    );
    let reply = world.client(&ahead).sync(&ahead.request()).await.unwrap();
    assert_eq!(reply.links.len(), other.links.len());
    assert!(reply.behind.is_empty());
}

#[tokio::test]
async fn i2_a_revoked_device_is_let_in_no_more() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let tablet = Device::new(2);
    let links = person.add(&tablet);
    append(&world, &person, &person.bringing(links)).await;
    let theirs = world.client_of(&person, &tablet);
    assert!(theirs.sync(&person.request()).await.is_ok());
    let links = vec![person.revoke(&tablet)];
    append(&world, &person, &person.bringing(links)).await;
    let refused = theirs.sync(&person.request()).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
    // Nor does it come in again with links of its own.
    let again = theirs.sync(&person.bringing(person.links.clone())).await;
    assert_eq!(again.unwrap_err(), Code::Unauthorized);
}

#[tokio::test]
async fn f3_older_wraps_go_with_the_first_rekey_of_a_newer_epoch() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let start = person.known();
    let epoch = person.epoch(Have::new(), Some(world.here()));
    let everything = person.bringing(vec![epoch]);
    append(&world, &person, &everything).await;
    let all = SyncRequest {
        known: Vec::new(),
        ..person.request()
    };
    let blobs = |links: &[daymark_wire::logs::TravelLink]| {
        links.iter().filter(|link| link.blob.is_some()).count()
    };
    let reply = world.client(&person).sync(&all).await.unwrap();
    assert_eq!(blobs(&reply.links), 2);
    let rekey = person.rekey();
    let request = SyncRequest {
        known: start,
        ..person.appending(vec![rekey])
    };
    append(&world, &person, &request).await;
    let reply = world.client(&person).sync(&all).await.unwrap();
    assert_eq!(blobs(&reply.links), 1);
    assert_eq!(reply.links.len(), 5);
}

#[tokio::test]
async fn l3_links_of_a_kind_that_this_relay_does_not_keep_are_refused() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut link = person.links[0].clone();
    link.kind = daymark_wire::logs::LogKind::Bond;
    let refused = append(&world, &person, &person.appending(vec![link])).await;
    assert!(matches!(refused, AppendOutcome::Refused { index: 0, .. }));
    let answer = raw(
        world.relay.address(),
        b"GET /healthz HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n",
    );
    assert_eq!(answer.await.status, 200);
}
