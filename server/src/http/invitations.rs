//! `GET /v1/invitations/{bond}` and `POST /v1/invitations/{bond}/answer`: for whoever holds an invitation, with
//! or without an account. One that is absent, another's, answered or past its time gets one answer.

use super::{
    body,
    respond::{plain, respond},
};
use crate::{accounts::Bond, problem::Problem, service::Service, store::Budget, writer::Declining};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use daymark_wire::{
    Hash, SpaceId,
    invitation::{InvitationAnswer, InvitationReply, InvitationToken},
    limits,
    logs::LogKind,
    problem::Code,
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Bytes of links in an answer.
const LINK_BYTES: usize = limits::MAX_REPLY_BYTES / 2;

/// An invitation that is open, and the hash of its token.
struct Asked {
    bond: Arc<Bond>,
    token: Hash,
}

/// Links of one log in an answer: as many as an account log has at most, root's with them.
const MAX_LINKS: usize = 2 * limits::MAX_ACCOUNT_LINKS as usize;

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(bond): Path<String>,
    headers: HeaderMap,
) -> Response {
    respond(&service, None, shown(&service, &bond, &headers).await)
}

pub(super) async fn answer(
    State(service): State<Arc<Service>>,
    Path(bond): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match declined(&service, &bond, &parts.headers, body).await {
        Ok(()) => plain(StatusCode::OK, "application/cbor", Vec::new()),
        Err(problem) => respond(&service, None, Err(problem)),
    }
}

async fn shown(service: &Service, bond: &str, headers: &HeaderMap) -> Result<Vec<u8>, Problem> {
    let Asked { bond, .. } = asked(service, bond, headers).await?;
    let owner = service.accounts.load(bond.space.state.owner()).await?;
    let owner = owner.ok_or_else(Problem::not_found)?;
    let mut budget = Budget::new(LINK_BYTES);
    let mut reading = service.store.reading().await?;
    let reply = InvitationReply {
        owner: reading
            .links(owner.log, LogKind::Account, 0, MAX_LINKS, &mut budget)
            .await?,
        bond: reading
            .links(bond.space.row, LogKind::Bond, 0, 1, &mut budget)
            .await?,
    };
    Ok(reply.to_bytes())
}

async fn declined(
    service: &Service,
    bond: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<(), Problem> {
    // Looked at here, so that a wrong one does not make the writer work; judged there.
    let Asked { bond, token } = asked(service, bond, headers).await?;
    let room = &service.stranger_room;
    let body = body::read(service, room, headers, body, InvitationAnswer::MAX_BYTES).await?;
    let answer = InvitationAnswer::from_bytes(&body.bytes)
        .map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
    let (reply, done) = oneshot::channel();
    let declining = Declining {
        bond: bond.id(),
        token,
        declined: answer.declined,
        reply,
    };
    let sent = service.declines.send(declining).await;
    sent.map_err(|_| Problem::unavailable())?;
    match done.await.map_err(|_| Problem::unavailable())?? {
        true => Ok(()),
        false => Err(Problem::not_found()),
    }
}

/// The invitation that is asked about, where the right token is shown. Only what fails is counted: strangers who
/// ask about nothing keep nobody from accepting.
async fn asked(service: &Service, bond: &str, headers: &HeaderMap) -> Result<Asked, Problem> {
    if let Some((id, token)) = named(bond, headers)
        && let Some(bond) = open(service, id, token).await?
    {
        return Ok(Asked { bond, token });
    }
    if !service.knocks.allow(service.clock.now()) {
        return Err(Problem::new(
            Code::RateLimited,
            "Too many ask about invitations; try again in a minute.",
        ));
    }
    Err(Problem::not_found())
}

/// The bond and the token's hash.
fn named(bond: &str, headers: &HeaderMap) -> Option<(SpaceId, Hash)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = InvitationToken::from_header(value).ok()?;
    let mut id = [0; SpaceId::SIZE];
    hex::decode_to_slice(bond, &mut id).ok()?;
    Some((SpaceId::from_bytes(id), token.hash()))
}

async fn open(service: &Service, id: SpaceId, token: Hash) -> Result<Option<Arc<Bond>>, Problem> {
    let bond = service.accounts.load_bond(id).await?;
    let now = service.clock.now();
    Ok(bond.filter(|bond| bond.is_open_to(token, now)))
}
