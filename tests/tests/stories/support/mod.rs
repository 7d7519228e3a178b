//! What several stories say.

pub(crate) mod commands;
pub(crate) mod couple;
pub(crate) mod programs;

use daymark_client::sync::SyncReport;
use daymark_core::sync::Fault;
use daymark_tests::world::{Connection, Device, Line};
use daymark_wire::{
    Hash,
    record::Place,
    sync::{ClientFrame, SyncRequest},
};
use std::collections::{BTreeMap, BTreeSet};

/// Every device syncs, twice: what the last one sends reaches the first.
pub(crate) async fn all_sync(devices: &[&Device]) {
    for device in devices.iter().chain(devices) {
        device.sync().await;
    }
}

/// Every device shows the same entries, each as all others read it; nothing waits, and nothing is wrong.
pub(crate) async fn assert_in_step(devices: &[&Device]) {
    assert_same_views(devices).await;
    for device in devices {
        let status = device.vault.status().await.unwrap();
        assert_eq!(status.faults, BTreeSet::new(), "{}", device.name);
        assert_eq!(status.last.error, None, "{}", device.name);
    }
}

/// Every device shows the same entries and has nothing left to send.
pub(crate) async fn assert_same_views(devices: &[&Device]) {
    let first = devices[0].views().await;
    for device in devices {
        assert_eq!(device.views().await, first, "{}", device.name);
        assert_eq!(device.vault.unsent().await.unwrap(), 0, "{}", device.name);
        for view in &first {
            let read = device.vault.read(view.id).await.unwrap();
            assert_eq!(read, **view, "{}", device.name);
        }
    }
}

/// The texts, in no order.
pub(crate) async fn texts(device: &Device) -> BTreeSet<String> {
    let texts = device.texts().await;
    let set: BTreeSet<_> = texts.iter().cloned().collect();
    assert_eq!(set.len(), texts.len(), "an entry is there twice");
    set
}

/// A set of texts.
pub(crate) fn set<const N: usize>(texts: [&str; N]) -> BTreeSet<String> {
    texts.map(str::to_owned).into()
}

/// The stable names of what a sync found wrong.
pub(crate) fn names(report: &SyncReport) -> BTreeSet<&'static str> {
    report.faults.iter().map(Fault::code).collect()
}

/// No two different records were ever sent for one place in a chain, also not in a question that was cut or
/// kept back, nor over a live socket (rule R7).
pub(crate) fn assert_signed_once(line: &Line) {
    assert_eq!(signed_twice(line), BTreeSet::new());
}

/// Places for which different records were sent.
pub(crate) fn signed_twice(line: &Line) -> BTreeSet<Place> {
    let mut signed: BTreeMap<Place, BTreeSet<Hash>> = BTreeMap::new();
    for request in requests(line) {
        for record in request.spaces.iter().flat_map(|space| &space.push) {
            signed
                .entry(record.place())
                .or_default()
                .insert(record.hash());
        }
    }
    assert!(!signed.is_empty(), "nothing was sent");
    signed.retain(|_, records| records.len() > 1);
    signed.into_keys().collect()
}

/// Every sync that was asked for, by POST or over a live socket.
fn requests(line: &Line) -> Vec<SyncRequest> {
    let exchanges = line.exchanges();
    let posted = exchanges
        .iter()
        .filter(|exchange| exchange.question.head.starts_with("POST /v1/sync "))
        .map(|exchange| SyncRequest::from_bytes(&exchange.question.body).unwrap());
    let connections = line.connections();
    let live = connections
        .iter()
        .flat_map(Connection::frames_up)
        .filter_map(|frame| ClientFrame::from_bytes(&frame).ok())
        .map(|ClientFrame::Sync { request, .. }| request);
    posted.chain(live).collect()
}
