//! `POST /v1/mailboxes/{id}`. The id is a secret of the two devices: it is not logged.

use super::{
    body,
    respond::respond,
    signed::{self, Asked},
};
use crate::{
    mailbox::Asker,
    problem::Problem,
    service::{Service, stopped},
};
use axum::{
    extract::{Path, Request, State},
    http::request::Parts,
    response::Response,
};
use daymark_wire::{
    authorization::Authorization,
    limits,
    mailbox::{MailboxId, MailboxRequest},
    problem::Code,
};
use std::sync::Arc;

/// A request with the largest message, and room for what is around it.
const MAX_BYTES: usize = limits::MAX_MAILBOX_MESSAGE_BYTES + 128;

pub(super) async fn mailbox(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let authorization = signed::authorization(&parts.headers);
    let done = done(&service, &id, &parts, authorization.as_ref(), body).await;
    respond(&service, authorization.as_ref(), done)
}

async fn done(
    service: &Service,
    id: &str,
    parts: &Parts,
    authorization: Option<&Authorization>,
    body: axum::body::Body,
) -> Result<Vec<u8>, Problem> {
    let id = MailboxId::from_hex(id).ok_or_else(Problem::not_found)?;
    let body = body::read(service, &service.body_room, &parts.headers, body, MAX_BYTES).await?;
    let request = MailboxRequest::from_bytes(&body.bytes)
        .map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
    let asker = match (authorization, request.taker) {
        (Some(authorization), None) => {
            let asked = Asked {
                authorization,
                method: &parts.method,
                uri: &parts.uri,
            };
            let claim = asked.claim(service).await?;
            if !asked.verify(service, &claim, &body.bytes)? {
                return Err(Problem::unauthorized());
            }
            asked.take_nonce(service)?;
            Asker::Trusted(authorization.account)
        }
        (None, Some(taker)) => Asker::New(taker),
        _ => return Err(Problem::unauthorized()),
    };
    drop(body);
    let now = service.clock.now();
    let mut stopping = service.stopping.clone();
    tokio::select! {
        reply = service.mailboxes.ask(id, asker, &request, now) => Ok(reply?.to_bytes()),
        () = stopped(&mut stopping) => Err(Problem::unavailable()),
    }
}
