//! An owner and a supporter, and the log of their bond, made by hand.

use crate::{
    person::{Pen, Person},
    world::World,
};
use daymark_wire::{
    DocumentId, Hash, Have, Header, LogId, Nonce, Record, RecordKind, Signed, SpaceId, Suite,
    hash::Domain,
    invitation::InvitationToken,
    logs::{
        Accept, Author, BondAccounts, BondContent, BondLink, BondState, EndReason, EpochCommitment,
        EpochContent, Head, Home, Invite, LinkBody, MadeFor, Role, TravelLink,
    },
    sync::{AppendOutcome, KnownLog, SpaceReply, SpaceRequest, SyncReply, SyncRequest},
    wrapping::Recipient,
};

/// How long the invitations of these tests hold, in seconds.
pub(crate) const HOLDS: u64 = 1000;

/// Two people and their bond.
pub(crate) struct Couple {
    pub(crate) owner: Person,
    pub(crate) supporter: Person,
    pub(crate) bond: BondState,
    /// Every link of the bond's log.
    pub(crate) links: Vec<TravelLink>,
    pub(crate) token: InvitationToken,
}

impl Couple {
    /// The owner invited; the relay knows of it.
    pub(crate) async fn invited(world: &World, owner: Person, supporter: Person) -> Self {
        let couple = Self::offline(world, owner, supporter, 1);
        let reply = couple.bring(world, Role::Owner, couple.links.clone()).await;
        assert_eq!(reply.append, AppendOutcome::Appended);
        couple
    }

    /// Both agreed; the relay knows of it.
    pub(crate) async fn active(world: &World) -> Self {
        let (owner, supporter) = (world.person(1).await, world.person(2).await);
        let mut couple = Self::invited(world, owner, supporter).await;
        let links = couple.accept(world.here());
        let reply = couple.bring(world, Role::Supporter, links).await;
        assert_eq!(reply.append, AppendOutcome::Appended);
        couple
    }

    /// An invitation that nobody knows of yet.
    pub(crate) fn offline(world: &World, owner: Person, supporter: Person, number: u8) -> Self {
        let token = InvitationToken::from_bytes([number; 32]);
        let content = BondContent::Invite(Invite {
            owner: owner.id(),
            nonce: Nonce::from_bytes([number; 16]),
            secret: token.hash(),
            expires: world.clock.now() + HOLDS,
            relay: Home {
                relay: world.relay.key(),
                url: "https://relay.example.org".to_owned(),
            },
        });
        let body = LinkBody {
            suite: Suite::One,
            log: LogId::ZERO,
            position: 1,
            previous: Hash::ZERO,
            author: Author::Device(owner.device.id),
            rests_on: vec![owner.account.head(); 2],
            content,
        };
        let invite: BondLink = Signed::sign(body, &owner.device.key);
        Self {
            bond: BondState::begin(&invite, &owner.account).unwrap(),
            links: vec![invite.to_travel(None)],
            owner,
            supporter,
            token,
        }
    }

    pub(crate) fn space(&self) -> SpaceId {
        self.bond.space()
    }

    pub(crate) fn of(&self, role: Role) -> &Person {
        match role {
            Role::Owner => &self.owner,
            Role::Supporter => &self.supporter,
        }
    }

    fn accounts(&self) -> BondAccounts<'_> {
        BondAccounts {
            owner: &self.owner.account,
            supporter: Some(&self.supporter.account),
        }
    }

    /// The next link by one side's first device.
    pub(crate) fn say(
        &mut self,
        role: Role,
        content: BondContent,
        blob: Option<Vec<u8>>,
    ) -> TravelLink {
        let accepts = matches!(content, BondContent::Accept(_));
        let agreed = accepts || self.bond.stage().supporter().is_some();
        let owner = self.owner.account.head();
        let second = if agreed {
            self.supporter.account.head()
        } else {
            owner
        };
        let by = &self.of(role).device;
        let body = LinkBody {
            suite: Suite::One,
            log: self.space().into(),
            position: self.bond.length() + 1,
            previous: self.bond.last(),
            author: Author::Device(by.id),
            rests_on: vec![owner, second],
            content,
        };
        let link: BondLink = Signed::sign(body, &by.key);
        let mut bond = self.bond.clone();
        bond.apply(&link, self.accounts()).unwrap();
        self.bond = bond;
        let link = link.to_travel(blob);
        self.links.push(link.clone());
        link
    }

    /// *Accept* and the first epoch.
    pub(crate) fn accept(&mut self, here: MadeFor) -> Vec<TravelLink> {
        let accept = BondContent::Accept(Accept {
            supporter: self.supporter.id(),
            owner: self.owner.account.head(),
            mac: Hash::from_bytes([6; 32]),
        });
        let accept = self.say(Role::Supporter, accept, None);
        let epoch = self.epoch(Role::Supporter, Vec::new(), Have::new(), here);
        vec![accept, epoch]
    }

    pub(crate) fn epoch(
        &mut self,
        role: Role,
        forgets: Vec<DocumentId>,
        have: Have,
        here: MadeFor,
    ) -> TravelLink {
        let number = self.bond.newest_epoch().map_or(1, |epoch| epoch.number + 1);
        let blob = format!("wraps of the bond's epoch {number}").into_bytes();
        let recipients = [self.owner.id(), self.supporter.id()].map(Recipient::Account);
        let content = BondContent::Epoch(EpochContent {
            number,
            commitment: EpochCommitment::from_bytes([8; 32]),
            wraps: Hash::of(Domain::Blob, &[&blob]),
            recipients: recipients.to_vec(),
            have,
            forgets,
            made_for: Some(here),
        });
        self.say(role, content, Some(blob))
    }

    pub(crate) fn end(&mut self, why: EndReason) -> TravelLink {
        self.say(Role::Owner, BondContent::End { why }, None)
    }

    pub(crate) fn leave(&mut self) -> TravelLink {
        self.say(Role::Supporter, BondContent::Leave, None)
    }

    /// What one side knows: everything that is theirs to know.
    pub(crate) fn known(&self, role: Role) -> Vec<KnownLog> {
        let known = |log: LogId, head: Head| KnownLog { log, head };
        let bond = known(self.space().into(), self.bond.head());
        let other = match role {
            Role::Owner => &self.supporter,
            Role::Supporter => &self.owner,
        };
        let other = known(other.id().into(), other.account.head());
        [self.of(role).known(), vec![other, bond]].concat()
    }

    /// A request about the bond alone.
    pub(crate) fn request(&self, role: Role) -> SyncRequest {
        SyncRequest {
            known: self.known(role),
            spaces: vec![SpaceRequest {
                space: self.space(),
                have: Have::new(),
                want: Vec::new(),
                push: Vec::new(),
            }],
            ..SyncRequest::default()
        }
    }

    /// Brings links, and knows the heads with them.
    pub(crate) async fn bring(
        &self,
        world: &World,
        role: Role,
        links: Vec<TravelLink>,
    ) -> SyncReply {
        let request = SyncRequest {
            append: links,
            ..self.request(role)
        };
        world.client(self.of(role)).sync(&request).await.unwrap()
    }

    pub(crate) async fn push(&self, world: &World, role: Role, records: Vec<Record>) -> SpaceReply {
        let mut request = self.request(role);
        request.spaces[0].push = records;
        let reply = world.client(self.of(role)).sync(&request).await.unwrap();
        reply.spaces.into_iter().next().unwrap()
    }

    pub(crate) async fn fetch(&self, world: &World, role: Role) -> SpaceReply {
        self.push(world, role, Vec::new()).await
    }

    /// The next version that one side writes.
    pub(crate) fn write(&self, pen: &mut Pen, role: Role, body: &[u8]) -> Record {
        self.write_with(pen, role, body, |_| ())
    }

    pub(crate) fn write_with(
        &self,
        pen: &mut Pen,
        role: Role,
        body: &[u8],
        change: impl FnOnce(&mut Header),
    ) -> Record {
        let person = self.of(role);
        let heads = [
            self.owner.account.head(),
            self.supporter.account.head(),
            self.bond.head(),
        ];
        pen.write_with(person, &person.device, body, |header| {
            header.kind = RecordKind::Version;
            header.space = self.space();
            header.epoch = self.bond.newest_epoch().unwrap().id;
            header.heads = heads.to_vec();
            change(header);
        })
    }
}
