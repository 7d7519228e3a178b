//! Requests as such: signatures, clocks, nonces, and everything malformed (threats L3, L4; rule Q1).

use crate::{
    client::{Client, nonce, raw, send},
    person::{Device, Pen, Person},
    world::{World, pushed},
};
use daymark_relay::Registration;
use daymark_wire::{
    AccountId, DeviceId, SigningKey,
    authorization::{Authorization, Request},
    limits,
    problem::Code,
    sync::{PushOutcome, SyncReply},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use zeroize::Zeroizing;

#[tokio::test]
async fn l4_the_same_signed_request_is_done_once_also_after_a_restart() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let mut pen = Pen::new(&person.device, 1);
    let records = pen.write_many(&person, &person.device, 1);
    let (write, read) = (person.pushing(records), person.request());
    let mut signed = Vec::new();
    for request in [write.to_bytes(), read.to_bytes()] {
        let authorization = client.sign("POST", "/v1/sync", &request);
        let first = client.post_as(&authorization, "/v1/sync", &request).await;
        assert_eq!(first.status, 200);
        let again = client.post_as(&authorization, "/v1/sync", &request).await;
        assert_eq!(again.code(), Some(Code::Replayed));
        signed.push((authorization, request));
    }
    let world = world.restart(Registration::Open).await;
    let client = world.client(&person);
    for (authorization, request) in signed {
        let again = client.post_as(&authorization, "/v1/sync", &request).await;
        assert_eq!(again.code(), Some(Code::Replayed));
    }
}

#[tokio::test]
async fn k12_a_clock_that_is_off_is_given_the_relays_time() {
    let world = World::open().await;
    let person = world.person(1).await;
    let now = world.clock.now();
    let request = person.request().to_bytes();
    for (time, right) in [
        (now - limits::REQUEST_WINDOW_SECONDS, true),
        (now + limits::REQUEST_WINDOW_SECONDS, true),
        (now - limits::REQUEST_WINDOW_SECONDS - 1, false),
        (now + limits::REQUEST_WINDOW_SECONDS + 1, false),
        (0, false),
        (u64::MAX, false),
    ] {
        let client = Client {
            time,
            ..world.client(&person)
        };
        let answer = client.post("/v1/sync", &request).await;
        if right {
            assert_eq!(answer.status, 200);
        } else {
            assert_eq!(answer.code(), Some(Code::ClockSkew));
            assert_eq!(answer.json()["time"], now);
        }
    }
}

#[tokio::test]
async fn l4_a_request_signed_for_another_relay_path_body_or_by_another_is_refused() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let body = person.request().to_bytes();
    let other = SigningKey::from_seed(&Zeroizing::new([1; 32])).verifying_key();
    let right = Request {
        relay: &client.relay,
        method: "POST",
        path: "/v1/sync",
        body: &body,
    };
    let wrong = [
        Request {
            relay: &other,
            ..right
        },
        Request {
            method: "GET",
            ..right
        },
        Request {
            path: "/v1/live",
            ..right
        },
        Request { body: b"", ..right },
    ];
    let sign = |request: &Request<'_>, account, device: DeviceId, key| {
        Authorization::sign(request, account, device, client.time, nonce(), key)
    };
    let (device, stranger) = (&person.device, Device::new(8));
    let mut forged: Vec<_> = wrong
        .iter()
        .map(|request| sign(request, person.id(), device.id, &device.key))
        .collect();
    forged.push(sign(&right, person.id(), device.id, &stranger.key));
    forged.push(sign(&right, person.id(), stranger.id, &stranger.key));
    for authorization in forged {
        let answer = client.post_as(&authorization, "/v1/sync", &body).await;
        assert_eq!(answer.code(), Some(Code::Unauthorized));
    }
    let elsewhere = sign(
        &right,
        AccountId::from_bytes([1; 16]),
        device.id,
        &device.key,
    );
    let answer = client.post_as(&elsewhere, "/v1/sync", &body).await;
    assert_eq!(answer.code(), Some(Code::UnknownAccount));
    let right = sign(&right, person.id(), device.id, &device.key);
    assert_eq!(client.post_as(&right, "/v1/sync", &body).await.status, 200);
}

#[tokio::test]
async fn l4_headers_that_are_not_ours_are_refused_alike() {
    let world = World::open().await;
    let address = world.relay.address();
    for header in [
        "",
        "Daymark",
        "Daymark ",
        "Daymark AAAA",
        "Bearer AAAA",
        "Daymark ' OR 1=1 --",
        "Daymark \u{fffd}",
        "Basic YWRtaW46YWRtaW4=",
    ] {
        let answer = send(
            address,
            "POST",
            "/v1/sync",
            &[("authorization", header)],
            b"",
        )
        .await;
        assert_eq!(answer.code(), Some(Code::Unauthorized), "{header}");
    }
}

#[tokio::test]
async fn l3_bodies_that_cannot_be_read_are_refused_and_others_are_served() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let right = person.request().to_bytes();
    let mut bodies = vec![
        Vec::new(),
        vec![0xff; 100],
        vec![0x9f; 100_000],
        vec![0xbf; 10],
    ];
    bodies.push([right.as_slice(), b"more"].concat());
    // An array that claims four thousand million items.
    bodies.push(vec![0x84, 0x9a, 0xff, 0xff, 0xff, 0xff]);
    for cut in 0..right.len() {
        bodies.push(right[..cut].to_vec());
    }
    for body in bodies {
        let answer = client.post("/v1/sync", &body).await;
        assert_eq!(answer.code(), Some(Code::BadRequest));
    }
    assert_eq!(client.post("/v1/sync", &right).await.status, 200);
}

#[tokio::test]
async fn a5_a_flipped_bit_of_a_pushed_record_is_refused() {
    let world = World::open().await;
    let person = world.person(1).await;
    let client = world.client(&person);
    let mut pen = Pen::new(&person.device, 1);
    let record = pen.write(&person, &person.device, b"sealed");
    let bytes = record.to_bytes();
    let request = person.pushing(vec![record.clone()]).to_bytes();
    let at = request
        .windows(bytes.len())
        .position(|window| window == bytes)
        .unwrap();
    // One bit of every third byte: the rest is the same and the test stays quick.
    for index in (at..at + bytes.len()).step_by(3) {
        let mut flipped = request.clone();
        flipped[index] ^= 1 << (index % 8);
        let answer = client.post("/v1/sync", &flipped).await;
        if answer.status == 200 {
            let reply = SyncReply::from_bytes(&answer.body).unwrap();
            assert!(
                matches!(pushed(&reply), PushOutcome::Refused { .. }),
                "{index}"
            );
        } else {
            assert_eq!(answer.code(), Some(Code::BadRequest), "{index}");
        }
    }
    let reply = client.sync(&person.request()).await.unwrap();
    assert!(reply.spaces[0].records.is_empty());
}

#[tokio::test]
async fn l3_what_is_too_long_is_refused_before_it_is_read() {
    let world = World::open().await;
    let person = world.person(1).await;
    let address = world.relay.address();
    let head = |length: usize| {
        format!("POST /v1/sync HTTP/1.1\r\nhost: relay\r\ncontent-length: {length}\r\n")
    };
    let client = world.client(&person);
    let header = client.sign("POST", "/v1/sync", b"").to_header();
    let declared = head(limits::MAX_REQUEST_BYTES + 1);
    let request = format!("{declared}authorization: {header}\r\n\r\n");
    let answer = raw(address, request.as_bytes()).await;
    assert_eq!(answer.code(), Some(Code::TooLarge));

    let mut chunked = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: relay\r\ntransfer-encoding: chunked\r\nauthorization: {header}\r\n\r\n"
    )
    .into_bytes();
    let chunk = [b"100000\r\n".as_slice(), &vec![0; 0x10_0000], b"\r\n"].concat();
    for _ in 0..5 {
        chunked.extend_from_slice(&chunk);
    }
    let answer = raw(address, &chunked).await;
    assert_eq!(answer.code(), Some(Code::TooLarge));

    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000));
    let answer = raw(address, long.as_bytes()).await;
    assert!((400..500).contains(&answer.status));
    let many = "x: y\r\n".repeat(1000);
    let many = format!("GET /healthz HTTP/1.1\r\n{many}\r\n");
    let answer = raw(address, many.as_bytes()).await;
    assert!((400..500).contains(&answer.status));
    assert!(client.sync(&person.request()).await.is_ok());
}

#[tokio::test]
async fn l3_many_connections_that_say_nothing_do_not_keep_others_out() {
    let world = World::open().await;
    let person = world.person(1).await;
    let mut silent = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(world.relay.address()).await.unwrap();
        if n % 2 == 0 {
            stream
                .write_all(b"POST /v1/sync HTTP/1.1\r\ncontent-le")
                .await
                .unwrap();
        }
        silent.push(stream);
    }
    let client = world.client(&person);
    assert!(client.sync(&person.request()).await.is_ok());
}

#[tokio::test]
async fn l3_strangers_who_send_slowly_do_not_keep_out_who_is_in() {
    let world = World::open().await;
    let person = world.person(1).await;
    let stranger = Person::new(2);
    let header = world
        .client(&stranger)
        .sign("POST", "/v1/sync", b"")
        .to_header();
    let head = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: relay\r\ncontent-length: {}\r\nauthorization: {header}\r\n\r\n",
        limits::MAX_REQUEST_BYTES
    );
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(world.relay.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let client = world.client(&person);
    assert!(client.sync(&person.request()).await.is_ok());
}

#[tokio::test]
async fn l3_a_client_that_is_too_slow_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let clock = daymark_relay::Clock::standing_at(crate::world::START);
    let mut settings = crate::world::settings(&folder, &clock, Registration::Open);
    settings.bounds.head_timeout = std::time::Duration::from_millis(50);
    settings.bounds.body_timeout = std::time::Duration::from_millis(50);
    let relay = daymark_relay::Relay::start(settings).await.unwrap();
    let person = Person::new(1);
    let header = Client {
        address: relay.address(),
        relay: relay.key(),
        account: person.id(),
        device: person.device.id,
        key: &person.device.key,
        time: clock.now(),
    }
    .sign("POST", "/v1/sync", b"")
    .to_header();
    let slow = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: relay\r\ncontent-length: 100\r\nauthorization: {header}\r\n\r\nshort"
    );
    let answer = raw(relay.address(), slow.as_bytes()).await;
    assert_eq!(answer.code(), Some(Code::BadRequest));
    relay.stop().await.unwrap();
}

#[tokio::test]
async fn l4_other_paths_and_methods_are_not_found_whatever_they_say() {
    let world = World::open().await;
    let address = world.relay.address();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/v1/sync"),
        ("DELETE", "/v1/sync"),
        ("GET", "/v1/../relay.sqlite"),
        ("GET", "/v1/%2e%2e/relay.sqlite"),
        ("GET", "/relay.sqlite"),
        ("GET", "//v1/capabilities"),
        ("POST", "/v1/sync/'%20OR%201=1--"),
        ("GET", "/v1/capabilities%0d%0aset-cookie:%20a=b"),
    ] {
        let answer = send(address, method, path, &[], b"").await;
        assert_eq!(answer.code(), Some(Code::NotFound), "{method} {path}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn the_relay_says_what_it_is() {
    let world = World::open().await;
    let address = world.relay.address();
    let answer = send(address, "GET", "/v1/capabilities", &[], b"").await;
    let said = answer.json();
    assert_eq!(said["protocol"], 1);
    assert_eq!(said["suite"], 1);
    assert_eq!(said["registration"], "open");
    assert_eq!(said["generation"], world.relay.generation().to_string());
    assert_eq!(said["time"], world.clock.now());
    assert_eq!(said["relay_key"].as_str().unwrap().len(), 64);
    let answer = send(address, "GET", "/healthz", &[], b"").await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, b"ok".as_slice())
    );
}

#[tokio::test]
async fn i1_the_data_folder_is_its_owners_alone_and_serves_one_relay() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::open().await;
    world.person(1).await;
    let data = world.folder.path().join("data");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data.clone()), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
    let again = crate::world::settings(&world.folder, &world.clock, Registration::Open);
    let again = daymark_relay::Relay::start(again).await;
    let again = again.unwrap_err().to_string();
    assert!(again.contains("another relay"), "{again}");
}
