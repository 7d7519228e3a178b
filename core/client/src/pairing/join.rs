//! The new device: takes a link, shows the code, and makes its vault once it was let in.

use super::{PAUSE, PairError, now_seconds, pending, wait_ms};
use crate::{
    connection::{Identity, Relay, RelayAddress, RelayError, mailbox_as_new},
    system::{SystemBytes, SystemClock},
    vault::{FirstContents, Vault, VaultError},
};
use daymark_core::{
    journal::DeviceName,
    pairing::{
        Code, Joined, Joining, JoiningEffect, JoiningEnding, JoiningEvent, Newcomer, PairingError,
        PairingLink,
    },
    random::{Purpose, Random},
};
use daymark_wire::{
    LogId, limits,
    logs::{
        AccountContent, Content, Head, HeadHash, Home, JournalContent, Link, LogKind, TravelLink,
    },
    mailbox::{MailboxMessage, MailboxRequest, Taker},
    problem::Code as ProblemCode,
    sync::{KnownLog, SyncRequest},
};
use std::{collections::VecDeque, path::Path, sync::Arc};
use zeroize::Zeroizing;

/// Replies asked for at most: 4,096 links are more than an account gets in a lifetime.
const MAX_REPLIES: usize = 16;

/// Joins an account with a link that another of its devices shows, and makes this device's vault, unlocked.
/// `show_code` gets the six digits to compare. Interrupted after the other device said yes, the same call
/// with the same link goes on from there.
///
/// # Errors
/// [`PairError`]; no vault was made then.
pub async fn join(
    folder: &Path,
    passphrase: &str,
    link: &str,
    device_name: &str,
    show_code: impl FnMut(Code),
) -> Result<Vault, PairError> {
    let link: PairingLink = link.trim().parse()?;
    let name = DeviceName::parse(device_name)?;
    match Vault::open(folder).await {
        Ok(_) => return Err(VaultError::Exists.into()),
        Err(VaultError::NoVault) => {}
        Err(error) => return Err(error.into()),
    }
    let address = RelayAddress::from_home(&Home {
        relay: link.relay_key(),
        url: link.relay_url().to_owned(),
    })?;
    let random = Random::first(Box::new(SystemBytes::new()))?;
    let place = Place {
        folder,
        passphrase,
        address,
    };
    let (newcomer, joined) = match place.kept(&link).await? {
        Some(kept) => match place.resume(&kept).await? {
            Some(joined) => (Keys::of(&kept), joined),
            // The other device may still say yes to these keys: no others take their place.
            None => place.talk(kept, &name, &random, show_code).await?,
        },
        None => {
            let newcomer = Newcomer::new(link, now_seconds(), &random)?;
            place.keep(&newcomer).await?;
            place.talk(newcomer, &name, &random, show_code).await?
        }
    };
    place.make_vault(newcomer, joined, &name, random).await
}

/// Where the vault is to be, and through which relay.
struct Place<'a> {
    folder: &'a Path,
    passphrase: &'a str,
    address: RelayAddress,
}

impl Place<'_> {
    /// What an earlier call with this link kept.
    async fn kept(&self, link: &PairingLink) -> Result<Option<Newcomer>, PairError> {
        let (folder, link) = (self.folder.to_owned(), link.clone());
        let passphrase = Zeroizing::new(self.passphrase.to_owned());
        Ok(blocking(move || pending::load(&folder, &passphrase, &link)).await?)
    }

    /// If that call got as far as being let in, its end.
    async fn resume(&self, newcomer: &Newcomer) -> Result<Option<Joined>, PairError> {
        let finish = |links: &[TravelLink]| newcomer.finish(links);
        match self.come_in(newcomer, finish).await {
            Ok(joined) => Ok(Some(joined)),
            // Not let in yet: the relay does not know this device.
            Err(PairError::Relay(RelayError::Refused {
                code: ProblemCode::Unauthorized,
                ..
            })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Talks with the trusted device until it welcomes or refuses.
    async fn talk(
        &self,
        newcomer: Newcomer,
        name: &DeviceName,
        random: &Random,
        mut show_code: impl FnMut(Code),
    ) -> Result<(Keys, Joined), PairError> {
        let taker = Taker::from_bytes(random.bytes(Purpose::Pairing)?);
        let (mut joining, hello) = newcomer.say_hello(name, random)?;
        let mut unsaid = VecDeque::from([hello]);
        let mut heard = 0;
        while joining.ending().is_none() {
            let effects = match self
                .exchange(&joining, taker, unsaid.pop_front(), heard)
                .await
            {
                Ok(messages) if messages.is_empty() => {
                    tokio::time::sleep(PAUSE).await;
                    joining.handle(&JoiningEvent::TimePassed, now_seconds(), random)
                }
                Ok(messages) => {
                    heard += u32::try_from(messages.len()).unwrap_or(u32::MAX);
                    let hear = |message| {
                        joining.handle(&JoiningEvent::Heard(message), now_seconds(), random)
                    };
                    messages.iter().flat_map(hear).collect()
                }
                Err(RelayError::Refused {
                    code: ProblemCode::MailboxGone,
                    ..
                }) => joining.handle(&JoiningEvent::MailboxTaken, now_seconds(), random),
                Err(error) => return Err(error.into()),
            };
            for effect in effects {
                match effect {
                    JoiningEffect::Say(message) => unsaid.push_back(message),
                    JoiningEffect::ShowCode(code) => show_code(code),
                    JoiningEffect::Over(_) => {}
                }
            }
        }
        match joining.ending() {
            Some(JoiningEnding::Welcomed { .. }) => {
                let newcomer = joining.newcomer();
                let finish = |links: &[TravelLink]| joining.finish(links);
                let joined = self.come_in(newcomer, finish).await;
                Ok((Keys::of(newcomer), joined.map_err(not_let_in)?))
            }
            Some(JoiningEnding::Failed(error)) => Err(error.clone().into()),
            Some(JoiningEnding::Expired) => Err(PairError::Expired),
            Some(JoiningEnding::Refused) | None => {
                pending::remove(self.folder)?;
                Err(PairError::Refused)
            }
        }
    }

    async fn exchange(
        &self,
        joining: &Joining,
        taker: Taker,
        say: Option<MailboxMessage>,
        heard: u32,
    ) -> Result<Vec<MailboxMessage>, RelayError> {
        let request = MailboxRequest {
            taker: Some(taker),
            say,
            heard,
            wait_ms: wait_ms(),
        };
        let mailbox = joining.newcomer().link().mailbox();
        Ok(mailbox_as_new(&self.address.url, mailbox, &request)
            .await?
            .messages)
    }

    async fn keep(&self, newcomer: &Newcomer) -> Result<(), PairError> {
        let (folder, keys) = (self.folder.to_owned(), Keys::of(newcomer));
        let passphrase = Zeroizing::new(self.passphrase.to_owned());
        let link = newcomer.link().clone();
        blocking(move || {
            let random = Random::first(Box::new(SystemBytes::new()))?;
            pending::save(&folder, &passphrase, &keys.into_newcomer(link), &random)
        })
        .await?;
        Ok(())
    }

    /// Finishes with both logs, from their first links. Where a reply was full and what is needed is not in it, what
    /// comes after is asked for.
    async fn come_in(
        &self,
        newcomer: &Newcomer,
        finish: impl Fn(&[TravelLink]) -> Result<Joined, PairingError>,
    ) -> Result<Joined, PairError> {
        let relay = self.relay_for(newcomer)?;
        let nothing = Head {
            length: 0,
            hash: HeadHash::from_bytes([0; 16]),
        };
        let mut known = newcomer.link().known().map(|known| KnownLog {
            head: nothing,
            ..known
        });
        let mut links = Vec::new();
        for _ in 0..MAX_REPLIES {
            let request = SyncRequest {
                known: known.to_vec(),
                ..SyncRequest::default()
            };
            let shown = relay.sync(&request).await?.links;
            let before = known;
            shown.iter().for_each(|link| learn(&mut known, link));
            let goes_on = is_full(&shown) && known != before;
            links.extend(shown);
            match finish(&links) {
                Err(_) if goes_on => {}
                finished => return Ok(finished?),
            }
        }
        Ok(finish(&links)?)
    }

    fn relay_for(&self, newcomer: &Newcomer) -> Result<Relay, RelayError> {
        let identity = Identity {
            account: newcomer.link().account(),
            device: Arc::new(Keys::of(newcomer).device),
        };
        let random =
            Random::first(Box::new(SystemBytes::new())).map_err(|_| RelayError::NoRandomness)?;
        Relay::new(
            self.address.clone(),
            identity,
            Arc::new(SystemClock),
            Arc::new(random),
        )
    }

    async fn make_vault(
        &self,
        keys: Keys,
        joined: Joined,
        name: &DeviceName,
        random: Random,
    ) -> Result<Vault, PairError> {
        let contents = FirstContents {
            device: keys.device,
            wrapping: keys.wrapping,
            account_keys: joined.account_keys,
            epochs: vec![joined.epoch],
            logs: joined.logs,
            name: Some(name.clone()),
            relay: Some((self.address.clone(), None)),
        };
        let vault = Vault::create(self.folder, self.passphrase, contents, random).await?;
        pending::remove(self.folder)?;
        Ok(vault)
    }
}

/// A newcomer's own keys.
struct Keys {
    device: daymark_core::keys::DeviceKey,
    wrapping: daymark_core::keys::WrappingKey,
}

impl Keys {
    fn of(newcomer: &Newcomer) -> Self {
        let device = newcomer.device().seed().clone();
        Self {
            device: daymark_core::keys::DeviceKey::from_seed(device),
            wrapping: newcomer.wrapping().clone(),
        }
    }

    fn into_newcomer(self, link: PairingLink) -> Newcomer {
        Newcomer::stored(link, self.device, self.wrapping)
    }
}

/// Whether a reply may hold fewer links than there are: it has as many as one does, or nearly as many bytes.
fn is_full(shown: &[TravelLink]) -> bool {
    let size = |link: &TravelLink| link.bytes.len() + link.blob.as_ref().map_or(0, Vec::len);
    let bytes: usize = shown.iter().map(size).sum();
    shown.len() >= limits::MAX_LINKS_PER_SYNC || bytes >= limits::MAX_REPLY_BYTES / 4
}

/// Notes how far a log was shown.
fn learn(known: &mut [KnownLog], link: &TravelLink) {
    let shown = match link.kind {
        LogKind::Account => head_of::<AccountContent>(link),
        LogKind::Journal => head_of::<JournalContent>(link),
        LogKind::Bond => None,
    };
    let shown = shown.and_then(|(log, head)| {
        let mut known = known.iter_mut().filter(|known| known.log == log);
        Some((known.next()?, head))
    });
    if let Some((known, head)) = shown
        && head.length > known.head.length
    {
        known.head = head;
    }
}

fn head_of<C: Content>(link: &TravelLink) -> Option<(LogId, Head)> {
    let link: Link<C> = link.open().ok()?;
    Some((link.log_id(), link.head()))
}

/// A relay that does not know the device does not have the links that let it in, or not yet.
fn not_let_in(error: PairError) -> PairError {
    match error {
        PairError::Relay(RelayError::Refused {
            code: ProblemCode::Unauthorized,
            ..
        }) => PairingError::NotLetIn.into(),
        error => error,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await?
}
