//! Rows that went bad on the disk: what is damaged is left out, asked for, and taken again from whoever has it;
//! all else is served as ever (threats A5, L1, L2).

use crate::{
    crash::Process,
    person::{Pen, Person},
    records::{fetch, push, refusal},
    world::{PATIENCE, World},
};
use daymark_relay::Registration;
use daymark_wire::{
    Have, Record, Seq,
    sync::{PushOutcome, RecordRefusal, SpaceReply},
};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;
use tokio::time::timeout;

/// What a damaged row holds instead, and whether its body alone is damaged.
const DAMAGE: [(&str, bool); 5] = [
    ("head = x'00'", false),
    ("head = zeroblob(length(head))", false),
    // The last byte of the signature, and one in the middle of the header.
    (
        "head = CAST(substr(head, 1, length(head) - 1) || x'ff' AS BLOB)",
        false,
    ),
    (
        "head = CAST(substr(head, 1, 59) || x'5555' || substr(head, 62) AS BLOB)",
        false,
    ),
    ("body = x'5555'", true),
];

async fn database(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("relay.sqlite"));
    options.connect().await.unwrap()
}

/// Damages these places of the first chain.
async fn damage(data: &Path, how: &str, places: &[usize]) {
    let mut database = database(data).await;
    for seq in places {
        let statement = format!("UPDATE records SET {how} WHERE chain = 1 AND seq = {seq}");
        let done = sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut database)
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1);
    }
}

/// What a device that has everything is asked for, once the relay has taken note.
async fn wanted(world: &World, person: &Person, have: &Have) -> SpaceReply {
    let mut request = person.request();
    request.spaces[0].have = have.clone();
    let asked = async {
        loop {
            let mut reply = world.client(person).sync(&request).await.unwrap();
            let space = reply.spaces.remove(0);
            if !(space.want.is_empty() && space.behind.is_empty()) {
                return space;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, asked).await.expect("it is asked for")
}

/// Brings what the relay asks for, as a device that has it does.
async fn bring(world: &World, person: &Person, asked: &SpaceReply, all: &[Record]) {
    let is_behind = |record: &&Record| {
        let place = record.place();
        let behind = asked.behind.iter().find(|(chain, _)| *chain == place.chain);
        behind.is_some_and(|(_, last)| place.seq > last)
    };
    let is_wanted = |record: &&Record| asked.want.contains(&record.place());
    for part in [
        all.iter().filter(is_wanted).cloned().collect::<Vec<_>>(),
        all.iter().filter(is_behind).cloned().collect(),
    ] {
        if !part.is_empty() {
            assert_eq!(push(world, person, part).await.push, PushOutcome::Accepted);
        }
    }
}

async fn heals(how: &str, body_alone: bool, places: &[usize], restarted: bool) {
    let world = World::open().await;
    let person = world.person(1).await;
    let data = world.folder.path().join("data");
    let mut pens = [Pen::new(&person.device, 1), Pen::new(&person.device, 2)];
    let mut all = pens[0].write_many(&person, &person.device, 6);
    let other = pens[1].write_many(&person, &person.device, 2);
    all.extend(other);
    push(&world, &person, all.clone()).await;
    let world = if restarted {
        world.restart(Registration::Open).await
    } else {
        world
    };
    damage(&data, how, places).await;

    let why = format!("{how} at {places:?}, restarted: {restarted}");
    let is_damaged = |record: &Record| {
        let seq = usize::try_from(record.place().seq.0).unwrap();
        record.place().chain == pens[0].chain && places.contains(&seq)
    };
    let served: Vec<Record> = all
        .iter()
        .filter(|record| body_alone || !is_damaged(record))
        .map(|record| match is_damaged(record) {
            true => record.clone().into_stub(),
            false => record.clone(),
        })
        .collect();
    for _ in 0..2 {
        assert_eq!(fetch(&world, &person).await.records, served, "{why}");
    }
    let have: Have = pens
        .iter()
        .flat_map(|pen| pen.have().iter().collect::<Vec<_>>())
        .collect();
    while fetch(&world, &person).await.records != all {
        let asked = wanted(&world, &person, &have).await;
        bring(&world, &person, &asked, &all).await;
    }
    // The chain goes on, and a relay that starts anew is asked for nothing.
    all.insert(6, pens[0].write(&person, &person.device, b"the next"));
    let next = push(&world, &person, vec![all[6].clone()]).await;
    assert_eq!(next.push, PushOutcome::Accepted, "{why}");
    let world = world.restart(Registration::Open).await;
    let fetched = fetch(&world, &person).await;
    assert_eq!(fetched.records, all, "{why}");
    assert!(fetched.want.is_empty() && fetched.behind.is_empty());
}

#[tokio::test]
async fn l2_a_damaged_record_is_left_out_asked_for_and_taken_again() {
    for (how, body_alone) in DAMAGE {
        for places in [&[1][..], &[3], &[6], &[2, 3], &[2, 5, 6]] {
            for restarted in [false, true] {
                heals(how, body_alone, places, restarted).await;
            }
        }
    }
}

#[tokio::test]
async fn k7_another_record_does_not_take_the_place_of_a_damaged_one() {
    let world = World::open().await;
    let person = world.person(1).await;
    let data = world.folder.path().join("data");
    let mut pen = Pen::new(&person.device, 1);
    let mut records = pen.write_many(&person, &person.device, 2);
    let mut copy = pen.clone();
    records.extend(pen.write_many(&person, &person.device, 2));
    push(&world, &person, records.clone()).await;
    damage(&data, DAMAGE[0].0, &[3]).await;
    fetch(&world, &person).await;
    let asked = wanted(&world, &person, &pen.have()).await;
    assert_eq!(asked.want, [records[2].place()]);
    let forged = copy.write(&person, &person.device, b"another");
    let (place, why) = refusal(&world, &person, vec![forged]).await;
    assert_eq!((place.seq, why), (Seq(3), RecordRefusal::Forked));
    bring(&world, &person, &asked, &records).await;
    assert_eq!(fetch(&world, &person).await.records, records);
}

#[tokio::test]
async fn i1_the_log_names_the_place_of_a_damaged_record_and_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let person = Person::new(1);
    let relay = Process::serve(&data, "info");
    let client = relay.client(&person);
    client.sync(&person.registration(None)).await.unwrap();
    let mut pen = Pen::new(&person.device, 1);
    let record = pen.write(&person, &person.device, b"canary-in-a-body");
    client.sync(&person.pushing(vec![record])).await.unwrap();
    damage(&data, "body = x'5555'", &[1]).await;
    client.sync(&person.request()).await.unwrap();
    let log = relay.stop_and_read_log();
    let device = person.device.id.to_string();
    let line = log
        .lines()
        .find(|line| line.contains("a record is damaged"));
    let line = line.expect("it is named");
    assert!(
        line.contains("seq=1") && line.contains(&device[..8]),
        "{line}"
    );
    assert!(!log.contains("5555") && !log.contains("canary"));
    assert!(!log.contains(&device), "{log}");
}
