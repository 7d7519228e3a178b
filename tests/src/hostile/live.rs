//! Live sockets: each is carried through to the real relay's, frame by frame, by the script.

use super::{
    Shared, lock,
    script::{Asked, Content},
    serve::{asked, authorization},
};
use axum::{
    extract::{
        FromRequestParts, Request, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::header,
    response::Response,
};
use daymark_wire::{
    DeviceId,
    authorization::Authorization,
    limits,
    sync::{ClientFrame, RelayFrame, SyncReply},
};
use futures_util::{SinkExt, StreamExt};
use std::{collections::BTreeMap, sync::Arc};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message as Upward, client::IntoClientRequest},
};

type RealSocket = WebSocketStream<TcpStream>;

pub(super) async fn live(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let authorization = authorization(&parts.headers).expect("every device signs");
    let header = parts.headers.get(header::AUTHORIZATION).cloned();
    let mut upward = format!("ws://{}/v1/live", shared.relay)
        .into_client_request()
        .expect("an address");
    upward
        .headers_mut()
        .extend(header.map(|value| (header::AUTHORIZATION, value)));
    let stream = TcpStream::connect(shared.relay)
        .await
        .expect("the real relay listens");
    let (real, _) = client_async(upward, stream)
        .await
        .expect("the real relay opens a socket");
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &shared).await;
    let upgrade = upgrade
        .expect("a device asks for a socket")
        .max_message_size(limits::MAX_REPLY_BYTES);
    upgrade.on_upgrade(move |device| carry(device, real, authorization, shared))
}

async fn carry(
    mut device: WebSocket,
    mut real: RealSocket,
    who: Authorization,
    shared: Arc<Shared>,
) {
    let mut told = shared.news.subscribe();
    let mut requests = BTreeMap::new();
    loop {
        let frames = tokio::select! {
            message = device.recv() => {
                let Some(Ok(Message::Binary(bytes))) = message else {
                    if matches!(message, Some(Ok(Message::Ping(_) | Message::Pong(_)))) {
                        continue;
                    }
                    return;
                };
                lock(&shared.seen).traffic.extend_from_slice(&bytes);
                let frame = ClientFrame::from_bytes(&bytes).expect("devices speak the protocol");
                let ClientFrame::Sync { number, request } = frame;
                let asked = asked(&who, true, request);
                let instead = lock(&shared.script).instead(&asked);
                match instead {
                    Some(answer) => frame_of(number, answer.body).into_iter().collect(),
                    None => {
                        requests.insert(number, asked);
                        if real.send(Upward::Binary(bytes)).await.is_err() {
                            return;
                        }
                        Vec::new()
                    }
                }
            }
            message = real.next() => {
                let Some(Ok(Upward::Binary(bytes))) = message else {
                    if matches!(message, Some(Ok(Upward::Ping(_) | Upward::Pong(_)))) {
                        continue;
                    }
                    return;
                };
                let frame = RelayFrame::from_bytes(&bytes).expect("the real relay speaks the protocol");
                alter(&shared, &mut requests, &who, frame)
            }
            told = told.recv() => match told {
                Ok((to, frame)) if Some(to) == device_of(&who) => vec![frame.to_bytes()],
                Ok(_) => continue,
                Err(_) => return,
            },
        };
        for frame in frames {
            lock(&shared.seen).traffic.extend_from_slice(&frame);
            if device.send(Message::Binary(frame.into())).await.is_err() {
                return;
            }
        }
    }
}

fn alter(
    shared: &Shared,
    requests: &mut BTreeMap<u64, Asked>,
    who: &Authorization,
    frame: RelayFrame,
) -> Vec<Vec<u8>> {
    let mut script = lock(&shared.script);
    match frame {
        RelayFrame::Reply { number, reply } => {
            let Some(asked) = requests.remove(&number) else {
                return Vec::new();
            };
            frame_of(number, script.sync(&asked, reply).body)
                .into_iter()
                .collect()
        }
        RelayFrame::News(news) => {
            let device = device_of(who).expect("no test asks as root");
            let news = script.news(device, news).into_iter();
            news.map(|news| RelayFrame::News(news).to_bytes()).collect()
        }
        problem @ RelayFrame::Problem { .. } => vec![problem.to_bytes()],
    }
}

/// A script's answer as a frame; any bytes go as they are.
fn frame_of(number: u64, body: Content) -> Option<Vec<u8>> {
    let Content::Whole(bytes) = body else {
        return None;
    };
    Some(match SyncReply::from_bytes(&bytes) {
        Ok(reply) => RelayFrame::Reply { number, reply }.to_bytes(),
        Err(_) => bytes,
    })
}

fn device_of(who: &Authorization) -> Option<DeviceId> {
    match who.author {
        daymark_wire::logs::Author::Device(device) => Some(device),
        daymark_wire::logs::Author::Root => None,
    }
}
