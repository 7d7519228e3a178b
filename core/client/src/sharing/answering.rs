//! Bringing a yes to the relay, as it was signed and stored, until it is known what became of it.

use super::{BondError, Role, ShareError, SpaceId, bond::Bonds};
use crate::{
    connection::{Relay, RelayError},
    vault::{BondNotes, PendingAcceptance, Vault, Writing},
};
use daymark_core::{
    account::Logs,
    bonds::{BondLogs, Pin},
    journal::Person,
    sharing::{BondEntry, LedgerItem},
};
use daymark_wire::{
    LogId,
    logs::{AccountLink, AccountState, LogKind, TravelLink},
    problem::Code,
    sync::{AppendOutcome, KnownLog, SyncRequest},
};

impl Vault {
    /// Sends an answer, and keeps the bond when the relay took it. The caller holds the lock of syncs.
    ///
    /// # Errors
    /// [`ShareError::NoInvitation`]: it was not taken and never will be; nothing is kept. [`ShareError::Undecided`]:
    /// it stays stored, to be brought again.
    pub(super) async fn send_acceptance(
        &self,
        bond: SpaceId,
        acceptance: &PendingAcceptance,
    ) -> Result<(), ShareError> {
        let relay = self.connect().await?;
        let outcome = self.offer_acceptance(&relay, acceptance).await;
        match outcome {
            Ok(AppendOutcome::Appended) => self.keep_bond(bond, acceptance).await,
            // Somebody was first, it lapsed meanwhile, or this account went on elsewhere: it can never be taken.
            Ok(AppendOutcome::NotNext | AppendOutcome::Refused { .. }) => {
                self.let_go_of(bond).await?;
                Err(ShareError::NoInvitation)
            }
            Ok(AppendOutcome::Nothing | AppendOutcome::NotNow) => Err(ShareError::Undecided),
            Err(RelayError::Refused {
                code: Code::BadInvite | Code::RegistrationClosed,
                ..
            }) => {
                self.let_go_of(bond).await?;
                Err(ShareError::NoInvitation)
            }
            Err(RelayError::Refused { .. } | RelayError::ClockOff { .. }) => {
                outcome.map_err(ShareError::from).map(|_| ())
            }
            Err(_) => Err(ShareError::Undecided),
        }
    }

    async fn offer_acceptance(
        &self,
        relay: &Relay,
        acceptance: &PendingAcceptance,
    ) -> Result<AppendOutcome, RelayError> {
        let stored = async { self.reading().await?.journal_links().await };
        let own = stored.await.map_err(|_| RelayError::Closed)?;
        let logs = Logs::fold(&own).map_err(|_| RelayError::Closed)?;
        let mut request = SyncRequest {
            known: known(&logs, acceptance),
            append: acceptance.links.clone(),
            invite: Some(acceptance.token.clone()),
            ..SyncRequest::default()
        };
        match relay.sync(&request).await {
            Err(RelayError::Refused {
                code: Code::UnknownAccount,
                ..
            }) => {
                request.append = [own, acceptance.links.clone()].concat();
                Ok(relay.sync(&request).await?.append)
            }
            reply => Ok(reply?.append),
        }
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
        let other = logs.other().map(AccountState::id).map(LogId::from);
        for log in [Some(LogId::from(bond)), other].into_iter().flatten() {
            let links = logs.links_beyond(log, 0);
            let placed = (1..)
                .zip(links)
                .map(|(position, link)| (log, position, link));
            writing.put_links(placed).await?;
        }
        writing.put_epochs(bond, &[acceptance.epoch()]).await?;
        writing.put_bond_notes(bond, &BondNotes::default()).await?;
        let name = Person::parse(&acceptance.name)?;
        let agreed = logs.accepted().map(|accepted| accepted.own(own.id()));
        let entry = BondEntry {
            accept: agreed.transpose()?.map(|agreed| agreed.accept()),
            since: Some(bonds.now.timestamp()),
            pin: logs.other().map(Pin::first),
            ..BondEntry::new(Role::Supporter, name, None)
        };
        let item = LedgerItem::Bond(bond, entry);
        self.put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        writing.commit().await?;
        Ok(())
    }

    async fn let_go_of(&self, bond: SpaceId) -> Result<(), ShareError> {
        let mut writing = self.writing().await?;
        writing.drop_bond_notes(bond).await?;
        writing.commit().await?;
        Ok(())
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
