//! News over the live socket (rule S3).

use crate::{
    client::Client,
    person::{Device, Pen},
    world::{START, World, pushed, settings},
};
use daymark_relay::{Clock, Registration, Relay};
use daymark_wire::{
    Have, limits,
    sync::{AppendOutcome, ClientFrame, News, PushOutcome, RelayFrame, SyncReply, SyncRequest},
};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// Nothing here takes this long; it only keeps a broken test from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Live(WebSocketStream<TcpStream>);

impl Live {
    pub(crate) async fn open(client: &Client<'_>) -> Self {
        let stream = TcpStream::connect(client.address).await.unwrap();
        let address = format!("ws://{}/v1/live", client.address);
        let mut request = address.into_client_request().unwrap();
        let authorization = client.sign("GET", "/v1/live", &[]);
        let header = authorization.to_header().parse().unwrap();
        request.headers_mut().insert("authorization", header);
        let (socket, response) = client_async(request, stream).await.unwrap();
        let signature = response.headers()["daymark-reply"].to_str().unwrap();
        authorization
            .verify_reply(101, &[], signature, &client.relay)
            .unwrap();
        Self(socket)
    }

    /// The status of a socket that is asked for: 101 where it is opened.
    async fn status(client: &Client<'_>) -> u16 {
        let stream = TcpStream::connect(client.address).await.unwrap();
        let address = format!("ws://{}/v1/live", client.address);
        let mut request = address.into_client_request().unwrap();
        let authorization = client.sign("GET", "/v1/live", &[]);
        let header = authorization.to_header().parse().unwrap();
        request.headers_mut().insert("authorization", header);
        match client_async(request, stream).await {
            Ok((_, response)) => response.status().as_u16(),
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn sync(&mut self, number: u64, request: SyncRequest) -> SyncReply {
        let frame = ClientFrame::Sync { number, request };
        self.0
            .send(Message::Binary(frame.to_bytes().into()))
            .await
            .unwrap();
        match self.frame().await {
            RelayFrame::Reply { number: of, reply } if of == number => reply,
            other => panic!("{other:?}"),
        }
    }

    async fn frame(&mut self) -> RelayFrame {
        match self.message().await {
            Some(Message::Binary(bytes)) => RelayFrame::from_bytes(&bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn news(&mut self) -> News {
        match self.frame().await {
            RelayFrame::News(news) => news,
            other => panic!("{other:?}"),
        }
    }

    async fn close(&mut self) -> CloseFrame {
        loop {
            match self.message().await {
                Some(Message::Close(Some(frame))) => return frame,
                Some(Message::Ping(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn message(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.0.next()).await;
        next.expect("the relay is silent").and_then(Result::ok)
    }
}

#[tokio::test]
async fn what_others_bring_is_shown_at_once_and_ones_own_is_not() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let tablet = Device::new(2);
    let links = person.add(&tablet);
    let client = world.client(&person);
    client.sync(&person.bringing(links)).await.unwrap();

    let mut phone = Live::open(&client).await;
    let mut other = Live::open(&world.client_of(&person, &tablet)).await;
    phone.sync(1, person.request()).await;
    other.sync(1, person.request()).await;

    let mut pen = Pen::new(&person.device, 1);
    let first = pen.write_many(&person, &person.device, 2);
    let reply = phone.sync(2, person.pushing(first.clone())).await;
    assert_eq!(pushed(&reply), &PushOutcome::Accepted);
    let news = other.news().await;
    assert_eq!(
        (news.space, news.records),
        (Some(person.space()), first.clone())
    );

    // Again: nothing new. Then one by a plain request, and a link: both sockets hear of these first.
    phone.sync(3, person.pushing(first)).await;
    let second = pen.write_many(&person, &person.device, 1);
    client.sync(&person.pushing(second.clone())).await.unwrap();
    assert_eq!(phone.news().await.records, second);
    assert_eq!(other.news().await.records, second);
    let known = person.known();
    let rekey = person.rekey();
    let request = SyncRequest {
        known,
        ..person.appending(vec![rekey.clone()])
    };
    world.client(&person).sync(&request).await.unwrap();
    let news = phone.news().await;
    assert_eq!((news.links, news.space), (vec![rekey], None));
}

#[tokio::test]
async fn only_watched_spaces_and_ones_own_account_are_heard_of() {
    let world = World::open().await;
    let (person, stranger) = (world.person(1).await, world.person(2).await);
    let mut nosy = Live::open(&world.client(&stranger)).await;
    let reply = nosy.sync(1, person.request()).await;
    assert!(reply.spaces[0].records.is_empty());
    let mut quiet = Live::open(&world.client(&person)).await;
    let mut request = person.request();
    request.spaces.clear();
    quiet.sync(1, request).await;

    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 1);
    let push = person.pushing(records);
    world.client(&person).sync(&push).await.unwrap();
    // Whatever was to come would have come before the answer.
    nosy.sync(2, stranger.request()).await;
    quiet.sync(2, person.request()).await;
}

#[tokio::test]
async fn a_request_that_names_no_space_leaves_those_before_heard_of() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut live = Live::open(&world.client(&person)).await;
    live.sync(1, person.request()).await;
    let mut request = person.request();
    request.spaces.clear();
    live.sync(2, request).await;
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 1);
    let push = person.pushing(records.clone());
    world.client(&person).sync(&push).await.unwrap();
    assert_eq!(live.news().await.records, records);
}

#[tokio::test]
async fn a_large_push_reaches_the_others_whole() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut live = Live::open(&world.client(&person)).await;
    live.sync(1, person.request()).await;
    let mut pen = Pen::new(&person.device, 1);
    let body = vec![1; 10_000];
    let records: Vec<_> = (0..100)
        .map(|_| pen.write(&person, &person.device, &body))
        .collect();
    let push = person.pushing(records.clone());
    world.client(&person).sync(&push).await.unwrap();
    assert_eq!(live.news().await.records, records);
}

#[tokio::test]
async fn i2_a_live_socket_closes_when_its_device_is_revoked() {
    let world = World::open().await;
    let mut person = world.person(1).await;
    let tablet = Device::new(2);
    let links = person.add(&tablet);
    let client = world.client(&person);
    client.sync(&person.bringing(links)).await.unwrap();
    let mut live = Live::open(&world.client_of(&person, &tablet)).await;
    live.sync(1, person.request()).await;

    let links = vec![person.revoke(&tablet)];
    let links = person.bringing(links);
    assert_eq!(
        world.client(&person).sync(&links).await.unwrap().append,
        AppendOutcome::Appended
    );
    let close = live.close().await;
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (4401, "unauthorized")
    );
}

#[tokio::test]
async fn l3_what_is_no_frame_ends_the_socket_and_nothing_else() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    for bad in [
        Message::Text("hello".into()),
        Message::Binary(vec![0xff; 64].into()),
    ] {
        let mut live = Live::open(&client).await;
        live.0.send(bad).await.unwrap();
        assert_eq!(u16::from(live.close().await.code), 1008);
    }
    let mut live = Live::open(&client).await;
    let huge = vec![0; limits::MAX_REQUEST_BYTES + 1];
    let _ = live.0.send(Message::Binary(huge.into())).await;
    assert!(!matches!(live.message().await, Some(Message::Binary(_))));
    assert!(client.sync(&person.request()).await.is_ok());
}

#[tokio::test]
async fn l3_one_account_takes_no_more_than_its_share_of_the_live_sockets() {
    let world = World::open().await;
    let (greedy, other) = (world.person(1).await, world.person(2).await);
    let client = world.client(&greedy);
    let mut open = Vec::new();
    for _ in 0..2 * limits::MAX_ACTIVE_DEVICES {
        open.push(Live::open(&client).await);
    }
    assert_eq!(Live::status(&client).await, 429);
    Live::open(&world.client(&other)).await;
    drop(open);
    // Those that went make room, as soon as the relay has heard of it.
    let room = async { while Live::status(&client).await == 429 {} };
    timeout(PATIENCE, room).await.unwrap();
}

#[tokio::test]
async fn a_stopping_relay_says_so_to_live_sockets() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut live = Live::open(&world.client(&person)).await;
    live.sync(1, person.request()).await;
    let (stopped, close) = tokio::join!(world.relay.stop(), live.close());
    stopped.unwrap();
    assert_eq!(u16::from(close.code), 1001);
}

#[tokio::test]
async fn l3_a_socket_lives_for_a_day_and_one_that_grew_large_comes_again_when_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(START);
    let mut settings = settings(&folder, &clock, Registration::Open);
    settings.bounds.ping_every = Duration::from_millis(50);
    let relay = Relay::start(settings).await.unwrap();
    let world = World {
        relay,
        clock,
        folder,
    };
    let person = world.person(1).await;
    let client = world.client(&person);

    let mut pen = Pen::new(&person.device, 1);
    let mut large = Live::open(&client).await;
    let record = pen.write(&person, &person.device, &[7; 20_000]);
    large.sync(1, person.pushing(vec![record])).await;
    let close = large.close().await;
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (1000, "sync again")
    );

    let mut small = Live::open(&client).await;
    let mut request = person.request();
    request.spaces[0].have = pen.have();
    small.sync(1, request).await;
    for _ in 0..5 {
        assert!(matches!(small.message().await, Some(Message::Ping(_))));
    }
    world.clock.set(START + limits::LIVE_SECONDS);
    assert_eq!(u16::from(small.close().await.code), 1000);
}

#[tokio::test]
async fn l3_who_does_not_read_is_let_go_and_misses_nothing() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let mut slow = Live::open(&client).await;
    slow.sync(1, person.request()).await;
    let mut pen = Pen::new(&person.device, 1);
    let body = vec![1; 60_000];
    let mut last = Have::new();
    // More than sockets and queue hold between them.
    for _ in 0..300 {
        let record = pen.write(&person, &person.device, &body);
        let mut push = person.pushing(vec![record]);
        push.spaces[0].have = std::mem::replace(&mut last, pen.have());
        client.sync(&push).await.unwrap();
    }
    let mut heard = 0;
    let close = loop {
        match slow.message().await {
            Some(Message::Binary(_)) => heard += 1,
            Some(Message::Close(Some(close))) => break close,
            other => panic!("{other:?} after {heard}"),
        }
    };
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (1013, "lagged")
    );
    assert!(heard < 300);
}
