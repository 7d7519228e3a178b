//! Threat H1: somebody between the two devices, or with the link in hand.

use super::{super::*, story::*};
use crate::{journal::DeviceName, random::tests::seeded};
use daymark_wire::mailbox::{MailboxMessage, Side};

/// A new device of an attacker, who has the link.
fn thief(story: &Story) -> (Joining, MailboxMessage) {
    let newcomer = Newcomer::new(link_text(&story.trusted), NOW, &story.random).unwrap();
    let name = DeviceName::parse("the phone in the kitchen").unwrap();
    newcomer.say_hello(&name, &story.random).unwrap()
}

#[test]
fn h1_who_knows_nothing_of_the_secret_can_say_nothing() {
    let mut story = Story::begin(20);
    let link = stranger_link(story.trusted.link(), &story.random);
    let newcomer = Newcomer::new(link, NOW, &story.random).unwrap();
    let (_, hello) = newcomer.say_hello(&name(), &story.random).unwrap();
    let ended = story
        .trusted
        .handle(&TrustedEvent::Heard(&hello), NOW, &story.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::Altered)));
    assert_eq!(story.person_says_yes(), []);
    story.nothing_was_added();
}

#[test]
fn h1_a_message_turned_back_to_its_sender_is_refused() {
    let mut story = Story::begin(21);
    assert_eq!(story.new_hears(0), new_failed(PairingError::Altered));
}

#[test]
fn h1_a_thief_with_the_link_shows_another_code_and_the_person_says_no() {
    let mut story = Story::begin(22);
    let (mut thief, hello) = thief(&story);
    let random = seeded(99);
    let reply = story
        .trusted
        .handle(&TrustedEvent::Heard(&hello), NOW, &random);
    let [TrustedEffect::Say(reply)] = reply.as_slice() else {
        panic!("{reply:?}");
    };
    let reveal = thief.handle(&JoiningEvent::Heard(reply), NOW, &random);
    let [JoiningEffect::Say(reveal), JoiningEffect::ShowCode(_)] = reveal.as_slice() else {
        panic!("{reveal:?}");
    };
    let compare = story
        .trusted
        .handle(&TrustedEvent::Heard(reveal), NOW, &random);
    let [TrustedEffect::Compare { device, .. }] = compare.as_slice() else {
        panic!("{compare:?}");
    };
    assert_ne!(*device, story.joining.newcomer().device().id());

    // The honest device learns that the link was used, shows no code, and the person says no.
    let taken = story
        .joining
        .handle(&JoiningEvent::MailboxTaken, NOW, &random);
    assert_eq!(taken, new_failed(PairingError::LinkTaken));
    story.trusted.handle(&TrustedEvent::SaidNo, NOW, &random);
    assert_eq!(story.person_says_yes(), []);
    story.nothing_was_added();
}

#[test]
fn h1_a_thief_between_two_devices_cannot_make_their_codes_the_same() {
    let mut story = Story::begin(23);
    let (mut thief, to_trusted) = thief(&story);
    let random = seeded(98);
    let reply = story
        .trusted
        .handle(&TrustedEvent::Heard(&to_trusted), NOW, &random);
    let [TrustedEffect::Say(reply)] = reply.as_slice() else {
        panic!("{reply:?}");
    };
    let reveal = thief.handle(&JoiningEvent::Heard(reply), NOW, &random);
    let [JoiningEffect::Say(reveal), _] = reveal.as_slice() else {
        panic!("{reveal:?}");
    };
    // The thief passes the very same reply on: the honest device's nonce is another all the same.
    let honest = story
        .joining
        .handle(&JoiningEvent::Heard(reply), NOW, &random);
    let [_, JoiningEffect::ShowCode(there)] = honest.as_slice() else {
        panic!("{honest:?}");
    };
    let compare = story
        .trusted
        .handle(&TrustedEvent::Heard(reveal), NOW, &random);
    let [TrustedEffect::Compare { code: here, .. }] = compare.as_slice() else {
        panic!("{compare:?}");
    };
    assert_ne!(here, there);
}

#[test]
fn h1_a_link_that_was_changed_on_the_way_breaks_the_commitment() {
    let mut story = Story::begin(24);
    let mut bytes = story.trusted.link().to_bytes().to_vec();
    let place = bytes.windows(5).position(|w| w == b"relay").unwrap();
    bytes[place..place + 5].copy_from_slice(b"thief");
    let link: PairingLink = daymark_wire::cbor::exactly("link", &bytes, 2_000).unwrap();
    let newcomer = Newcomer::new(link, NOW, &story.random).unwrap();
    let (joining, hello) = newcomer.say_hello(&name(), &story.random).unwrap();
    story.joining = joining;
    story.traffic = vec![hello];
    let reply = story.trusted_hears(0);
    let [TrustedEffect::Say(reply)] = reply.as_slice() else {
        panic!("{reply:?}");
    };
    story.traffic.push(reply.clone());
    let reveal = story.new_hears(1);
    let [JoiningEffect::Say(reveal), _] = reveal.as_slice() else {
        panic!("{reveal:?}");
    };
    story.traffic.push(reveal.clone());
    let ended = story.trusted_hears(2);
    assert_eq!(ended.last(), Some(&failed(PairingError::BrokenCommitment)));
}

#[test]
fn h1_a_nonce_that_was_not_committed_to_is_refused() {
    let mut story = Story::begin(25);
    story.trusted_hears(0);
    let mut new = channel::Channel::new(link_text(&story.trusted), Side::New);
    new.say(&message::Message::Refused, &story.random).unwrap();
    let other = message::Message::Reveal(message::NewNonce::from_bytes([9; 16]));
    let reveal = new.say(&other, &story.random).unwrap();
    let ended = story
        .trusted
        .handle(&TrustedEvent::Heard(&reveal), NOW, &story.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::BrokenCommitment)));
    assert_eq!(story.person_says_yes(), []);
    story.nothing_was_added();
}

#[test]
fn h1_a_second_hello_ends_it_and_the_person_is_told() {
    let mut first = Story::begin(26);
    first.trusted_hears(0);
    let (_, second) = thief(&first);
    let ended = first
        .trusted
        .handle(&TrustedEvent::Heard(&second), NOW, &first.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::SecondHello)));

    let (mut shown, _) = Story::shown(27);
    let (_, second) = thief(&shown);
    let ended = shown
        .trusted
        .handle(&TrustedEvent::Heard(&second), NOW, &shown.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::SecondHello)));
    assert_eq!(shown.person_says_yes(), []);
    shown.nothing_was_added();
}

#[test]
fn h1_nothing_is_appended_without_a_yes_while_the_code_is_shown() {
    let mut story = Story::begin(28);
    assert_eq!(story.person_says_yes(), [], "before the hello");
    story.trusted_hears(0);
    assert_eq!(story.person_says_yes(), [], "before the code");
    let logs = story.owner.logs.clone();
    let early = story
        .trusted
        .handle(&TrustedEvent::Appended(&logs), NOW, &story.random);
    assert_eq!(early, []);

    let (mut story, _) = Story::shown(29);
    for event in [
        TrustedEvent::Appended(&story.owner.logs),
        TrustedEvent::LostRace(insider(&story.owner)),
        TrustedEvent::NotAppended,
        TrustedEvent::TimePassed,
    ] {
        assert_eq!(story.trusted.handle(&event, NOW, &story.random), []);
    }
}

#[test]
fn h1_while_links_are_on_their_way_nothing_said_changes_anything() {
    let (mut story, _) = Story::shown(30);
    story.person_says_yes();
    let (_, second) = thief(&story);
    let heard = story
        .trusted
        .handle(&TrustedEvent::Heard(&second), NOW, &story.random);
    assert_eq!(heard, []);
    assert_eq!(story.person_says_yes(), [], "one admission only");
}

#[test]
fn h1_a_name_that_would_upset_a_screen_is_refused() {
    let mut story = Story::begin(31);
    let newcomer = story.joining.newcomer();
    let hello = message::Hello {
        request: newcomer.request(),
        commitment: message::Commitment::from_bytes([0; 32]),
        name: "phone\u{1b}[2J".to_owned(),
    };
    let mut new = channel::Channel::new(link_text(&story.trusted), Side::New);
    let hello = new
        .say(&message::Message::Hello(hello), &story.random)
        .unwrap();
    let ended = story
        .trusted
        .handle(&TrustedEvent::Heard(&hello), NOW, &story.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::BadName)));
}

#[test]
fn h1_a_request_for_another_pairing_is_refused() {
    let mut story = Story::begin(32);
    let newcomer = story.joining.newcomer();
    let request = crate::account::DeviceRequest::new(
        newcomer.device(),
        newcomer.wrapping(),
        newcomer.link().account(),
        daymark_wire::Nonce::ZERO,
    );
    let hello = message::Hello {
        request,
        commitment: message::Commitment::from_bytes([0; 32]),
        name: "phone".to_owned(),
    };
    let mut new = channel::Channel::new(link_text(&story.trusted), Side::New);
    let hello = new
        .say(&message::Message::Hello(hello), &story.random)
        .unwrap();
    let ended = story
        .trusted
        .handle(&TrustedEvent::Heard(&hello), NOW, &story.random);
    let bad = PairingError::Account(crate::account::AccountError::BadRequest);
    assert_eq!(ended.last(), Some(&failed(bad)));
}
