//! HONEST RELAY that was restored: what one device took back before, and another goes on from there.

use super::super::{side_of, texts};
use daymark_client::sharing::{BondFault, HowToShare, Parts, Pause, Standing};
use daymark_tests::world::World;

#[tokio::test]
async fn b5_what_was_taken_back_before_a_relay_was_restored_is_taken_back_when_another_device_goes_on()
 {
    let mut world = World::new().await;
    let owner = world.first_device("owner").await;
    let (supporter, bond) = world.join_circle(&owner, "a supporter").await;
    let phone = world.pair(&owner, "a phone").await;
    let mut entries = Vec::new();
    for text in ["one", "two"] {
        let entry = owner.write(text).await;
        let preview = owner.vault.preview(entry, &Parts::default(), &[bond]).await;
        let how = HowToShare::default();
        owner.vault.share(&preview.unwrap(), &how).await.unwrap();
        entries.push(entry);
    }
    for device in [&owner, &phone, &supporter].repeat(2) {
        device.sync().await;
    }
    assert_eq!(texts(&supporter).await, ["two", "one"]);
    let backup = world.relay.back_up().await;
    // The phone takes one back; nobody hears of it before the relay is restored.
    phone.vault.unshare(entries[1], None).await.unwrap();
    for _ in 0..2 {
        phone.sync().await;
    }
    assert_eq!(phone.vault.who_has(None).await.unwrap().len(), 1);
    world.relay.restore(&backup).await;
    // The other device takes back the other one, and is the first to come.
    owner.vault.unshare(entries[0], None).await.unwrap();
    for device in [&owner, &phone, &supporter].repeat(3) {
        let _ = device.vault.sync(&|_| ()).await;
    }
    // Whoever is asked to look at it does.
    for device in [&owner, &phone, &supporter] {
        let side = side_of(device, bond).await.unwrap();
        if side.standing == Standing::Paused(Pause::ForkedLog) {
            let number = device.vault.number(bond).await.unwrap();
            device.vault.verify(bond, &number).await.unwrap();
        }
    }
    for device in [&owner, &phone, &supporter].repeat(3) {
        let _ = device.vault.sync(&|_| ()).await;
    }
    let told = owner.vault.who_has(None).await.unwrap().len();
    assert_eq!(
        texts(&supporter).await,
        Vec::<String>::new(),
        "both were taken back; the owner reads that {told} have them"
    );
    // The phone stays on the history that the relay lost, and says so.
    let status = phone.vault.status().await.unwrap();
    let fault = status.bonds.iter().find_map(|one| one.fault);
    assert_eq!(fault, Some(BondFault::OtherHistory));
}
