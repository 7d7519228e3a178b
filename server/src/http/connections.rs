//! Connections: how many, how slow they may be, and how they end.

use crate::{service::stopped, settings::Bounds};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// A connection's buffer for heads and for what is written: hyper's least.
const BUFFER: usize = 8 * 1024;

/// Headers of a request. Ours have four; proxies add some.
const MAX_HEADERS: usize = 64;

/// Waits before accepting again when the system has no more sockets to give.
const NO_SOCKETS: Duration = Duration::from_millis(100);

/// How long requests under way may take when the relay stops.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Accepts connections and serves each on its own task.
#[derive(Debug)]
pub(crate) struct Connections {
    listener: TcpListener,
    router: Router,
    http: http1::Builder,
    room: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
    tasks: JoinSet<()>,
}

impl Connections {
    pub(crate) fn new(
        listener: TcpListener,
        router: Router,
        bounds: &Bounds,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(bounds.head_timeout)
            .max_buf_size(BUFFER)
            .max_headers(MAX_HEADERS)
            .half_close(false);
        Self {
            listener,
            router,
            http,
            room: Arc::new(Semaphore::new(bounds.connections)),
            stopping,
            tasks: JoinSet::new(),
        }
    }

    /// Accepts until the relay stops; then waits for the requests under way.
    pub(crate) async fn run(mut self) {
        while let Some((stream, room)) = self.next().await {
            let _ = stream.set_nodelay(true);
            let connection = serve(
                self.http.clone(),
                stream,
                self.router.clone(),
                self.stopping.clone(),
                room,
            );
            self.tasks.spawn(connection);
            while self.tasks.try_join_next().is_some() {}
        }
        drop(self.listener);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(LAST_REQUESTS, all).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "connections cut off");
            self.tasks.abort_all();
        }
    }

    async fn next(&mut self) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = stopped(&mut stopping) => None,
            accepted = accept(&self.listener, &self.room) => accepted,
        }
    }
}

/// The next connection, when there is room for it. `None` never, in practice: the room is not closed.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let room = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some((stream, room)),
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                sleep(NO_SOCKETS).await;
            }
        }
    }
}

async fn serve(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    _room: OwnedSemaphorePermit,
) {
    let service = TowerToHyperService::new(router);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection.with_upgrades());
    tokio::select! {
        ended = connection.as_mut() => return note(ended),
        () = stopped(&mut stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    note(connection.await);
}

/// A client that leaves in the middle is everyday.
fn note(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}
