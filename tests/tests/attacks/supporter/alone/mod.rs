//! A relay alone against sharing: answers that it took and denied, ends and unsharings that it never takes, what it
//! shows after the end, records of somebody who agreed on nothing.

mod answers;
pub(super) mod devices;
mod ends;
mod leaving;
pub(super) mod strangers;

use daymark_client::sharing::{Invitation, SpaceId, Supporter};
use daymark_core::journal::Person;
use daymark_tests::{
    hostile::{Answer, Asked, Script},
    world::Device,
};
use daymark_wire::{
    logs::{BondContent, BondLink, LogKind, TravelLink},
    sync::{AppendOutcome, SyncReply},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};

pub(super) fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

/// Whether a request brings links of bonds that come after the first.
pub(super) fn brings_bond(asked: &Asked) -> bool {
    asked.request.append.iter().any(later_bond)
}

pub(super) fn later_bond(link: &TravelLink) -> bool {
    link.kind == LogKind::Bond
        && link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.claimed().position > 1)
}

pub(super) async fn invite(owner: &Device) -> Invitation {
    let lapses = Timestamp::now() + SignedDuration::from_hours(24);
    let invited = owner.vault.invite(&person("NAME"), None, lapses).await;
    owner.sync().await;
    invited.unwrap()
}

pub(super) async fn side_of(device: &Device, bond: SpaceId) -> Option<Supporter> {
    let all = device.vault.supporters().await.unwrap();
    all.into_iter().find(|one| one.bond == bond)
}

/// Says of new links of bonds that they came too late, without having seen them.
pub(super) struct TakesNoLinks {
    last: Arc<Mutex<Option<SyncReply>>>,
}

impl TakesNoLinks {
    pub(super) fn new() -> Self {
        Self {
            last: Arc::default(),
        }
    }
}

impl Script for TakesNoLinks {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if !brings_bond(asked) {
            return None;
        }
        let last = self.last.lock().unwrap().clone();
        let mut reply = last.expect("it asked before it brought anything");
        reply.append = AppendOutcome::NotNext;
        reply.links.clear();
        for space in &mut reply.spaces {
            space.records.clear();
        }
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        *self.last.lock().unwrap() = Some(reply.clone());
        Answer::reply(reply)
    }
}
