//! Threats A1 and A4: a relay that shows a new device something else, or looks into the traffic.

use super::{super::*, story::*};
use crate::{
    account::{AccountError, begin_epoch, found},
    keys::{DeviceKey, WrappingKey},
    random::tests::seeded,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use daymark_wire::{
    Have, cbor,
    logs::LogError,
    mailbox::{MailboxMessage, Side},
    wrapping::Wraps,
};
use proptest::prelude::*;

fn heard_welcome(seed: u8) -> Story {
    let mut story = Story::welcomed(seed);
    story.new_hears(3);
    story
}

#[test]
fn a1_another_account_is_refused() {
    let story = heard_welcome(40);
    let other = found(None, &seeded(77)).unwrap();
    let refused = story.joining.finish(&all_links(&other.logs));
    assert_eq!(refused, Err(PairingError::OtherAccount));
}

#[test]
fn a1_a_forged_link_is_refused() {
    let story = heard_welcome(41);
    let honest = story.links();
    for index in 0..honest.len() {
        for place in [0, 40, honest[index].bytes.len() - 1] {
            let mut forged = honest.clone();
            forged[index].bytes[place] ^= 1;
            let refused = story.joining.finish(&forged).unwrap_err();
            let named = matches!(
                refused,
                PairingError::ForgedLogs(_) | PairingError::OtherAccount
            );
            assert!(named, "link {index}, byte {place}: {refused:?}");
        }
    }
}

#[test]
fn a1_older_logs_than_the_links_heads_are_refused() {
    let random = seeded(42);
    let mut owner = found(None, &random).unwrap();
    let older = all_links(&owner.logs);
    let (link, _) = begin_epoch(
        &owner.logs,
        &owner.account_keys,
        Have::new(),
        None,
        &owner.device,
        &random,
    )
    .unwrap();
    assert_eq!(owner.logs.take(&[link]).fault, None);
    let relay = owner.device.verifying_key();
    let trusted = Trusted::open("https://a", relay, &owner.logs, NOW, &random).unwrap();
    let newcomer = Newcomer::new(link_text(&trusted), NOW, &random).unwrap();
    assert_eq!(newcomer.finish(&older), Err(PairingError::OtherHistory));
    let current = newcomer.finish(&all_links(&owner.logs));
    assert_eq!(current, Err(PairingError::NotLetIn));
}

#[test]
fn a1_logs_without_the_new_links_are_refused_after_the_welcome() {
    let story = heard_welcome(43);
    let older: Vec<_> = story
        .links()
        .into_iter()
        .filter(|link| link.blob.as_ref().is_none_or(|blob| blob.len() > 1_400))
        .collect();
    assert_eq!(older.len(), story.links().len() - 1, "without enter");
    let refused = story.joining.finish(&older);
    assert_eq!(refused, Err(PairingError::OtherHistory));
}

#[test]
fn a1_another_journal_of_the_same_account_is_refused() {
    let story = heard_welcome(44);
    let account = story.owner.logs.account().id();
    let others = found(None, &seeded(45)).unwrap();
    let mixed = [
        story.owner.logs.links_beyond(account.into(), 0),
        others.logs.journal_links(),
    ]
    .concat();
    let refused = story.joining.finish(&mixed);
    assert_eq!(refused, Err(PairingError::ForgedLogs(LogError::OtherLog)));
}

#[test]
fn a1_swapped_wraps_are_refused() {
    let story = heard_welcome(46);
    let honest = story.links();
    let with_blob: Vec<usize> = (0..honest.len())
        .filter(|index| honest[*index].blob.is_some())
        .collect();
    let [epoch, enter] = with_blob.as_slice() else {
        panic!("{with_blob:?}");
    };
    let mut swapped = honest.clone();
    swapped[*epoch].blob = honest[*enter].blob.clone();
    swapped[*enter].blob = honest[*epoch].blob.clone();
    let refused = story.joining.finish(&swapped);
    let wrong = PairingError::ForgedLogs(LogError::WrongBlob);
    assert_eq!(refused, Err(wrong.clone()));

    let mut emptied = honest.clone();
    emptied[*enter].blob = Some(cbor::to_vec(&Wraps {
        wraps: Vec::new(),
        shared: Vec::new(),
    }));
    assert_eq!(story.joining.finish(&emptied), Err(wrong));
}

#[test]
fn a1_wraps_that_are_withheld_lock_out_by_name() {
    let story = heard_welcome(47);
    for index in 0..story.links().len() {
        let mut links = story.links();
        if links[index].blob.take().is_some() {
            let refused = story.joining.finish(&links);
            assert_eq!(refused, Err(PairingError::LockedOut), "link {index}");
        }
    }
    assert!(story.joining.finish(&story.links()).is_ok());
}

#[test]
fn a1_who_was_revoked_meanwhile_is_not_let_in() {
    use daymark_wire::{
        LogId, Signed, Suite,
        logs::{AccountContent, AccountLink, Author, LinkBody},
    };
    let story = heard_welcome(48);
    let account = story.owner.logs.account();
    let revoke: AccountLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::from(account.id()),
            position: account.length() + 1,
            previous: account.last(),
            author: Author::Device(story.owner.device.id()),
            rests_on: Vec::new(),
            content: AccountContent::Revoke {
                device: story.joining.newcomer().device().id(),
            },
        },
        story.owner.device.signing(),
    );
    let mut links = story.links();
    links.push(revoke.to_travel(None));
    let refused = story.joining.finish(&links);
    assert_eq!(refused, Err(PairingError::NotLetIn));
}

#[test]
fn a1_links_for_other_keys_are_refused() {
    let story = heard_welcome(49);
    let newcomer = story.joining.newcomer();
    let other = Newcomer::stored(
        newcomer.link().clone(),
        DeviceKey::from_seed(newcomer.device().seed().clone()),
        WrappingKey::generate(&story.random).unwrap(),
    );
    assert_eq!(other.finish(&story.links()), Err(PairingError::OtherKeys));
}

#[test]
fn an_insider_with_an_old_epoch_lets_nobody_in() {
    let (mut story, _) = Story::shown(50);
    let other = found(None, &seeded(51)).unwrap();
    let insider = Insider {
        logs: &story.owner.logs,
        epoch: &other.epoch.1,
        device: &story.owner.device,
    };
    let ended = story
        .trusted
        .handle(&TrustedEvent::SaidYes(insider), NOW, &story.random);
    let locked = PairingError::Account(AccountError::LockedOut);
    assert_eq!(ended.last(), Some(&failed(locked)));
    story.nothing_was_added();
}

#[test]
fn a4_neither_secret_nor_names_nor_keys_are_in_what_the_relay_sees() {
    let story = heard_welcome(52);
    let link = story.trusted.link();
    let seen: Vec<Vec<u8>> = story
        .traffic
        .iter()
        .map(cbor::to_vec)
        .chain(story.links().iter().map(cbor::to_vec))
        .chain([link.mailbox().as_bytes().to_vec()])
        .chain([link.mailbox().to_hex().into_bytes()])
        .collect();
    let text = link.to_string();
    let name = name();
    let absent: [&[u8]; 5] = [
        link.secret().expose(),
        &link.secret().expose()[..16],
        text.as_bytes(),
        &text.as_bytes()[100..120],
        name.as_str().as_bytes(),
    ];
    let encoded = URL_SAFE_NO_PAD.encode(link.secret().expose());
    for bytes in &seen {
        for secret in absent.iter().chain([&encoded.as_bytes()]) {
            assert!(!bytes.windows(secret.len()).any(|window| window == *secret));
        }
    }
}

#[test]
fn a4_every_message_has_the_same_length() {
    let story = Story::welcomed(53);
    assert_eq!(story.traffic.len(), 4);
    for message in &story.traffic {
        assert_eq!(message.sealed.len(), channel::SEALED_BYTES);
        assert_eq!(message.sealed.len(), 2_048);
    }
}

#[test]
fn a5_every_altered_message_is_refused() {
    for place in (0..2_048).step_by(31) {
        let mut story = Story::begin(54);
        story.traffic[0].sealed[place] ^= 1;
        let ended = story.trusted_hears(0);
        assert_eq!(
            ended.last(),
            Some(&failed(PairingError::Altered)),
            "{place}"
        );
    }
}

#[test]
fn a6_missing_and_moved_messages_are_refused() {
    let mut moved = Story::begin(55);
    moved.traffic[0].number = 1;
    let ended = moved.trusted_hears(0);
    assert_eq!(ended.last(), Some(&failed(PairingError::Altered)));

    let (shown, _) = Story::shown(56);
    let mut story = Story::begin(56);
    let ended = story
        .trusted
        .handle(&TrustedEvent::Heard(&shown.traffic[2]), NOW, &story.random);
    assert_eq!(ended.last(), Some(&failed(PairingError::OutOfOrder)));
}

#[test]
fn a6_a_message_that_is_not_awaited_is_refused() {
    let mut story = Story::begin(57);
    let mut trusted = channel::Channel::new(link_text(&story.trusted), Side::Trusted);
    let early = message::Message::Welcome(story.owner.logs.known());
    let welcome = trusted.say(&early, &story.random).unwrap();
    let ended = story
        .joining
        .handle(&JoiningEvent::Heard(&welcome), NOW, &story.random);
    assert_eq!(ended, new_failed(PairingError::Unexpected));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_refused_by_name(number in 0_u32..3, sealed in proptest::collection::vec(any::<u8>(), 0..2_100)) {
        let random = seeded(58);
        let owner = found(None, &random).unwrap();
        let key = owner.device.verifying_key();
        let mut trusted = Trusted::open("https://a", key, &owner.logs, NOW, &random).unwrap();
        let message = MailboxMessage { number, sealed };
        let ended = trusted.handle(&TrustedEvent::Heard(&message), NOW, &random);
        prop_assert_eq!(ended.last(), Some(&failed(PairingError::Altered)));
    }
}
