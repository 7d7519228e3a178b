//! A link that this device signed for the next place of the space's log, and whether it can still stand there as it
//! was signed (rule L13).

use super::SpaceLogs;
use daymark_wire::{
    Hash, Have,
    logs::{BondContent, Content, EpochContent, Head, JournalContent, LogKind, TravelLink},
};

/// What decides whether a link is the next one.
struct Place {
    position: u64,
    previous: Hash,
    rests_on: Vec<Head>,
    /// How far the author of an epoch knew each chain.
    have: Option<Have>,
}

impl Place {
    fn of(link: &TravelLink) -> Option<Self> {
        match link.kind {
            LogKind::Account => None,
            LogKind::Journal => Self::with(link, |content| match content {
                JournalContent::Epoch(epoch) => Some(epoch),
                _ => None,
            }),
            LogKind::Bond => Self::with(link, |content| match content {
                BondContent::Epoch(epoch) => Some(epoch),
                _ => None,
            }),
        }
    }

    fn with<C: Content>(
        link: &TravelLink,
        epoch: impl FnOnce(&C) -> Option<&EpochContent>,
    ) -> Option<Self> {
        let link = link.open::<C>().ok()?;
        let body = link.claimed();
        Some(Self {
            position: body.position,
            previous: body.previous,
            rests_on: body.rests_on.clone(),
            have: epoch(&body.content).map(|epoch| epoch.have.clone()),
        })
    }
}

impl SpaceLogs {
    /// Whether nothing is known yet to stand at the place for which a link of this space's log was signed.
    #[must_use]
    pub fn is_unsettled(&self, link: &TravelLink) -> bool {
        let (length, _) = self.last();
        Place::of(link).is_some_and(|place| place.position > length)
    }

    /// Whether a link can be the next one as it was signed: it follows the last one known and rests on what stands,
    /// and an epoch's author knew each chain as far as it is known now. Else no honest relay takes it any more.
    pub(in crate::sync) fn can_be_next(&self, link: &TravelLink, have: &Have) -> bool {
        let (length, last) = self.last();
        Place::of(link).is_some_and(|place| {
            place.position == length + 1
                && place.previous == last
                && place.rests_on == self.next_rests_on()
                && place.have.is_none_or(|known| known == *have)
        })
    }

    /// How many links the space's log has, and the hash of the last.
    fn last(&self) -> (u64, Hash) {
        match self {
            Self::Journal(logs) => (logs.journal().length(), logs.journal().last()),
            Self::Bond(side) => (side.logs.state().length(), side.logs.state().last()),
        }
    }

    /// The account heads that the next link rests on.
    fn next_rests_on(&self) -> Vec<Head> {
        match self {
            Self::Journal(logs) => vec![logs.account().head()],
            Self::Bond(side) => side.logs.next_rests_on(side.own.state()).to_vec(),
        }
    }
}
