//! Which bodies may rightly be gone, and what this side may not write any more.

use super::{BondSide, SpaceLogs};
use daymark_wire::{DocumentId, Header, logs::Role, record::ExpiryDay};

impl SpaceLogs {
    /// The documents that this side may not write any more.
    pub fn forgotten(&self) -> impl Iterator<Item = DocumentId> {
        let own = match self {
            Self::Journal(_) => Role::Owner,
            Self::Bond(side) => side.logs.role(),
        };
        let epochs = self.epochs().iter();
        epochs.flat_map(move |epoch| epoch.forgotten_of(own))
    }

    /// Whether a body may rightly be gone (rule R5): its document was forgotten, or it is superseded; in a bond also
    /// when it has expired, and after the end. A link may say so that comes after the record.
    #[must_use]
    pub fn explains_stub(&self, header: &Header) -> bool {
        if self.is_over() || self.is_about_to_expire(header.expires) {
            return true;
        }
        if !header.kind.is_of_the_space() {
            return match self {
                Self::Journal(_) => self.forgotten().any(|gone| gone == header.document),
                Self::Bond(side) => side.is_forgotten(header),
            };
        }
        let epochs = self.epochs();
        let forgets = epochs.iter().rfind(|epoch| !epoch.forgets.is_empty());
        let sealed = self.find_epoch(header.epoch);
        sealed
            .zip(forgets)
            .is_some_and(|(sealed, forgets)| sealed.number < forgets.number)
    }

    /// Whether content with this day of expiry is over, by this device's clock.
    pub(in crate::sync) fn is_expired(&self, expires: ExpiryDay) -> bool {
        self.expires_within(expires, 0)
    }

    /// Whether it is, or is tomorrow: a relay's clock may be ahead.
    pub(in crate::sync) fn is_about_to_expire(&self, expires: ExpiryDay) -> bool {
        self.expires_within(expires, 1)
    }

    fn expires_within(&self, expires: ExpiryDay, days: u32) -> bool {
        let today = self.as_bond().map(BondSide::today);
        let reached = |today: ExpiryDay| expires.has_come(ExpiryDay(today.0.saturating_add(days)));
        today.is_some_and(reached)
    }
}

impl BondSide {
    /// Whether the document was forgotten that a record is of.
    pub(in crate::sync) fn is_forgotten(&self, header: &Header) -> bool {
        let author = self.role_of(header.chain.device).unwrap_or(Role::Owner);
        let mut epochs = self.logs.state().epochs().iter();
        epochs.any(|epoch| {
            let mut forgotten = epoch.forgotten_of(author);
            forgotten.any(|document| document == header.document)
        })
    }
}
