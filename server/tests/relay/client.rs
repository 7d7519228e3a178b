//! HTTP by hand: one connection a request, nothing hidden.

use daymark_wire::{
    AccountId, DeviceId, Nonce, SigningKey, VerifyingKey,
    authorization::{Authorization, REPLY_HEADER, Request},
    problem::Code,
    sync::{SyncReply, SyncRequest},
};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The problem's code, if it is one.
    pub(crate) fn code(&self) -> Option<Code> {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        self.json()["code"].as_str()?.parse().ok()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends bytes as they are and reads one answer.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A relay may answer and close before all was sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    parse(&answer)
}

fn parse(answer: &[u8]) -> Answer {
    let split = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let split = split.unwrap_or_else(|| panic!("no answer, {} bytes", answer.len()));
    let head = std::str::from_utf8(&answer[..split]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    Answer {
        status: status.parse().unwrap(),
        headers: headers.collect(),
        body: answer[split + 4..].to_vec(),
    }
}

/// Sends a whole request and reads the answer.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    raw(address, &[head.as_bytes(), body].concat()).await
}

/// One device of one account, as one relay sees it.
pub(crate) struct Client<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) relay: VerifyingKey,
    pub(crate) account: AccountId,
    pub(crate) device: DeviceId,
    pub(crate) key: &'a SigningKey,
    pub(crate) time: u64,
}

static NONCES: AtomicU64 = AtomicU64::new(1);

pub(crate) fn nonce() -> Nonce {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&NONCES.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes[8..12].copy_from_slice(&std::process::id().to_be_bytes());
    Nonce::from_bytes(bytes)
}

impl Client<'_> {
    pub(crate) fn sign(&self, method: &str, path: &str, body: &[u8]) -> Authorization {
        let request = Request {
            relay: &self.relay,
            method,
            path,
            body,
        };
        Authorization::sign(
            &request,
            self.account,
            self.device,
            self.time,
            nonce(),
            self.key,
        )
    }

    /// Sends a signed request. The answer's own signature is checked, whatever it is.
    pub(crate) async fn post(&self, path: &str, body: &[u8]) -> Answer {
        let authorization = self.sign("POST", path, body);
        self.post_as(&authorization, path, body).await
    }

    pub(crate) async fn post_as(
        &self,
        authorization: &Authorization,
        path: &str,
        body: &[u8],
    ) -> Answer {
        let header = authorization.to_header();
        let answer = send(
            self.address,
            "POST",
            path,
            &[("authorization", &header)],
            body,
        )
        .await;
        let signature = answer.header(REPLY_HEADER).expect("a signed answer");
        authorization
            .verify_reply(answer.status, &answer.body, signature, &self.relay)
            .expect("the relay's signature");
        answer
    }

    /// A whole sync.
    pub(crate) async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Code> {
        let answer = self.post("/v1/sync", &request.to_bytes()).await;
        if answer.status == 200 {
            return Ok(SyncReply::from_bytes(&answer.body).unwrap());
        }
        Err(answer.code().unwrap())
    }
}
