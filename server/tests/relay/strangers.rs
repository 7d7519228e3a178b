//! Whom the relay does not know and who brings links along (threat L1): the one whose own *add* comes next on
//! the account log comes in; nobody else does, and all of them get the same answer.

use crate::{
    person::{Device, Pen, Person},
    world::{World, pushed},
};
use daymark_wire::{
    Hash, Signed,
    logs::{AccountContent, AccountLink, Author, LinkBody, TravelLink},
    problem::Code,
    sync::{AppendOutcome, PushOutcome, SyncRequest},
};

/// A person with a tablet of which the relay has not heard.
async fn older_relay() -> (World, Person, Device) {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let tablet = Device::new(2);
    person.add(&tablet);
    (world, person, tablet)
}

#[tokio::test]
async fn l1_a_device_comes_in_with_the_link_that_let_it_in_and_its_records_with_it() {
    let (world, person, tablet) = older_relay().await;
    let client = world.client_of(&person, &tablet);
    let unknown = client.sync(&person.request()).await;
    assert_eq!(unknown.unwrap_err(), Code::Unauthorized);
    let mut pen = Pen::new(&tablet, 1);
    let records = pen.write_many(&person, &tablet, 2);
    let request = SyncRequest {
        append: person.links.clone(),
        ..person.pushing(records)
    };
    for _ in 0..2 {
        let reply = client.sync(&request).await.unwrap();
        assert_eq!(reply.append, AppendOutcome::Appended);
        assert_eq!(pushed(&reply), &PushOutcome::Accepted);
    }
    assert!(client.sync(&person.request()).await.is_ok());
}

/// The next link of the account log in which somebody lets in a stranger.
fn add(person: &Person, author: &Device, new: &Device) -> AccountLink {
    let honest = person.account_link(AccountContent::Add {
        device: new.statement(person.id()),
    });
    let mut body = honest.claimed().clone();
    body.author = Author::Device(author.id);
    Signed::sign(body, &author.key)
}

/// The same link otherwise said, signed by the account's own device.
fn altered(
    person: &Person,
    new: &Device,
    alter: impl FnOnce(&mut LinkBody<AccountContent>),
) -> TravelLink {
    let mut body = add(person, &person.device, new).claimed().clone();
    alter(&mut body);
    Signed::sign(body, &person.device.key).to_travel(None)
}

#[tokio::test]
async fn l1_b3_a_stranger_does_not_come_in_with_links_that_do_not_chain() {
    let world = World::open().await;
    let person = world.person(1).await;
    let (stranger, other) = (Device::new(7), Person::new(9));
    let genesis = person.links[0].clone();
    let others_genesis = other.links[0].clone();
    let mut unsigned = add(&person, &person.device, &stranger).to_travel(None);
    unsigned.signature = add(&person, &stranger, &stranger).to_travel(None).signature;
    let attempts: Vec<(&str, Vec<TravelLink>)> = vec![
        ("nothing", Vec::new()),
        ("what stands already", person.links.clone()),
        (
            "let in by itself",
            vec![add(&person, &stranger, &stranger).to_travel(None)],
        ),
        ("a signature of its own", vec![unsigned]),
        (
            "after links that nobody has",
            vec![altered(&person, &stranger, |body| body.position += 1)],
        ),
        (
            "at a place that is taken",
            vec![altered(&person, &stranger, |body| body.position = 1)],
        ),
        (
            "after another link",
            vec![altered(&person, &stranger, |body| {
                body.previous = Hash::ZERO
            })],
        ),
        (
            "on another log",
            vec![altered(&person, &stranger, |body| {
                body.log = other.id().into()
            })],
        ),
        (
            "with a statement for another account",
            vec![altered(&person, &stranger, |body| {
                let device = stranger.statement(other.id());
                body.content = AccountContent::Add { device };
            })],
        ),
        (
            "another account's log",
            vec![
                others_genesis.clone(),
                add(&other, &other.device, &stranger).to_travel(None),
            ],
        ),
        (
            "another account's log after this one's",
            vec![
                genesis,
                others_genesis,
                add(&other, &other.device, &stranger).to_travel(None),
            ],
        ),
    ];
    let client = world.client_of(&person, &stranger);
    let mut answers = Vec::new();
    for (how, links) in attempts {
        let request = SyncRequest {
            append: links,
            ..person.request()
        };
        let answer = client.post("/v1/sync", &request.to_bytes()).await;
        assert_eq!(answer.code(), Some(Code::Unauthorized), "{how}");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "every answer is the same");
    nothing_changed(&world, &person).await;
}

#[tokio::test]
async fn l1_d3_the_link_that_lets_a_device_in_is_of_no_use_to_another() {
    let (world, person, tablet) = older_relay().await;
    let stranger = Device::new(7);
    let request = person.bringing(person.links.clone());
    // In its own name, and in that of the device whose link it is.
    let mut client = world.client_of(&person, &stranger);
    let refused = client.sync(&request).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
    client.device = tablet.id;
    let refused = client.sync(&request).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
    nothing_changed(&world, &Person::new(1)).await;
}

/// One link that is not right among those that are: none of them is taken.
#[tokio::test]
async fn l1_links_that_let_a_device_in_are_taken_all_or_none() {
    let (world, person, tablet) = older_relay().await;
    let mut links = person.links.clone();
    let last = links.last_mut().unwrap();
    last.blob = Some(b"other keys".to_vec());
    let client = world.client_of(&person, &tablet);
    let refused = client.sync(&person.bringing(links)).await;
    assert_eq!(refused.unwrap_err(), Code::Unauthorized);
    nothing_changed(&world, &Person::new(1)).await;
}

/// The account's own device is shown nothing that it does not know.
async fn nothing_changed(world: &World, person: &Person) {
    let reply = world.client(person).sync(&person.request()).await.unwrap();
    assert!(reply.links.is_empty() && reply.behind.is_empty());
}
