//! HONEST RELAY: what two devices of one person say of one share at once.

use super::super::{Scene, kept_up_to_date};
use daymark_client::sharing::{HowToShare, Parts};
use daymark_core::journal::{Edit, Step, Text, Title};
use daymark_tests::world::Device;
use daymark_wire::DocumentId;

async fn share(scene: &Scene, device: &Device, entry: DocumentId, parts: &str, how: &HowToShare) {
    let parts: Parts = parts.parse().unwrap();
    let preview = device.vault.preview(entry, &parts, &[scene.bond()]).await;
    device.vault.share(&preview.unwrap(), how).await.unwrap();
}

/// The title, kept up to date, on one device; the text as it reads now, and once, on the other.
#[tokio::test]
async fn k1_what_was_shared_once_is_not_kept_up_to_date_since_another_device_does_so_with_less() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let folder = scene.relay.vault_folder("a phone");
    let phone = owner.pair(&folder, "a phone").await;
    let entry = owner.write("quxfirst").await;
    let titled: Edit = Edit::from(Step::Title(Title::parse("a visit").unwrap().into()));
    owner.vault.edit(entry, &titled).await.unwrap();
    let other = owner.write("another day").await;
    for device in [owner, &phone, owner, &phone] {
        device.sync().await;
    }
    // With no network: the phone keeps the title up to date; the other shares something else, and then the whole, once.
    share(&scene, &phone, entry, "title", &kept_up_to_date()).await;
    share(&scene, owner, other, "title,text", &HowToShare::default()).await;
    share(&scene, owner, entry, "title,text", &HowToShare::default()).await;
    for device in [owner, &phone, owner, &phone] {
        device.sync().await;
    }
    // What is written later is nobody's.
    let text = Text::parse("quxfirst, and quxlater").unwrap();
    let edit = Edit::from(Step::Text(text.into()));
    owner.vault.edit(entry, &edit).await.unwrap();
    owner.sync().await;
    phone.sync().await;
    scene.supporter().sync().await;
    let shared = scene.supporter().vault.shared().await.unwrap();
    let received: Vec<_> = shared
        .iter()
        .filter_map(|copy| copy.content.text())
        .map(|text| text.as_str().to_owned())
        .collect();
    assert!(
        !received.iter().any(|text| text.contains("quxlater")),
        "nobody said that the text is kept up to date: {received:?}; {:?}",
        scene.who_sees().await
    );
}
