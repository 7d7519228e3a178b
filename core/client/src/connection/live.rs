//! The live socket: the same frames as one POST, and news at once (rule S3).

use super::{Relay, RelayError, tls};
use daymark_wire::{
    limits,
    sync::{ClientFrame, RelayFrame, SyncRequest},
};
use futures_util::{SinkExt, StreamExt};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::Instant};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::WebSocketConfig,
    },
};

/// To open the socket.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);

/// To hand a frame to the system. A line that takes nothing for so long is down.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// The relay sends a ping more often than this; silence means that the line is down.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(90);

/// One open live socket.
#[derive(Debug)]
pub struct LiveSocket {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    number: u64,
    /// When the relay last said anything.
    heard: Instant,
}

impl LiveSocket {
    /// Opens the socket with a signed request.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn open(relay: &Relay) -> Result<Self, RelayError> {
        let (mut url, authorization) = relay.sign_get("v1/live")?;
        let secure = url.scheme() == "https";
        url.set_scheme(if secure { "wss" } else { "ws" })
            .map_err(|()| RelayError::BadAddress)?;
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|_| RelayError::BadAddress)?;
        let header = HeaderValue::from_str(&authorization.to_header())
            .map_err(|_| RelayError::BadAddress)?;
        request.headers_mut().insert(AUTHORIZATION, header);
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits::MAX_REPLY_BYTES))
            .max_frame_size(Some(limits::MAX_REPLY_BYTES));
        let connector = if secure {
            Connector::Rustls(Arc::new(tls::config()?))
        } else {
            Connector::Plain
        };
        // Nagle's algorithm off: an edit is one small frame, and waits for nothing.
        let opening = connect_async_tls_with_config(request, Some(config), true, Some(connector));
        let (socket, _) = tokio::time::timeout(OPEN_TIMEOUT, opening)
            .await
            .map_err(|_| RelayError::Unreachable)?
            .map_err(refused)?;
        Ok(Self {
            socket,
            number: 0,
            heard: Instant::now(),
        })
    }

    /// Sends a sync; its reply comes from [`Self::next`] with the number given back here.
    ///
    /// # Errors
    /// [`RelayError::Closed`].
    pub async fn send(&mut self, request: SyncRequest) -> Result<u64, RelayError> {
        self.number += 1;
        let frame = ClientFrame::Sync {
            number: self.number,
            request,
        };
        let message = Message::Binary(frame.to_bytes().into());
        tokio::time::timeout(SEND_TIMEOUT, self.socket.send(message))
            .await
            .map_err(|_| RelayError::Closed)?
            .map_err(|_| RelayError::Closed)?;
        Ok(self.number)
    }

    /// The relay's next frame. Can be dropped while it waits: nothing is lost by that.
    ///
    /// # Errors
    /// [`RelayError::Closed`], [`RelayError::OtherProtocol`].
    pub async fn next(&mut self) -> Result<RelayFrame, RelayError> {
        loop {
            // Counted from the last message: whoever waits here may begin anew again and again.
            let silent = self.heard + SILENCE_TIMEOUT;
            let message = tokio::time::timeout_at(silent, self.socket.next())
                .await
                .map_err(|_| RelayError::Closed)?;
            self.heard = Instant::now();
            match message {
                Some(Ok(Message::Binary(bytes))) => {
                    return RelayFrame::from_bytes(&bytes).map_err(|_| RelayError::OtherProtocol);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(RelayError::Closed),
                Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                    return Err(RelayError::OtherProtocol);
                }
                Some(Err(_)) => return Err(RelayError::Closed),
            }
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // Whether the goodbye arrives changes nothing: the relay notices either way.
        let _ = tokio::time::timeout(SEND_TIMEOUT, self.socket.close(None)).await;
    }
}

fn refused(error: Error) -> RelayError {
    match error {
        Error::Http(_) => RelayError::OtherProtocol,
        _ => RelayError::Unreachable,
    }
}
