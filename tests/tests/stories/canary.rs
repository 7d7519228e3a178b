//! I1: words that a person wrote are nowhere but in their own vaults, sealed. Not at the relay, not in its
//! log, not on the line, not in temporary files; in no spelling.

mod spellings;

use crate::support::programs::{Program, RelayProgram, given, given_folder, program, say};
use daymark_client::connection::RelayAddress;
use daymark_core::{
    formats::jsonl,
    journal::{
        Area, ContentNote, Edit, Entry, ImportNote, Imported, Kind, Person, Prompt, Query,
        SourceName, Step, Tag, Text, Title,
    },
};
use daymark_relay::Clock;
use daymark_tests::world::{Device, Files, World, note};
use daymark_wire::VerifyingKey;
use spellings::Spellings;
use std::{collections::BTreeMap, fs};

/// Words that occur nowhere else. The last is the name of a device that is let in.
const WORDS: [&str; 14] = [
    "quxtextcanary",
    "quxeditedcanary",
    "quxtitlecanary",
    "quxtagcanary",
    "quxgonetagcanary",
    "quxareacanary",
    "quxpersoncanary",
    "quxpromptcanary",
    "quxanswercanary",
    "quxnotecanary",
    "quxkindcanary",
    "quxsourcecanary",
    "quxphonecanary",
    "quxlaptopcanary",
];

const PHONE: &str = "quxphonecanary";
const LAPTOP: &str = "quxlaptopcanary";

fn full() -> Entry {
    let answer = Text::parse("quxanswercanary").unwrap();
    Entry {
        kind: Kind::parse("quxkindcanary").unwrap(),
        title: Title::parse("quxtitlecanary").unwrap(),
        tags: ["quxtagcanary", "quxgonetagcanary"]
            .map(|tag| Tag::parse(tag).unwrap())
            .into(),
        areas: [Area::parse("quxareacanary").unwrap()].into(),
        people: [Person::parse("quxpersoncanary").unwrap()].into(),
        content_note: Some(ContentNote::parse("quxnotecanary").unwrap()),
        answers: BTreeMap::from([(Prompt::parse("quxpromptcanary").unwrap(), answer)]),
        imported: Some(Imported {
            from: SourceName::parse("quxsourcecanary").unwrap(),
            id: None,
            note: ImportNote::keep("quxsourcecanary"),
        }),
        ..note(&"quxtextcanary ".repeat(80))
    }
}

#[tokio::test]
async fn i1_no_word_is_anywhere_but_sealed_in_the_persons_own_vaults() {
    let mut world = World::with(daymark_relay::Registration::Open, Clock::system()).await;
    world.relay.stop().await;
    let (relay, log) = (
        world.relay_folder().to_owned(),
        world.vault_folder("relay.log"),
    );
    let vaults = world.vault_folder("");
    let temporary = world.vault_folder("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let serving = RelayProgram::serve(&relay, world.relay.address(), &log).await;

    // Everything that devices do happens in one program, whose temporary folder is its own.
    let address = world.relay_address();
    let key = hex::encode(address.key.as_bytes());
    let args = [vaults.to_str().unwrap(), address.url.as_str(), &key];
    let mut command = program("canary::a_person_writes", &args);
    command
        .env("TMPDIR", &temporary)
        .env("SQLITE_TMPDIR", &temporary);
    let mut writing = Program::start(command);
    assert_eq!(writing.said().await.as_deref(), Some("open"));

    let look = Spellings::of(&WORDS);
    let everywhere = |when: &str| {
        for folder in [&relay, &vaults] {
            let files = Files::of(folder);
            assert!(
                files.iter().count() > 1,
                "{when}: nothing in {}",
                folder.display()
            );
            for (name, content) in files.iter() {
                assert_eq!(
                    look.found_in(content),
                    None,
                    "{when}: in {}",
                    name.display()
                );
            }
        }
        let traffic = world.line().traffic();
        assert!(
            traffic.len() > 10_000,
            "{when}: {} bytes of traffic",
            traffic.len()
        );
        assert_eq!(look.found_in(&traffic), None, "{when}: on the line");
        let frames = world.line().connections();
        let frames: Vec<u8> = frames
            .iter()
            .flat_map(|one| one.frames_up())
            .flatten()
            .collect();
        assert!(
            frames.len() > 500,
            "{when}: {} bytes of live frames",
            frames.len()
        );
        assert_eq!(look.found_in(&frames), None, "{when}: in live frames");
    };
    everywhere("while vaults are open");
    writing.kill().await;
    everywhere("after the program was killed");
    serving.kill().await;
    everywhere("after the relay was killed");
    let said = fs::read_to_string(&log).unwrap();
    assert!(
        said.contains("TRACE") || said.contains("DEBUG"),
        "the log says little: {said}"
    );

    // The words are there for who has the passphrase, on both devices.
    for name in [PHONE, LAPTOP] {
        let device = Device::open(&vaults.join(name), name).await;
        let mut export = jsonl::Writer::new(Vec::new()).unwrap();
        for view in device.views().await {
            export.entry(&view).unwrap();
        }
        let export = export.finish().unwrap();
        let names = device.vault.device_names().await.unwrap();
        let names: Vec<u8> = names
            .into_values()
            .flat_map(|name| name.to_string().into_bytes())
            .collect();
        let plain = [export, names].concat();
        for word in WORDS {
            let found = Spellings::of(&[word]).found_in(&plain);
            assert_eq!(found, Some(word), "on {name}");
        }
    }
}

/// The search would find a word if there were one: in an export, in any spelling, in a folder.
#[test]
fn i1_the_search_finds_every_word_in_every_spelling() {
    let look = Spellings::of(&WORDS);
    assert_eq!(look.found_in(b"nothing of the kind, quxtextcanar"), None);
    for word in WORDS {
        for spelled in spellings::every_spelling(word) {
            let haystack = [b"before ".as_slice(), &spelled, b" after"].concat();
            let found = look.found_in(&haystack);
            assert_eq!(found, Some(word), "{}", String::from_utf8_lossy(&spelled));
        }
    }
}

#[tokio::test]
#[ignore = "another process of the story above"]
async fn a_person_writes() {
    let Some(args) = given() else { return };
    let vaults = given_folder(&args);
    let mut key = [0; 32];
    hex::decode_to_slice(&args[2], &mut key).unwrap();
    let address = RelayAddress {
        url: RelayAddress::parse_url(&args[1]).unwrap(),
        key: VerifyingKey::from_bytes(key).unwrap(),
    };
    let phone = Device::found(&vaults.join(PHONE), PHONE, Some((address, None))).await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(phone.vault.write(&full(), None).await.unwrap());
    }
    phone.sync().await;
    let laptop = phone.pair(&vaults.join(LAPTOP), LAPTOP).await;
    let edit: Edit = [
        Step::Text(
            Text::parse("quxtextcanary and quxeditedcanary")
                .unwrap()
                .into(),
        ),
        Step::RemoveTag(Tag::parse("quxgonetagcanary").unwrap()),
    ]
    .into_iter()
    .collect();
    for id in &ids {
        laptop.vault.edit(*id, &edit).await.unwrap();
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (connected, is_connected) = tokio::sync::oneshot::channel::<()>();
    let mut connected = Some(connected);
    let watched = phone.vault.watch(
        async {
            let _ = stopped.await;
        },
        |event| {
            let first = event == daymark_client::sync::WatchEvent::Connected;
            if let Some(connected) = connected.take_if(|_| first) {
                connected.send(()).unwrap();
            }
        },
        &|_| (),
    );
    let meanwhile = async {
        is_connected.await.unwrap();
        phone.vault.write(&full(), None).await.unwrap();
        while phone.vault.unsent().await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
    };
    let (watched, ()) = tokio::join!(watched, meanwhile);
    watched.unwrap();
    for device in [&laptop, &phone, &laptop] {
        device.sync().await;
        let found = device
            .vault
            .search(&Query::new().words("quxeditedcanary"))
            .await
            .unwrap();
        assert_eq!(found.len(), 30);
    }
    assert!(phone.vault.views().await.unwrap().len() == 31);
    say("open");
    std::future::pending::<()>().await;
}
