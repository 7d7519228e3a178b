//! `GET /v1/live`: a WebSocket, opened by a signed request.

use super::{
    respond::problem,
    signed::{self, Asked},
};
use crate::{
    live::{self, Subscription},
    problem::Problem,
    service::Service,
};
use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
    response::Response,
};
use daymark_wire::{
    authorization::{Authorization, REPLY_HEADER},
    limits,
    problem::Code,
};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What a socket's reading buffer begins with, and how much is read at once. Idle sockets keep it: with it an
/// idle socket takes about 8 KiB.
const READ_BUFFER: usize = 4 * 1024;

/// Bytes that may wait to be written: the largest reply, and news.
const MAX_WRITE_BUFFER: usize = limits::MAX_REPLY_BYTES + 1024 * 1024;

pub(super) async fn live(
    State(service): State<Arc<Service>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let authorization = signed::authorization(&headers);
    match admit(&service, &method, &uri, authorization.as_ref(), upgrade).await {
        Ok(admitted) => open(service, admitted),
        Err(refused) => problem(&service, authorization.as_ref(), &refused),
    }
}

/// A socket that may be opened, with its places.
struct Admitted {
    authorization: Authorization,
    upgrade: WebSocketUpgrade,
    news: Subscription,
    room: OwnedSemaphorePermit,
}

async fn admit(
    service: &Service,
    method: &Method,
    uri: &Uri,
    authorization: Option<&Authorization>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Admitted, Problem> {
    let authorization = authorization.ok_or_else(Problem::unauthorized)?;
    let asked = Asked {
        authorization,
        method,
        uri,
    };
    let claim = asked.claim(service).await?;
    if !asked.verify(service, &claim, &[])? {
        return Err(Problem::unauthorized());
    }
    let upgrade = upgrade
        .map_err(|_| Problem::new(Code::BadRequest, "This address takes WebSockets only."))?;
    asked.take_nonce(service)?;
    let room = Arc::clone(&service.live_room).try_acquire_owned();
    let room = room.map_err(|_| Problem::unavailable())?;
    let news = service.hub.listen(authorization.account);
    let news = news.ok_or_else(|| {
        Problem::new(
            Code::RateLimited,
            "This account has as many live sockets as it may; close one first.",
        )
    })?;
    Ok(Admitted {
        authorization: authorization.clone(),
        upgrade,
        news,
        room,
    })
}

fn open(service: Arc<Service>, admitted: Admitted) -> Response {
    let Admitted {
        authorization,
        upgrade,
        news,
        room,
    } = admitted;
    let status = StatusCode::SWITCHING_PROTOCOLS.as_u16();
    let signature = authorization.sign_reply(status, &[], service.identity.key());
    let (account, author) = (authorization.account, authorization.author);
    let mut response = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(limits::MAX_REQUEST_BYTES)
        .max_frame_size(limits::MAX_REQUEST_BYTES)
        .on_upgrade(move |socket| live::serve(service, socket, account, author, news, room));
    if let Ok(signature) = HeaderValue::try_from(signature) {
        response.headers_mut().insert(REPLY_HEADER, signature);
    }
    response
}
