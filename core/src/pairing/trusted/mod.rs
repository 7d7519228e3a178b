//! The trusted device's side of a pairing.
//!
//! ```text
//! open ─► AwaitingHello ─ Hello ─► AwaitingReveal ─ Reveal ─► Comparing ─ yes ─► Admitting ─► Over(Welcomed)
//!              │                        │                         │                  │
//!              └─ time, anything wrong ─┴─── no, time, wrong ─────┘                  └─ not appended, not known
//!                                       ▼                                            ▼
//!                          Over(Refused | Expired | Failed)               Over(Failed | Undecided)
//! ```
//!
//! Only a yes in `Comparing` makes links. From then on messages and time change nothing, since the links
//! may be on their way: what the relay says decides.

mod events;

pub use events::{Insider, TrustedEffect, TrustedEnding, TrustedEvent};

use super::{
    PairingError, PairingLink,
    channel::Channel,
    derive::Transcript,
    message::{Commitment, Hello, Message, NewNonce, TrustedNonce},
};
use crate::{
    account::{DeviceRequest, Logs, admit_device},
    journal::DeviceName,
    random::{Purpose, Random},
};
use daymark_wire::{
    DeviceId, VerifyingKey,
    mailbox::{MailboxMessage, Side},
};
use std::fmt;

/// The trusted device, from the moment it shows a link.
#[derive(Debug)]
pub struct Trusted {
    channel: Channel,
    state: State,
}

/// Named for what is awaited.
#[derive(Debug, Clone)]
enum State {
    /// The link is shown.
    AwaitingHello,
    /// *Reply* was said.
    AwaitingReveal {
        guest: Guest,
        commitment: Commitment,
        nonce: TrustedNonce,
        transcript: Transcript,
    },
    /// The code is shown: the person's yes or no.
    Comparing(Guest),
    /// The person said yes: the relay's answer to the links.
    Admitting(Guest),
    /// Nothing more is said or heard.
    Over(TrustedEnding),
}

/// Who asks to be let in.
#[derive(Clone)]
struct Guest {
    id: DeviceId,
    name: DeviceName,
    request: DeviceRequest,
}

impl Trusted {
    /// Opens a pairing: [`Self::link`] is to be shown, once the relay has its mailbox. `now` is in seconds
    /// since 1970.
    ///
    /// # Errors
    /// [`PairingError::Random`]; [`PairingError::DamagedLink`] for an address that no link can carry.
    pub fn open(
        relay_url: &str,
        relay_key: VerifyingKey,
        logs: &Logs,
        now: u64,
        random: &Random,
    ) -> Result<Self, PairingError> {
        let link = PairingLink::new(relay_url, relay_key, logs, now, random)?;
        Ok(Self {
            channel: Channel::new(link, Side::Trusted),
            state: State::AwaitingHello,
        })
    }

    /// The link, to be shown on this device and nowhere else.
    #[must_use]
    pub const fn link(&self) -> &PairingLink {
        self.channel.link()
    }

    /// How it ended, if it has.
    #[must_use]
    pub const fn ending(&self) -> Option<&TrustedEnding> {
        match &self.state {
            State::Over(ending) => Some(ending),
            _ => None,
        }
    }

    /// Takes an event at `now` (seconds since 1970) and says what to do. An answer that was not asked for
    /// does nothing; once it is over, nothing does.
    pub fn handle(
        &mut self,
        event: &TrustedEvent<'_>,
        now: u64,
        random: &Random,
    ) -> Vec<TrustedEffect> {
        let in_time = self.link().check_time(now).is_ok();
        let result = match (&self.state, event) {
            (State::Over(_), _) => Ok(Vec::new()),
            (State::Admitting(guest), event) => {
                let guest = guest.clone();
                self.admitting(guest, event, in_time, random)
            }
            _ if !in_time => Ok(self.end(TrustedEnding::Expired)),
            (_, TrustedEvent::Heard(message)) => self.hear(message, random),
            (State::Comparing(guest), TrustedEvent::SaidYes(insider)) => {
                let guest = guest.clone();
                self.admit(guest, insider, random)
            }
            (_, TrustedEvent::SaidNo) => Ok(self.refuse(TrustedEnding::Refused, random)),
            _ => Ok(Vec::new()),
        };
        result.unwrap_or_else(|error| self.refuse(TrustedEnding::Failed(error), random))
    }

    fn hear(
        &mut self,
        given: &MailboxMessage,
        random: &Random,
    ) -> Result<Vec<TrustedEffect>, PairingError> {
        let Some(message) = self.channel.hear(given)? else {
            return Ok(Vec::new());
        };
        match (self.state.clone(), message) {
            (State::AwaitingHello, Message::Hello(hello)) => self.reply(hello, random),
            (
                State::AwaitingReveal {
                    guest,
                    commitment,
                    nonce,
                    transcript,
                },
                Message::Reveal(theirs),
            ) => {
                if self.link().commitment(&theirs, &transcript) != commitment {
                    return Err(PairingError::BrokenCommitment);
                }
                Ok(self.compare(guest, &nonce, &theirs, &transcript))
            }
            (_, Message::Hello(_)) => Err(PairingError::SecondHello),
            _ => Err(PairingError::Unexpected),
        }
    }

    fn reply(&mut self, hello: Hello, random: &Random) -> Result<Vec<TrustedEffect>, PairingError> {
        let transcript = self.link().transcript(&hello);
        let name = DeviceName::parse(&hello.name).map_err(|_| PairingError::BadName)?;
        let id = hello
            .request
            .check(self.link().account(), self.link().nonce())?;
        let nonce = TrustedNonce::from_bytes(random.bytes(Purpose::Pairing)?);
        let said = self.channel.say(&Message::Reply(nonce), random)?;
        self.state = State::AwaitingReveal {
            guest: Guest {
                id,
                name,
                request: hello.request,
            },
            commitment: hello.commitment,
            nonce,
            transcript,
        };
        Ok(vec![TrustedEffect::Say(said)])
    }

    fn compare(
        &mut self,
        guest: Guest,
        own: &TrustedNonce,
        theirs: &NewNonce,
        transcript: &Transcript,
    ) -> Vec<TrustedEffect> {
        let code = self.link().code(own, theirs, transcript);
        let effect = TrustedEffect::Compare {
            code,
            name: guest.name.clone(),
            device: guest.id,
        };
        self.state = State::Comparing(guest);
        vec![effect]
    }

    /// Makes the links on the logs as they are now.
    fn admit(
        &mut self,
        guest: Guest,
        insider: &Insider<'_>,
        random: &Random,
    ) -> Result<Vec<TrustedEffect>, PairingError> {
        let admission = admit_device(
            insider.logs,
            &guest.request,
            self.link().nonce(),
            insider.epoch,
            insider.device,
            random,
        )?;
        self.state = State::Admitting(guest);
        Ok(vec![TrustedEffect::Append(admission)])
    }

    fn admitting(
        &mut self,
        guest: Guest,
        event: &TrustedEvent<'_>,
        in_time: bool,
        random: &Random,
    ) -> Result<Vec<TrustedEffect>, PairingError> {
        match event {
            TrustedEvent::Appended(logs) if guest.is_in(logs) => {
                Ok(self.welcome(guest, logs, random))
            }
            TrustedEvent::Appended(_) | TrustedEvent::NotAppended => Err(PairingError::NotAppended),
            // The answer to the same links, sent before, may have been lost on the way.
            TrustedEvent::LostRace(insider) if guest.is_in(insider.logs) => {
                Ok(self.welcome(guest, insider.logs, random))
            }
            TrustedEvent::Undecided(logs) => {
                let welcome = Message::Welcome(logs.known());
                Ok(self.tell_and_end(&welcome, TrustedEnding::Undecided, random))
            }
            TrustedEvent::LostRace(_) if !in_time => Ok(self.end(TrustedEnding::Expired)),
            TrustedEvent::LostRace(insider) => self.admit(guest, insider, random),
            TrustedEvent::Heard(_)
            | TrustedEvent::SaidYes(_)
            | TrustedEvent::SaidNo
            | TrustedEvent::TimePassed => Ok(Vec::new()),
        }
    }

    /// The device is in, whether or not it can be told.
    fn welcome(&mut self, guest: Guest, logs: &Logs, random: &Random) -> Vec<TrustedEffect> {
        let ending = TrustedEnding::Welcomed {
            device: guest.id,
            name: guest.name,
        };
        self.tell_and_end(&Message::Welcome(logs.known()), ending, random)
    }

    fn refuse(&mut self, ending: TrustedEnding, random: &Random) -> Vec<TrustedEffect> {
        self.tell_and_end(&Message::Refused, ending, random)
    }

    /// Tells the other side if that can be done, and ends in any case.
    fn tell_and_end(
        &mut self,
        last: &Message,
        ending: TrustedEnding,
        random: &Random,
    ) -> Vec<TrustedEffect> {
        let said = self.channel.say(last, random);
        let mut effects: Vec<_> = said.map(TrustedEffect::Say).into_iter().collect();
        effects.extend(self.end(ending));
        effects
    }

    fn end(&mut self, ending: TrustedEnding) -> Vec<TrustedEffect> {
        self.state = State::Over(ending.clone());
        vec![TrustedEffect::Over(ending)]
    }
}

impl Guest {
    /// Whether these logs have the device, active and with the keys that it asked with.
    fn is_in(&self, logs: &Logs) -> bool {
        logs.account().active(self.id).is_ok()
            && logs.journal().wrapping_key(self.id) == Some(&self.request.wrapping)
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guest({})", self.id)
    }
}
