//! The supporter's way in: what an invitation means, and the answer to it.

use super::{
    BondError, Invitation, ShareError, SpaceId,
    bond::{Bonds, timestamp},
};
use crate::{
    connection::{RelayAddress, RelayError, answer_invitation, invitation},
    sync::SyncError,
    vault::{PendingAcceptance, SecretName, Vault, VaultError},
};
use daymark_core::{
    account::{Logs, are_unsettled, move_home},
    bonds::{self, Offer},
    journal::{OwnerName, Person},
};
use daymark_wire::{
    cbor,
    invitation::InvitationAnswer,
    logs::{AccountContent, AccountState, Home, MadeFor, TravelLink},
    problem::Code,
};
use jiff::Timestamp;
use std::fmt;

/// An invitation that was checked against what its relay shows, to be shown to a person before they answer.
#[derive(Clone)]
pub struct Considered {
    vault: Vault,
    offer: Offer,
    /// The owner's account log and *invite*.
    shown: Vec<TravelLink>,
    address: RelayAddress,
    becomes_home: bool,
}

/// This account as it accepts: with the bond's relay as its home.
struct Accepting {
    account: AccountState,
    /// What it takes to have that home.
    move_home: Option<TravelLink>,
}

impl Vault {
    /// Reads an invitation and asks its relay for it. Nothing is stored, and the relay learns only that somebody
    /// looked. An answer that was given before, and of which nothing was heard, is brought again first.
    ///
    /// # Errors
    /// [`ShareError::Bond`] for a text that is none, one that lapsed, one's own, one of another relay than this
    /// vault's; [`ShareError::AlreadyAccepted`]; [`ShareError::NoInvitation`]; [`ShareError::Relay`].
    pub async fn consider(&self, text: &str) -> Result<Considered, ShareError> {
        let invitation: Invitation = text.parse()?;
        let mut bonds = Bonds::load(&mut self.reading().await?).await?;
        if invitation.owner() == self.account() {
            return Err(BondError::OwnInvitation.into());
        }
        let pending = bonds.pending.remove(&invitation.bond());
        if let Some(answer) = pending.and_then(|notes| notes.acceptance) {
            let _lock = self.lock_sync()?;
            self.send_acceptance(invitation.bond(), &answer).await?;
            return Err(ShareError::AlreadyAccepted);
        }
        if bonds.all.contains_key(&invitation.bond()) {
            return Err(ShareError::AlreadyAccepted);
        }
        let address = RelayAddress::from_home(invitation.relay())?;
        let set = self.relay().await?;
        if set.as_ref().is_some_and(|set| set.key != address.key) {
            return Err(BondError::OtherRelay.into());
        }
        let shown = ask(&address, &invitation).await?;
        let offer = bonds::consider(invitation, &shown)?;
        offer.check(&bonds.own, bonds.now.seconds())?;
        Ok(Considered {
            vault: self.clone(),
            offer,
            shown,
            becomes_home: set.is_none(),
            address,
        })
    }

    /// Brings the yes again that was given to this invitation before, whatever a relay said of it then, and gives it
    /// with the name under which it was kept, once the relay has it; none where no yes waits. A relay that was set
    /// meanwhile is synced with first: it may know this account only then.
    ///
    /// # Errors
    /// [`ShareError::Bond`] for a text that is none; [`ShareError::NoInvitation`]; [`ShareError::Undecided`].
    pub async fn bring_answer(
        &self,
        text: &str,
    ) -> Result<Option<(Considered, Person)>, ShareError> {
        let invitation: Invitation = text.parse()?;
        let bond = invitation.bond();
        let Some(answer) = self.answer_that_waits(bond).await? else {
            return Ok(None);
        };
        let name = Person::parse(&answer.name)?;
        let set = self.relay().await?;
        if set.is_some() {
            // What is wrong with the relay is found again, and said, as the yes is brought.
            let _ = catch_up(self).await;
        }
        if let Some(answer) = self.answer_that_waits(bond).await? {
            let _lock = self.lock_sync()?;
            self.send_acceptance(bond, &answer).await?;
        }
        let bonds = Bonds::load(&mut self.reading().await?).await?;
        if !bonds.all.contains_key(&bond) {
            return Err(ShareError::NoInvitation);
        }
        let considered = Considered {
            vault: self.clone(),
            address: RelayAddress::from_home(invitation.relay())?,
            offer: bonds::consider(invitation, &answer.shown)?,
            shown: answer.shown.clone(),
            becomes_home: set.is_none(),
        };
        Ok(Some((considered, name)))
    }

    async fn answer_that_waits(
        &self,
        bond: SpaceId,
    ) -> Result<Option<PendingAcceptance>, ShareError> {
        let mut bonds = Bonds::load(&mut self.reading().await?).await?;
        let notes = bonds.pending.remove(&bond);
        Ok(notes.and_then(|notes| notes.acceptance))
    }

    /// Brings answers again of which it is not known whether the relay took them; gives how many it did now.
    ///
    /// # Errors
    /// [`ShareError::Undecided`], [`ShareError::Relay`], [`ShareError::Vault`].
    pub async fn bring_answers(&self) -> Result<usize, ShareError> {
        let _lock = self.lock_sync()?;
        self.bring_answers_of_this_sync().await
    }

    /// The same before a sync, which goes on whatever becomes of it: what is wrong with the relay it finds itself.
    pub(crate) async fn bring_answers_first(&self) -> Result<(), VaultError> {
        match self.bring_answers_of_this_sync().await {
            Err(ShareError::Vault(error)) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn bring_answers_of_this_sync(&self) -> Result<usize, ShareError> {
        let pending = Bonds::load(&mut self.reading().await?).await?.pending;
        let (mut taken, mut undecided) = (0, false);
        for (bond, notes) in pending {
            let Some(acceptance) = notes.acceptance.as_ref().filter(|one| !one.is_refused) else {
                continue;
            };
            match self.send_acceptance(bond, acceptance).await {
                Ok(()) => taken += 1,
                // Each stands in the status.
                Err(ShareError::NoInvitation | ShareError::Bond(BondError::OtherRelay)) => {}
                Err(ShareError::Undecided) => undecided = true,
                Err(error) => return Err(error),
            }
        }
        if undecided {
            return Err(ShareError::Undecided);
        }
        Ok(taken)
    }
}

/// Links rest on what the relay has of this account, so it is asked first. An account that it does not know registers
/// with the invitation.
async fn catch_up(vault: &Vault) -> Result<(), ShareError> {
    match vault.sync(&|_| ()).await {
        Ok(_) => Ok(()),
        Err(SyncError::Relay(RelayError::Refused {
            code: Code::UnknownAccount | Code::BadInvite | Code::RegistrationClosed,
            ..
        })) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What the relay shows for an invitation.
async fn ask(address: &RelayAddress, given: &Invitation) -> Result<Vec<TravelLink>, ShareError> {
    let token = given.secret().token();
    let reply = invitation(&address.url, given.bond(), &token).await;
    let reply = reply.map_err(not_open)?;
    Ok([reply.owner, reply.bond].concat())
}

fn not_open(error: RelayError) -> ShareError {
    match error {
        RelayError::Refused {
            code: Code::NotFound,
            ..
        } => ShareError::NoInvitation,
        error => error.into(),
    }
}

impl Considered {
    /// The bond.
    #[must_use]
    pub const fn bond(&self) -> SpaceId {
        self.offer.invitation().bond()
    }

    /// How the one who invites wants to be shown. Nothing vouches for it but who handed the invitation over.
    #[must_use]
    pub fn owner_name(&self) -> Option<OwnerName> {
        self.offer.invitation().name()
    }

    /// Until when it can be accepted.
    #[must_use]
    pub fn lapses(&self) -> Timestamp {
        timestamp(self.offer.invite().expires.saturating_mul(1000))
    }

    /// The relay's address. It learns that these two accounts have a bond, and never what is shared.
    #[must_use]
    pub fn relay(&self) -> &str {
        self.address.url.as_str()
    }

    /// Whether accepting makes that relay this journal's own: it has none yet.
    #[must_use]
    pub const fn becomes_home(&self) -> bool {
        self.becomes_home
    }

    /// Accepts; `name` is what this person calls the one who invites. The answer is stored before it is sent.
    ///
    /// # Errors
    /// [`ShareError::NameTaken`]; [`ShareError::NoInvitation`] when the relay refuses it, as when somebody else was
    /// first; [`ShareError::Undecided`] when the next sync will bring it again; [`ShareError::Relay`] before it was
    /// given; [`SyncError::NotTaken`] while the relay denies what this device signed for the account.
    pub async fn accept(&self, name: &Person) -> Result<(), ShareError> {
        if !self.becomes_home {
            catch_up(&self.vault).await?;
        }
        let _lock = self.vault.lock_sync()?;
        let acceptance = self.sign(name).await?;
        self.vault.send_acceptance(self.bond(), &acceptance).await
    }

    /// Signs the answer and stores it.
    async fn sign(&self, name: &Person) -> Result<PendingAcceptance, ShareError> {
        let vault = &self.vault;
        let mut writing = vault.writing().await?;
        let bonds = Bonds::load(&mut writing).await?;
        bonds.check_name(name)?;
        if bonds.all.contains_key(&self.bond()) || bonds.pending.contains_key(&self.bond()) {
            return Err(ShareError::AlreadyAccepted);
        }
        let home = self.offer.invitation().relay();
        let links = writing.journal_links().await?;
        let signed = writing.signed_links().await?;
        let accepting = accepting(vault, &links, &signed, home.clone())?;
        let made_for = writing.generation().await?.map(|generation| MadeFor {
            relay: home.relay,
            generation,
        });
        let (device, random) = (vault.device_key(), vault.random());
        let now = bonds.now.seconds();
        let accepted = self
            .offer
            .accept(&accepting.account, now, made_for, device, random)?;
        let mut links = Vec::from(accepted.links);
        if let Some(link) = accepting.move_home {
            // Stored as what was signed for its place, which no other link is then signed for (rule L13).
            let signed = cbor::to_vec(&[&link]);
            writing.set_secret(SecretName::SignedLinks, &signed).await?;
            links.insert(0, link);
        }
        let token = self.offer.invitation().secret().token().to_header();
        let shown = self.shown.clone();
        let name = name.to_string();
        let pending = PendingAcceptance::new(name, token, shown, links, &accepted.epoch);
        let mut notes = bonds.pending.get(&self.bond()).cloned().unwrap_or_default();
        notes.acceptance = Some(pending.clone());
        writing.put_bond_notes(self.bond(), &notes).await?;
        writing.commit().await?;
        Ok(pending)
    }

    /// Declines. The one who invites hears of it with their next sync; nothing is kept here.
    ///
    /// # Errors
    /// [`ShareError::NoInvitation`], [`ShareError::Relay`].
    pub async fn decline(&self) -> Result<(), ShareError> {
        let token = self.offer.invitation().secret().token();
        let answer = InvitationAnswer {
            declined: self.offer.decline(),
        };
        answer_invitation(&self.address.url, self.bond(), &token, &answer)
            .await
            .map_err(not_open)
    }
}

/// This account with the bond's relay as its home. Of a move there that was signed before, and denied, no other is
/// signed (rule L13): also where the invitation gives the relay another address.
fn accepting(
    vault: &Vault,
    links: &[TravelLink],
    signed: &[TravelLink],
    home: Home,
) -> Result<Accepting, ShareError> {
    let logs = Logs::fold(links).map_err(BondError::Log)?;
    let mut account = logs.account().clone();
    let has_home = account
        .home()
        .is_some_and(|known| known.relay == home.relay);
    let mut moved = None;
    if !has_home {
        let link = if !are_unsettled(signed, &logs) {
            move_home(&logs, home, vault.device_key()).map_err(|_| BondError::NoHome)?
        } else if let [link] = signed
            && moves_to(link, &home)
        {
            link.clone()
        } else {
            return Err(SyncError::NotTaken.into());
        };
        let opened = link.open::<AccountContent>().map_err(BondError::Log)?;
        account.apply(&opened).map_err(BondError::Log)?;
        moved = Some(link);
    }
    Ok(Accepting {
        account,
        move_home: moved,
    })
}

fn moves_to(link: &TravelLink, home: &Home) -> bool {
    let link = link.open::<AccountContent>();
    link.is_ok_and(|link| match &link.claimed().content {
        AccountContent::Move { home: to } => to.relay == home.relay,
        _ => false,
    })
}

/// Says which relay, and nothing of what the invitation holds.
impl fmt::Debug for Considered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Considered")
            .field("bond", &self.bond())
            .field("becomes_home", &self.becomes_home)
            .finish_non_exhaustive()
    }
}
