//! The epochs that a space's log shows, and the rules for beginning one that journals and bonds share.

use super::{
    EpochContent, Head, LogError, MadeFor, Role,
    journal::EpochCommitment,
    link::{Content, Link},
};
use crate::{ChainId, DocumentId, EpochId, Have, Seq, limits, wrapping::Recipient};

/// One epoch that the log shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochState {
    /// Its name: from its link's hash.
    pub id: EpochId,
    /// 1 for the first.
    pub number: u64,
    /// Length of the log with its link.
    pub position: u64,
    /// The account head that it rests on; in a bond the owner's.
    pub rests_on: Head,
    /// What only an epoch of a bond has; none in a journal.
    pub bond: Option<BondEpoch>,
    /// Commitment to its secret.
    pub commitment: EpochCommitment,
    /// How far its author knew each chain.
    pub have: Have,
    /// What it forgot.
    pub forgets: Vec<DocumentId>,
    /// The relay it was made for.
    pub made_for: Option<MadeFor>,
}

/// What an epoch of a bond has besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BondEpoch {
    /// Which side began it, and so whose documents it may forget (rule B5).
    pub by: Role,
    /// The supporter's account head that it rests on.
    pub supporter: Head,
}

impl EpochState {
    /// The account head of one side that it rests on. A journal has an owner only.
    #[must_use]
    pub fn head_of(&self, role: Role) -> Option<Head> {
        match role {
            Role::Owner => Some(self.rests_on),
            Role::Supporter => self.bond.map(|bond| bond.supporter),
        }
    }

    /// What it forgot, if `author` wrote it: each side forgets its own, and the owner replies, too (rule B5). In a
    /// journal everything is the owner's.
    pub fn forgotten_of(&self, author: Role) -> impl Iterator<Item = DocumentId> {
        let by = self.bond.map_or(Role::Owner, |bond| bond.by);
        let may = by == Role::Owner || by == author;
        self.forgets.iter().copied().filter(move |_| may)
    }
}

/// The epochs of one space, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Epochs(Vec<EpochState>);

impl Epochs {
    /// Takes the next one, if it is right: `recipients` are those for whom it must be wrapped.
    pub(super) fn add<C: Content>(
        &mut self,
        epoch: &EpochContent,
        link: &Link<C>,
        (rests_on, bond): (Head, Option<BondEpoch>),
        recipients: &[Recipient],
    ) -> Result<(), LogError> {
        self.check(epoch, recipients)?;
        self.0.push(EpochState {
            id: link.hash().epoch_id(),
            number: epoch.number,
            position: link.claimed().position,
            rests_on,
            bond,
            commitment: epoch.commitment,
            have: epoch.have.clone(),
            forgets: epoch.forgets.clone(),
            made_for: epoch.made_for,
        });
        Ok(())
    }

    fn check(&self, epoch: &EpochContent, recipients: &[Recipient]) -> Result<(), LogError> {
        let number = self.newest().map_or(0, |newest| newest.number);
        if Some(epoch.number) != number.checked_add(1) {
            return Err(LogError::OutOfPlace(
                "epochs are numbered one after the other",
            ));
        }
        if epoch.forgets.len() > limits::MAX_FORGETS_PER_EPOCH {
            return Err(LogError::OutOfPlace(
                "an epoch that forgets too much at once",
            ));
        }
        if epoch.forgets.iter().any(DocumentId::is_zero) {
            return Err(LogError::OutOfPlace(
                "what belongs to the space cannot be forgotten",
            ));
        }
        if epoch.recipients != recipients {
            return Err(LogError::WrongRecipients);
        }
        Ok(())
    }

    /// Where a chain ends whose device one side removed at this length of its account log: where the first
    /// epoch that rests on the removal says, and at zero until there is one (rule L8).
    pub(super) fn cut(&self, role: Role, revoked_at: u64, chain: ChainId) -> Seq {
        self.0
            .iter()
            .find(|epoch| {
                epoch
                    .head_of(role)
                    .is_some_and(|head| head.length >= revoked_at)
            })
            .map_or(Seq::default(), |epoch| epoch.have.of(chain))
    }

    pub(super) fn all(&self) -> &[EpochState] {
        &self.0
    }

    pub(super) fn find(&self, id: EpochId) -> Option<&EpochState> {
        self.0.iter().find(|epoch| epoch.id == id)
    }

    pub(super) fn newest(&self) -> Option<&EpochState> {
        self.0.last()
    }
}
