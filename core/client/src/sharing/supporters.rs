//! With whom this vault has a bond, on either side, and how each stands.

use super::{
    Pause, Role, ShareError, SpaceId, Standing,
    bond::{Bond, Bonds, timestamp},
    versions::Versions,
};
use crate::vault::{Reading, Vault};
use daymark_core::{
    journal::Person,
    sharing::{BondEntry, LedgerItem, folded_name},
};
use jiff::Timestamp;
use std::{cmp::Reverse, collections::BTreeMap};

/// Digits of a bond's id that may stand for a name: fewer are a slip of the hand sooner than an id.
const MIN_ID_DIGITS: usize = 4;

/// A bond with one other person, as this vault knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supporter {
    /// The bond.
    pub bond: SpaceId,
    /// What this person calls the other.
    pub name: Person,
    /// Which side this person is on: an owner shares, a supporter receives.
    pub role: Role,
    /// How the bond stands.
    pub standing: Standing,
    /// Whether an end that was asked for here waits for the next sync.
    pub ending: bool,
    /// Whether the two compared their number, and it still holds.
    pub verified: bool,
    /// Whether the person would rather not be told of news.
    pub muted: bool,
    /// Since when the two agree.
    pub since: Option<Timestamp>,
    /// Until when the invitation can be accepted, while nobody did.
    pub open_until: Option<Timestamp>,
    /// What there is.
    pub counts: Counts,
}

/// How much there is in a bond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that are shared: with them, or with this person.
    pub shared: usize,
    /// Replies.
    pub replies: usize,
    /// What waits here for the next sync.
    pub waiting: usize,
    /// What came from a newer version of Daymark, and is kept until this one is updated.
    pub newer: usize,
}

impl Vault {
    /// Every bond, on either side, also those that ended; by name. Of one name the one that is not over stands first,
    /// then the newest.
    ///
    /// # Errors
    /// [`ShareError::Vault`].
    pub async fn supporters(&self) -> Result<Vec<Supporter>, ShareError> {
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        let mut supporters = Vec::with_capacity(bonds.all.len());
        for (id, bond) in &bonds.all {
            let supporter = supporter(&mut reading, &bonds, *id, bond).await?;
            let place = (supporter.standing.is_over(), Reverse(newest(bond)));
            supporters.push((place, supporter));
        }
        supporters.sort_by(|(place, one), (other_place, other)| {
            let by_name = one.name.cmp(&other.name);
            by_name.then_with(|| place.cmp(other_place))
        });
        Ok(supporters
            .into_iter()
            .map(|(_, supporter)| supporter)
            .collect())
    }

    /// The bond that a person means: the whole name in any case and however its accents are written, else how it
    /// begins, else how its id begins, as two devices may give one name at once. Of several with one name the one that is
    /// not over, else the newest. Where there is none, an invitation that this person accepted and of which the relay has
    /// not shown it: paused, of no time.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::AmbiguousSupporter`] with the names there are,
    /// [`ShareError::Vault`].
    pub async fn find_supporter(&self, name: &str) -> Result<Supporter, ShareError> {
        let mut reading = self.reading().await?;
        let bonds = Bonds::load(&mut reading).await?;
        match bonds.named(name) {
            Ok((id, bond)) => supporter(&mut reading, &bonds, id, bond).await,
            Err(error) => bonds.answering(name).ok_or(error),
        }
    }

    /// Mutes or unmutes; false when it stands like that already.
    ///
    /// # Errors
    /// [`ShareError::UnknownSupporter`], [`ShareError::Vault`].
    pub async fn mute(&self, bond: SpaceId, muted: bool) -> Result<bool, ShareError> {
        let mut writing = self.writing().await?;
        let mut bonds = Bonds::load(&mut writing).await?;
        let entry = BondEntry {
            muted,
            ..bonds.bond(bond)?.entry.clone()
        };
        let item = LedgerItem::Bond(bond, entry);
        let changed = self
            .put_ledger(&mut writing, &mut bonds.ledger, &[item])
            .await?;
        writing.commit().await?;
        Ok(changed)
    }
}

async fn supporter(
    reading: &mut Reading,
    bonds: &Bonds,
    id: SpaceId,
    bond: &Bond,
) -> Result<Supporter, ShareError> {
    let standing = bonds.standing(bond);
    let open = (standing == Standing::Invited).then_some(bond.logs.as_ref());
    let open_until = open.flatten().map(|logs| logs.state().invite().expires);
    Ok(Supporter {
        bond: id,
        name: bond.entry.name.clone(),
        role: bond.entry.role,
        standing,
        ending: bond.is_ending(),
        verified: bonds.is_verified(bond),
        muted: bond.entry.muted,
        since: bond.entry.since,
        open_until: open_until.map(|seconds| timestamp(seconds.saturating_mul(1000))),
        counts: counts(reading, bonds, id, bond).await?,
    })
}

async fn counts(
    reading: &mut Reading,
    bonds: &Bonds,
    id: SpaceId,
    bond: &Bond,
) -> Result<Counts, ShareError> {
    let versions = Versions::load(reading, bonds, id, bond).await?;
    let shared = match bond.entry.role {
        Role::Owner => {
            let shares = bonds.ledger.shares_with(id);
            shares.values().filter(|share| bonds.is_open(share)).count()
        }
        Role::Supporter => versions.copies.len(),
    };
    Ok(Counts {
        shared,
        replies: versions.replies.len(),
        waiting: reading.outbox_length_of(id).await?,
        newer: versions.newer,
    })
}

/// Which of two bonds with one name came later: one that was agreed on after one that never was.
fn newest(bond: &Bond) -> (Option<Timestamp>, Option<u64>) {
    let open_until = bond.logs.as_ref().map(|logs| logs.state().invite().expires);
    (bond.entry.since, open_until)
}

/// Of what is over, only the newest of a name can be meant.
fn newest_of_each_name(bonds: Vec<(SpaceId, &Bond)>) -> Vec<(SpaceId, &Bond)> {
    let mut of_name: BTreeMap<String, (SpaceId, &Bond)> = BTreeMap::new();
    for (id, bond) in bonds {
        let name = folded_name(bond.entry.name.as_str());
        let known = of_name.entry(name).or_insert((id, bond));
        if newest(known.1) < newest(bond) {
            *known = (id, bond);
        }
    }
    of_name.into_values().collect()
}

impl Bonds {
    fn named(&self, name: &str) -> Result<(SpaceId, &Bond), ShareError> {
        let wanted = folded_name(name);
        let mut whole = self.called(|called| called == wanted);
        if whole.is_empty() && !wanted.is_empty() {
            whole = self.called(|called| called.starts_with(&wanted));
        }
        if whole.is_empty() && wanted.len() >= MIN_ID_DIGITS {
            let all = self.all.iter().map(|(id, bond)| (*id, bond));
            let begins = |id: &SpaceId| id.to_string().starts_with(&wanted);
            whole = all.filter(|(id, _)| begins(id)).collect();
        }
        let mut live = whole.clone();
        live.retain(|(_, bond)| !self.standing(bond).is_over());
        let meant = if live.is_empty() {
            newest_of_each_name(whole)
        } else {
            live
        };
        match meant.as_slice() {
            [] => Err(self.unknown()),
            [one] => Ok(*one),
            several => Err(ShareError::AmbiguousSupporter {
                candidates: several
                    .iter()
                    .map(|(id, bond)| (bond.entry.name.clone(), *id))
                    .collect(),
            }),
        }
    }

    /// Somebody whose invitation this person accepted, without having heard what became of that.
    fn answering(&self, name: &str) -> Option<Supporter> {
        let wanted = folded_name(name);
        let mut pending = self.pending.iter();
        pending.find_map(|(bond, notes)| {
            let name = Person::parse(&notes.acceptance.as_ref()?.name).ok()?;
            (folded_name(name.as_str()) == wanted).then_some(Supporter {
                bond: *bond,
                name,
                role: Role::Supporter,
                standing: Standing::Paused(Pause::Withheld),
                ending: false,
                verified: false,
                muted: false,
                since: None,
                open_until: None,
                counts: Counts::default(),
            })
        })
    }

    fn called(&self, is_meant: impl Fn(&str) -> bool) -> Vec<(SpaceId, &Bond)> {
        let all = self.all.iter().map(|(id, bond)| (*id, bond));
        all.filter(|(_, bond)| is_meant(&folded_name(bond.entry.name.as_str())))
            .collect()
    }

    /// Whether nobody with whom something may still come about is called that.
    ///
    /// # Errors
    /// [`ShareError::NameTaken`].
    pub(super) fn check_name(&self, name: &Person) -> Result<(), ShareError> {
        let wanted = folded_name(name.as_str());
        let named = self.called(|called| called == wanted);
        if named.iter().all(|(_, bond)| self.standing(bond).is_over()) {
            Ok(())
        } else {
            Err(ShareError::NameTaken)
        }
    }
}
