//! A supporter with rightful keys who does what the client never would.

use super::{StolenDevice, honest, stolen};
use daymark_client::{
    connection::{RelayAddress, RelayError},
    vault::Vault,
};
use daymark_core::{
    bonds::{AccountLog, BegunEpoch, BondLogs, Forks, NewEpoch, begin_epoch},
    keys::DocumentKey,
    seal::{self, BodyKey},
    sharing::Version,
    sync::{BondSide, Waiting, Wishes},
};
use daymark_wire::{
    DocumentId, Header, LogId, Record, Signed, SpaceId, Suite,
    logs::{
        AccountContent, AccountLink, Author, BondContent, BondLink, LinkBody, MadeFor, TravelLink,
    },
    record::ExpiryDay,
    sync::{AppendOutcome, PushOutcome, SyncReply, SyncRequest},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// One side's device of a bond, with every key that its vault holds, and a chain of its own making in the bond.
///
/// Either side's: to see what the relay and the honest client make of it, a test also lets an owner do what the
/// client never would.
pub struct HostileSupporter {
    /// The keys, and what is signed and sealed with them in the bond.
    pub hand: StolenDevice,
    own: AccountLog,
}

impl HostileSupporter {
    /// Takes the keys out of an unlocked vault.
    ///
    /// # Panics
    /// When the vault knows no such bond, or nobody agreed on it.
    pub async fn of(vault: &Vault, bond: SpaceId) -> Self {
        let mut hand = StolenDevice::of(vault).await;
        let own = AccountLog::of_own(hand.logs());
        let mut file = honest::open(vault).await;
        let known = stolen::links(vault, &mut file).await;
        let links: Vec<TravelLink> = of_bond(&known, bond).cloned().collect();
        let logs = BondLogs::fold(&links, own.state()).expect("a bond");
        let accepted = logs.accepted().expect("somebody accepted");
        let agreed = accepted.own(accepted.supporter()).expect("they did");
        hand.space = bond;
        hand.replica.logs = BondSide {
            agreed: Some(agreed),
            logs,
            own: own.clone(),
            pin: None,
            forks: Forks::default(),
            wishes: Wishes::default(),
            now: now(),
        }
        .into();
        Self { hand, own }
    }

    /// The bond as this side knows it.
    ///
    /// # Panics
    /// Never: it is a bond's replica.
    pub fn side(&self) -> &BondSide {
        self.hand.replica.logs.as_bond().expect("a bond")
    }

    /// Seals any bytes as a version of a document, to expire on that day.
    ///
    /// # Panics
    /// Where no epoch is at hand.
    pub fn seal(&mut self, document: DocumentId, content: &[u8], expires: ExpiryDay) -> Record {
        let side = self.hand.replica.logs.as_bond_mut().expect("a bond");
        // What has expired is sealed too.
        let now = std::mem::take(&mut side.now);
        let waiting = vec![Waiting {
            item: 1,
            document,
            content: content.to_vec(),
            expires,
        }];
        let keys = std::collections::BTreeMap::new();
        let sealed = self
            .hand
            .replica
            .seal(waiting, &keys, false, &self.hand.random);
        self.hand.replica.logs.as_bond_mut().expect("a bond").now = now;
        let sealed = sealed.expect("sealed");
        sealed.records.into_iter().next().expect("one record")
    }

    /// A version with any header, signed by this device, under a key that nobody else has.
    ///
    /// # Panics
    /// Where no epoch is at hand.
    pub fn forge(&mut self, content: &[u8], alter: impl FnOnce(&mut Header)) -> Record {
        let own = self.hand.replica.own;
        let document = DocumentId::from_bytes([0xf0; 16]);
        let base = self.seal(document, content, ExpiryDay::default());
        self.hand.replica.own = own;
        let mut header = base.claimed().clone();
        alter(&mut header);
        let key = DocumentKey::generate(&self.hand.random).expect("randomness");
        let (device, random) = (&self.hand.device, &self.hand.random);
        seal::seal(header, content, BodyKey::Document(&key), device, random).expect("sealed")
    }

    /// Seals a version that lasts.
    pub fn say(&mut self, document: DocumentId, version: &Version) -> Record {
        self.seal(document, &version.to_bytes(), ExpiryDay::default())
    }

    /// Brings records of the bond; gives what became of them.
    pub async fn bring(&self, relay: RelayAddress, records: Vec<Record>) -> PushOutcome {
        self.bring_to(relay, self.hand.space, records).await
    }

    /// Brings records to any space.
    ///
    /// # Panics
    /// Where the relay does not answer.
    pub async fn bring_to(
        &self,
        relay: RelayAddress,
        space: SpaceId,
        records: Vec<Record>,
    ) -> PushOutcome {
        let mut request = self.hand.push(records);
        request.spaces[0].space = space;
        let reply = self.ask(relay, &request).await.expect("the relay answers");
        reply.spaces[0].push.clone()
    }

    /// Everything that the relay shows of a space.
    ///
    /// # Panics
    /// Where the relay does not answer.
    pub async fn fetch(&self, relay: RelayAddress, space: SpaceId) -> SyncReply {
        let mut request = self.hand.push(Vec::new());
        request.spaces[0].space = space;
        self.ask(relay, &request).await.expect("the relay answers")
    }

    /// Learns of everything that the relay shows of the bond's records, and of which generation it is.
    ///
    /// # Panics
    /// Where the relay does not answer.
    pub async fn catch_up(&mut self, relay: RelayAddress) {
        let shown = self.fetch(relay, self.hand.space).await;
        self.hand.replica.generation = Some(shown.generation);
        for record in shown.spaces.iter().flat_map(|space| &space.records) {
            self.hand.note(record);
        }
    }

    /// Brings links.
    ///
    /// # Panics
    /// Where the relay does not answer.
    pub async fn append(&self, relay: RelayAddress, links: Vec<TravelLink>) -> AppendOutcome {
        let request = SyncRequest {
            append: links,
            ..self.hand.push(Vec::new())
        };
        let reply = self.ask(relay, &request).await.expect("the relay answers");
        reply.append
    }

    /// Asks anything, as this device.
    ///
    /// # Errors
    /// What the relay says.
    pub async fn ask(
        &self,
        relay: RelayAddress,
        request: &SyncRequest,
    ) -> Result<SyncReply, RelayError> {
        self.hand.connect(relay).sync(request).await
    }

    /// The next link of the bond's log, whatever it says and whether or not it may stand there.
    pub fn link(&self, content: BondContent) -> TravelLink {
        let logs = &self.side().logs;
        let accounts = logs.accounts(self.own.state());
        let owner = accounts.owner.head();
        let supporter = accounts.supporter.map_or(owner, |account| account.head());
        let link: BondLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::from(logs.space()),
                position: logs.state().length() + 1,
                previous: logs.state().last(),
                author: Author::Device(self.hand.device.id()),
                rests_on: vec![owner, supporter],
                content,
            },
            self.hand.device.signing(),
        );
        link.to_travel(None)
    }

    /// A link of an account's log, signed by this device in the name of another.
    pub fn account_link(&self, content: AccountContent, author: Author) -> TravelLink {
        let other = self.side().logs.other().expect("the other side");
        let link: AccountLink = Signed::sign(
            LinkBody {
                suite: Suite::One,
                log: LogId::from(other.id()),
                position: other.length() + 1,
                previous: other.last(),
                author,
                rests_on: Vec::new(),
                content,
            },
            self.hand.device.signing(),
        );
        link.to_travel(None)
    }

    /// This side's own account goes on with these links.
    ///
    /// # Panics
    /// Never: it is a bond's replica.
    pub fn goes_on(&mut self, links: &[TravelLink]) {
        self.hand.replica.logs.take(links);
        self.own = self.side().own.clone();
    }

    /// A right epoch of the bond that names these documents as forgotten. Made for no generation, and with nothing
    /// seen, before this side [caught up](Self::catch_up).
    ///
    /// # Panics
    /// Where none can stand.
    pub fn epoch(&self, forgets: Vec<DocumentId>) -> BegunEpoch {
        let side = self.side();
        let relay = side.logs.state().invite().relay.relay;
        let generation = self.hand.replica.generation;
        let says = NewEpoch {
            have: self.hand.replica.have(),
            forgets,
            made_for: generation.map(|generation| MadeFor { relay, generation }),
        };
        begin_epoch(
            &side.logs,
            &side.agreed.expect("agreed"),
            self.own.state(),
            says,
            &self.hand.device,
            &self.hand.random,
        )
        .expect("an epoch")
    }
}

/// The bond's links and those of all accounts: whose the other one is, the bond's links say.
fn of_bond(known: &[(LogId, TravelLink)], bond: SpaceId) -> impl Iterator<Item = &TravelLink> {
    use daymark_wire::logs::LogKind;
    let of_bond = move |(log, link): &&(LogId, TravelLink)| {
        link.kind == LogKind::Account || *log == LogId::from(bond)
    };
    known.iter().filter(of_bond).map(|(_, link)| link)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs()
}
