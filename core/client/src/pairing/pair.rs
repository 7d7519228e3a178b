//! The trusted device: shows a link, asks its person to compare, lets the new device in.

use super::{PAUSE, PairError, now_seconds, wait_ms};
use crate::{
    connection::Relay,
    sync::{SyncError, journal_logs},
    vault::{Vault, VaultError},
};
use daymark_core::{
    account::Admission,
    journal::DeviceName,
    pairing::{Code, Insider, Trusted, TrustedEffect, TrustedEnding, TrustedEvent},
    sync::Replica,
};
use daymark_wire::{
    DeviceId,
    mailbox::{MailboxMessage, MailboxRequest},
    sync::AppendOutcome,
};
use std::collections::VecDeque;

/// How often somebody may have appended first. Others rarely append; a relay that says so for ever is not
/// believed.
const MAX_RACES: u32 = 8;

/// What the person is asked to compare.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The six digits that both devices show.
    pub code: Code,
    /// What the new device calls itself.
    pub name: DeviceName,
    /// Its id.
    pub device: DeviceId,
}

/// A device that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// Its id.
    pub device: DeviceId,
    /// What it calls itself.
    pub name: DeviceName,
}

impl Vault {
    /// Lets another device in. `show` gets the link once the relay has its mailbox; `confirm` is asked once,
    /// with the code that both devices show.
    ///
    /// # Errors
    /// [`PairError`]; nothing was added then, except where it says that this is not known.
    pub async fn pair(
        &self,
        show: impl FnOnce(&str),
        confirm: impl AsyncFnOnce(Comparison) -> bool,
    ) -> Result<Paired, PairError> {
        self.sync(&|_| ()).await?;
        let relay = self.connect().await?;
        let replica = self.load_replica().await.map_err(SyncError::from)?;
        if self.has_unsettled_links(&replica).await? {
            return Err(PairError::Undecided);
        }
        let home = relay.address().to_home();
        let trusted = Trusted::open(
            &home.url,
            home.relay,
            journal_logs(&replica)?,
            now_seconds(),
            self.random(),
        )?;
        let link = trusted.link().to_string();
        let pairing = Pairing {
            vault: self,
            relay,
            trusted,
            replica,
            unsaid: VecDeque::new(),
            heard: 0,
        };
        let ended = pairing.run(&link, show, confirm).await;
        if ended.is_err() && self.is_undecided().await? {
            return Err(PairError::Undecided);
        }
        ended
    }

    /// Whether a device was let in of which no relay has shown whether it took that.
    async fn is_undecided(&self) -> Result<bool, VaultError> {
        let replica = self.load_replica().await?;
        self.has_unsettled_links(&replica).await
    }
}

struct Pairing<'a> {
    vault: &'a Vault,
    relay: Relay,
    trusted: Trusted,
    replica: Replica,
    unsaid: VecDeque<MailboxMessage>,
    heard: u32,
}

impl Pairing<'_> {
    async fn run(
        mut self,
        link: &str,
        show: impl FnOnce(&str),
        confirm: impl AsyncFnOnce(Comparison) -> bool,
    ) -> Result<Paired, PairError> {
        self.exchange(0).await?;
        show(link);
        let mut confirm = Some(confirm);
        loop {
            let effects = self.next_effects().await?;
            for effect in effects {
                match effect {
                    TrustedEffect::Say(message) => self.unsaid.push_back(message),
                    TrustedEffect::Compare { code, name, device } => {
                        let asked = Comparison { code, name, device };
                        let yes = match confirm.take() {
                            Some(confirm) => confirm(asked).await,
                            None => false,
                        };
                        self.answered(yes).await?;
                    }
                    TrustedEffect::Append(admission) => self.append(admission).await?,
                    TrustedEffect::Over(_) => {}
                }
            }
            if let Some(ending) = self.trusted.ending().cloned() {
                return self.over(ending).await;
            }
        }
    }

    /// Waits for the new device to say more.
    async fn next_effects(&mut self) -> Result<Vec<TrustedEffect>, PairError> {
        let messages = self.exchange(wait_ms()).await?;
        let mut effects = Vec::new();
        for message in &messages {
            effects.extend(self.handle(&TrustedEvent::Heard(message)));
        }
        if messages.is_empty() {
            tokio::time::sleep(PAUSE).await;
            effects.extend(self.handle(&TrustedEvent::TimePassed));
        }
        Ok(effects)
    }

    /// Says what is unsaid, and hears what is new.
    async fn exchange(&mut self, wait_ms: u32) -> Result<Vec<MailboxMessage>, PairError> {
        let mut messages = Vec::new();
        loop {
            let say = self.unsaid.pop_front();
            let last = self.unsaid.is_empty();
            let request = MailboxRequest {
                taker: None,
                say,
                heard: self.heard,
                wait_ms: if last && messages.is_empty() {
                    wait_ms
                } else {
                    0
                },
            };
            let mailbox = self.trusted.link().mailbox();
            let reply = self.relay.mailbox(mailbox, &request).await?;
            self.heard += u32::try_from(reply.messages.len()).unwrap_or(u32::MAX);
            messages.extend(reply.messages);
            if last {
                return Ok(messages);
            }
        }
    }

    fn handle(&mut self, event: &TrustedEvent<'_>) -> Vec<TrustedEffect> {
        self.trusted
            .handle(event, now_seconds(), self.vault.random())
    }

    /// The person answered.
    async fn answered(&mut self, yes: bool) -> Result<(), PairError> {
        let effects = if yes {
            self.with_insider(Asked::SaidYes)?
        } else {
            self.handle(&TrustedEvent::SaidNo)
        };
        self.carry_out(effects).await
    }

    /// Appends both links until something is seen to stand at their place. They are made anew only where that is
    /// another's: two links of this device for one place would be two histories, for a relay to show to one device
    /// each (rule L13).
    async fn append(&mut self, admission: Admission) -> Result<(), PairError> {
        let mut effects = vec![TrustedEffect::Append(admission)];
        let mut races = 0;
        while let Some(TrustedEffect::Append(admission)) = effects.pop() {
            races += 1;
            let answer = self.bring(admission, races <= MAX_RACES).await?;
            for effect in answer {
                match effect {
                    TrustedEffect::Say(message) => self.unsaid.push_back(message),
                    TrustedEffect::Append(_) => effects.push(effect),
                    TrustedEffect::Compare { .. } | TrustedEffect::Over(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Brings both links once, and tells the machine what that came to.
    async fn bring(
        &mut self,
        admission: Admission,
        again: bool,
    ) -> Result<Vec<TrustedEffect>, PairError> {
        let rested_on = journal_logs(&self.replica)?.heads();
        let links = vec![admission.add.clone(), admission.enter.clone()];
        let outcome = self.vault.sync_with_links(links).await;
        self.replica = self.vault.load_replica().await?;
        let nothing_came = journal_logs(&self.replica)?.heads() == rested_on;
        let unsettled = self.vault.has_unsettled_links(&self.replica).await?;
        match outcome {
            Ok(AppendOutcome::NotNext) if again && nothing_came => {
                Ok(vec![TrustedEffect::Append(admission)])
            }
            Ok(AppendOutcome::NotNext) if again => self.with_insider(Asked::LostRace),
            _ if unsettled => {
                let logs = journal_logs(&self.replica)?.clone();
                Ok(self.handle(&TrustedEvent::Undecided(&logs)))
            }
            Ok(AppendOutcome::Appended) => {
                let logs = journal_logs(&self.replica)?.clone();
                Ok(self.handle(&TrustedEvent::Appended(&logs)))
            }
            Ok(_) => Ok(self.handle(&TrustedEvent::NotAppended)),
            // What came is looked at all the same: the links may be part of it.
            Err(_) if again && !nothing_came => self.with_insider(Asked::LostRace),
            Err(error) => Err(error.into()),
        }
    }

    async fn carry_out(&mut self, effects: Vec<TrustedEffect>) -> Result<(), PairError> {
        for effect in effects {
            match effect {
                TrustedEffect::Say(message) => self.unsaid.push_back(message),
                TrustedEffect::Append(admission) => self.append(admission).await?,
                TrustedEffect::Compare { .. } | TrustedEffect::Over(_) => {}
            }
        }
        Ok(())
    }

    /// Hands the machine what this device knows at this moment.
    fn with_insider(&mut self, event: Asked) -> Result<Vec<TrustedEffect>, PairError> {
        let (_, epoch) = self
            .replica
            .newest_epoch()
            .ok_or(daymark_core::pairing::PairingError::LockedOut)?;
        let insider = Insider {
            logs: journal_logs(&self.replica)?,
            epoch,
            device: &self.replica.device,
        };
        let event = match event {
            Asked::SaidYes => TrustedEvent::SaidYes(insider),
            Asked::LostRace => TrustedEvent::LostRace(insider),
        };
        Ok(self
            .trusted
            .handle(&event, now_seconds(), self.vault.random()))
    }

    /// Says the last words and tells how it ended.
    async fn over(mut self, ending: TrustedEnding) -> Result<Paired, PairError> {
        if !self.unsaid.is_empty() {
            self.exchange(0).await?;
        }
        match ending {
            TrustedEnding::Welcomed { device, name } => Ok(Paired { device, name }),
            TrustedEnding::Undecided => Err(PairError::Undecided),
            TrustedEnding::Refused => Err(PairError::Refused),
            TrustedEnding::Expired => Err(PairError::Expired),
            TrustedEnding::Failed(error) => Err(error.into()),
        }
    }
}

/// Events for which the machine makes links.
#[derive(Debug, Clone, Copy)]
enum Asked {
    SaidYes,
    LostRace,
}
