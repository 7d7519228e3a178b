//! Letting another device in, through the relay's mailbox.

use crate::support::{all_sync, assert_in_step, set, texts};
use daymark_client::{
    pairing::{Comparison, PairError, join},
    vault::Vault,
};
use daymark_relay::Clock;
use daymark_tests::world::{Device, Fault, PASSPHRASE, World};
use std::{collections::BTreeSet, path::Path};
use tokio::sync::oneshot;

#[tokio::test]
async fn h2_a_device_paired_later_gets_everything_and_every_device_shows_it() {
    let (world, [phone, laptop]) = World::of_two().await;
    let id = phone.write("written before the tablet was bought").await;
    laptop
        .edit(laptop.write("also before").await, "also before, and edited")
        .await;
    all_sync(&[&phone, &laptop]).await;

    let tablet = world.pair(&laptop, "tablet").await;
    assert_eq!(
        tablet.text(id).await,
        "written before the tablet was bought"
    );
    all_sync(&[&phone, &laptop, &tablet]).await;
    let devices = [&phone, &laptop, &tablet];
    assert_in_step(&devices).await;
    for device in devices {
        let status = device.vault.status().await.unwrap();
        let names: BTreeSet<_> = status.devices.iter().map(|one| one.name.clone()).collect();
        let expected = ["phone", "laptop", "tablet"].map(|name| Some(name.parse().unwrap()));
        assert_eq!(names, expected.into(), "as {} shows it", device.name);
        assert!(status.devices.iter().all(|one| one.active));
        let this: Vec<_> = status.devices.iter().filter(|one| one.this).collect();
        assert_eq!(this.len(), 1);
        assert_eq!(this[0].name, Some(device.name.parse().unwrap()));
    }
}

#[tokio::test]
async fn both_sides_show_the_same_six_digits_and_the_newcomers_name() {
    let (world, [phone, _]) = World::of_two().await;
    let (show, shown) = oneshot::channel();
    let (ask, asked) = oneshot::channel();
    let trusted = phone.vault.pair(
        |link| show.send(link.to_owned()).unwrap(),
        async |comparison: Comparison| {
            ask.send(comparison).unwrap();
            true
        },
    );
    let folder = world.vault_folder("tablet");
    let mut code = None;
    let newcomer = async {
        let link = shown.await.unwrap();
        join(&folder, PASSPHRASE, &link, "tablet", |digits| {
            code = Some(digits.to_string())
        })
        .await
    };
    let (paired, joined) = tokio::join!(trusted, newcomer);
    let comparison = asked.await.unwrap();
    assert_eq!(Some(comparison.code.to_string()), code);
    assert_eq!(comparison.name.as_str(), "tablet");
    let (paired, joined) = (paired.unwrap(), joined.unwrap());
    assert_eq!(paired.device, joined.device());
    assert_eq!(paired.device, comparison.device);
}

#[cfg(unix)]
#[tokio::test]
async fn i1_an_empty_folder_that_a_device_joins_in_becomes_its_owners() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let (world, [phone, _]) = World::of_two().await;
    let folder = world.vault_folder("tablet");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let (_, joined) = try_pairing(&phone, &folder, true).await;
    joined.unwrap();
    let mode = fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_device_that_the_person_does_not_want_gets_nothing_and_may_ask_again() {
    let (world, [phone, laptop]) = World::of_two().await;
    phone.write("not for everyone").await;
    let folder = world.vault_folder("tablet");
    let (paired, joined) = try_pairing(&phone, &folder, false).await;
    assert_eq!(paired.unwrap_err().code(), "pairing-refused");
    assert_eq!(joined.unwrap_err().code(), "pairing-refused");
    assert_eq!(Vault::open(&folder).await.unwrap_err().code(), "no-vault");
    assert_eq!(phone.vault.status().await.unwrap().devices.len(), 2);

    let tablet = world.pair(&phone, "tablet").await;
    all_sync(&[&phone, &laptop, &tablet]).await;
    assert_in_step(&[&phone, &laptop, &tablet]).await;
}

#[tokio::test]
async fn a_link_lets_one_device_in_and_no_second() {
    let (world, [phone, _]) = World::of_two().await;
    let (show, shown) = oneshot::channel();
    let trusted = phone
        .vault
        .pair(|link| show.send(link.to_owned()).unwrap(), async |_| true);
    let folder = world.vault_folder("tablet");
    let newcomers = async {
        let link = shown.await.unwrap();
        let first = join(&folder, PASSPHRASE, &link, "tablet", |_| ()).await;
        let again = join(&folder, PASSPHRASE, &link, "tablet", |_| ()).await;
        let other = world.vault_folder("stolen");
        let second = join(&other, PASSPHRASE, &link, "tablet", |_| ()).await;
        (first, again, second)
    };
    let (paired, (first, again, second)) = tokio::join!(trusted, newcomers);
    paired.unwrap();
    first.unwrap();
    assert_eq!(again.unwrap_err().code(), "vault-exists");
    assert_eq!(second.unwrap_err().code(), "link-taken");
    assert_eq!(phone.vault.status().await.unwrap().devices.len(), 3);
}

#[tokio::test]
async fn what_is_not_a_link_is_said_to_be_none() {
    let world = World::new().await;
    for (text, code) in [("", "bad-link"), ("https://relay.example", "bad-link")] {
        let joined = join(&world.vault_folder("new"), PASSPHRASE, text, "new", |_| ()).await;
        assert_eq!(joined.unwrap_err().code(), code, "{text}");
    }
    assert!(!world.vault_folder("new").exists());
}

#[tokio::test]
async fn devices_that_write_while_another_is_let_in_lose_nothing() {
    let (world, [phone, laptop]) = World::of_two().await;
    let busy = async {
        for number in 0..10 {
            laptop.write(&format!("meanwhile {number}")).await;
            laptop.sync().await;
            phone.write(&format!("on the phone {number}")).await;
        }
    };
    let (tablet, ()) = tokio::join!(world.pair(&phone, "tablet"), busy);
    let devices = [&phone, &laptop, &tablet];
    all_sync(&devices).await;
    assert_in_step(&devices).await;
    assert_eq!(texts(&tablet).await.len(), 20);
}

/// Wherever the line is cut, the same call with the same link, or a new pairing, gets there; no device is
/// half in.
#[tokio::test]
async fn l2_a_pairing_cut_anywhere_is_done_again() {
    let now = Clock::system().now();
    let clock = Clock::standing_at(now);
    let (world, [phone, laptop]) = World::of_two_at(clock.clone()).await;
    phone.write("for every device").await;
    phone.sync().await;
    let mut joined = Vec::new();
    for number in 1..=CUTS {
        // A device lets few others in within a minute.
        clock.set(now + 100 * u64::from(number));
        let name = format!("tablet {number}");
        let vault = match pairing_cut_at(&world, &phone, &name, number).await {
            Some(vault) => vault,
            None => world.pair(&laptop, &name).await.vault,
        };
        joined.push(Device {
            name,
            vault,
            phrase: None,
        });
    }
    let mut devices = vec![&phone, &laptop];
    devices.extend(&joined);
    all_sync(&devices).await;
    assert_in_step(&devices).await;
    assert_eq!(texts(&joined[0]).await, set(["for every device"]));
}

/// Answers that a pairing waits for, from the link on.
const CUTS: u32 = 7;

/// A pairing of which the relay's answer of this number is lost. None where it must be begun anew.
async fn pairing_cut_at(world: &World, phone: &Device, name: &str, number: u32) -> Option<Vault> {
    let folder = world.vault_folder(name);
    let (show, shown) = oneshot::channel();
    let trusted = phone
        .vault
        .pair(|link| show.send(link.to_owned()).unwrap(), async |_| true);
    let newcomer = async {
        let link = shown.await.ok()?;
        world.line().set(Fault::LoseAnswer(number));
        for _ in 0..3 {
            match join(&folder, PASSPHRASE, &link, name, |_| ()).await {
                Ok(vault) => return Some(vault),
                Err(PairError::Relay(error)) => assert_eq!(error.code(), "relay-unreachable"),
                Err(_) => return None,
            }
        }
        None
    };
    let vault = tokio::select! {
        // The trusted side's own line was cut: the new one is left without an answer. Cut after the links went
        // out, nobody knows what became of them.
        Err(error) = trusted => {
            let named = ["relay-unreachable", "pairing-undecided"];
            assert!(named.contains(&error.code()), "{error:?}");
            None
        }
        vault = newcomer => vault,
    };
    assert_eq!(
        world.line().fault(),
        Fault::None,
        "answer {number} was not waited for"
    );
    vault
}

/// One pairing, both sides; `yes` is what the person says.
async fn try_pairing(
    trusted: &Device,
    folder: &Path,
    yes: bool,
) -> (
    Result<daymark_client::pairing::Paired, PairError>,
    Result<Vault, PairError>,
) {
    let (show, shown) = oneshot::channel();
    let trusted = trusted.vault.pair(
        |link| show.send(link.to_owned()).unwrap(),
        async move |_| yes,
    );
    let newcomer = async {
        let link = shown.await.unwrap();
        join(folder, PASSPHRASE, &link, "tablet", |_| ()).await
    };
    tokio::join!(trusted, newcomer)
}

#[tokio::test]
async fn l2_who_asks_again_before_the_yes_is_let_in_with_the_keys_that_the_yes_was_for() {
    let (world, [phone, _]) = World::of_two().await;
    let folder = world.vault_folder("tablet");
    let (show, shown) = oneshot::channel();
    let (ask, asked) = oneshot::channel();
    let (gave_up, given_up) = oneshot::channel();
    let trusted = phone.vault.pair(
        |link| show.send(link.to_owned()).unwrap(),
        // The person says yes only after the new device began again.
        async |_| {
            ask.send(()).unwrap();
            given_up.await.is_ok()
        },
    );
    let newcomer = async {
        let link = shown.await.unwrap();
        tokio::select! {
            _ = join(&folder, PASSPHRASE, &link, "tablet", |_| ()) => panic!("nobody said yes"),
            asked = asked => asked.unwrap(),
        }
        let again = join(&folder, PASSPHRASE, &link, "tablet", |_| ()).await;
        assert_eq!(again.unwrap_err().code(), "link-taken");
        gave_up.send(()).unwrap();
        link
    };
    let (paired, link) = tokio::join!(trusted, newcomer);
    let joined = join(&folder, PASSPHRASE, &link, "tablet", |_| ()).await;
    assert_eq!(joined.unwrap().device(), paired.unwrap().device);
}

#[tokio::test]
async fn h1_a_pairing_that_came_to_nothing_asks_for_no_old_passphrase() {
    let (world, [phone, laptop]) = World::of_two().await;
    let folder = world.vault_folder("tablet");
    let (show, shown) = oneshot::channel();
    let trusted = phone
        .vault
        .pair(|link| show.send(link.to_owned()).unwrap(), async |_| true);
    let newcomer = async {
        let link = shown.await.unwrap();
        // Somebody else was quicker: the keys that were kept for this link lead nowhere.
        let quicker = world.vault_folder("quicker");
        join(&quicker, PASSPHRASE, &link, "reader's pocket", |_| ())
            .await
            .unwrap();
        let late = join(&folder, "a first choice", &link, "tablet", |_| ()).await;
        assert_eq!(late.unwrap_err().code(), "link-taken");
    };
    let (_, ()) = tokio::join!(trusted, newcomer);
    let (show, shown) = oneshot::channel();
    let trusted = laptop
        .vault
        .pair(|link| show.send(link.to_owned()).unwrap(), async |_| true);
    let newcomer = async {
        let link = shown.await.unwrap();
        let joined = join(&folder, PASSPHRASE, &link, "tablet", |_| ()).await;
        joined.unwrap()
    };
    let (paired, joined) = tokio::join!(trusted, newcomer);
    assert_eq!(joined.device(), paired.unwrap().device);
}
