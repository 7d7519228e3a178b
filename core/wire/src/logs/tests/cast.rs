//! Keys and links from small numbers.

use crate::{
    AccountId, DeviceId, Hash, Have, LogId, Nonce, Signed, SigningKey, Suite,
    logs::{
        Accept, AccountContent, AccountLink, AccountState, Author, BondAccounts, BondContent,
        BondLink, BondState, EndReason, EpochCommitment, EpochContent, Head, Home, Invite,
        JournalContent, JournalLink, JournalState, LinkBody, LogError, NewDevice,
        NewDeviceStatement, account::new_root_message,
    },
    signing::Context,
    wrapping::{Recipient, WrappingPublicKey},
};
use zeroize::Zeroizing;

pub(super) const ROOT: u8 = 200;
pub(super) const FIRST: u8 = 1;
/// A supporter's root and first device.
pub(super) const OTHER_ROOT: u8 = 210;
pub(super) const OTHER_FIRST: u8 = 11;

pub(super) fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&Zeroizing::new([n; 32]))
}

pub(super) fn device(n: u8) -> DeviceId {
    key(n).verifying_key().device_id()
}

pub(super) fn wrapping(n: u8) -> WrappingPublicKey {
    // Its ML-KEM numbers have a modulus; the seed after them, and the X25519 half, may be any bytes.
    let mut bytes = [7; WrappingPublicKey::SIZE];
    bytes[WrappingPublicKey::SIZE - 64..].fill(n);
    WrappingPublicKey::from_bytes(bytes).unwrap()
}

pub(super) fn by(n: u8) -> Author {
    if [ROOT, OTHER_ROOT].contains(&n) {
        Author::Root
    } else {
        Author::Device(device(n))
    }
}

pub(super) fn statement(n: u8, account: AccountId) -> NewDevice {
    let statement = NewDeviceStatement {
        signing: key(n).verifying_key(),
        wrapping: wrapping(n).hash(),
        account,
        nonce: Nonce::from_bytes([n; 16]),
    };
    NewDevice::sign(statement, &key(n))
}

pub(super) fn genesis_content() -> AccountContent {
    founding(ROOT, FIRST)
}

fn founding(root: u8, first: u8) -> AccountContent {
    AccountContent::Genesis {
        root: key(root).verifying_key(),
        recovery: wrapping(root),
        device: statement(first, AccountId::ZERO),
        account_key: wrapping(100),
        home: None,
    }
}

pub(super) fn genesis_body(content: AccountContent) -> LinkBody<AccountContent> {
    LinkBody {
        suite: Suite::One,
        log: LogId::ZERO,
        position: 1,
        previous: Hash::ZERO,
        author: Author::Root,
        rests_on: Vec::new(),
        content,
    }
}

pub(super) fn genesis() -> AccountLink {
    Signed::sign(genesis_body(genesis_content()), &key(ROOT))
}

/// The next link's body.
pub(super) fn next(
    account: &AccountState,
    author: u8,
    content: AccountContent,
) -> LinkBody<AccountContent> {
    LinkBody {
        log: LogId::from(account.id()),
        position: account.length() + 1,
        previous: account.last(),
        author: by(author),
        ..genesis_body(content)
    }
}

/// The next link, rightly signed by its author.
pub(super) fn link(account: &AccountState, author: u8, content: AccountContent) -> AccountLink {
    Signed::sign(next(account, author, content), &key(author))
}

pub(super) fn add(account: &AccountState, author: u8, n: u8) -> AccountLink {
    let device = statement(n, account.id());
    link(account, author, AccountContent::Add { device })
}

pub(super) fn revoke(account: &AccountState, author: u8, n: u8) -> AccountLink {
    let device = device(n);
    link(account, author, AccountContent::Revoke { device })
}

/// An account with these devices besides the first.
pub(super) fn account(devices: &[u8]) -> AccountState {
    let mut account = AccountState::begin(&genesis()).unwrap();
    for n in devices {
        account.apply(&add(&account, FIRST, *n)).unwrap();
    }
    account
}

/// A supporter's account with these devices besides its first.
pub(super) fn other_account(devices: &[u8]) -> AccountState {
    let body = genesis_body(founding(OTHER_ROOT, OTHER_FIRST));
    let mut account = AccountState::begin(&Signed::sign(body, &key(OTHER_ROOT))).unwrap();
    for n in devices {
        account.apply(&add(&account, OTHER_FIRST, *n)).unwrap();
    }
    account
}

#[track_caller]
pub(super) fn refused(account: &AccountState, link: &AccountLink, why: &LogError) {
    let mut after = account.clone();
    assert_eq!(after.apply(link).as_ref(), Err(why));
    assert_eq!(after, *account, "as it was");
}

pub(super) fn journal_body(
    journal: Option<&JournalState>,
    heads: Head,
    author: u8,
    content: JournalContent,
) -> LinkBody<JournalContent> {
    LinkBody {
        suite: Suite::One,
        log: journal.map_or(LogId::ZERO, |journal| journal.space().into()),
        position: journal.map_or(0, JournalState::length) + 1,
        previous: journal.map_or(Hash::ZERO, JournalState::last),
        author: by(author),
        rests_on: vec![heads],
        content,
    }
}

pub(super) fn open_content(account: &AccountState, n: u8) -> JournalContent {
    JournalContent::Open {
        account: account.id(),
        wrapping: wrapping(n),
        nonce: Nonce::from_bytes([7; 16]),
    }
}

pub(super) fn journal_link(
    journal: &JournalState,
    heads: Head,
    author: u8,
    content: JournalContent,
) -> JournalLink {
    let body = journal_body(Some(journal), heads, author, content);
    Signed::sign(body, &key(author))
}

pub(super) fn epoch_content(number: u64, recipients: Vec<Recipient>) -> EpochContent {
    EpochContent {
        number,
        commitment: EpochCommitment::from_bytes([3; 32]),
        wraps: Hash::from_bytes([4; 32]),
        recipients,
        have: Have::new(),
        forgets: Vec::new(),
        made_for: None,
    }
}

/// Those for whom an epoch is wrapped: the active devices in order of their ids, and recovery.
pub(super) fn recipients(account: &AccountState) -> Vec<Recipient> {
    let active = account.active_devices();
    let devices = active.map(|(id, _)| Recipient::Device(id));
    devices.chain([Recipient::Recovery]).collect()
}

/// The next epoch, as it should be.
pub(super) fn epoch(journal: &JournalState, account: &AccountState, author: u8) -> JournalLink {
    let number = journal.newest_epoch().map_or(1, |epoch| epoch.number + 1);
    let content = epoch_content(number, recipients(account));
    journal_link(
        journal,
        account.head(),
        author,
        JournalContent::Epoch(content),
    )
}

/// A journal with its first epoch.
pub(super) fn journal(account: &AccountState) -> JournalState {
    let open = journal_body(None, account.head(), FIRST, open_content(account, FIRST));
    let mut journal = JournalState::begin(&Signed::sign(open, &key(FIRST)), account).unwrap();
    let first = epoch(&journal, account, FIRST);
    journal.apply(&first, account).unwrap();
    journal
}

#[track_caller]
pub(super) fn refused_journal(
    (journal, account): (&JournalState, &AccountState),
    link: &JournalLink,
    why: &LogError,
) {
    let mut after = journal.clone();
    assert_eq!(after.apply(link, account).as_ref(), Err(why));
    assert_eq!(after, *journal, "as it was");
}

/// Another root, which this key says that it is.
pub(super) fn new_root(account: &AccountState, proven_by: u8) -> AccountContent {
    let (root, recovery) = (key(201).verifying_key(), wrapping(201));
    let message = new_root_message(account.id(), &root, &recovery);
    AccountContent::NewRoot {
        root,
        recovery,
        proof: key(proven_by).sign(Context::NewDevice, &message),
    }
}

/// The owner ends a bond.
pub(super) const CHOSEN: BondContent = BondContent::End {
    why: EndReason::Chosen,
};

pub(super) fn out_of_place(why: &'static str) -> LogError {
    LogError::OutOfPlace(why)
}

/// An owner, a supporter, and what they agreed.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) owner: AccountState,
    pub(super) supporter: AccountState,
    pub(super) bond: BondState,
}

impl Pair {
    /// Invited; nobody accepted yet.
    pub(super) fn invited() -> Self {
        let (owner, supporter) = (account(&[2]), other_account(&[12]));
        let bond = BondState::begin(&invite(&owner, FIRST, invite_content(&owner)), &owner);
        Self {
            bond: bond.unwrap(),
            owner,
            supporter,
        }
    }

    /// Accepted, with the first epoch.
    pub(super) fn active() -> Self {
        let mut pair = Self::invited();
        pair.say(OTHER_FIRST, pair.accept_content()).unwrap();
        pair.say(OTHER_FIRST, pair.epoch_content(1)).unwrap();
        pair
    }

    pub(super) fn accounts(&self) -> BondAccounts<'_> {
        BondAccounts {
            owner: &self.owner,
            supporter: Some(&self.supporter),
        }
    }

    pub(super) fn accept_content(&self) -> BondContent {
        BondContent::Accept(Accept {
            supporter: self.supporter.id(),
            owner: self.owner.head(),
            mac: Hash::from_bytes([6; 32]),
        })
    }

    pub(super) fn epoch_content(&self, number: u64) -> BondContent {
        let recipients = [self.owner.id(), self.supporter.id()].map(Recipient::Account);
        BondContent::Epoch(epoch_content(number, recipients.to_vec()))
    }

    /// The next link, resting on these heads.
    pub(super) fn link_on(&self, heads: [Head; 2], author: u8, content: BondContent) -> BondLink {
        let body = LinkBody {
            suite: Suite::One,
            log: self.bond.space().into(),
            position: self.bond.length() + 1,
            previous: self.bond.last(),
            author: by(author),
            rests_on: heads.to_vec(),
            content,
        };
        Signed::sign(body, &key(author))
    }

    /// The next link, resting on what it should.
    pub(super) fn link(&self, author: u8, content: BondContent) -> BondLink {
        let (owner, supporter) = (self.owner.head(), self.supporter.head());
        let accepts = matches!(content, BondContent::Accept(_));
        let agreed = accepts || self.bond.stage().supporter().is_some();
        self.link_on(
            [owner, if agreed { supporter } else { owner }],
            author,
            content,
        )
    }

    /// Says the next link.
    pub(super) fn say(&mut self, author: u8, content: BondContent) -> Result<(), LogError> {
        let link = self.link(author, content);
        let accounts = BondAccounts {
            owner: &self.owner,
            supporter: Some(&self.supporter),
        };
        self.bond.apply(&link, accounts)
    }

    #[track_caller]
    pub(super) fn refuses(&self, link: &BondLink, why: &LogError) {
        let mut after = self.bond.clone();
        assert_eq!(after.apply(link, self.accounts()).as_ref(), Err(why));
        assert_eq!(after, self.bond, "as it was");
    }
}

pub(super) fn invite_content(owner: &AccountState) -> Invite {
    Invite {
        owner: owner.id(),
        nonce: Nonce::from_bytes([8; 16]),
        secret: Hash::from_bytes([9; 32]),
        expires: 1_900_000_000,
        relay: Home {
            relay: key(220).verifying_key(),
            url: "https://relay.example.org".to_owned(),
        },
    }
}

/// A bond's first link.
pub(super) fn invite(owner: &AccountState, author: u8, content: Invite) -> BondLink {
    let body = LinkBody {
        suite: Suite::One,
        log: LogId::ZERO,
        position: 1,
        previous: Hash::ZERO,
        author: by(author),
        rests_on: vec![owner.head(); 2],
        content: BondContent::Invite(content),
    };
    Signed::sign(body, &key(author))
}
