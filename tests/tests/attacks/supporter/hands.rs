//! Links that somebody signs with rightful keys and no client would.

use daymark_client::sharing::Invitation;
use daymark_core::{
    account::Logs,
    bonds::{NewEpoch, begin_epoch},
    keys::{DeviceKey, RecoveryPhrase},
    random::Random,
    sync::BondSide,
};
use daymark_tests::hostile::HostileSupporter;
use daymark_wire::{
    Hash, LogId, Nonce, Signed, Suite,
    logs::{
        Accept, AccountContent, AccountLink, AccountState, Author, BondContent, BondLink, Head,
        Home, LinkBody, NewDevice, NewDeviceStatement, TravelLink, new_root_message,
    },
    signing::Context,
};

/// What comes next in an account's log, whoever says it.
pub(super) fn next_body(
    own: &AccountState,
    author: Author,
    content: AccountContent,
) -> LinkBody<AccountContent> {
    LinkBody {
        suite: Suite::One,
        log: LogId::from(own.id()),
        position: own.length() + 1,
        previous: own.last(),
        author,
        rests_on: Vec::new(),
        content,
    }
}

/// The next link of an account's log, by a device.
pub(super) fn next(own: &AccountState, by: &DeviceKey, content: AccountContent) -> AccountLink {
    let body = next_body(own, Author::Device(by.id()), content);
    Signed::sign(body, by.signing())
}

/// So many links that go on an account's log, said by root: nothing new.
pub(super) fn by_root(own: &AccountState, phrase: &RecoveryPhrase, count: u64) -> Vec<TravelLink> {
    let root = phrase.root_key();
    let home = own.home().unwrap().clone();
    let mut body = next_body(own, Author::Root, AccountContent::Move { home });
    let mut links = Vec::new();
    for _ in 0..count {
        let link = Signed::sign(body.clone(), root.signing());
        body.position += 1;
        body.previous = link.hash();
        links.push(link.to_travel(None));
    }
    links
}

/// A new recovery phrase of the supporter's.
pub(super) fn new_root(hostile: &HostileSupporter, phrase: &RecoveryPhrase) -> TravelLink {
    let own = hostile.side().own.state();
    let next = RecoveryPhrase::generate(&hostile.hand.random).unwrap();
    let (root, recovery) = (
        next.root_key().verifying_key(),
        next.recovery_key().public(),
    );
    let message = new_root_message(own.id(), &root, &recovery);
    let proof = next.root_key().signing().sign(Context::NewDevice, &message);
    let content = AccountContent::NewRoot {
        root,
        recovery,
        proof,
    };
    let body = next_body(own, Author::Root, content);
    Signed::sign(body, phrase.root_key().signing()).to_travel(None)
}

/// A device lets another one in.
pub(super) fn add_device(own: &AccountState, by: &DeviceKey, other: &DeviceKey) -> AccountLink {
    let statement = NewDeviceStatement {
        signing: other.verifying_key(),
        wrapping: Hash::from_bytes([1; 32]),
        account: own.id(),
        nonce: Nonce::from_bytes([1; 16]),
    };
    let device = NewDevice::sign(statement, other.signing());
    next(own, by, AccountContent::Add { device })
}

/// The next link of an account's log: the same relay, under some address.
pub(super) fn move_link(state: &AccountState, device: &DeviceKey, url: &str) -> AccountLink {
    let relay = state.home().unwrap().relay;
    let url = url.to_owned();
    let home = Home { relay, url };
    next(state, device, AccountContent::Move { home })
}

/// Another history of an account: instead of its last link there is this one.
pub(super) fn another_history(
    links: &[TravelLink],
    by: &DeviceKey,
    home: Home,
) -> (AccountState, Vec<TravelLink>) {
    let (_, before) = links.split_last().unwrap();
    let mut opened = before.iter().map(|link| link.open().unwrap());
    let mut state = AccountState::begin(&opened.next().unwrap()).unwrap();
    for link in opened {
        state.apply(&link).unwrap();
    }
    let moved = next(&state, by, AccountContent::Move { home });
    state.apply(&moved).unwrap();
    let links = [before, &[moved.to_travel(None)]].concat();
    (state, links)
}

/// *accept* by whoever never saw the invitation's secret. It rests on this head of the owner's log.
pub(super) fn accept_without_secret(
    invitation: &Invitation,
    invite: Hash,
    owner: Head,
    own: &AccountState,
    by: &DeviceKey,
) -> BondLink {
    let accept = Accept {
        supporter: own.id(),
        owner: invitation.owner_head(),
        mac: Hash::from_bytes([0x5c; 32]),
    };
    let body = LinkBody {
        suite: Suite::One,
        log: invitation.bond().into(),
        position: 2,
        previous: invite,
        author: Author::Device(by.id()),
        rests_on: vec![owner, own.head()],
        content: BondContent::Accept(accept),
    };
    Signed::sign(body, by.signing())
}

/// An account log that goes on without end, and an epoch of the bond that rests on its end.
pub(super) fn long_log(
    side: &BondSide,
    (device, random): (&DeviceKey, &Random),
    own: &Logs,
    links: u64,
) -> (Vec<TravelLink>, TravelLink) {
    let mut state: AccountState = own.account().clone();
    let home = state.home().unwrap().clone();
    let mut made = Vec::new();
    for _ in 0..links {
        let link = move_link(&state, device, &home.url);
        state.apply(&link).unwrap();
        made.push(link.to_travel(None));
    }
    let epoch = begin_epoch(
        &side.logs,
        &side.agreed.unwrap(),
        &state,
        NewEpoch::default(),
        device,
        random,
    );
    (made, epoch.unwrap().link)
}
