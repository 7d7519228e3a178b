//! The server that devices meet.

use super::{
    Exchange, Shared, live, lock,
    script::{Answer, Asked, Content, MailboxAsked, Signing},
    upstream,
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use daymark_wire::{
    authorization::{Authorization, REPLY_HEADER},
    limits,
    logs::Author,
    mailbox::{MailboxReply, MailboxRequest},
    sync::{SyncReply, SyncRequest},
};
use futures_util::stream;
use std::{convert::Infallible, sync::Arc};
use tokio::net::TcpListener;

/// A piece of an answer that never ends.
const PIECE: &[u8] = &[0; 64 * 1024];

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new()
        .route("/v1/sync", post(sync))
        .route("/v1/live", get(live::live))
        .route("/v1/capabilities", get(capabilities))
        .fallback(other)
        .with_state(shared);
    axum::serve(listener, router)
        .await
        .expect("the server runs until it is dropped");
}

/// Who signed a request.
pub(super) fn authorization(headers: &HeaderMap) -> Option<Authorization> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Authorization::from_header(value).ok()
}

/// What a device asks.
pub(super) fn asked(authorization: &Authorization, live: bool, request: SyncRequest) -> Asked {
    let Author::Device(device) = authorization.author else {
        panic!("no test asks as root");
    };
    Asked {
        account: authorization.account,
        device,
        live,
        request,
    }
}

async fn sync(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limits::MAX_REQUEST_BYTES)
        .await
        .expect("a body");
    let header = parts.headers.get(header::AUTHORIZATION);
    note(&shared, header, &body);
    let authorization = authorization(&parts.headers).expect("every device signs");
    let request = SyncRequest::from_bytes(&body).expect("devices speak the protocol");
    let asked = asked(&authorization, false, request);
    let instead = lock(&shared.script).instead(&asked);
    let answer = match instead {
        Some(answer) => answer,
        None => {
            let path = parts.uri.path();
            let told = upstream::ask(shared.relay, "POST", path, header, &body).await;
            match SyncReply::from_bytes(&told.body) {
                Ok(reply) if told.status == 200 => lock(&shared.script).sync(&asked, reply),
                // A refusal goes on as it is.
                _ => Answer::bytes(told.body).with_status(told.status),
            }
        }
    };
    let (body, signature) = sign(&shared, &authorization, &answer);
    let mut seen = lock(&shared.seen);
    seen.traffic.extend_from_slice(&body);
    let exchange = Exchange {
        asked,
        body: body.clone(),
        signature: signature.clone(),
    };
    seen.exchanges.push(exchange);
    drop(seen);
    respond(&answer, body, &signature)
}

async fn capabilities(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let told = upstream::ask(shared.relay, "GET", request.uri().path(), None, b"").await;
    let told = serde_json::from_slice(&told.body).expect("the real relay says what it is");
    let told = lock(&shared.script).capabilities(told).to_string();
    respond(&Answer::bytes(Vec::new()), told.into_bytes(), "")
}

/// Everything else: mailboxes, which a script may alter, and what everybody may read.
async fn other(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limits::MAX_REQUEST_BYTES)
        .await
        .expect("a body");
    let header = parts.headers.get(header::AUTHORIZATION);
    note(&shared, header, &body);
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    if method == "GET"
        && path.starts_with("/v1/invitations/")
        && let Some(body) = lock(&shared.script).invitation()
    {
        return respond(&Answer::bytes(Vec::new()), body, "");
    }
    let told = upstream::ask(shared.relay, method, path, header, &body).await;
    let authorization = authorization(&parts.headers);
    let asked = MailboxRequest::from_bytes(&body).map(|request| MailboxAsked {
        trusted: authorization.is_some(),
        request,
    });
    let body = match (asked, MailboxReply::from_bytes(&told.body)) {
        (Ok(asked), Ok(reply)) if told.status == 200 => {
            lock(&shared.script).mailbox(&asked, reply).to_bytes()
        }
        _ => told.body,
    };
    let answer = Answer::bytes(body).with_status(told.status);
    let (body, signature) = match &authorization {
        Some(authorization) => sign(&shared, authorization, &answer),
        None => (whole(&answer), String::new()),
    };
    lock(&shared.seen).traffic.extend_from_slice(&body);
    respond(&answer, body, &signature)
}

fn note(shared: &Shared, header: Option<&HeaderValue>, body: &Bytes) {
    let mut seen = lock(&shared.seen);
    seen.traffic
        .extend_from_slice(header.map_or(b"", HeaderValue::as_bytes));
    seen.traffic.extend_from_slice(body);
}

fn whole(answer: &Answer) -> Vec<u8> {
    match &answer.body {
        Content::Whole(body) => body.clone(),
        Content::Stalled | Content::Endless => Vec::new(),
    }
}

fn sign(shared: &Shared, to: &Authorization, answer: &Answer) -> (Vec<u8>, String) {
    let body = whole(answer);
    let signature = match &answer.signing {
        Signing::Rightly => to.sign_reply(answer.status, &body, &shared.key),
        Signing::By(key) => to.sign_reply(answer.status, &body, key),
        Signing::As(header) => header.clone(),
        Signing::Not => String::new(),
    };
    (body, signature)
}

fn respond(answer: &Answer, body: Vec<u8>, signature: &str) -> Response {
    let body = match answer.body {
        Content::Whole(_) => Body::from(body),
        Content::Stalled => Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
        Content::Endless => Body::from_stream(stream::repeat_with(|| {
            Ok::<_, Infallible>(Bytes::from_static(PIECE))
        })),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("a status");
    if !signature.is_empty() {
        let value = HeaderValue::from_str(signature).expect("a header's value");
        response.headers_mut().insert(REPLY_HEADER, value);
    }
    response
}
