//! Asking the real relay: one request on a connection of its own.

use axum::http::HeaderValue;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The real relay's answer.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Passes a request on as it came.
pub(super) async fn ask(
    relay: SocketAddr,
    method: &str,
    path: &str,
    authorization: Option<&HeaderValue>,
    body: &[u8],
) -> Answered {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {relay}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if let Some(value) = authorization {
        let value = value.to_str().expect("an authorization is text");
        head.push_str(&format!("authorization: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(relay)
        .await
        .expect("the real relay listens");
    stream
        .write_all(head.as_bytes())
        .await
        .expect("the real relay hears the head");
    stream
        .write_all(body)
        .await
        .expect("the real relay hears the body");
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .await
        .expect("the real relay answers");
    read(&answer).expect("an answer of HTTP/1.1 with a status")
}

fn read(answer: &[u8]) -> Option<Answered> {
    let ends = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let (head, body) = answer.split_at(ends + 4);
    let head = std::str::from_utf8(head).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answered {
        status,
        body: body.to_vec(),
    })
}
