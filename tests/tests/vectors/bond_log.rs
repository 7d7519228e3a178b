//! `bond-log.json`: every kind of bond link, in one log that rests on two account logs (rules L2, B2 to B4).

use crate::{
    bond_log_refused::{refused_bodies, refused_firsts, refused_links},
    bonds, cast,
    links::{self, by, by_root, short_account_log},
    sheet::{Sheet, named},
};
use daymark_core::keys::EpochSecret;
use daymark_wire::{
    AccountId, ChainId, Hash, Have, Nonce, Seq, SpaceId, cbor,
    hash::Domain,
    logs::{
        Accept, AccountContent, AccountLink, AccountState, BondAccounts, BondContent, BondLink,
        BondState, EndReason, EpochContent, Head, Invite,
    },
    wrapping::{Recipient, Wraps},
};
use serde_json::json;

pub(crate) const CHOSEN: BondContent = BondContent::End {
    why: EndReason::Chosen,
};

#[test]
fn the_bond_log_is_frozen() {
    let mut sheet = Sheet::new(
        "bond-log.json",
        "Bond links of every kind. The first four are one log, the others are other ways on from it. It \
         rests on the first two links of account-log.json and on the supporter's account log: a genesis",
    );
    let people = people();
    links::link(&mut sheet, "the supporter's genesis", &genesis(), None);
    let (log, blobs) = bond_log(&people);
    let names = ["invite", "accept", "epoch", "epoch that forgets"];
    for ((name, link), blob) in names.iter().zip(&log).zip(&blobs) {
        links::link(&mut sheet, name, link, blob.clone());
    }
    for (name, after, link) in ways_on(&log, &people) {
        links::link(&mut sheet, name, &link, None);
        folded(
            &mut sheet,
            &format!("after {name}"),
            &log[..after],
            &link,
            &people,
        );
    }
    links::refused_by_itself(&mut sheet, &log[1]);
    refused_bodies(&mut sheet, &log);
    refused_firsts(&mut sheet, &people);
    refused_links(&mut sheet, &log, &people);
    sheet.close();
}

/// The owner with two devices, and the supporter with one.
pub(crate) struct People {
    pub(crate) owner: AccountState,
    pub(crate) supporter: AccountState,
}

impl People {
    pub(crate) fn accounts(&self) -> BondAccounts<'_> {
        BondAccounts {
            owner: &self.owner,
            supporter: Some(&self.supporter),
        }
    }

    pub(crate) fn heads(&self) -> Vec<Head> {
        vec![self.owner.head(), self.supporter.head()]
    }

    fn recipients(&self) -> Vec<Recipient> {
        [self.owner.id(), self.supporter.id()]
            .map(Recipient::Account)
            .to_vec()
    }
}

pub(crate) fn genesis() -> AccountLink {
    let phrase = cast::other_phrase();
    let genesis = AccountContent::Genesis {
        root: phrase.root_key().verifying_key(),
        recovery: phrase.recovery_key().public(),
        device: links::new_device(3, AccountId::ZERO),
        account_key: cast::newer_account_key().public(),
        home: Some(cast::home()),
    };
    by_root(&[], phrase.root_key().signing(), genesis)
}

pub(crate) fn people() -> People {
    let log = short_account_log();
    let mut owner = AccountState::begin(&log[0]).unwrap();
    owner.apply(&log[1]).unwrap();
    People {
        owner,
        supporter: AccountState::begin(&genesis()).unwrap(),
    }
}

pub(crate) fn invite(people: &People) -> Invite {
    Invite {
        owner: people.owner.id(),
        nonce: Nonce::from_bytes([0xb8; 16]),
        secret: bonds::secret().token().hash(),
        expires: 1_900_000_000,
        relay: cast::home(),
    }
}

pub(crate) fn accept(people: &People, mac: Hash) -> Accept {
    Accept {
        supporter: people.supporter.id(),
        owner: people.owner.head(),
        mac,
    }
}

/// The whole log, with the blob beside each link.
pub(crate) fn bond_log(people: &People) -> (Vec<BondLink>, Vec<Option<Vec<u8>>>) {
    let (owner, supporter) = (cast::device(1), cast::device(3));
    let head = people.owner.head();
    let content = BondContent::Invite(invite(people));
    let mut log = vec![by(&[], &owner, vec![head, head], content)];
    let space = SpaceId::from(log[0].log_id());
    let mac = bonds::accept_mac(log[0].hash(), people);
    let content = BondContent::Accept(accept(people, mac));
    log.push(by(&log, &supporter, people.heads(), content));
    let first = epoch(space, 1, people);
    log.push(by(&log, &supporter, people.heads(), first.0));
    let second = epoch(space, 2, people);
    log.push(by(&log, &owner, people.heads(), second.0));
    (log, vec![None, None, Some(first.1), Some(second.1)])
}

pub(crate) fn epoch(space: SpaceId, number: u8, people: &People) -> (BondContent, Vec<u8>) {
    let secret = cast::epoch_secret(2 + number);
    let blob = wraps(space, &secret, people);
    let content = epoch_content(number, people, &secret, &blob);
    (BondContent::Epoch(content), blob)
}

/// The second forgets one document, and knows of two chains.
pub(crate) fn epoch_content(
    number: u8,
    people: &People,
    secret: &EpochSecret,
    blob: &[u8],
) -> EpochContent {
    let chain = |n| ChainId {
        device: cast::device(n).id(),
        incarnation: cast::INCARNATION,
    };
    let second = number == 2;
    let have: Have = [(chain(1), Seq(4)), (chain(3), Seq(2))]
        .into_iter()
        .filter(|_| second)
        .collect();
    EpochContent {
        number: number.into(),
        commitment: secret.commitment(),
        wraps: Hash::of(Domain::Blob, &[blob]),
        recipients: people.recipients(),
        have,
        forgets: [cast::DOCUMENT].into_iter().filter(|_| second).collect(),
        made_for: Some(cast::made_for()),
    }
}

pub(crate) fn wraps(space: SpaceId, secret: &EpochSecret, people: &People) -> Vec<u8> {
    let random = cast::random();
    let keys = [people.owner.account_key(), people.supporter.account_key()];
    let wraps = people.recipients().into_iter().zip(keys);
    cbor::to_vec(&Wraps {
        wraps: wraps
            .map(|(to, key)| secret.wrap_for(space, to, key, &random).unwrap())
            .collect(),
        shared: Vec::new(),
    })
}

/// How a bond can end, with the number of links that it ends after.
fn ways_on(log: &[BondLink], people: &People) -> [(&'static str, usize, BondLink); 5] {
    let (owner, supporter) = (cast::device(1), cast::device(3));
    let head = people.owner.head();
    let end = |after: usize, heads: Vec<Head>, why| {
        by(&log[..after], &owner, heads, BondContent::End { why })
    };
    let invited = |why| end(1, vec![head, head], why);
    let leave = by(log, &supporter, people.heads(), BondContent::Leave);
    [
        ("end: taken back", 1, invited(EndReason::Chosen)),
        ("end: declined", 1, invited(EndReason::Declined)),
        ("end: lapsed", 1, invited(EndReason::Lapsed)),
        ("end: chosen", 4, end(4, people.heads(), EndReason::Chosen)),
        ("leave", 4, leave),
    ]
}

pub(crate) fn fold(log: &[BondLink], people: &People) -> BondState {
    let mut state = BondState::begin(&log[0], &people.owner).unwrap();
    for link in &log[1..] {
        state.apply(link, people.accounts()).unwrap();
    }
    state
}

fn folded(sheet: &mut Sheet, name: &str, log: &[BondLink], last: &BondLink, people: &People) {
    let log = [log, std::slice::from_ref(last)].concat();
    let state = fold(&log, people);
    let epochs = state.epochs().iter().map(|epoch| epoch.id.to_string());
    let fields = json!({
        "owner": state.owner().to_string(),
        "space": state.space().to_string(),
        "stage": named(&state.stage()),
        "length": state.length(),
        "head": hex::encode(state.head().hash.as_bytes()),
        "epochs": epochs.collect::<Vec<_>>(),
        "stale before it": fold(&log[..log.len() - 1], people).is_stale(people.accounts()),
    });
    sheet.fact(name, fields, |_| {});
}
