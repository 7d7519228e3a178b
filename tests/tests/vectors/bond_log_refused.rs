//! What is no bond link, or breaks a rule of the bond log: the second half of `bond-log.json`.

use crate::{
    bond_log::{self, CHOSEN, People, accept, epoch, epoch_content, fold, invite, wraps},
    bonds, cast,
    links::{self, by},
    sheet::{Sheet, named},
};
use daymark_core::keys::DeviceKey;
use daymark_wire::{
    DecodeError, DocumentId, Signed, SpaceId, cbor,
    logs::{Author, BondContent, BondLink, BondState, EndReason, EpochContent, LinkBody, LogError},
    signing::Payload,
};

pub(crate) fn refused_bodies(sheet: &mut Sheet, log: &[BondLink]) {
    let read = |bytes: &[u8]| LinkBody::<BondContent>::from_bytes(bytes);
    let malformed = named(&DecodeError::Malformed { what: "link" });
    let one = links::altered(&log[1], |body| body.rests_on.truncate(1));
    sheet.refused("link: rests on one head", &one, &malformed, read);
    let unknown = links::altered(&log[1], |body| body.content = CHOSEN);
    let unknown = [&unknown[..unknown.len() - 1], &[9]].concat();
    sheet.refused("end: for a reason that is none", &unknown, &malformed, read);
}

pub(crate) fn refused_firsts(sheet: &mut Sheet, people: &People) {
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
pub(crate) fn refused_links(sheet: &mut Sheet, log: &[BondLink], people: &People) {
    let mut check = |name: &str, after: usize, link: &BondLink, error: LogError| {
        let (state, people) = (fold(&log[..after], people), bond_log::people());
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
