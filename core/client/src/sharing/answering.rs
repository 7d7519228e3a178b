//! Bringing a yes to the relay, as it was signed and stored, until it is known what became of it.

use super::{BondError, Role, ShareError, SpaceId, bond::Bonds};
use crate::{
    connection::{Relay, RelayAddress, RelayError},
    vault::{BondNotes, PendingAcceptance, SecretName, Vault, VaultError, Writing},
};
use daymark_core::{
    account::Logs,
    bonds::BondLogs,
    journal::Person,
    sharing::{BondEntry, LedgerItem},
};
use daymark_wire::{
    LogId,
    logs::{AccountLink, AccountState, BondContent, BondLink, LogKind, TravelLink},
    problem::Code,
    sync::{AppendOutcome, KnownLog, SyncRequest},
};

/// What a relay made of an answer.
enum Brought {
    Taken,
    /// Another link is seen to stand at its place: it can never be taken.
    Another,
    /// The relay says that it does not and never will. It may have taken it all the same.
    Refused,
    Unknown,
}

impl Vault {
    /// Sends an answer to the relay of its invitation, and keeps the bond when that took it. It stays as it was signed
    /// until another link is seen at its place (rule L13), or the person withdraws it. The caller holds the lock of
    /// syncs.
    ///
    /// # Errors
    /// [`ShareError::NoInvitation`]: the relay refuses it, and no sync brings it again. [`ShareError::Undecided`]: the
    /// next sync brings it again. [`BondError::OtherRelay`]: this vault has another relay by now; it is not sent.
    pub(super) async fn send_acceptance(
        &self,
        bond: SpaceId,
        acceptance: &PendingAcceptance,
    ) -> Result<(), ShareError> {
        let invited_to = acceptance.relay()?;
        let address = match self.relay().await? {
            Some(set) if set.key != invited_to.key => return Err(BondError::OtherRelay.into()),
            Some(set) => set,
            None => invited_to,
        };
        let relay = self.connect_to(address)?;
        match self.offer_acceptance(&relay, acceptance).await? {
            Brought::Taken => self.keep_bond(bond, acceptance).await,
            Brought::Another => {
                self.let_go_of(bond).await?;
                Err(ShareError::NoInvitation)
            }
            Brought::Refused => {
                self.note_refusal(bond, true).await?;
                Err(ShareError::NoInvitation)
            }
            Brought::Unknown => {
                self.note_refusal(bond, false).await?;
                Err(ShareError::Undecided)
            }
        }
    }

    async fn offer_acceptance(
        &self,
        relay: &Relay,
        acceptance: &PendingAcceptance,
    ) -> Result<Brought, VaultError> {
        let own = self.reading().await?.journal_links().await?;
        let logs = Logs::fold(&own).map_err(|_| VaultError::Damaged { what: "its logs" })?;
        let mut request = SyncRequest {
            known: known(&logs, acceptance),
            append: acceptance.links.clone(),
            invite: Some(acceptance.token.clone()),
            ..SyncRequest::default()
        };
        let mut reply = relay.sync(&request).await;
        if let Err(RelayError::Refused {
            code: Code::UnknownAccount,
            ..
        }) = &reply
        {
            request.append = [own, acceptance.links.clone()].concat();
            reply = relay.sync(&request).await;
        }
        Ok(match reply {
            Ok(reply) => match reply.append {
                AppendOutcome::Appended => Brought::Taken,
                AppendOutcome::Refused { .. } => Brought::Refused,
                AppendOutcome::Nothing | AppendOutcome::NotNow | AppendOutcome::NotNext => {
                    acceptance.place_in(&reply.links, logs.account())
                }
            },
            Err(RelayError::Refused {
                code: Code::BadInvite | Code::RegistrationClosed,
                ..
            }) => Brought::Refused,
            Err(_) => Brought::Unknown,
        })
    }

    /// The relay took it: from now on this is a bond like any other.
    pub(super) async fn keep_bond(
        &self,
        bond: SpaceId,
        acceptance: &PendingAcceptance,
    ) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let mut own = bonds.own.clone();
        put_own(&mut writing, &mut own, &acceptance.links).await?;
        let all = [acceptance.shown.clone(), acceptance.links.clone()].concat();
        let logs = BondLogs::fold(&all, &own).map_err(BondError::from)?;
        writing.put_bond_logs(&logs).await?;
        writing.put_epochs(bond, &[acceptance.epoch()]).await?;
        writing.put_bond_notes(bond, &BondNotes::default()).await?;
        let name = Person::parse(&acceptance.name)?;
        let agreed = logs.accepted().map(|accepted| accepted.own(own.id()));
        let entry = BondEntry {
            accept: agreed.transpose()?.map(|agreed| agreed.accept()),
            since: Some(bonds.now.timestamp()),
            ..BondEntry::new(Role::Supporter, name, None)
        };
        let item = LedgerItem::Bond(bond, entry);
        self.put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        // What was refused of them before came to nothing.
        for (other, notes) in &bonds.pending {
            let refused = notes.acceptance.as_ref().filter(|one| one.is_refused);
            if refused.is_some_and(|one| one.name == acceptance.name) {
                writing.drop_bond_notes(*other).await?;
            }
        }
        if !writing.has_relay().await? {
            writing.put_relay(&acceptance.relay()?, None).await?;
        }
        writing.commit().await?;
        Ok(())
    }

    /// What a relay refused no sync brings again.
    async fn note_refusal(&self, bond: SpaceId, is_refused: bool) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let mut notes = writing
            .bond_notes()
            .await?
            .remove(&bond)
            .unwrap_or_default();
        if let Some(acceptance) = &mut notes.acceptance
            && acceptance.is_refused != is_refused
        {
            acceptance.is_refused = is_refused;
            writing.put_bond_notes(bond, &notes).await?;
        }
        writing.commit().await?;
        Ok(())
    }

    /// Lets go of an answer, and of the move that was signed for it, where no other answer rests on that: it goes to no
    /// other relay, and keeps nobody from accepting there.
    pub(super) async fn let_go_of(&self, bond: SpaceId) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        let mut notes = writing.bond_notes().await?;
        let answer = notes.remove(&bond).and_then(|notes| notes.acceptance);
        let signed = writing.signed_links().await?;
        let holds = |answer: &PendingAcceptance| {
            let mut signed = signed.iter();
            signed.any(|link| answer.links.contains(link))
        };
        let mut others = notes.values().filter_map(|notes| notes.acceptance.as_ref());
        if answer.as_ref().is_some_and(holds) && !others.any(holds) {
            writing.drop_secret(SecretName::SignedLinks).await?;
        }
        writing.drop_bond_notes(bond).await?;
        writing.commit().await?;
        Ok(())
    }
}

impl PendingAcceptance {
    /// The relay of the invitation: what shows it goes to no other.
    fn relay(&self) -> Result<RelayAddress, ShareError> {
        let links = self.shown.iter();
        let invite = links
            .filter(|link| link.kind == LogKind::Bond)
            .find_map(|link| {
                let link: BondLink = link.open().ok()?;
                match &link.claimed().content {
                    BondContent::Invite(invite) => Some(invite.relay.clone()),
                    _ => None,
                }
            });
        Ok(RelayAddress::from_home(
            &invite.ok_or(BondError::NotAnInvitation)?,
        )?)
    }

    /// What the links that a relay shows say of its place.
    fn place_in(&self, links: &[TravelLink], own: &AccountState) -> Brought {
        let Ok(mut logs) = BondLogs::fold(&self.shown, own) else {
            return Brought::Unknown;
        };
        logs.take(links, own);
        match logs.bond_links().get(1) {
            Some(stands) if self.links.contains(stands) => Brought::Taken,
            Some(_) => Brought::Another,
            None => Brought::Unknown,
        }
    }
}

/// Keeps the links of this account that went along.
async fn put_own(
    writing: &mut Writing,
    own: &mut AccountState,
    links: &[TravelLink],
) -> Result<(), ShareError> {
    let log = LogId::from(own.id());
    for link in links.iter().filter(|link| link.kind == LogKind::Account) {
        let opened: AccountLink = link.open().map_err(BondError::Log)?;
        let position = opened.claimed().position;
        if opened.log_id() == log && position == own.length() + 1 {
            own.apply(&opened).map_err(BondError::Log)?;
            let placed = (log, position, link);
            writing.put_links([placed].into_iter()).await?;
        }
    }
    Ok(())
}

/// The heads before the answer: both logs of this account, the owner's and the bond's as they were considered.
fn known(logs: &Logs, acceptance: &PendingAcceptance) -> Vec<KnownLog> {
    let mut known = logs.known();
    let considered = BondLogs::fold(&acceptance.shown, logs.account());
    known.extend(considered.iter().flat_map(BondLogs::known));
    known
}
