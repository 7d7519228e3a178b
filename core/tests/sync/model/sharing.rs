//! What a person does about a bond, on one device.

use super::{BondDisk, Device, ModelRelay, bond::NOW, disk::Waits};
use daymark_core::{
    bonds::{self, BondLogs, Invitation},
    random::Purpose,
};
use daymark_wire::{
    DocumentId, LogId, SpaceId, limits,
    logs::{BondContent, EndReason, LogKind, TravelLink},
    sync::AppendOutcome,
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// The invitations that a person's journal keeps. All devices of the person read the same: that a journal comes
/// to be the same on all is told elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Rc<RefCell<BTreeMap<SpaceId, Invitation>>>);

impl Ledger {
    pub(crate) fn find(&self, bond: SpaceId) -> Option<Invitation> {
        self.0.borrow().get(&bond).cloned()
    }

    pub(crate) fn put(&self, invitation: &Invitation) {
        let mut invitations = self.0.borrow_mut();
        invitations.insert(invitation.bond(), invitation.clone());
    }
}

impl Device {
    /// Invites somebody. The next sync tells the relay.
    pub(crate) fn invite(&mut self) -> Invitation {
        let own = self.disk.logs.account();
        let expires = NOW + limits::INVITATION_SECONDS;
        let key = self.disk.device_key();
        let invited = bonds::invite(own, None, expires, &key, &self.random).unwrap();
        self.ledger.put(&invited.invitation);
        self.put_bond(invited.logs);
        invited.invitation
    }

    /// Accepts, if the invitation is open still. The next sync tells the relay.
    pub(crate) fn accept(&mut self, invitation: &Invitation, relay: &ModelRelay) -> bool {
        let token = invitation.secret().token();
        let Some(shown) = relay.show(invitation.bond(), &token) else {
            return false;
        };
        let offer = bonds::consider(invitation.clone(), &shown).unwrap();
        let (own, key) = (self.disk.logs.account(), self.disk.device_key());
        let made_for = Some(relay.made_for());
        let accepted = offer.accept(own, NOW, made_for, &key, &self.random);
        let accepted = accepted.unwrap();
        let waits = Waits {
            links: accepted.links,
            logs: accepted.logs,
        };
        self.disk.answers.insert(invitation.bond(), waits);
        true
    }

    /// Shares something, or replies.
    pub(crate) fn say(&mut self, bond: SpaceId, content: &str) -> DocumentId {
        let document = DocumentId::from_bytes(self.random.bytes(Purpose::Id).unwrap());
        let bond = self.disk.bonds.get_mut(&bond).unwrap();
        bond.write(document, content.as_bytes());
        document
    }

    pub(crate) fn wish_to_forget(&mut self, bond: SpaceId, document: DocumentId) {
        let bond = self.disk.bonds.get_mut(&bond).unwrap();
        bond.wishes.forget.insert(document);
    }

    pub(crate) fn wish_to_end(&mut self, bond: SpaceId) {
        let bond = self.disk.bonds.get_mut(&bond).unwrap();
        bond.wishes.end = Some(EndReason::Chosen);
    }

    pub(crate) fn bond(&self, bond: SpaceId) -> &BondDisk {
        &self.disk.bonds[&bond]
    }

    /// What became of an answer.
    pub(super) fn answered(&mut self, bond: SpaceId, append: &AppendOutcome) {
        match append {
            AppendOutcome::Appended => {
                let answer = self.disk.answers.remove(&bond).unwrap();
                self.put_bond(answer.logs);
            }
            AppendOutcome::NotNext | AppendOutcome::Refused { .. } => {
                self.disk.answers.remove(&bond);
            }
            AppendOutcome::Nothing | AppendOutcome::NotNow => {}
        }
    }

    /// Bonds that another device of this person made.
    pub(super) fn meet_bonds(&mut self, mut shown: Vec<TravelLink>) {
        // A person with whom there is a bond already is not shown again.
        for known in self.disk.bonds.values().map(|bond| &bond.logs) {
            let other = known.other().map(|other| LogId::from(other.id()));
            shown.extend(
                other
                    .into_iter()
                    .flat_map(|log| known.links_beyond(log, 0).to_vec()),
            );
        }
        let bonds = shown.iter().filter_map(bond_of);
        let bonds: std::collections::BTreeSet<LogId> = bonds.collect();
        for bond in bonds {
            let links = shown
                .iter()
                .filter(|link| link.kind == LogKind::Account || bond_of(link) == Some(bond));
            let links: Vec<TravelLink> = links.cloned().collect();
            // What was not shown whole is met by another sync.
            if let Ok(logs) = BondLogs::fold(&links, self.disk.logs.account()) {
                self.put_bond(logs);
            }
        }
    }

    fn put_bond(&mut self, logs: BondLogs) {
        let own = self.account();
        let space = logs.space();
        if self.disk.bonds.contains_key(&space) {
            return;
        }
        let mut bond = BondDisk::new(logs, &self.disk, &self.random);
        bond.agree(own, self.ledger.find(space).as_ref());
        self.disk.bonds.insert(space, bond);
    }
}

fn bond_of(link: &TravelLink) -> Option<LogId> {
    if link.kind != LogKind::Bond {
        return None;
    }
    Some(link.open::<BondContent>().ok()?.log_id())
}
