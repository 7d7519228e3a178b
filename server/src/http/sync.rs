//! `POST /v1/sync`.

use super::{
    body,
    respond::respond,
    signed::{self, Asked},
};
use crate::{
    live::Origin,
    problem::Problem,
    service::Service,
    short::Short,
    sync::{self, Caller},
};
use axum::{
    extract::{Request, State},
    http::request::Parts,
    response::Response,
};
use daymark_wire::{authorization::Authorization, limits, problem::Code, sync::SyncRequest};
use std::sync::Arc;

pub(super) async fn sync(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let authorization = signed::authorization(&parts.headers);
    let done = done(&service, &parts, authorization.as_ref(), body).await;
    respond(&service, authorization.as_ref(), done)
}

async fn done(
    service: &Service,
    parts: &Parts,
    authorization: Option<&Authorization>,
    body: axum::body::Body,
) -> Result<Vec<u8>, Problem> {
    let authorization = authorization.ok_or_else(Problem::unauthorized)?;
    let asked = Asked {
        authorization,
        method: &parts.method,
        uri: &parts.uri,
    };
    let claim = asked.claim(service).await?;
    let room = if claim.is_known() {
        &service.body_room
    } else {
        &service.stranger_room
    };
    let body = body::read(
        service,
        room,
        &parts.headers,
        body,
        limits::MAX_REQUEST_BYTES,
    )
    .await?;
    let verified = asked.verify(service, &claim, &body.bytes)?;
    let request = SyncRequest::from_bytes(&body.bytes).map_err(|error| bad_request(&error))?;
    if !verified {
        asked.verify_newcomer(service, &claim, &request.append, &body.bytes)?;
    }
    asked.take_nonce(service)?;
    drop(body);
    let caller = Caller {
        account: authorization.account,
        author: authorization.author,
        origin: Origin::REQUEST,
    };
    let (links, spaces) = (request.append.len(), request.spaces.len());
    let reply = sync::serve(service, caller, request).await?.to_bytes();
    let account = Short::of(authorization.account.as_bytes());
    tracing::debug!(%account, links, spaces, bytes = reply.len(), "synced");
    Ok(reply)
}

fn bad_request(error: &daymark_wire::DecodeError) -> Problem {
    Problem::new(Code::BadRequest, error.to_string())
}
