//! An owner with a link on show, a new device that took it, and the mailbox between them.

use super::super::*;
use crate::{
    account::{Founded, Logs, found},
    journal::DeviceName,
    random::{Purpose, Random, tests::seeded},
    secret::Secret,
};
use daymark_wire::{logs::TravelLink, mailbox::MailboxMessage};

pub(super) const NOW: u64 = 1_000_000;

/// An owner with a link on show, and a new device that took it.
pub(super) struct Story {
    pub(super) random: Random,
    pub(super) owner: Founded,
    pub(super) trusted: Trusted,
    pub(super) joining: Joining,
    /// What was put into the mailbox, in order, by either side.
    pub(super) traffic: Vec<MailboxMessage>,
}

/// What both screens show.
pub(super) struct Shown {
    pub(super) here: Code,
    pub(super) there: Code,
}

pub(super) fn name() -> DeviceName {
    DeviceName::parse("the phone in the kitchen").unwrap()
}

pub(super) fn link_text(trusted: &Trusted) -> PairingLink {
    trusted.link().to_string().parse().unwrap()
}

impl Story {
    /// Up to the new device's *hello*, which lies in the mailbox.
    pub(super) fn begin(seed: u8) -> Self {
        let random = seeded(seed);
        let owner = found(None, &random).unwrap();
        let relay = owner.device.verifying_key();
        let url = "https://relay.example.org";
        let trusted = Trusted::open(url, relay, &owner.logs, NOW, &random).unwrap();
        let newcomer = Newcomer::new(link_text(&trusted), NOW, &random).unwrap();
        let (joining, hello) = newcomer.say_hello(&name(), &random).unwrap();
        Self {
            random,
            owner,
            trusted,
            joining,
            traffic: vec![hello],
        }
    }

    /// Up to both screens showing a code.
    pub(super) fn shown(seed: u8) -> (Self, Shown) {
        let mut story = Self::begin(seed);
        let reply = story.trusted_hears(0);
        let [TrustedEffect::Say(reply)] = reply.as_slice() else {
            panic!("{reply:?}");
        };
        story.traffic.push(reply.clone());
        let reveal = story.new_hears(1);
        let [JoiningEffect::Say(reveal), JoiningEffect::ShowCode(there)] = reveal.as_slice() else {
            panic!("{reveal:?}");
        };
        story.traffic.push(reveal.clone());
        let compare = story.trusted_hears(2);
        let [TrustedEffect::Compare { code: here, .. }] = compare.as_slice() else {
            panic!("{compare:?}");
        };
        let shown = Shown {
            here: *here,
            there: *there,
        };
        (story, shown)
    }

    /// Up to the welcome in the mailbox; the owner's logs have the new links.
    pub(super) fn welcomed(seed: u8) -> Self {
        let (mut story, _) = Self::shown(seed);
        let yes = story.person_says_yes();
        story.append(&yes);
        let ended = story.trusted_is_told_of_its_links();
        let [TrustedEffect::Say(welcome), TrustedEffect::Over(_)] = ended.as_slice() else {
            panic!("{ended:?}");
        };
        story.traffic.push(welcome.clone());
        story
    }

    pub(super) fn trusted_hears(&mut self, index: usize) -> Vec<TrustedEffect> {
        let event = TrustedEvent::Heard(&self.traffic[index]);
        self.trusted.handle(&event, NOW, &self.random)
    }

    pub(super) fn new_hears(&mut self, index: usize) -> Vec<JoiningEffect> {
        let event = JoiningEvent::Heard(&self.traffic[index]);
        self.joining.handle(&event, NOW, &self.random)
    }

    pub(super) fn person_says_yes(&mut self) -> Vec<TrustedEffect> {
        let yes = TrustedEvent::SaidYes(insider(&self.owner));
        self.trusted.handle(&yes, NOW, &self.random)
    }

    /// The relay takes the links of an *append*.
    pub(super) fn append(&mut self, effects: &[TrustedEffect]) {
        let [TrustedEffect::Append(admission)] = effects else {
            panic!("{effects:?}");
        };
        let links = [admission.add.clone(), admission.enter.clone()];
        let taken = self.owner.logs.take(&links);
        assert_eq!((taken.new.len(), taken.fault), (2, None));
    }

    pub(super) fn trusted_is_told_of_its_links(&mut self) -> Vec<TrustedEffect> {
        let logs = self.owner.logs.clone();
        let event = TrustedEvent::Appended(&logs);
        self.trusted.handle(&event, NOW, &self.random)
    }

    /// Everything that an honest relay gives the new device.
    pub(super) fn links(&self) -> Vec<TravelLink> {
        all_links(&self.owner.logs)
    }

    /// The account as it was before the pairing.
    pub(super) fn nothing_was_added(&self) {
        assert_eq!(self.owner.logs.account().length(), 1);
        assert_eq!(self.owner.logs.journal().length(), 2);
    }
}

pub(super) fn insider(owner: &Founded) -> Insider<'_> {
    Insider {
        logs: &owner.logs,
        epoch: &owner.epoch.1,
        device: &owner.device,
    }
}

pub(super) fn all_links(logs: &Logs) -> Vec<TravelLink> {
    let account = logs.links_beyond(logs.account().id().into(), 0);
    [account, logs.journal_links()].concat()
}

pub(super) fn failed(error: PairingError) -> TrustedEffect {
    TrustedEffect::Over(TrustedEnding::Failed(error))
}

pub(super) fn new_failed(error: PairingError) -> Vec<JoiningEffect> {
    vec![JoiningEffect::Over(JoiningEnding::Failed(error))]
}

/// A stranger who found an old link has a secret, and it opens nothing of this one.
pub(super) fn stranger_link(link: &PairingLink, random: &Random) -> PairingLink {
    let mut bytes = link.to_bytes().to_vec();
    let secret = link.secret().expose();
    let place = bytes
        .windows(32)
        .position(|window| window == secret)
        .unwrap();
    let other: Secret<32> = random.secret(Purpose::Pairing).unwrap();
    bytes[place..place + 32].copy_from_slice(other.expose());
    daymark_wire::cbor::exactly("link", &bytes, 2_000).unwrap()
}
