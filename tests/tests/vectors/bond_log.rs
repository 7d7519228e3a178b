//! `bond-log.json`: every kind of bond link, in one log that rests on two account logs (rules L2, B2 to B4).

use crate::{
    bonds, cast,
    links::{self, by, by_root, short_account_log},
    sheet::{Sheet, named},
};
use daymark_core::keys::{DeviceKey, EpochSecret};
use daymark_wire::{
    AccountId, ChainId, DecodeError, DocumentId, Hash, Have, Nonce, Seq, Signed, SpaceId, cbor,
    hash::Domain,
    logs::{
        Accept, AccountContent, AccountLink, AccountState, Author, BondAccounts, BondContent,
        BondLink, BondState, EndReason, EpochContent, Head, Invite, LinkBody, LogError,
    },
    signing::Payload,
    wrapping::{Recipient, Wraps},
};
use serde_json::json;

const CHOSEN: BondContent = BondContent::End {
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

    fn heads(&self) -> Vec<Head> {
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

fn invite(people: &People) -> Invite {
    Invite {
        owner: people.owner.id(),
        nonce: Nonce::from_bytes([0xb8; 16]),
        secret: bonds::secret().token().hash(),
        expires: 1_900_000_000,
        relay: cast::home(),
    }
}

fn accept(people: &People, mac: Hash) -> Accept {
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

fn epoch(space: SpaceId, number: u8, people: &People) -> (BondContent, Vec<u8>) {
    let secret = cast::epoch_secret(2 + number);
    let blob = wraps(space, &secret, people);
    let content = epoch_content(number, people, &secret, &blob);
    (BondContent::Epoch(content), blob)
}

/// The second forgets one document, and knows of two chains.
fn epoch_content(number: u8, people: &People, secret: &EpochSecret, blob: &[u8]) -> EpochContent {
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

fn wraps(space: SpaceId, secret: &EpochSecret, people: &People) -> Vec<u8> {
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

fn fold(log: &[BondLink], people: &People) -> BondState {
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

fn refused_bodies(sheet: &mut Sheet, log: &[BondLink]) {
    let read = |bytes: &[u8]| LinkBody::<BondContent>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let one = links::altered(&log[1], |body| body.rests_on.truncate(1));
    sheet.refused("link: rests on one head", &one, &malformed, read);
    let unknown = links::altered(&log[1], |body| body.content = CHOSEN);
    let unknown = [&unknown[..unknown.len() - 1], &[9]].concat();
    sheet.refused("end: for a reason that is none", &unknown, &malformed, read);
}

fn refused_firsts(sheet: &mut Sheet, people: &People) {
    let head = people.owner.head();
    let mut check = |name: &str, device: &DeviceKey, heads, content, error: LogError| {
        let link: BondLink = by(&[], device, heads, content);
        let owner = people.owner.clone();
        let bytes = cbor::to_vec(&link.to_travel(None));
        let name = format!("as the first link: {name}");
        sheet.refused(&name, &bytes, &named(&error), move |bytes| {
            let link = links::read_travel(bytes)?.open::<BondContent>()?;
            BondState::begin(&link, &owner)
        });
    };
    let (owner, stranger) = (cast::device(1), cast::device(3));
    let invite = || BondContent::Invite(invite(people));
    let error = LogError::OutOfPlace("a bond log begins with an invite");
    check("leave", &owner, vec![head, head], BondContent::Leave, error);
    let error = LogError::NoSuchDevice(stranger.id());
    check(
        "by a stranger",
        &stranger,
        vec![head, head],
        invite(),
        error,
    );
    let error = LogError::OtherHeads;
    check(
        "two heads that differ",
        &owner,
        people.heads(),
        invite(),
        error,
    );
}

/// Links that are well formed and break a rule after the first `after` links of the log.
fn refused_links(sheet: &mut Sheet, log: &[BondLink], people: &People) {
    let mut check = |name: &str, after: usize, link: &BondLink, error: LogError| {
        let (state, people) = (fold(&log[..after], people), crate::bond_log::people());
        let name = format!("after {after} links: {name}");
        let bytes = cbor::to_vec(&link.to_travel(None));
        sheet.refused(&name, &bytes, &named(&error), move |bytes| {
            let link = links::read_travel(bytes)?.open::<BondContent>()?;
            state.clone().apply(&link, people.accounts())
        });
    };
    let (owner, supporter, stranger) = (cast::device(1), cast::device(3), cast::device(5));
    let head = people.owner.head();
    let space = SpaceId::from(log[0].log_id());
    let say = |after: usize, device: &DeviceKey, content| {
        let heads = if after == 1 && !matches!(content, BondContent::Accept(_)) {
            vec![head, head]
        } else {
            people.heads()
        };
        by(&log[..after], device, heads, content)
    };
    let out_of_place = LogError::OutOfPlace;

    let early = say(1, &supporter, epoch(space, 1, people).0);
    check(
        "epoch: before accept",
        1,
        &early,
        out_of_place("nobody has accepted yet"),
    );
    let early = say(1, &supporter, BondContent::Leave);
    check(
        "leave: before accept",
        1,
        &early,
        out_of_place("nobody has accepted yet"),
    );
    let mac = bonds::accept_mac(log[0].hash(), people);
    let accept = || accept(people, mac);
    let mut own = accept();
    own.supporter = people.owner.id();
    let own = say(1, &cast::device(2), BondContent::Accept(own));
    let error = out_of_place("nobody is their own supporter");
    check("accept: by the owner", 1, &own, error);
    let for_them = say(1, &owner, BondContent::Accept(accept()));
    check(
        "accept: said by the owner",
        1,
        &for_them,
        LogError::NotEntitled,
    );
    let mut shown = accept();
    shown.owner.length = 1;
    let shown = say(1, &supporter, BondContent::Accept(shown));
    let error = LogError::OtherHeads;
    check("accept: a head that was not shown", 1, &shown, error);
    let again = say(1, &owner, BondContent::Invite(invite(people)));
    check(
        "invite: a second one",
        1,
        &again,
        out_of_place("a bond log has one invite"),
    );

    let owners = say(2, &owner, epoch(space, 1, people).0);
    check(
        "epoch: the first, by the owner",
        2,
        &owners,
        LogError::NotEntitled,
    );

    let again = say(3, &supporter, BondContent::Accept(accept()));
    check(
        "accept: a second one",
        3,
        &again,
        out_of_place("a bond is accepted once"),
    );
    let declined = BondContent::End {
        why: EndReason::Declined,
    };
    let declined = say(3, &owner, declined);
    let error = out_of_place("only an invitation is declined or lapses");
    check("end: declined, after accept", 3, &declined, error);
    let ended = say(3, &supporter, CHOSEN);
    check("end: by the supporter", 3, &ended, LogError::NotEntitled);
    let left = say(3, &owner, BondContent::Leave);
    check("leave: by the owner", 3, &left, LogError::NotEntitled);
    let strange = say(3, &stranger, CHOSEN);
    let error = LogError::NoSuchDevice(stranger.id());
    check("by a stranger", 3, &strange, error);
    let mut named_other = links::body_after(
        &log[..3],
        Author::Device(owner.id()),
        people.heads(),
        CHOSEN,
    );
    named_other.author = Author::Root;
    let forged = Signed::sign(named_other, owner.signing());
    check("another signature", 3, &forged, LogError::BadSignature);
    let shorter = vec![people.owner.head_at(1).unwrap(), people.supporter.head()];
    let back = by(&log[..3], &owner, shorter, CHOSEN);
    check("rests on older heads", 3, &back, LogError::OtherHeads);
    let swapped = people.heads().into_iter().rev().collect();
    let swapped = by(&log[..3], &owner, swapped, CHOSEN);
    check(
        "rests on heads that never were",
        3,
        &swapped,
        LogError::OtherHeads,
    );

    let blob = wraps(space, &cast::epoch_secret(4), people);
    let altered = |alter: &dyn Fn(&mut EpochContent)| {
        let mut content = epoch_content(2, people, &cast::epoch_secret(4), &blob);
        alter(&mut content);
        say(3, &owner, BondContent::Epoch(content))
    };
    let skipped = altered(&|epoch| epoch.number = 3);
    let error = out_of_place("epochs are numbered one after the other");
    check("epoch: a number left out", 3, &skipped, error);
    let turned = altered(&|epoch| epoch.recipients.reverse());
    let error = LogError::WrongRecipients;
    check(
        "epoch: recipients in another order",
        3,
        &turned,
        error.clone(),
    );
    let alone = altered(&|epoch| epoch.recipients.truncate(1));
    check("epoch: for one only", 3, &alone, error);
    let of_space = altered(&|epoch| epoch.forgets = vec![DocumentId::ZERO]);
    let error = out_of_place("what belongs to the space cannot be forgotten");
    check(
        "epoch: forgets what belongs to the space",
        3,
        &of_space,
        error,
    );

    let missing = say(3, &owner, CHOSEN);
    check(
        "a link before it is missing",
        2,
        &missing,
        LogError::NotNext,
    );
}
