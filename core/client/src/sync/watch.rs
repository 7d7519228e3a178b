//! Staying in touch: a live socket, this vault's own changes sent at once, other devices' shown at once.

use super::{
    Driver, Line, OnProgress, SyncError, SyncReport,
    bonds::MAX_ROUNDS,
    driver::{Counts, Told},
    notes::Notes,
    once::not_taken,
    status::SyncedNow,
    storing::Settled,
};
use crate::{
    connection::{LiveSocket, RelayError},
    vault::Vault,
};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use daymark_core::{
    random::{NoRandomness, Purpose},
    sync::Outcome,
};
use daymark_wire::{
    Record, limits,
    logs::TravelLink,
    problem::Code,
    sync::{News, RelayFrame, SyncReply, SyncRequest},
};
use std::{
    collections::VecDeque,
    future::Future,
    str::FromStr,
    time::{Duration, Instant},
};

/// How often the vault is looked at for changes that another program wrote. Asking costs a few
/// microseconds; a person does not notice a twentieth of a second.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// After a lost connection: soon at first, then less and less often, with jitter, so that a relay that
/// comes back is not met by everyone at once.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(60);

/// Until the answer to a request over the live socket, as to one by POST. Pings alone keep nobody waiting.
const REPLY_TIMEOUT: Duration = Duration::from_secs(180);

/// News kept while an answer is awaited: as much as one answer may hold.
const MAX_NEWS_BYTES: usize = limits::MAX_REPLY_BYTES;

/// What [`Vault::watch`] tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// Connected, and everything exchanged that there was.
    Connected,
    /// Something was sent, received or merged, or a bond stands otherwise than before.
    Synced(SyncReport),
    /// The connection is lost; it is tried again by itself after this time.
    Disconnected {
        /// Why.
        why: RelayError,
        /// When it is tried again.
        again_in: Duration,
    },
}

impl Vault {
    /// Keeps this vault and its relay in step until `stop` is ready. Being offline is not an error, nor is an answer
    /// that is not the relay's: it tries again by itself.
    ///
    /// # Errors
    /// [`SyncError`] when it cannot go on: no relay, a damaged vault, an account that the relay refuses.
    pub async fn watch(
        &self,
        stop: impl Future<Output = ()>,
        mut tell: impl FnMut(WatchEvent),
        progress: OnProgress<'_>,
    ) -> Result<(), SyncError> {
        let _lock = self.lock_to_sync()?;
        tokio::pin!(stop);
        let mut backoff = self.retries()?;
        loop {
            let mut connected = false;
            let mut notes = Notes::default();
            let session = self.session(&mut connected, &mut notes, &mut tell, progress);
            let ended = tokio::select! {
                () = &mut stop => None,
                ended = session => Some(ended),
            };
            let noted = self.note_end(notes, ended.as_ref()).await;
            if connected {
                backoff = self.retries()?;
            }
            let why = match ended {
                None => return noted,
                Some(Ok(()) | Err(SyncError::MachineGone)) => RelayError::Closed,
                Some(Err(SyncError::Relay(error))) if passes(&error) => error,
                Some(Err(error)) => return Err(error),
            };
            noted?;
            let again_in = backoff.next().unwrap_or(RETRY_LAST);
            tell(WatchEvent::Disconnected { why, again_in });
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep(again_in) => {}
            }
        }
    }

    /// Notes what a connection that ended left unsaid, and why it ended where it was not asked to.
    async fn note_end(
        &self,
        notes: Notes,
        ended: Option<&Result<(), SyncError>>,
    ) -> Result<(), SyncError> {
        if let Some(synced) = notes.unsaid() {
            self.note_sync(&Ok(synced.clone())).await?;
        }
        if let Some(Err(error)) = ended {
            self.note_sync(&Err(error.into())).await?;
        }
        Ok(())
    }

    /// How long to wait before each try. Random, so that devices that lost a relay at the same moment do not
    /// come back at the same moment.
    fn retries(&self) -> Result<ExponentialBackoff, NoRandomness> {
        let seed = self.random().bytes(Purpose::Id)?;
        Ok(ExponentialBuilder::new()
            .with_min_delay(RETRY_FIRST)
            .with_max_delay(RETRY_LAST)
            .with_factor(2.0)
            .with_jitter()
            .with_jitter_seed(u64::from_le_bytes(seed))
            .without_max_times()
            .build())
    }

    /// One connection's life.
    async fn session(
        &self,
        connected: &mut bool,
        notes: &mut Notes,
        tell: &mut impl FnMut(WatchEvent),
        progress: OnProgress<'_>,
    ) -> Result<(), SyncError> {
        self.bring_answers_first().await?;
        let relay = self.connect().await?;
        let mut driver = Driver::load(self, progress).await?;
        // The first sync goes by POST: it registers where needed, and its answer is signed.
        let append = self.links_to_bring(&driver, Vec::new()).await?;
        let outcome = driver.run(Told::Started { append }, &mut &relay).await?;
        let mut session = Session {
            vault: self,
            driver,
            notes,
            unsaid: false,
        };
        let report = session.settle(&outcome, Counts::default()).await?;
        session.note(&report, &outcome).await?;
        let mut line = LiveLine::new(LiveSocket::open(&relay).await?);
        tell(WatchEvent::Synced(report));
        // Asked before the exchange: what is written while it is under way waits for the next.
        let _token = self.live().begin();
        let mut written = self.live().written();
        self.changed_elsewhere().await?;
        session
            .exchange(Told::Started { append: Vec::new() }, &mut line, tell)
            .await?;
        *connected = true;
        tell(WatchEvent::Connected);
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            let told = match line.take() {
                Some(news) => Told::News(Box::new(news)),
                None => tokio::select! {
                    frame = line.socket.next() => match frame? {
                        RelayFrame::News(news) => Told::News(Box::new(news)),
                        RelayFrame::Reply { .. } | RelayFrame::Problem { .. } => continue,
                    },
                    _ = written.changed() => session.driver.what_was_written().await?,
                    _ = look.tick() => {
                        session.note_if_due().await?;
                        if session.driver.may_go_on().await? || std::mem::take(&mut session.unsaid) {
                            let append = self.links_to_bring(&session.driver, Vec::new()).await?;
                            Told::Started { append }
                        } else {
                            let written = self.changed_elsewhere().await? && session.may_have_to_say().await?;
                            if !session.driver.day_began() && !written {
                                continue;
                            }
                            session.driver.what_was_written().await?
                        }
                    }
                },
            };
            session.exchange(told, &mut line, tell).await?;
        }
    }
}

struct Session<'a> {
    vault: &'a Vault,
    driver: Driver<'a>,
    notes: &'a mut Notes,
    /// The rounds of an exchange were used up, and something was left to be said: it is said with the next look.
    unsaid: bool,
}

impl Session<'_> {
    async fn exchange(
        &mut self,
        told: Told,
        line: &mut LiveLine,
        tell: &mut impl FnMut(WatchEvent),
    ) -> Result<(), SyncError> {
        let mut told = told;
        for _ in 0..MAX_ROUNDS {
            let before = self.driver.counts().await?;
            let after = self.driver.run(told, line).await?;
            let report = self.settle(&after, before).await?;
            let of_bonds = self.driver.take_bonds_brought();
            // Told when it can be seen: the journal's is on disk, a bond's when it is taken in. Whoever waits for it
            // does not wait for the rest, nor for the note.
            if !of_bonds && !report.is_about_nothing() {
                tell(WatchEvent::Synced(report.clone()));
            }
            let next = self.driver.take_in_bonds().await?;
            if of_bonds {
                tell(WatchEvent::Synced(report.clone()));
            }
            self.note(&report, &after).await?;
            match next {
                Some(next) => told = next,
                None => return Ok(()),
            }
        }
        self.unsaid = true;
        Ok(())
    }

    /// Whether what another program wrote may be something to be sent: what is wanted of a bond does not wait in
    /// the outbox.
    async fn may_have_to_say(&self) -> Result<bool, SyncError> {
        Ok(self.driver.has_bonds().await? || self.vault.has_waiting().await?)
    }

    /// What came of an exchange that began with `before`.
    async fn settle(&mut self, after: &Outcome, before: Counts) -> Result<SyncReport, SyncError> {
        let Settled { merged, mut faults } = self.driver.settle().await?;
        faults.extend(self.driver.untaken().await?);
        Ok(SyncReport {
            sent: after.sent - before.sent,
            received: after.received - before.received,
            merged,
            round_trips: after.round_trips - before.round_trips,
            faults,
            held_up: self.driver.held_up().await?,
        })
    }

    /// Notes what an exchange came to: at once where something is wrong, else with what comes after it.
    async fn note(&mut self, report: &SyncReport, outcome: &Outcome) -> Result<(), SyncError> {
        let not_taken = not_taken(outcome);
        self.notes.add(SyncedNow::of(
            report,
            not_taken.as_ref(),
            self.vault.now_ms(),
        ));
        self.note_if_due().await
    }

    async fn note_if_due(&mut self) -> Result<(), SyncError> {
        let now = Instant::now();
        if let Some(synced) = self.notes.due(now) {
            self.vault.note_sync(&Ok(synced.clone())).await?;
            self.notes.noted(now);
        }
        Ok(())
    }
}

/// The live socket as a line: news that comes while a reply is awaited is kept.
struct LiveLine {
    socket: LiveSocket,
    news: VecDeque<News>,
    /// About how many bytes of memory `news` takes.
    kept: usize,
}

impl LiveLine {
    const fn new(socket: LiveSocket) -> Self {
        Self {
            socket,
            news: VecDeque::new(),
            kept: 0,
        }
    }

    /// Keeps news for later. A relay that sends more than a device can hold is hung up on: the next
    /// connection brings everything (threat L3).
    fn keep(&mut self, news: News) -> Result<(), RelayError> {
        self.kept += weight(&news);
        if self.kept > MAX_NEWS_BYTES {
            return Err(RelayError::Closed);
        }
        self.news.push_back(news);
        Ok(())
    }

    /// The oldest news kept.
    fn take(&mut self) -> Option<News> {
        let news = self.news.pop_front()?;
        self.kept = self.kept.saturating_sub(weight(&news));
        Some(news)
    }

    async fn reply(&mut self, sent: u64) -> Result<SyncReply, RelayError> {
        loop {
            match self.socket.next().await? {
                RelayFrame::Reply { number, reply } if number == sent => return Ok(reply),
                RelayFrame::News(news) => self.keep(news)?,
                RelayFrame::Problem {
                    number,
                    code,
                    detail,
                } if number == sent => {
                    let code = Code::from_str(&code).map_err(|_| RelayError::OtherProtocol)?;
                    return Err(RelayError::Refused { code, detail });
                }
                RelayFrame::Reply { .. } | RelayFrame::Problem { .. } => {}
            }
        }
    }
}

impl Line for LiveLine {
    async fn exchange(&mut self, request: SyncRequest) -> Result<SyncReply, RelayError> {
        let sent = self.socket.send(request).await?;
        tokio::time::timeout(REPLY_TIMEOUT, self.reply(sent))
            .await
            .map_err(|_| RelayError::Closed)?
    }
}

/// About how many bytes of memory a piece of news takes.
fn weight(news: &News) -> usize {
    let link = |link: &TravelLink| size_of::<TravelLink>() + link.size();
    let record = |record: &Record| size_of::<Record>() + record.size();
    let links: usize = news.links.iter().map(link).sum();
    let records: usize = news.records.iter().map(record).sum();
    size_of::<News>() + links + records
}

/// Whether an error passes by itself, so that watching goes on. An answer that is not the relay's says nothing of
/// it: whoever stands in between for a moment must not end it for good (threat L4).
const fn passes(error: &RelayError) -> bool {
    match error {
        RelayError::Unreachable
        | RelayError::Closed
        | RelayError::ClockOff { .. }
        | RelayError::NotTheRelay
        | RelayError::OtherProtocol => true,
        RelayError::Refused { code, .. } => matches!(
            code,
            Code::RateLimited | Code::Unavailable | Code::Internal | Code::Replayed
        ),
        _ => false,
    }
}
