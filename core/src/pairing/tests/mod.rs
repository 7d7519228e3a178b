//! Whole pairings between the two machines, through a mailbox in memory.

mod attacker;
mod relay;
mod story;

use super::*;
use crate::{
    account::{begin_epoch, found},
    keys::{DeviceKey, WrappingKey},
    random::tests::seeded,
};
use daymark_wire::Have;
use story::*;

#[test]
fn a_new_device_is_let_in_and_has_what_the_other_has() {
    let (mut story, shown) = Story::shown(1);
    assert_eq!(shown.here, shown.there);
    let yes = story.person_says_yes();
    story.append(&yes);
    let ended = story.trusted_is_told_of_its_links();
    let id = story.joining.newcomer().device().id();
    let welcomed = TrustedEnding::Welcomed {
        device: id,
        name: name(),
    };
    assert_eq!(ended[1], TrustedEffect::Over(welcomed.clone()));
    assert_eq!(story.trusted.ending(), Some(&welcomed));

    let TrustedEffect::Say(welcome) = &ended[0] else {
        panic!("{ended:?}");
    };
    story.traffic.push(welcome.clone());
    let known = story.owner.logs.known();
    let over = JoiningEffect::Over(JoiningEnding::Welcomed { known });
    assert_eq!(story.new_hears(3), [over]);

    let joined = story.joining.finish(&story.links()).unwrap();
    assert_eq!(joined.logs, story.owner.logs);
    assert_eq!(joined.epoch, story.owner.epoch);
    assert_eq!(joined.account_keys, story.owner.account_keys);
    assert!(joined.logs.account().active(id).is_ok());
}

#[test]
fn a_message_that_comes_twice_does_no_harm() {
    let (mut story, _) = Story::shown(2);
    assert_eq!(story.trusted_hears(0), []);
    assert_eq!(story.new_hears(1), []);
    assert_eq!(story.trusted_hears(2), []);
    let yes = story.person_says_yes();
    assert!(matches!(yes.as_slice(), [TrustedEffect::Append(_)]));
}

#[test]
fn a_device_that_stopped_after_it_was_let_in_comes_in_with_what_it_stored() {
    let story = Story::welcomed(3);
    let newcomer = story.joining.newcomer();
    let (device, wrapping) = (newcomer.device().seed(), newcomer.wrapping().seed());
    let again = Newcomer::stored(
        newcomer.link().to_string().parse().unwrap(),
        DeviceKey::from_seed(device.clone()),
        WrappingKey::from_seed(wrapping.clone()),
    );
    let joined = again.finish(&story.links()).unwrap();
    assert_eq!(joined.epoch, story.owner.epoch);
}

#[test]
fn a_device_that_was_not_let_in_is_told_so() {
    let (story, _) = Story::shown(4);
    let refused = story.joining.newcomer().finish(&story.links());
    assert_eq!(refused, Err(PairingError::NotLetIn));
}

#[test]
fn when_someone_appends_first_the_links_are_made_again() {
    let (mut story, _) = Story::shown(5);
    let first = story.person_says_yes();
    let (link, epoch) = begin_epoch(
        &story.owner.logs,
        &story.owner.account_keys,
        Have::new(),
        None,
        &story.owner.device,
        &story.random,
    )
    .unwrap();
    assert_eq!(story.owner.logs.take(&[link]).fault, None);
    story.owner.epoch = epoch;

    let lost = TrustedEvent::LostRace(insider(&story.owner));
    let again = story.trusted.handle(&lost, NOW, &story.random);
    assert_ne!(again, first);
    story.append(&again);
    let ended = story.trusted_is_told_of_its_links();
    assert!(matches!(
        ended.as_slice(),
        [
            TrustedEffect::Say(_),
            TrustedEffect::Over(TrustedEnding::Welcomed { .. })
        ]
    ));
    let joined = story.joining.finish(&story.links()).unwrap();
    assert_eq!(joined.epoch, story.owner.epoch);
}

#[test]
fn links_that_were_taken_though_the_answer_was_lost_count() {
    let (mut story, _) = Story::shown(6);
    let yes = story.person_says_yes();
    story.append(&yes);
    let lost = TrustedEvent::LostRace(insider(&story.owner));
    let ended = story.trusted.handle(&lost, NOW + 500, &story.random);
    assert!(matches!(
        ended.as_slice(),
        [
            TrustedEffect::Say(_),
            TrustedEffect::Over(TrustedEnding::Welcomed { .. })
        ]
    ));
}

#[test]
fn links_that_the_relay_refuses_end_it() {
    let (mut story, _) = Story::shown(7);
    story.person_says_yes();
    let ended = story
        .trusted
        .handle(&TrustedEvent::NotAppended, NOW, &story.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::NotAppended)));
}

#[test]
fn links_that_are_not_on_the_logs_were_not_appended() {
    let (mut story, _) = Story::shown(8);
    story.person_says_yes();
    let ended = story.trusted_is_told_of_its_links();
    assert_eq!(ended.last(), Some(&failed(PairingError::NotAppended)));
    story.nothing_was_added();
}

#[test]
fn a_no_ends_it_and_the_new_device_is_told() {
    let (mut story, _) = Story::shown(9);
    let ended = story
        .trusted
        .handle(&TrustedEvent::SaidNo, NOW, &story.random);
    let [TrustedEffect::Say(refusal), over] = ended.as_slice() else {
        panic!("{ended:?}");
    };
    assert_eq!(*over, TrustedEffect::Over(TrustedEnding::Refused));
    story.traffic.push(refusal.clone());
    assert_eq!(
        story.new_hears(3),
        [JoiningEffect::Over(JoiningEnding::Refused)]
    );
    assert_eq!(story.person_says_yes(), [], "a yes after the no");
    story.nothing_was_added();
}

#[test]
fn k12_two_minutes_later_nothing_is_added_whatever_comes() {
    let late = NOW + 120;
    let (mut story, _) = Story::shown(10);
    let yes = TrustedEvent::SaidYes(insider(&story.owner));
    let expired = [TrustedEffect::Over(TrustedEnding::Expired)];
    assert_eq!(story.trusted.handle(&yes, late, &story.random), expired);
    assert_eq!(story.trusted.handle(&yes, NOW, &story.random), []);
    let passed = story
        .joining
        .handle(&JoiningEvent::TimePassed, late, &story.random);
    assert_eq!(passed, [JoiningEffect::Over(JoiningEnding::Expired)]);
    let newcomer = Newcomer::new(link_text(&story.trusted), late, &story.random);
    assert_eq!(newcomer.unwrap_err(), PairingError::ExpiredLink);
    story.nothing_was_added();
}

#[test]
fn what_was_sent_before_the_time_was_over_still_counts() {
    let (mut story, _) = Story::shown(11);
    let yes = story.person_says_yes();
    let late = NOW + 500;
    let passed = story
        .trusted
        .handle(&TrustedEvent::TimePassed, late, &story.random);
    assert_eq!(passed, []);
    story.append(&yes);
    let ended = story.trusted_is_told_of_its_links();
    assert!(matches!(
        ended.last(),
        Some(TrustedEffect::Over(TrustedEnding::Welcomed { .. }))
    ));
    story
        .joining
        .handle(&JoiningEvent::TimePassed, late, &story.random);
    assert!(story.joining.finish(&story.links()).is_ok());
}

#[test]
fn codes_are_spread_over_all_the_numbers() {
    let random = seeded(12);
    let owner = found(None, &random).unwrap();
    let relay = owner.device.verifying_key();
    let (mut tens, mut all) = ([0_u32; 10], Vec::new());
    let trusted = Trusted::open("https://a", relay, &owner.logs, NOW, &random).unwrap();
    let newcomer = Newcomer::new(link_text(&trusted), NOW, &random).unwrap();
    let hello = message::Hello {
        request: newcomer.request(),
        commitment: message::Commitment::from_bytes([0; 32]),
        name: "a".to_owned(),
    };
    let transcript = trusted.link().transcript(&hello);
    for n in 0..2_000_u64 {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        let theirs = message::NewNonce::from_bytes(bytes);
        let own = message::TrustedNonce::from_bytes([1; 16]);
        let code = trusted.link().code(&own, &theirs, &transcript).to_string();
        tens[usize::from(code.as_bytes()[0] - b'0')] += 1;
        all.push(code);
    }
    assert!(tens.iter().all(|n| (150..250).contains(n)), "{tens:?}");
    all.sort();
    all.dedup();
    assert!(all.len() > 1_980, "{} codes", all.len());
}

#[test]
fn neither_machine_prints_anything_secret() {
    let (story, _) = Story::shown(13);
    insta::assert_debug_snapshot!((&story.trusted, &story.joining));
    let printed = format!("{:?}", (&story.trusted, &story.joining));
    assert!(!printed.contains("kitchen"));
}

#[test]
fn what_the_trusted_device_is_to_do_prints_no_name() {
    let ending = TrustedEnding::Welcomed {
        device: daymark_wire::DeviceId::from_bytes([1; 16]),
        name: crate::journal::DeviceName::parse("kitchen").unwrap(),
    };
    let printed = format!("{:?}", TrustedEffect::Over(ending));
    assert!(printed.contains("DeviceName(7 bytes)") && !printed.contains("kitchen"));
}
