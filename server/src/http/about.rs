//! What this relay is, for people, scripts and proxies.

use super::respond::{plain, problem};
use crate::service::Service;
use axum::{extract::State, http::StatusCode, response::Response};
use daymark_wire::{Suite, limits};
use serde::Serialize;
use std::sync::Arc;

/// The protocol's number.
const PROTOCOL: u8 = 1;

#[derive(Serialize)]
struct Capabilities {
    protocol: u8,
    suite: u8,
    relay_key: String,
    generation: String,
    registration: &'static str,
    limits: Limits,
    time: u64,
}

#[derive(Serialize)]
struct Limits {
    request_bytes: usize,
    reply_record_bytes: usize,
    record_bytes: usize,
    records_per_push: usize,
    links_per_sync: usize,
    links_per_minute: usize,
    spaces_per_sync: usize,
    request_window_seconds: u64,
    mailbox_seconds: u64,
    live_seconds: u64,
}

/// `GET /v1/capabilities`.
pub(super) async fn capabilities(State(service): State<Arc<Service>>) -> Response {
    let capabilities = Capabilities {
        protocol: PROTOCOL,
        suite: Suite::One.number(),
        relay_key: hex::encode(service.identity.public().as_bytes()),
        generation: service.identity.generation().to_string(),
        registration: service.registration.as_str(),
        limits: Limits {
            request_bytes: limits::MAX_REQUEST_BYTES,
            reply_record_bytes: limits::MAX_REPLY_RECORD_BYTES,
            record_bytes: limits::MAX_RECORD_BYTES,
            records_per_push: limits::MAX_RECORDS_PER_PUSH,
            links_per_sync: limits::MAX_LINKS_PER_SYNC,
            links_per_minute: limits::MAX_LINKS_PER_MINUTE,
            spaces_per_sync: limits::MAX_SPACES_PER_SYNC,
            request_window_seconds: limits::REQUEST_WINDOW_SECONDS,
            mailbox_seconds: limits::MAILBOX_SECONDS,
            live_seconds: limits::LIVE_SECONDS,
        },
        time: service.clock.now(),
    };
    let body = serde_json::to_vec(&capabilities).unwrap_or_default();
    plain(StatusCode::OK, "application/json", body)
}

/// `GET /healthz`: whether the database answers. Writes nothing.
pub(super) async fn health(State(service): State<Arc<Service>>) -> Response {
    match service.store.is_well().await {
        Ok(()) => plain(StatusCode::OK, "text/plain", b"ok".to_vec()),
        Err(error) => problem(&service, None, &error.into()),
    }
}
