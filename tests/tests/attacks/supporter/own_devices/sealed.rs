//! B2: what was sealed and lies beside a copy of another device that stands, leaves though it may not.

use super::super::Scene;
use daymark_client::sharing::{HowToShare, Parts};
use daymark_core::journal::{Edit, Step, Title};
use daymark_relay::Clock;
use daymark_tests::{hostile::HostileRelay, world::note};
use daymark_wire::{RecordKind, sync::AppendOutcome};

#[tokio::test]
async fn b2_what_became_sensitive_does_not_leave_beside_a_copy_of_another_device() {
    let time = Clock::standing_at(Clock::system().now());
    let (relay, circle) = HostileRelay::with_circle_at(time.clone()).await;
    let scene = Scene { relay, circle };
    let folder = scene.relay.vault_folder("a phone");
    let phone = scene.owner().pair(&folder, "a phone").await;
    let mut visit = note("quxsensitive");
    visit.title = Title::parse("a visit").unwrap();
    let entry = scene.owner().vault.write(&visit, None).await.unwrap();
    scene.in_step().await;
    phone.sync().await;
    scene.in_step().await;
    let hostile = scene.hostile().await;
    // The phone shares the title, and the first device, which does not know of that, the text.
    let how = HowToShare::default();
    let bonds = [scene.bond()];
    for (device, parts) in [(&phone, "title"), (scene.owner(), "title,text")] {
        let parts: Parts = parts.parse().unwrap();
        let preview = device.vault.preview(entry, &parts, &bonds).await;
        device.vault.share(&preview.unwrap(), &how).await.unwrap();
    }
    phone.sync().await;
    // The supporter comes too late with new keys, and has a turn by that.
    let late = hostile.epoch(Vec::new()).link;
    let late = hostile.append(scene.relay.address(), vec![late]).await;
    assert_eq!(late, AppendOutcome::NotNext);
    let report = scene.owner().sync().await;
    assert!(!report.held_up.is_empty(), "it was the supporter's turn");
    // Now it is marked, and nobody is verified.
    let sensitive = Edit::from(Step::Sensitive(true));
    scene.owner().vault.edit(entry, &sensitive).await.unwrap();
    time.set(time.now() + 60);
    let from = scene.relay.exchanges_of(scene.owner().vault.device()).len();
    for _ in 0..2 {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
        scene.supporter().vault.sync(&|_| ()).await.unwrap();
    }
    let exchanges = scene.relay.exchanges_of(scene.owner().vault.device());
    let spaces = exchanges[from..]
        .iter()
        .flat_map(|one| &one.asked.request.spaces);
    let records = spaces.filter(|space| space.space == scene.bond());
    let bodies = records
        .flat_map(|space| &space.push)
        .filter(|record| record.claimed().kind == RecordKind::Version && record.body().is_some());
    assert_eq!(
        bodies.count(),
        0,
        "it left, to a supporter who is not verified"
    );
}
