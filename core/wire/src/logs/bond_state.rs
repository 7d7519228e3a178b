//! What a bond log says in the end: two people's agreement. It rests on both their account logs.
//!
//! ```text
//! (invite) ──► Invited ──accept──► Active ◄─┐
//!                 │                 │  │    │ epoch: the first by the supporter, right after *accept*
//!                end          end, leave└───┘
//!                 ▼                 ▼
//!               Closed            Ended      nothing stands after these
//! ```

use super::{
    AccountState, BondAccounts, BondContent, BondEpoch, BondLink, BondStage, EndReason, EpochState,
    Head, Invite, LogError, Role, account_state::check_home, epoch_state::Epochs, hashes::Hashes,
};
use crate::{AccountId, ChainId, EpochId, Hash, LogId, Seq, SpaceId, limits, wrapping::Recipient};

/// A bond as its log leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondState {
    space: SpaceId,
    invite: Invite,
    invite_link: Hash,
    stage: BondStage,
    rests_on: Heads,
    epochs: Epochs,
    hashes: Hashes,
    /// Of all links, without their blobs.
    bytes: usize,
}

/// The heads that the last link rests on. Those of the next one are not shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Heads {
    owner: Head,
    /// None before *accept*.
    supporter: Option<Head>,
}

impl BondState {
    /// Begins with an *invite* link.
    ///
    /// # Errors
    /// A [`LogError`] when it is not one, or not signed by the owner.
    pub fn begin(link: &BondLink, owner: &AccountState) -> Result<Self, LogError> {
        let body = link.claimed();
        let (BondContent::Invite(invite), 1) = (&body.content, body.position) else {
            return Err(LogError::OutOfPlace("a bond log begins with an invite"));
        };
        if invite.owner != owner.id() {
            return Err(LogError::OtherLog);
        }
        check_home(Some(&invite.relay))?;
        let rests_on = Heads::of(link, BondStage::Invited)?;
        link.check(&owner.key_at(body.author, rests_on.owner)?)?;
        Ok(Self {
            space: link.hash().log_id().into(),
            invite: invite.clone(),
            invite_link: link.hash(),
            stage: BondStage::Invited,
            rests_on,
            epochs: Epochs::default(),
            hashes: Hashes::begin(link.hash()),
            bytes: link.bytes().len(),
        })
    }

    /// Takes the next link.
    ///
    /// # Errors
    /// A [`LogError`] that names the rule; the state is as it was.
    pub fn apply(&mut self, link: &BondLink, accounts: BondAccounts<'_>) -> Result<(), LogError> {
        link.follows(LogId::from(self.space), (self.length(), self.last()))?;
        let content = &link.claimed().content;
        let stage = self.stage_after(content)?;
        let heads = Heads::of(link, stage)?;
        self.check_heads(heads, stage, accounts)?;
        self.check_shown(content, heads, accounts)?;
        let by = author(link, heads, accounts)?;
        if !self.may_say(by, content) {
            return Err(LogError::NotEntitled);
        }
        if let (BondContent::Epoch(epoch), Some(supporter)) = (content, heads.supporter) {
            let bond = BondEpoch { by, supporter };
            let recipients = recipients(self.owner(), stage);
            let grounds = (heads.owner, Some(bond));
            self.epochs.add(epoch, link, grounds, &recipients)?;
        }
        self.stage = stage;
        self.rests_on = heads;
        self.hashes.push(link.hash());
        self.bytes = self.bytes.saturating_add(link.bytes().len());
        Ok(())
    }

    /// The stage that a link leads to, if one of its kind can stand here.
    fn stage_after(&self, content: &BondContent) -> Result<BondStage, LogError> {
        use BondStage::{Active, Closed, Ended, Invited};
        let wrong = match (self.stage, content) {
            (_, BondContent::Invite(_)) => "a bond log has one invite",
            (Closed { .. } | Ended { .. }, _) => "nothing stands after the end of a bond",
            (Invited, BondContent::Accept(accept)) if accept.supporter == self.owner() => {
                "nobody is their own supporter"
            }
            (Invited, BondContent::Accept(accept)) => {
                return Ok(Active {
                    supporter: accept.supporter,
                });
            }
            (Active { .. }, BondContent::Accept(_)) => "a bond is accepted once",
            (Invited, BondContent::End { why }) => return Ok(Closed { why: *why }),
            (
                Active { supporter },
                BondContent::End {
                    why: EndReason::Chosen,
                },
            ) => {
                let by = Role::Owner;
                return Ok(Ended { supporter, by });
            }
            (Active { .. }, BondContent::End { .. }) => "only an invitation is declined or lapses",
            (Active { supporter }, BondContent::Leave) => {
                let by = Role::Supporter;
                return Ok(Ended { supporter, by });
            }
            (Active { .. }, BondContent::Epoch(_)) if self.is_full() => {
                "a bond log that is full takes nothing but the end"
            }
            (Active { .. }, BondContent::Epoch(_)) => return Ok(self.stage),
            (Invited, BondContent::Leave | BondContent::Epoch(_)) => "nobody has accepted yet",
        };
        Err(LogError::OutOfPlace(wrong))
    }

    /// The heads are on these account logs, and not shorter than those of the link before (rule L3).
    fn check_heads(
        &self,
        heads: Heads,
        stage: BondStage,
        accounts: BondAccounts<'_>,
    ) -> Result<(), LogError> {
        let supporter = accounts
            .supporter
            .filter(|account| Some(account.id()) == stage.supporter());
        let known = accounts.owner.id() == self.owner()
            && accounts.owner.has_had(heads.owner)
            && heads
                .supporter
                .is_none_or(|head| supporter.is_some_and(|account| account.has_had(head)));
        let length = |head: Option<Head>| head.map(|head| head.length);
        let on_from = heads.owner.length >= self.rests_on.owner.length
            && length(heads.supporter) >= length(self.rests_on.supporter);
        if known && on_from {
            Ok(())
        } else {
            Err(LogError::OtherHeads)
        }
    }

    /// What *accept* says that the invitation showed can have been shown: a head of the owner's between the
    /// one that *invite* rests on and the one that *accept* rests on (rule B3).
    fn check_shown(
        &self,
        content: &BondContent,
        heads: Heads,
        accounts: BondAccounts<'_>,
    ) -> Result<(), LogError> {
        let BondContent::Accept(accept) = content else {
            return Ok(());
        };
        let between = self.rests_on.owner.length..=heads.owner.length;
        if between.contains(&accept.owner.length) && accounts.owner.has_had(accept.owner) {
            Ok(())
        } else {
            Err(LogError::OtherHeads)
        }
    }

    /// Who may say what. The first epoch is the supporter's: the owner has not judged the answer yet.
    fn may_say(&self, by: Role, content: &BondContent) -> bool {
        match content {
            BondContent::Invite(_) | BondContent::End { .. } => by == Role::Owner,
            BondContent::Accept(_) | BondContent::Leave => by == Role::Supporter,
            BondContent::Epoch(_) => by == Role::Supporter || self.newest_epoch().is_some(),
        }
    }

    /// The space's id, which is the bond's.
    #[must_use]
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// Who invited.
    #[must_use]
    pub const fn owner(&self) -> AccountId {
        self.invite.owner
    }

    /// Which side an account is on; none for everybody else.
    #[must_use]
    pub fn role_of(&self, account: AccountId) -> Option<Role> {
        if self.owner() == account {
            Some(Role::Owner)
        } else if self.stage.supporter() == Some(account) {
            Some(Role::Supporter)
        } else {
            None
        }
    }

    /// What the invitation says in the clear.
    #[must_use]
    pub const fn invite(&self) -> &Invite {
        &self.invite
    }

    /// The full hash of the *invite* link, to which the answer is bound (rule B3).
    #[must_use]
    pub const fn invite_link(&self) -> Hash {
        self.invite_link
    }

    /// How far it has come.
    #[must_use]
    pub const fn stage(&self) -> BondStage {
        self.stage
    }

    /// The head of one side's account log that the last link rests on; none for a supporter before *accept*.
    #[must_use]
    pub const fn rests_on(&self, role: Role) -> Option<Head> {
        self.rests_on.of_role(role)
    }

    /// Number of links.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.hashes.length()
    }

    /// Whether the log takes nothing but the end any more: either side could else fill the other's disk with it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.length() >= limits::MAX_BOND_LINKS || self.bytes >= limits::MAX_BOND_LINK_BYTES
    }

    /// The full hash of the last link.
    #[must_use]
    pub const fn last(&self) -> Hash {
        self.hashes.last()
    }

    /// The head that others name.
    #[must_use]
    pub fn head(&self) -> Head {
        self.hashes.head()
    }

    /// The head when the log was `length` links long.
    #[must_use]
    pub fn head_at(&self, length: u64) -> Option<Head> {
        self.hashes.head_at(length)
    }

    /// Whether `head` is one that this log has or had.
    #[must_use]
    pub fn has_had(&self, head: Head) -> bool {
        self.hashes.has_had(head)
    }

    /// Every epoch, oldest first.
    #[must_use]
    pub fn epochs(&self) -> &[EpochState] {
        self.epochs.all()
    }

    /// One epoch by name.
    #[must_use]
    pub fn find_epoch(&self, id: EpochId) -> Option<&EpochState> {
        self.epochs.find(id)
    }

    /// The newest epoch; none before *accept*.
    #[must_use]
    pub fn newest_epoch(&self) -> Option<&EpochState> {
        self.epochs.newest()
    }

    /// Whether it is active and the space takes no content until someone begins an epoch (rule L7): either
    /// side's members changed since the newest.
    #[must_use]
    pub fn is_stale(&self, accounts: BondAccounts<'_>) -> bool {
        let rests_on_all = |epoch: &EpochState| {
            [Role::Owner, Role::Supporter].into_iter().all(|role| {
                let rests_on = epoch.head_of(role).map(|head| head.length);
                let changed = accounts.of(role).map(AccountState::members_changed_at);
                changed.is_some_and(|changed| rests_on >= Some(changed))
            })
        };
        self.stage.is_active() && !self.newest_epoch().is_some_and(rests_on_all)
    }

    /// Whether records may be written: it is active and not stale.
    #[must_use]
    pub fn takes_content(&self, accounts: BondAccounts<'_>) -> bool {
        self.stage.is_active() && !self.is_stale(accounts)
    }

    /// The last place that stands of a chain whose device was removed on either side (rule L8); none while
    /// the device is active, or was never one of theirs.
    #[must_use]
    pub fn cut(&self, accounts: BondAccounts<'_>, chain: ChainId) -> Option<Seq> {
        let (role, device) = accounts.device(chain.device)?;
        Some(self.epochs.cut(role, device.revoked_at?, chain))
    }
}

impl Heads {
    /// The two heads of a link. Until someone has accepted, the second repeats the first.
    fn of(link: &BondLink, stage: BondStage) -> Result<Self, LogError> {
        match (link.claimed().rests_on.as_slice(), stage.supporter()) {
            ([owner, supporter], Some(_)) => Ok(Self {
                owner: *owner,
                supporter: Some(*supporter),
            }),
            ([owner, again], None) if owner == again => Ok(Self {
                owner: *owner,
                supporter: None,
            }),
            _ => Err(LogError::OtherHeads),
        }
    }

    const fn of_role(&self, role: Role) -> Option<Head> {
        match role {
            Role::Owner => Some(self.owner),
            Role::Supporter => self.supporter,
        }
    }
}

/// Whose device or root signed the link. Only the signature tells one root from the other.
fn author(link: &BondLink, heads: Heads, accounts: BondAccounts<'_>) -> Result<Role, LogError> {
    let mut why = LogError::NotEntitled;
    for role in [Role::Owner, Role::Supporter] {
        let (Some(account), Some(head)) = (accounts.of(role), heads.of_role(role)) else {
            continue;
        };
        let checked = account
            .key_at(link.claimed().author, head)
            .and_then(|key| Ok(link.check(&key)?));
        match checked {
            Ok(()) => return Ok(role),
            Err(_) if why == LogError::BadSignature => {}
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// For whom an epoch is wrapped: the owner's account key, then the supporter's (rule B4).
fn recipients(owner: AccountId, stage: BondStage) -> Vec<Recipient> {
    let accounts = [Some(owner), stage.supporter()];
    accounts
        .into_iter()
        .flatten()
        .map(Recipient::Account)
        .collect()
}
