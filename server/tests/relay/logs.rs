//! What the relay writes to its log at the loudest, and to its disk (threats A4, I1; rule Q2).

use crate::{
    client::send,
    crash::Process,
    person::{Pen, Person},
};
use daymark_wire::mailbox::{MailboxId, MailboxMessage, MailboxRequest, Taker};

#[tokio::test]
async fn i1_a4_neither_log_nor_database_holds_bodies_headers_or_secret_names() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let person = Person::new(1);
    let relay = Process::serve(&data, "trace");
    let client = relay.client(&person);
    client.sync(&person.registration(None)).await.unwrap();
    let mut pen = Pen::new(&person.device, 1);
    let record = pen.write(&person, &person.device, b"canary-in-a-body");
    let body = person.pushing(vec![record]).to_bytes();
    let authorization = client.sign("POST", "/v1/sync", &body);
    client.post_as(&authorization, "/v1/sync", &body).await;

    let mailbox = MailboxId::from_bytes(*b"canary-mailbox-1");
    let path = format!("/v1/mailboxes/{}", mailbox.to_hex());
    let mut request = MailboxRequest {
        taker: None,
        say: Some(MailboxMessage {
            number: 0,
            sealed: b"canary-in-a-pairing".to_vec(),
        }),
        heard: 0,
        wait_ms: 0,
    };
    client.post(&path, &request.to_bytes()).await;
    request.taker = Some(Taker::from_bytes(*b"canary-the-taker"));
    let taken = send(relay.address(), "POST", &path, &[], &request.to_bytes()).await;
    assert_eq!(taken.status, 200);
    let log = relay.stop_and_read_log();
    assert!(log.contains("synced"), "the log is on");

    let header = authorization.to_header();
    let (_, token) = header.split_once(' ').unwrap();
    let account = person.id().to_string();
    for secret in [
        "canary",
        &mailbox.to_hex(),
        token,
        &account,
        &hex(b"canary"),
        "Authorization",
    ] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
    let files = std::fs::read_dir(&data).unwrap();
    let files = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    for file in files {
        for secret in [
            b"canary-mailbox".as_slice(),
            b"canary-in-a-pairing",
            b"canary-the-taker",
        ] {
            assert!(!file.windows(secret.len()).any(|window| window == secret));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
