//! What an operator decides.

use crate::clock::Clock;
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// Where a relay listens if nobody says otherwise: this machine only, for a reverse proxy.
pub const DEFAULT_PORT: u16 = 8490;

/// Bytes of records and links that an account may keep, unless the operator says otherwise: a journal of many years.
pub const DEFAULT_QUOTA: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes of records and links that an account may keep that came with an invitation to a bond: replies of years.
pub const GUEST_QUOTA: u64 = 64 * 1024 * 1024;

/// Bytes of links that an account may keep beyond its quota: enough to forget, to revoke and to begin epochs
/// when records have used everything up.
pub(crate) const LINK_RESERVE: u64 = 1024 * 1024;

/// Who may register an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Whoever has an invite that the operator made.
    #[default]
    Invite,
    /// Anybody.
    Open,
    /// Nobody.
    Closed,
}

impl Registration {
    /// The word for it, as in settings and capabilities.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Everything that a relay is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder with the database; made if it is not there.
    pub data: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may register.
    pub registration: Registration,
    /// Bytes of records and links that one account may keep. An account that came with an invitation to a bond may keep
    /// [`GUEST_QUOTA`] at most.
    pub quota: u64,
    /// The time.
    pub clock: Clock,
    /// How much one relay takes on at once.
    pub bounds: Bounds,
}

impl Settings {
    /// The defaults, for a data folder.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            registration: Registration::default(),
            quota: DEFAULT_QUOTA,
            clock: Clock::system(),
            bounds: Bounds::default(),
        }
    }
}

/// How much one relay takes on at once, so that a flood is refused instead of filling memory (threat L3).
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections that carry requests. Beyond them new ones wait to be accepted.
    pub connections: usize,
    /// Live sockets.
    pub live_sockets: usize,
    /// Bytes of request bodies that are being read or worked on, all together, of devices that are known.
    pub body_bytes: usize,
    /// The same for strangers, who register: they cannot keep those out who are in.
    pub stranger_body_bytes: usize,
    /// How long a client may take to send a request's head; also how long an idle connection is kept.
    pub head_timeout: Duration,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// How often a live socket is pinged; one that is silent for three times as long is closed.
    pub ping_every: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 1024,
            live_sockets: 20_000,
            body_bytes: 64 * 1024 * 1024,
            stranger_body_bytes: 16 * 1024 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            ping_every: Duration::from_secs(40),
        }
    }
}
