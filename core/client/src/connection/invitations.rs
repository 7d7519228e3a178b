//! What somebody who holds an invitation asks a relay, with or without an account there.

use super::{
    RelayError,
    http::{http_client, unsigned_answer},
};
use daymark_wire::{
    SpaceId,
    invitation::{InvitationAnswer, InvitationReply, InvitationToken},
};
use reqwest::{Method, header::AUTHORIZATION};
use url::Url;

/// Asks a relay for an invitation, as somebody who holds it and need not have an account. What it shows is folded
/// and checked against the invitation, so an answer needs no signature of the relay.
///
/// # Errors
/// [`RelayError`]; refused as *not found* whatever is wrong with the invitation.
pub async fn invitation(
    url: &Url,
    bond: SpaceId,
    token: &InvitationToken,
) -> Result<InvitationReply, RelayError> {
    let path = format!("v1/invitations/{bond}");
    let body = ask_with(url, Method::GET, &path, token, Vec::new()).await?;
    InvitationReply::from_bytes(&body).map_err(|_| RelayError::OtherProtocol)
}

/// Leaves the answer of somebody who declines at a relay.
///
/// # Errors
/// As [`invitation`].
pub async fn answer_invitation(
    url: &Url,
    bond: SpaceId,
    token: &InvitationToken,
    answer: &InvitationAnswer,
) -> Result<(), RelayError> {
    let path = format!("v1/invitations/{bond}/answer");
    ask_with(url, Method::POST, &path, token, answer.to_bytes()).await?;
    Ok(())
}

/// A request that an invitation's token speaks for.
async fn ask_with(
    url: &Url,
    method: Method,
    path: &str,
    token: &InvitationToken,
    body: Vec<u8>,
) -> Result<Vec<u8>, RelayError> {
    let response = http_client(url)?
        .request(method, url.join(path).map_err(|_| RelayError::BadAddress)?)
        .header(AUTHORIZATION, token.to_header())
        .body(body)
        .send()
        .await
        .map_err(|_| RelayError::Unreachable)?;
    unsigned_answer(response).await
}
