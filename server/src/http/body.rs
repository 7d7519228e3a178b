//! Reading bodies: never longer than allowed, never slower, never too many at once (threat L3).

use crate::{problem::Problem, service::Service};
use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use daymark_wire::problem::Code;
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Bytes of one unit of room.
pub(crate) const ROOM_UNIT: usize = 1024;

/// A body with its share of the room for bodies.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// Reads a body of at most `limit` bytes, when `room` has that much left.
pub(super) async fn read(
    service: &Service,
    room: &Arc<Semaphore>,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Held, Problem> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let reading = async {
        let units = declared.unwrap_or(limit).div_ceil(ROOM_UNIT);
        let units = u32::try_from(units).map_err(|_| too_large())?;
        let room = Arc::clone(room).acquire_many_owned(units).await;
        let room = room.map_err(|_| Problem::unavailable())?;
        let bytes = collect(body, declared.unwrap_or(0), limit).await?;
        Ok(Held { bytes, _room: room })
    };
    let read = timeout(service.bounds.body_timeout, reading).await;
    read.map_err(|_| cut_short())?
}

async fn collect(body: Body, expected: usize, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(expected);
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| cut_short())?;
        if bytes.len() + part.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    Problem::new(
        Code::TooLarge,
        "The body is longer than the protocol allows.",
    )
}

fn cut_short() -> Problem {
    Problem::new(
        Code::BadRequest,
        "The body did not arrive whole and in time.",
    )
}
