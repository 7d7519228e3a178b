//! Every bond of this vault, as it stands at one moment: the ledger, the logs, and what this device noted.

use super::{Pause, Role, ShareError, SpaceId, Standing};
use crate::vault::{BondNotes, Reading, VaultError};
use daymark_core::{
    account::LogFault,
    bonds::{Agreed, BondLogs, Forks, Number, Pin, Seen},
    journal::Day,
    sharing::{BondEntry, LedgerPage, ShareEntry},
};
use daymark_wire::{
    DocumentId, LogId,
    logs::{AccountContent, AccountState, BondContent, BondLink, EndReason, LogError, TravelLink},
    record::ExpiryDay,
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// All bonds, with what they rest on.
pub(super) struct Bonds {
    /// One's own account.
    pub(super) own: AccountState,
    /// As it reads now.
    pub(super) ledger: LedgerPage,
    /// Each bond that the ledger knows.
    pub(super) all: BTreeMap<SpaceId, Bond>,
    /// What is noted of bonds that the ledger does not know yet: answers on their way.
    pub(super) pending: BTreeMap<SpaceId, BondNotes>,
    /// By this device's clock.
    pub(super) now: Now,
}

/// This device's clock, read once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Milliseconds since 1970.
    pub(super) ms: u64,
}

/// One bond.
pub(super) struct Bond {
    /// What the ledger says.
    pub(super) entry: BondEntry,
    /// What this device noted.
    pub(super) notes: BondNotes,
    /// None before its log came here: another device of this account made it.
    pub(super) logs: Option<BondLogs>,
    /// What is stored of its log does not hold together, and so there is none. That is this bond's alone.
    pub(super) unreadable: bool,
    /// That the answer was checked.
    pub(super) agreed: Option<Agreed>,
}

impl Now {
    pub(super) const fn of(reading: &Reading) -> Self {
        Self {
            ms: reading.now_ms(),
        }
    }

    pub(super) const fn seconds(self) -> u64 {
        self.ms / 1000
    }

    pub(super) fn timestamp(self) -> Timestamp {
        timestamp(self.ms)
    }

    /// The day as relays count it.
    pub(super) fn expiry_day(self) -> ExpiryDay {
        ExpiryDay::of_second(self.seconds())
    }

    /// The same day of the calendar.
    pub(super) fn day(self) -> Day {
        self.timestamp().to_zoned(TimeZone::UTC).date().into()
    }

    /// Whether what expires on that day is gone.
    pub(super) fn is_gone(self, expires: ExpiryDay) -> bool {
        expires.has_come(self.expiry_day())
    }
}

/// A time of this device's clock; the last there is, for one beyond that.
pub(super) fn timestamp(ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

impl Bonds {
    pub(super) async fn load(reading: &mut Reading) -> Result<Self, VaultError> {
        let own = reading.own_account().await?;
        let ledger = reading.ledger().await?;
        let wanted = ledger.bonds();
        Self::of(reading, own, ledger, wanted).await
    }

    /// The same with no other bond than this one.
    pub(super) async fn load_one(reading: &mut Reading, id: SpaceId) -> Result<Self, VaultError> {
        let own = reading.own_account().await?;
        let ledger = reading.ledger().await?;
        let wanted = ledger.bond(id).map(|entry| (id, entry));
        Self::of(reading, own, ledger, wanted.into_iter().collect()).await
    }

    async fn of(
        reading: &mut Reading,
        own: AccountState,
        ledger: LedgerPage,
        wanted: BTreeMap<SpaceId, BondEntry>,
    ) -> Result<Self, VaultError> {
        let mut notes = reading.bond_notes().await?;
        let now = Now::of(reading);
        let mut all = BTreeMap::new();
        for (id, entry) in wanted {
            let mut notes = notes.remove(&id).unwrap_or_default();
            let read = reading.bond_logs(id, &entry, &own).await?;
            let unreadable = read.is_err();
            let logs = read.ok().flatten();
            notes.end = end(&entry, &notes, logs.as_ref(), now);
            let agreed = logs.as_ref().and_then(|logs| agreed(&entry, logs, &own));
            let bond = Bond {
                entry,
                notes,
                logs,
                unreadable,
                agreed,
            };
            all.insert(id, bond);
        }
        Ok(Self {
            own,
            ledger,
            all,
            pending: notes,
            now,
        })
    }

    /// One bond.
    pub(super) fn bond(&self, id: SpaceId) -> Result<&Bond, ShareError> {
        self.all.get(&id).ok_or_else(|| self.unknown())
    }

    /// The same, to be changed as it was written.
    pub(super) fn bond_mut(&mut self, id: SpaceId) -> Result<&mut Bond, ShareError> {
        let unknown = self.unknown();
        self.all.get_mut(&id).ok_or(unknown)
    }

    pub(super) fn unknown(&self) -> ShareError {
        let known: BTreeSet<_> = self.all.values().map(|bond| &bond.entry.name).collect();
        ShareError::UnknownSupporter {
            known: known.into_iter().cloned().collect(),
        }
    }

    /// One bond, for what only this side of it does while it is active.
    pub(super) fn active(&self, id: SpaceId, role: Role) -> Result<&Bond, ShareError> {
        let bond = self.of_side(id, role)?;
        match self.standing(bond) {
            Standing::Active => Ok(bond),
            other => Err(ShareError::NotActive(other)),
        }
    }

    /// One bond, for what only this side of it does.
    pub(super) fn of_side(&self, id: SpaceId, role: Role) -> Result<&Bond, ShareError> {
        let bond = self.bond(id)?;
        if bond.entry.role == role {
            Ok(bond)
        } else {
            Err(ShareError::OtherSide(role))
        }
    }

    /// How a bond stands for its person: what they asked for here counts already.
    pub(super) fn standing(&self, bond: &Bond) -> Standing {
        let logged = self.logged(bond);
        match (bond.notes.end, logged) {
            (Some(why), Standing::Invited | Standing::Lapsed) => Standing::closed(why),
            (Some(_), Standing::NotAgreed | Standing::Active | Standing::Paused(_)) => {
                Standing::Ended {
                    by: bond.entry.role,
                }
            }
            (None, Standing::Invited) if bond.is_spoilt() => Standing::NotAgreed,
            (_, logged) => logged,
        }
    }

    /// How it stands by its log, pins and clock.
    pub(super) fn logged(&self, bond: &Bond) -> Standing {
        let Some(logs) = bond.logs.as_ref().filter(|_| !bond.lacks_answer()) else {
            return match bond.entry.accept {
                _ if bond.unreadable => Standing::Paused(Pause::UnreadableLog),
                Some(_) => Standing::Paused(Pause::Withheld),
                None => Standing::Invited,
            };
        };
        let new_root = match (bond.pin(), logs.other()) {
            (Some(pin), Some(other)) => pin.is_new_root(other),
            _ => false,
        };
        let seen = Seen {
            agreed: bond.agreed.is_some(),
            new_root,
            forked: bond.forks().pause(),
            now: self.now.seconds(),
        };
        match Standing::of(logs.state(), seen) {
            Standing::Invited if bond.notes.stranger || logs.has_stranger() => Standing::NotAgreed,
            standing => standing,
        }
    }

    /// The number of a bond, as both accounts stand.
    pub(super) fn number(&self, bond: &Bond) -> Option<Number> {
        let logs = bond.logs.as_ref()?;
        Number::of(logs.space(), logs.accounts(&self.own))
    }

    /// Whether the two compared their number, and it still holds.
    pub(super) fn is_verified(&self, bond: &Bond) -> bool {
        let pin = bond.entry.pin;
        pin.is_some_and(|pin| pin.is_verified(self.number(bond)))
    }

    /// Whether the supporter is to have it: it was not taken back, its last day is not over, and neither is the
    /// bond.
    pub(super) fn is_open(&self, share: &ShareEntry) -> bool {
        let bond = self.all.get(&share.bond);
        share.is_open(self.now.day()) && bond.is_some_and(|bond| !self.standing(bond).is_over())
    }
}

impl Bond {
    /// Whether an end that was asked for here waits for a sync.
    pub(super) fn is_ending(&self) -> bool {
        self.notes.end.is_some() && !self.has_ended()
    }

    /// Whether the journal knows the answer, and the log that came here does not hold it: nothing can be signed for
    /// a place that is taken.
    pub(super) fn lacks_answer(&self) -> bool {
        let stage = self.logs.as_ref().map(|logs| logs.state().stage());
        let supporter = stage.and_then(|stage| stage.supporter());
        self.entry.accept.is_some() && supporter.is_none()
    }

    /// Whether somebody who does not hold the invitation said no to it: the relay cannot know, and takes no answer
    /// after it.
    fn is_spoilt(&self) -> bool {
        let no = self.logs.as_ref().zip(self.notes.declined);
        let secret = self.entry.secret.as_ref();
        no.zip(secret)
            .is_some_and(|((logs, no), secret)| !secret.has_declined(logs.space(), &no))
    }

    /// Other histories of its log that were shown, and what the person looked at of them.
    pub(super) fn forks(&self) -> Forks {
        Forks::new(&self.notes.forks, &self.entry.looked_at)
    }

    /// The other person's keys as they are remembered: as they were when the two last compared a number, or else when
    /// they agreed.
    pub(super) fn pin(&self) -> Option<Pin> {
        let agreed = || self.logs.as_ref().and_then(Pin::agreed);
        self.entry.pin.or_else(agreed)
    }

    /// Whether its log says that it is over.
    pub(super) fn has_ended(&self) -> bool {
        let logs = self.logs.as_ref();
        logs.is_some_and(|logs| logs.state().stage().is_over())
    }

    /// The documents of one side that the bond's log names as forgotten by somebody who may (rule B5).
    pub(super) fn forgotten(&self, author: Role) -> BTreeSet<DocumentId> {
        let epochs = self.logs.iter().flat_map(|logs| logs.state().epochs());
        epochs
            .flat_map(|epoch| epoch.forgotten_of(author))
            .collect()
    }

    /// A share as this device knows it: forgotten is what its log of the bond names, not another history. Where there
    /// is no log, as the ledger says.
    pub(super) fn known_here(
        &self,
        share: ShareEntry,
        forgotten: &BTreeSet<DocumentId>,
    ) -> ShareEntry {
        match &self.logs {
            Some(_) => share.with_forgotten(forgotten),
            None => share,
        }
    }
}

/// Why it is to end: because the person chose so on one of their devices, or because nothing came of the invitation.
/// Behind an answer that is seen only then it ends as if they had chosen so; one that another device had agreed to
/// before stands. That it lapsed counts from the last day on, by this device's clock: that of the device that noted it
/// may have been ahead (threat K12).
fn end(
    entry: &BondEntry,
    notes: &BondNotes,
    logs: Option<&BondLogs>,
    now: Now,
) -> Option<EndReason> {
    let supporter = logs.and_then(|logs| logs.state().stage().supporter());
    let is_answered = entry.accept.is_some() || supporter.is_some();
    let has_time = logs.is_some_and(|logs| now.seconds() < logs.state().invite().expires);
    let counts = |why: EndReason| why != EndReason::Lapsed || !has_time;
    let closed = entry.is_closed().filter(|closed| counts(closed.why));
    match (entry.closed, closed) {
        _ if entry.ended.is_some() => Some(EndReason::Chosen),
        (_, Some(_)) if is_answered => Some(EndReason::Chosen),
        (_, Some(closed)) => Some(closed.why),
        (Some(_), None) => None,
        (None, None) => notes.end.filter(|why| counts(*why)),
    }
}

fn agreed(entry: &BondEntry, logs: &BondLogs, own: &AccountState) -> Option<Agreed> {
    let accepted = logs.accepted()?;
    match entry.role {
        Role::Supporter => accepted.own(own.id()).ok(),
        Role::Owner => accepted.remember(entry.accept?).ok(),
    }
}

impl Reading {
    /// This vault's own account, as its log leaves it.
    pub(super) async fn own_account(&mut self) -> Result<AccountState, VaultError> {
        let account = self.account().await?;
        let links = self.links_of(account.into()).await?;
        fold_account(&links).ok_or(VaultError::Damaged { what: "its logs" })
    }

    /// The logs of a bond, without another answer than the one that the journal knows; none before its first link
    /// came here. Where its links do not hold together it says why, and stops nothing else.
    async fn bond_logs(
        &mut self,
        bond: SpaceId,
        entry: &BondEntry,
        own: &AccountState,
    ) -> Result<Result<Option<BondLogs>, LogFault>, VaultError> {
        let mut links = self.links_of(bond.into()).await?;
        if links.is_empty() {
            return Ok(Ok(None));
        }
        if let Some(other) = other_log(&links, own) {
            links.extend(self.links_of(other).await?);
        }
        let log = LogId::from(bond);
        Ok(BondLogs::fold(&links, own).and_then(|logs| {
            let known = with_what_is_known(logs, entry, own);
            known.map(Some).map_err(|why| LogFault::Broken { log, why })
        }))
    }
}

/// Logs that take no other answer than the one that the journal knows, and none of a stranger's.
pub(super) fn with_what_is_known(
    mut logs: BondLogs,
    entry: &BondEntry,
    own: &AccountState,
) -> Result<BondLogs, LogError> {
    if let Some(secret) = &entry.secret {
        logs.judge_with(secret, own)?;
    }
    if let Some(answer) = entry.accept {
        logs.expect(answer, own)?;
    }
    Ok(logs)
}

fn fold_account(links: &[TravelLink]) -> Option<AccountState> {
    let (genesis, rest) = links.split_first()?;
    let mut account = AccountState::begin(&genesis.open::<AccountContent>().ok()?).ok()?;
    for link in rest {
        account.apply(&link.open::<AccountContent>().ok()?).ok()?;
    }
    Some(account)
}

/// The account log of the other person, as the bond's links name it.
fn other_log(links: &[TravelLink], own: &AccountState) -> Option<LogId> {
    links.iter().find_map(|link| {
        let link: BondLink = link.open().ok()?;
        let account = match &link.claimed().content {
            BondContent::Invite(invite) => invite.owner,
            BondContent::Accept(accept) => accept.supporter,
            BondContent::End { .. } | BondContent::Leave | BondContent::Epoch(_) => return None,
        };
        (account != own.id()).then(|| account.into())
    })
}
