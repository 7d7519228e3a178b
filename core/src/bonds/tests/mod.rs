//! Two people, a relay's view of them, and whoever would like to be one of them.

mod attacks;
mod considering;
mod epochs;
mod limits;
mod numbers;
mod redacted;
mod standings;
mod story;
mod taking;

use super::{
    Acceptance, Agreed, BondError, BondLogs, Invitation, Invited, Offer, consider, invite,
};
use crate::{
    account::{Founded, found},
    journal::OwnerName,
    keys::{DeviceKey, RecoveryPhrase, WrappingKey},
    random::{Random, tests::seeded},
};
use daymark_wire::{
    AccountId, LogId, Signed, Suite,
    logs::{
        AccountContent, AccountLink, AccountState, Author, Home, LinkBody, TravelLink,
        new_root_message,
    },
    signing::Context,
};

const NOW: u64 = 1_900_000_000;
const LATER: u64 = NOW + daymark_wire::limits::INVITATION_SECONDS;

fn home() -> Home {
    Home {
        relay: DeviceKey::generate(&seeded(70)).unwrap().verifying_key(),
        url: "https://relay.example.org".to_owned(),
    }
}

/// A person with one device and a home at the relay.
struct Person {
    founded: Founded,
    account: AccountState,
    links: Vec<TravelLink>,
    random: Random,
}

impl Person {
    fn new(seed: u8) -> Self {
        Self::at(Some(home()), seed)
    }

    fn at(home: Option<Home>, seed: u8) -> Self {
        let random = seeded(seed);
        let founded = found(home, &random).unwrap();
        let account = founded.logs.account().clone();
        let links = founded.logs.links_beyond(account.id().into(), 0).to_vec();
        Self {
            founded,
            account,
            links,
            random,
        }
    }

    fn id(&self) -> AccountId {
        self.account.id()
    }

    fn device(&self) -> &DeviceKey {
        &self.founded.device
    }

    fn invite(&self) -> Invited {
        let name = OwnerName::parse("NAME").unwrap();
        invite(
            &self.account,
            Some(&name),
            LATER,
            self.device(),
            &self.random,
        )
        .unwrap()
    }

    fn accept(&self, offer: &Offer) -> Result<Acceptance, BondError> {
        offer.accept(&self.account, NOW, None, self.device(), &self.random)
    }

    /// Appends to the account log, as this device or as root.
    fn say(&mut self, author: Author, content: AccountContent) {
        let body = LinkBody {
            suite: Suite::One,
            log: LogId::from(self.id()),
            position: self.account.length() + 1,
            previous: self.account.last(),
            author,
            rests_on: Vec::new(),
            content,
        };
        let root = self.founded.phrase.root_key();
        let key = match author {
            Author::Root => root.signing(),
            Author::Device(_) => self.device().signing(),
        };
        let link: AccountLink = Signed::sign(body, key);
        self.account.apply(&link).unwrap();
        self.links.push(link.to_travel(None));
    }

    /// A new account key, which this person's devices hold beside the old one.
    fn replace_account_key(&mut self) {
        let key = WrappingKey::generate(&self.random).unwrap();
        let content = AccountContent::AccountKey { key: key.public() };
        self.say(Author::Device(self.device().id()), content);
        self.founded.account_keys.wrapping.insert(0, key);
    }

    fn replace_root(&mut self) {
        let phrase = RecoveryPhrase::generate(&self.random).unwrap();
        let root = phrase.root_key().verifying_key();
        let recovery = phrase.recovery_key().public();
        let message = new_root_message(self.id(), &root, &recovery);
        let proof = phrase
            .root_key()
            .signing()
            .sign(Context::NewDevice, &message);
        let content = AccountContent::NewRoot {
            root,
            recovery,
            proof,
        };
        self.say(Author::Root, content);
        self.founded.phrase = phrase;
    }
}

/// Two people and their bond, as each of them knows it.
struct Pair {
    owner: Person,
    supporter: Person,
    invited: Invited,
    accepted: Acceptance,
    /// The owner's logs, with the answer.
    logs: BondLogs,
    agreed: Agreed,
}

impl Pair {
    fn new() -> Self {
        let (owner, supporter) = (Person::new(1), Person::new(2));
        let invited = owner.invite();
        let offer = offer(&owner, &invited).unwrap();
        let accepted = supporter.accept(&offer).unwrap();
        let mut logs = invited.logs.clone();
        let shown = [supporter.links.as_slice(), &accepted.links].concat();
        assert_eq!(logs.take(&shown, &owner.account).fault, None);
        let secret = invited.invitation.secret();
        let agreed = logs.accepted().unwrap().agree(&secret).unwrap();
        Self {
            owner,
            supporter,
            invited,
            accepted,
            logs,
            agreed,
        }
    }

    /// Both sides take these links of the bond log and the newest of the accounts.
    fn both_take(&mut self, links: &[TravelLink]) {
        let shown = [&self.owner.links, &self.supporter.links, links].concat();
        let owner = self.logs.take(&shown, &self.owner.account);
        let supporter = self.accepted.logs.take(&shown, &self.supporter.account);
        assert_eq!((owner.fault, supporter.fault), (None, None));
    }
}

/// What the relay shows to somebody with the token, as an honest one does.
fn offer(owner: &Person, invited: &Invited) -> Result<Offer, BondError> {
    let text = invited.invitation.to_string();
    let invitation: Invitation = text.parse()?;
    let shown = [owner.links.as_slice(), std::slice::from_ref(&invited.link)].concat();
    consider(invitation, &shown)
}
