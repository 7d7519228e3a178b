//! What owners and supporters do in attacks on sharing, and what they see.

use daymark_client::{
    sharing::{HowToShare, Invitation, Parts, ShareId, Shared, SpaceId, Standing, Supporter},
    sync::SyncReport,
};
use daymark_core::journal::Person;
use daymark_tests::{hostile::HostileRelay, world::Device};
use daymark_wire::{DocumentId, Record, RecordKind, sync::SyncReply};
use jiff::{SignedDuration, Timestamp};

/// An owner's device shares an entry in a bond; it waits for a sync.
pub(super) async fn share_in(
    device: &Device,
    bond: SpaceId,
    entry: DocumentId,
    how: &HowToShare,
) -> ShareId {
    let preview = device
        .vault
        .preview(entry, &Parts::default(), &[bond])
        .await;
    device.vault.share(&preview.unwrap(), how).await.unwrap()[0]
}

/// The copies of a device that are shown with what can be read. Keys that it wrapped again under a new epoch are none.
pub(super) fn copies_of(device: &Device, shown: &SyncReply) -> Vec<Record> {
    let device = device.vault.device();
    let records = shown.spaces.iter().flat_map(|space| &space.records);
    let is_copy = |record: &&Record| {
        let header = record.claimed();
        let is_version = header.kind == RecordKind::Version && record.body().is_some();
        header.chain.device == device && is_version
    };
    records.filter(is_copy).cloned().collect()
}

/// A share that follows its entry by itself.
pub(super) fn kept_up_to_date() -> HowToShare {
    HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    }
}

pub(super) fn names(report: &SyncReport) -> Vec<&'static str> {
    report
        .faults
        .iter()
        .map(daymark_client::Fault::code)
        .collect()
}

/// What a device lists as shared with it, the newest first.
pub(super) async fn texts(device: &Device) -> Vec<String> {
    let shared = device.vault.shared().await.unwrap();
    let text = |copy: &Shared| copy.content.text().unwrap().as_str().to_owned();
    shared.iter().map(text).collect()
}

pub(super) fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

/// When an invitation lapses.
pub(super) fn in_a_day() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24)
}

/// An owner invites somebody, and the relay has it.
pub(super) async fn invite(owner: &Device) -> Invitation {
    let invited = owner.vault.invite(&person("NAME"), None, in_a_day()).await;
    owner.sync().await;
    invited.unwrap()
}

/// Somebody accepts an invitation, at a relay that takes it.
pub(super) async fn accept(device: &Device, invitation: &Invitation) {
    let considered = device.vault.consider(&invitation.to_string()).await;
    let accepted = considered.unwrap().accept(&person("the owner")).await;
    accepted.unwrap();
}

/// A bond as a device lists it.
pub(super) async fn side_of(device: &Device, bond: SpaceId) -> Option<Supporter> {
    let all = device.vault.supporters().await.unwrap();
    all.into_iter().find(|one| one.bond == bond)
}

/// How a bond that a device lists stands.
pub(super) async fn standing(device: &Device, bond: SpaceId) -> Standing {
    side_of(device, bond).await.unwrap().standing
}

/// Everything that a person does after an attack, with a relay that is honest again.
pub(super) async fn goes_on(relay: &HostileRelay, device: &Device) {
    relay.behave();
    let entry = device.write("a quiet day").await;
    let synced = device.vault.sync(&|_| ()).await;
    let status = device.vault.status().await;
    let listed = device.vault.supporters().await;
    assert!(
        synced.is_ok() && status.is_ok() && listed.is_ok(),
        "sync {:?}; status {:?}; list {:?}",
        synced.map(|_| ()),
        status.map(|_| ()),
        listed.map(|_| ())
    );
    assert_eq!(device.text(entry).await, "a quiet day");
}
