//! Signed requests over HTTP (rule Q1). One POST is a whole sync.

use super::{RelayAddress, RelayError, address::is_protected, tls};
use crate::system::Clock;
use daymark_core::{
    keys::DeviceKey,
    random::{Purpose, Random},
};
use daymark_wire::{
    AccountId, Nonce, VerifyingKey,
    authorization::{Authorization, REPLY_HEADER, Request},
    limits,
    mailbox::{MailboxId, MailboxReply, MailboxRequest},
    problem::Code,
    sync::{SyncReply, SyncRequest},
};
use reqwest::{Client, Method, Response, StatusCode, header::AUTHORIZATION, redirect};
use serde::Deserialize;
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use url::Url;

/// To reach a relay at all. A phone on a weak line needs a few seconds for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Between two pieces of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A whole request: the largest reply over a slow line.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(180);

/// A problem's body is a sentence or two.
const MAX_PROBLEM_BYTES: usize = 16 * 1024;

/// Who asks.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The device's signing key.
    pub device: Arc<DeviceKey>,
}

/// One relay, as one device of one account speaks to it.
#[derive(Debug)]
pub struct Relay {
    client: Client,
    address: RelayAddress,
    identity: Identity,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    /// Seconds to add to this device's clock, learned from the relay (one retry, rule Q1).
    skew: AtomicI64,
}

/// What a relay says of itself to everyone.
#[derive(Debug, Clone, Deserialize)]
pub struct Capabilities {
    /// The protocol's version.
    pub protocol: u32,
    /// The relay's key, as hexadecimal digits.
    pub relay_key: String,
    /// `invite`, `open` or `closed`.
    pub registration: String,
}

/// `application/problem+json`.
#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
    time: Option<u64>,
}

impl Relay {
    /// A connection; nothing is sent yet.
    ///
    /// # Errors
    /// [`RelayError::Unreachable`] when TLS cannot be set up on this machine.
    pub fn new(
        address: RelayAddress,
        identity: Identity,
        clock: Arc<dyn Clock>,
        random: Arc<Random>,
    ) -> Result<Self, RelayError> {
        let client = http_client(&address.url)?;
        Ok(Self {
            client,
            address,
            identity,
            clock,
            random,
            skew: AtomicI64::new(0),
        })
    }

    /// The relay's address and key.
    #[must_use]
    pub const fn address(&self) -> &RelayAddress {
        &self.address
    }

    /// One whole sync.
    ///
    /// # Errors
    /// [`RelayError`]; what the request carried may or may not have arrived, and is sent again as it is.
    pub async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, RelayError> {
        let body = self
            .post("v1/sync", request.to_bytes(), limits::MAX_REPLY_BYTES)
            .await?;
        SyncReply::from_bytes(&body).map_err(|_| RelayError::OtherProtocol)
    }

    /// Speaks in a pairing mailbox as the trusted side.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn mailbox(
        &self,
        mailbox: MailboxId,
        request: &MailboxRequest,
    ) -> Result<MailboxReply, RelayError> {
        let path = format!("v1/mailboxes/{}", mailbox.to_hex());
        let body = self
            .post(&path, request.to_bytes(), limits::MAX_REPLY_BYTES)
            .await?;
        MailboxReply::from_bytes(&body).map_err(|_| RelayError::OtherProtocol)
    }

    /// A signed `GET` for the live socket: its header and its address.
    pub(super) fn sign_get(&self, path: &str) -> Result<(Url, Authorization), RelayError> {
        let url = self
            .address
            .url
            .join(path)
            .map_err(|_| RelayError::BadAddress)?;
        let authorization = self.sign("GET", &url, b"")?;
        Ok((url, authorization))
    }

    async fn post(&self, path: &str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, RelayError> {
        match self.post_once(path, body.clone(), limit).await {
            Err(RelayError::ClockOff { seconds }) if self.skew.load(Ordering::Relaxed) == 0 => {
                self.skew.store(-seconds, Ordering::Relaxed);
                self.post_once(path, body, limit).await
            }
            other => other,
        }
    }

    async fn post_once(
        &self,
        path: &str,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<u8>, RelayError> {
        let url = self
            .address
            .url
            .join(path)
            .map_err(|_| RelayError::BadAddress)?;
        let authorization = self.sign("POST", &url, &body)?;
        let response = self
            .client
            .request(Method::POST, url)
            .header(AUTHORIZATION, authorization.to_header())
            .body(body)
            .send()
            .await
            .map_err(|_| RelayError::Unreachable)?;
        let status = response.status();
        let signed = response
            .headers()
            .get(REPLY_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let limit = if status.is_success() {
            limit
        } else {
            MAX_PROBLEM_BYTES
        };
        let body = read_at_most(response, limit).await?;
        let proof = signed.ok_or_else(|| unsigned(status))?;
        authorization
            .verify_reply(status.as_u16(), &body, &proof, &self.address.key)
            .map_err(|_| RelayError::NotTheRelay)?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(self.refusal(&body))
        }
    }

    fn sign(&self, method: &str, url: &Url, body: &[u8]) -> Result<Authorization, RelayError> {
        let nonce: [u8; 16] = self
            .random
            .bytes(Purpose::Id)
            .map_err(|_| RelayError::NoRandomness)?;
        let request = Request {
            relay: &self.address.key,
            method,
            path: &self.path_at_relay(url),
            body,
        };
        Ok(Authorization::sign(
            &request,
            self.identity.account,
            self.identity.device.id(),
            self.time(),
            Nonce::from_bytes(nonce),
            self.identity.device.signing(),
        ))
    }

    /// The path as the relay itself sees it: without the prefix under which a proxy shows it.
    fn path_at_relay(&self, url: &Url) -> String {
        let prefix = self.address.url.path().trim_end_matches('/');
        let path = url
            .path()
            .strip_prefix(prefix)
            .unwrap_or_else(|| url.path());
        match url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }

    fn time(&self) -> u64 {
        let seconds = self.clock.now_ms() / 1000;
        seconds.saturating_add_signed(self.skew.load(Ordering::Relaxed))
    }

    fn refusal(&self, body: &[u8]) -> RelayError {
        let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
            return RelayError::OtherProtocol;
        };
        let Ok(code) = Code::from_str(&problem.code) else {
            return RelayError::OtherProtocol;
        };
        if let (Code::ClockSkew, Some(theirs)) = (code, problem.time) {
            let ours = i64::try_from(self.clock.now_ms() / 1000).unwrap_or(i64::MAX);
            let theirs = i64::try_from(theirs).unwrap_or(ours);
            return RelayError::ClockOff {
                seconds: ours.saturating_sub(theirs),
            };
        }
        RelayError::Refused {
            code,
            detail: problem.detail,
        }
    }
}

/// An answer that nobody signed: a proxy's, or a relay too busy to look at the request.
fn unsigned(status: StatusCode) -> RelayError {
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => RelayError::Unreachable,
        status if status.is_success() => RelayError::NotTheRelay,
        _ => RelayError::OtherProtocol,
    }
}

/// Asks a relay what it says of itself to everyone.
///
/// # Errors
/// [`RelayError`]; [`RelayError::KeyUnknown`] where the answer could be anybody's.
pub async fn capabilities(url: &Url) -> Result<(Capabilities, VerifyingKey), RelayError> {
    if !is_protected(url) {
        return Err(RelayError::KeyUnknown);
    }
    let response = http_client(url)?
        .get(
            url.join("v1/capabilities")
                .map_err(|_| RelayError::BadAddress)?,
        )
        .send()
        .await
        .map_err(|_| RelayError::Unreachable)?;
    let body = read_at_most(response, MAX_PROBLEM_BYTES).await?;
    let told: Capabilities =
        serde_json::from_slice(&body).map_err(|_| RelayError::OtherProtocol)?;
    let mut key = [0; 32];
    hex::decode_to_slice(&told.relay_key, &mut key).map_err(|_| RelayError::OtherProtocol)?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| RelayError::OtherProtocol)?;
    if told.protocol != 1 {
        return Err(RelayError::OtherProtocol);
    }
    Ok((told, key))
}

/// Speaks in a pairing mailbox as the new side, which has no account yet. Messages are sealed under the
/// pairing's secret, so an answer needs no signature of the relay.
///
/// # Errors
/// [`RelayError`].
pub async fn mailbox_as_new(
    url: &Url,
    mailbox: MailboxId,
    request: &MailboxRequest,
) -> Result<MailboxReply, RelayError> {
    let path = format!("v1/mailboxes/{}", mailbox.to_hex());
    let response = http_client(url)?
        .post(url.join(&path).map_err(|_| RelayError::BadAddress)?)
        .body(request.to_bytes())
        .send()
        .await
        .map_err(|_| RelayError::Unreachable)?;
    let body = unsigned_answer(response).await?;
    MailboxReply::from_bytes(&body).map_err(|_| RelayError::OtherProtocol)
}

/// The body of an answer that needs no signature.
pub(super) async fn unsigned_answer(response: Response) -> Result<Vec<u8>, RelayError> {
    let status = response.status();
    let body = read_at_most(response, limits::MAX_REPLY_BYTES).await?;
    if status.is_success() {
        return Ok(body);
    }
    let problem: Problem = serde_json::from_slice(&body).map_err(|_| unsigned(status))?;
    let code = Code::from_str(&problem.code).map_err(|_| RelayError::OtherProtocol)?;
    Err(RelayError::Refused {
        code,
        detail: problem.detail,
    })
}

pub(super) fn http_client(url: &Url) -> Result<Client, RelayError> {
    let builder = Client::builder()
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("daymark/", env!("CARGO_PKG_VERSION")));
    let builder = if url.scheme() == "https" {
        builder.tls_backend_preconfigured(tls::config()?)
    } else {
        builder.tls_backend_preconfigured(tls::without_roots()?)
    };
    builder.build().map_err(|_| RelayError::Unreachable)
}

async fn read_at_most(mut response: Response, limit: usize) -> Result<Vec<u8>, RelayError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| RelayError::Unreachable)?
    {
        if body.len() + chunk.len() > limit {
            return Err(RelayError::OtherProtocol);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
