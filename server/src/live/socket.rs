//! One live socket: answers syncs, passes on news, pings, ends.

use super::hub::{FellBehind, Subscription};
use crate::{
    problem::Problem,
    service::{Service, stopped},
    store::StoreError,
    sync::{self, Caller},
};
use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, WebSocket},
};
use daymark_wire::{
    AccountId, SpaceId, limits,
    logs::Author,
    problem::Code,
    sync::{ClientFrame, RelayFrame},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep_until, timeout},
};

/// How long one message may take to be written: a client that does not read is let go.
const SEND: Duration = Duration::from_secs(30);

/// Pings without any sign of life after which a client is let go.
const SILENT_PINGS: u32 = 3;

/// A message beyond this leaves the socket with buffers of its size, in either direction, as long as it lives.
/// So when it falls quiet, such a socket is closed, and the client comes again with small ones.
const LARGE: usize = 16 * 1024;

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or is gone.
    Left,
    /// The client sent what is not a frame.
    Malformed,
    /// The device is no longer one of the account's.
    Revoked,
    /// It lived for as long as a socket may, or grew large.
    Old,
    /// It is slower than the news.
    FellBehind,
    /// The relay stops.
    Stopping,
    /// The store failed.
    Failed,
}

impl End {
    /// Close code (RFC 6455 section 7.4; from 4000 on our own) and reason.
    const fn frame(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Left => None,
            Self::Malformed => Some((1008, "malformed")),
            Self::Revoked => Some((4401, "unauthorized")),
            Self::Old => Some((1000, "sync again")),
            Self::FellBehind => Some((1013, "lagged")),
            Self::Stopping => Some((1001, "stopping")),
            Self::Failed => Some((1011, "internal")),
        }
    }
}

/// Serves one socket until it ends.
pub(crate) async fn serve(
    service: Arc<Service>,
    socket: WebSocket,
    account: AccountId,
    author: Author,
    news: Subscription,
    _room: OwnedSemaphorePermit,
) {
    let dies = service.clock.now().saturating_add(limits::LIVE_SECONDS);
    let mut live = Live {
        caller: Caller {
            account,
            author,
            origin: news.origin,
        },
        service,
        socket,
        watched: Vec::new(),
        dies,
        silent: 0,
        large: false,
        busy: false,
    };
    let end = live.run(news).await;
    tracing::debug!(?end, "a live socket ended");
    if let Some((code, reason)) = end.frame() {
        let close = CloseFrame {
            code,
            reason: reason.into(),
        };
        let _ = live.send(Message::Close(Some(close))).await;
    }
}

struct Live {
    service: Arc<Service>,
    socket: WebSocket,
    caller: Caller,
    /// The spaces that requests named, the latest last: one that names a space alone is deaf to no other.
    watched: Vec<SpaceId>,
    /// When the socket has lived long enough, in seconds since 1970.
    dies: u64,
    /// Pings since the client's last sign of life.
    silent: u32,
    /// Something large went through it.
    large: bool,
    /// Something went through it since the last ping.
    busy: bool,
}

impl Live {
    async fn run(&mut self, mut news: Subscription) -> End {
        let mut stopping = self.service.stopping.clone();
        let ping_every = self.service.bounds.ping_every;
        let mut ping_at = Instant::now() + ping_every;
        loop {
            let step = tokio::select! {
                message = self.socket.recv() => match message {
                    // Boxed: an idle socket does not hold room for a sync under way.
                    Some(Ok(message)) => Box::pin(self.heard(message)).await,
                    Some(Err(_)) | None => Err(End::Left),
                },
                news = news.next() => match news {
                    Ok(news) => Box::pin(self.tell(&news)).await,
                    Err(FellBehind) => Err(End::FellBehind),
                },
                () = sleep_until(ping_at) => {
                    ping_at = Instant::now() + ping_every;
                    self.ping().await
                }
                () = stopped(&mut stopping) => Err(End::Stopping),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// A message of the client.
    async fn heard(&mut self, message: Message) -> Result<(), End> {
        self.silent = 0;
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Left),
            Message::Text(_) => return Err(End::Malformed),
        };
        self.note(bytes.len());
        let frame = ClientFrame::from_bytes(&bytes).map_err(|_| End::Malformed)?;
        drop(bytes);
        let ClientFrame::Sync { number, request } = frame;
        self.watch(request.spaces.iter().map(|space| space.space));
        let reply = match sync::serve(&self.service, self.caller, request).await {
            Ok(reply) => RelayFrame::Reply { number, reply },
            Err(problem) if problem.code == Code::Unauthorized => return Err(End::Revoked),
            Err(Problem { code, detail, .. }) => RelayFrame::Problem {
                number,
                code: code.as_str().to_owned(),
                detail: detail.into_owned(),
            },
        };
        self.send_frame(reply.to_bytes().into()).await
    }

    /// As many spaces as one request may name.
    fn watch(&mut self, named: impl Iterator<Item = SpaceId>) {
        for space in named {
            self.watched.retain(|known| *known != space);
            self.watched.push(space);
        }
        let over = self
            .watched
            .len()
            .saturating_sub(limits::MAX_SPACES_PER_SYNC);
        self.watched.drain(..over);
    }

    /// News for this account. Whether the device is still a member is checked before each push.
    async fn tell(&mut self, news: &super::NewsOf) -> Result<(), End> {
        if news.account.key_of(self.caller.author).is_none() {
            return Err(End::Revoked);
        }
        let frames = news.frames(&self.watched, &self.service.store).await;
        let frames: Vec<Bytes> = frames.map_err(|error: StoreError| {
            tracing::error!(%error, "news could not be read");
            End::Failed
        })?;
        for frame in frames {
            self.send_frame(frame).await?;
        }
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), End> {
        let busy = std::mem::take(&mut self.busy);
        if self.service.clock.now() >= self.dies || (self.large && !busy) {
            return Err(End::Old);
        }
        if self.silent >= SILENT_PINGS {
            return Err(End::Left);
        }
        self.silent += 1;
        self.send(Message::Ping(Bytes::new())).await
    }

    fn note(&mut self, bytes: usize) {
        self.busy = true;
        self.large |= bytes > LARGE;
    }

    async fn send_frame(&mut self, frame: Bytes) -> Result<(), End> {
        self.note(frame.len());
        self.send(Message::Binary(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Left),
        }
    }
}
