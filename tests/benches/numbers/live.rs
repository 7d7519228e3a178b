//! An edit on one device until it is committed and visible on another, both live.

use super::table::{Table, median, percentile};
use daymark_client::sync::WatchEvent;
use daymark_tests::world::{Device, World};
use std::time::Instant;
use tokio::sync::mpsc;

const EDITS: usize = 200;

pub(crate) async fn measure(table: &mut Table, commit: f64) {
    let world = World::new().await;
    let first = world.first_device("laptop").await;
    let second = world.pair(&first, "phone").await;
    let id = first.write("A line to begin with.").await;
    first.sync().await;
    second.sync().await;
    let mut first_events = watch(&first);
    let mut second_events = watch(&second);
    connected(&mut first_events).await;
    connected(&mut second_events).await;
    let mut times = Vec::new();
    for number in 0..EDITS {
        let text = format!("A line to begin with, edited {number} times.");
        let begun = Instant::now();
        first.edit(id, &text).await;
        while second.text(id).await != text {
            second_events.recv().await.expect("still watching");
        }
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        while first_events.try_recv().is_ok() {}
    }
    let (p50, p95) = (median(times.clone()), percentile(times, 0.95));
    let goal = 3.0 * commit + 1.5;
    table.row(
        "edit -> committed and visible on another device, live",
        format!("p50 {p50:.1} ms, p95 {p95:.1} ms"),
        format!("p50 <= 3 commits + 1.5 = {goal:.1} ms, p95 <= 2 x p50"),
        Some(p50 <= goal && p95 <= 2.0 * p50),
    );
}

fn watch(device: &Device) -> mpsc::UnboundedReceiver<WatchEvent> {
    let (tell, events) = mpsc::unbounded_channel();
    let vault = device.vault.clone();
    tokio::spawn(async move {
        let told = |event| drop(tell.send(event));
        vault.watch(std::future::pending(), told, &|_| ()).await
    });
    events
}

async fn connected(events: &mut mpsc::UnboundedReceiver<WatchEvent>) {
    while events.recv().await.expect("still watching") != WatchEvent::Connected {}
}
