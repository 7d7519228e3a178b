//! The new device's side of a pairing.
//!
//! ```text
//! say_hello ─► AwaitingReply ─ Reply ─► AwaitingWelcome ─ Welcome ─► Over(Welcomed) ─► finish
//!                    │                        │
//!                    └── Refused, time, ──────┴──► Over(Refused | Expired | Failed)
//!                        anything wrong
//! ```

use super::{
    Code, Joined, Newcomer, PairingError,
    channel::Channel,
    derive::Transcript,
    joined,
    message::{Commitment, Hello, Message, NewNonce},
};
use crate::{
    journal::DeviceName,
    random::{Purpose, Random},
};
use daymark_wire::{
    logs::TravelLink,
    mailbox::{MailboxMessage, Side},
    sync::KnownLog,
};

/// The new device, once it has said hello.
#[derive(Debug)]
pub struct Joining {
    newcomer: Newcomer,
    channel: Channel,
    state: State,
}

/// Named for what is awaited.
#[derive(Debug, Clone)]
enum State {
    /// *Hello* was said.
    AwaitingReply {
        nonce: NewNonce,
        transcript: Transcript,
    },
    /// *Reveal* was said, the code is shown.
    AwaitingWelcome,
    /// Nothing more is said or heard.
    Over(JoiningEnding),
}

/// What happens to the new device.
#[derive(Debug)]
pub enum JoiningEvent<'a> {
    /// A message of the trusted device came out of the mailbox. The same again does no harm.
    Heard(&'a MailboxMessage),
    /// The relay says that another device has taken the mailbox.
    MailboxTaken,
    /// Nothing but time passed.
    TimePassed,
}

/// What the new device's caller is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum JoiningEffect {
    /// Put this into the mailbox.
    Say(MailboxMessage),
    /// Show this, to be compared with the other screen.
    ShowCode(Code),
    /// Nothing more will come.
    Over(JoiningEnding),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoiningEnding {
    /// Let in: fetch the links and [`Joining::finish`].
    Welcomed {
        /// The heads with this device on them; the relay must show these.
        known: Vec<KnownLog>,
    },
    /// The person said no, or the trusted device gave up.
    Refused,
    /// Two minutes are over. If the person said yes in the last moment, [`Joining::finish`] still holds.
    Expired,
    /// Something was wrong.
    Failed(PairingError),
}

impl Joining {
    /// Says hello.
    pub(super) fn begin(
        newcomer: Newcomer,
        name: &DeviceName,
        random: &Random,
    ) -> Result<(Self, MailboxMessage), PairingError> {
        let link = newcomer.link();
        let nonce = NewNonce::from_bytes(random.bytes(Purpose::Pairing)?);
        let mut hello = Hello {
            request: newcomer.request(),
            commitment: Commitment::from_bytes([0; 32]),
            name: name.as_str().to_owned(),
        };
        let transcript = link.transcript(&hello);
        hello.commitment = link.commitment(&nonce, &transcript);
        let mut channel = Channel::new(link.clone(), Side::New);
        let said = channel.say(&Message::Hello(hello), random)?;
        let joining = Self {
            newcomer,
            channel,
            state: State::AwaitingReply { nonce, transcript },
        };
        Ok((joining, said))
    }

    /// How it ended, if it has.
    #[must_use]
    pub const fn ending(&self) -> Option<&JoiningEnding> {
        match &self.state {
            State::Over(ending) => Some(ending),
            _ => None,
        }
    }

    /// Takes an event at `now` (seconds since 1970) and says what to do. Once it is over, nothing.
    pub fn handle(
        &mut self,
        event: &JoiningEvent<'_>,
        now: u64,
        random: &Random,
    ) -> Vec<JoiningEffect> {
        if matches!(self.state, State::Over(_)) {
            return Vec::new();
        }
        if self.newcomer.link().check_time(now).is_err() {
            return self.end(JoiningEnding::Expired);
        }
        let result = match event {
            JoiningEvent::Heard(message) => self.hear(message, random),
            JoiningEvent::MailboxTaken => Err(PairingError::LinkTaken),
            JoiningEvent::TimePassed => Ok(Vec::new()),
        };
        result.unwrap_or_else(|error| self.end(JoiningEnding::Failed(error)))
    }

    fn hear(
        &mut self,
        given: &MailboxMessage,
        random: &Random,
    ) -> Result<Vec<JoiningEffect>, PairingError> {
        let Some(message) = self.channel.hear(given)? else {
            return Ok(Vec::new());
        };
        match (&self.state, message) {
            (State::AwaitingReply { nonce, transcript }, Message::Reply(theirs)) => {
                let code = self.channel.link().code(&theirs, nonce, transcript);
                let said = self.channel.say(&Message::Reveal(*nonce), random)?;
                self.state = State::AwaitingWelcome;
                Ok(vec![
                    JoiningEffect::Say(said),
                    JoiningEffect::ShowCode(code),
                ])
            }
            (State::AwaitingWelcome, Message::Welcome(known)) => {
                Ok(self.end(JoiningEnding::Welcomed { known }))
            }
            (_, Message::Refused) => Ok(self.end(JoiningEnding::Refused)),
            _ => Err(PairingError::Unexpected),
        }
    }

    fn end(&mut self, ending: JoiningEnding) -> Vec<JoiningEffect> {
        self.state = State::Over(ending.clone());
        vec![JoiningEffect::Over(ending)]
    }

    /// The device and the link that it took.
    #[must_use]
    pub const fn newcomer(&self) -> &Newcomer {
        &self.newcomer
    }

    /// Checks the links fetched from the relay and opens the account with them: the link's heads and the
    /// *welcome*'s must be on the logs, this device with its own keys in them.
    ///
    /// # Errors
    /// [`PairingError`], each reason by name (threat A1). Nothing is kept of such links; newer ones may
    /// be tried.
    pub fn finish(&self, links: &[TravelLink]) -> Result<Joined, PairingError> {
        let welcome = match &self.state {
            State::Over(JoiningEnding::Welcomed { known }) => known.as_slice(),
            _ => &[],
        };
        joined::finish(&self.newcomer, welcome, links)
    }
}
