//! What stands at which address.
//!
//! | address | what |
//! | --- | --- |
//! | `POST /v1/sync` | one whole sync, signed |
//! | `GET /v1/live` | the same frames over a WebSocket, signed |
//! | `POST /v1/mailboxes/{id}` | pairing; signed by the trusted side |
//! | `GET /v1/invitations/{bond}` | the logs behind an invitation, for whoever holds it |
//! | `POST /v1/invitations/{bond}/answer` | a no to it |
//! | `GET /v1/capabilities` | what this relay is |
//! | `GET /healthz` | whether it answers |

mod about;
mod body;
mod connections;
mod invitations;
mod live;
mod mailbox;
mod respond;
mod signed;
mod sync;

pub(crate) use body::ROOM_UNIT;
pub(crate) use connections::Connections;

use crate::{problem::Problem, service::Service};
use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::{get, post},
};
use std::sync::Arc;

/// All addresses.
pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/v1/sync", post(sync::sync))
        .route("/v1/live", get(live::live))
        .route("/v1/mailboxes/{id}", post(mailbox::mailbox))
        .route("/v1/invitations/{bond}", get(invitations::show))
        .route("/v1/invitations/{bond}/answer", post(invitations::answer))
        .route("/v1/capabilities", get(about::capabilities))
        .route("/healthz", get(about::health))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(service)
}

async fn nothing_here(State(service): State<Arc<Service>>, request: Request) -> Response {
    let authorization = signed::authorization(request.headers());
    respond::problem(&service, authorization.as_ref(), &Problem::not_found())
}
