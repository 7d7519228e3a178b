//! Programs that are killed at any moment. What was acknowledged is there, and the next sync works.

use crate::support::{
    all_sync, assert_in_step, assert_signed_once,
    programs::{Program, RelayProgram, given, given_folder, limited_program, program, say},
    texts,
};
use daymark_tests::world::{Device, World};
use std::collections::BTreeSet;

#[tokio::test]
async fn l2_a_device_killed_while_it_adds_and_syncs_loses_nothing_that_it_acknowledged() {
    let (world, [phone, laptop]) = World::of_two().await;
    let (folder, key) = (phone.vault.folder().to_owned(), phone.vault.key());
    phone.vault.close().await;
    let mut acknowledged = BTreeSet::new();
    // A sync that pushes sends about 2,000 bytes in two questions: the program dies at many of its steps.
    for (run, after) in [1, 400, 900, 1300, 1700, 2100, 2900, 4500, 6000, 9000]
        .into_iter()
        .enumerate()
    {
        let args = [folder.to_str().unwrap(), &run.to_string()];
        let mut doomed = Program::start(program("killed::a_device_adds_and_syncs", &args));
        let mut there = BTreeSet::new();
        loop {
            let line = doomed.said().await.expect("it goes on");
            match line.split_once(' ') {
                Some(("there", text)) => there.insert(text.to_owned()),
                Some(("added", text)) => acknowledged.insert(text.to_owned()),
                _ => break,
            };
        }
        assert!(acknowledged.is_subset(&there), "lost before run {run}");
        let (sent, _) = world.line().bytes();
        world.line().until_up(sent + after).await;
        let said = doomed.kill().await;
        let added = said.iter().filter_map(|line| line.strip_prefix("added "));
        acknowledged.extend(added.map(str::to_owned));
    }
    let phone = Device::open_with_key(&folder, "phone", key).await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    let there = texts(&laptop).await;
    assert!(
        acknowledged.is_subset(&there) && acknowledged.len() > 10,
        "{}",
        acknowledged.len()
    );
    assert_signed_once(world.line());
}

#[tokio::test]
#[ignore = "another process of the story above"]
async fn a_device_adds_and_syncs() {
    let Some(args) = given() else { return };
    let device = Device::open(&given_folder(&args), "phone").await;
    for text in device.texts().await {
        say(format!("there {text}"));
    }
    say("ready");
    for number in 0.. {
        let text = format!("run {} entry {number}", args[1]);
        let id = device.write(&text).await;
        say(format!("added {text}"));
        if number % 2 == 0 {
            device.edit(id, &text).await;
            device.vault.sync(&|_| ()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn l2_a_relay_killed_while_devices_sync_keeps_what_it_acknowledged() {
    let (mut world, [phone, laptop]) = World::of_two().await;
    let (folder, address) = (world.relay_folder().to_owned(), world.relay.address());
    world.relay.stop().await;
    let log = folder.with_extension("log");
    let mut expected = BTreeSet::new();
    for (run, after) in [700, 1500, 2600, 4000, 6100, 9300, 14_000]
        .into_iter()
        .enumerate()
    {
        let relay = RelayProgram::serve(&folder, address, &log).await;
        let (sent, _) = world.line().bytes();
        let killed = async {
            world.line().until_up(sent + after).await;
            relay.kill().await;
        };
        let (ones, twos, ()) = tokio::join!(
            write_until_offline(&phone, run),
            write_until_offline(&laptop, run),
            killed
        );
        expected.extend(ones);
        expected.extend(twos);
    }
    world.relay.start().await;
    all_sync(&[&phone, &laptop]).await;
    assert_in_step(&[&phone, &laptop]).await;
    assert_eq!(texts(&laptop).await, expected);
    assert_signed_once(world.line());
}

/// Writes and syncs until the relay is gone. No sync may find that the relay lost something.
async fn write_until_offline(device: &Device, run: usize) -> Vec<String> {
    let mut written = Vec::new();
    loop {
        let text = format!("{} run {run} entry {}", device.name, written.len());
        device.write(&text).await;
        written.push(text);
        match device.vault.sync(&|_| ()).await {
            Ok(report) => assert_eq!(report.faults, BTreeSet::new()),
            Err(error) => {
                assert_eq!(error.code(), "relay-unreachable");
                return written;
            }
        }
    }
}

#[tokio::test]
async fn l2_a_disk_that_takes_no_more_in_the_middle_of_a_sync_costs_nothing() {
    let (_world, [phone, laptop]) = World::of_two().await;
    let mut expected = BTreeSet::new();
    for number in 0..150 {
        let text = format!("{number}: {}", "many words ".repeat(60));
        phone.write(&text).await;
        expected.insert(text);
    }
    phone.sync().await;
    let (folder, key) = (laptop.vault.folder().to_owned(), laptop.vault.key());
    laptop.vault.close().await;
    let args = [folder.to_str().unwrap()];
    let mut failed = 0;
    for kib in [200, 400, 600, 800, 1200, 1600] {
        let syncing = limited_program("killed::a_device_syncs", &args, kib);
        let mut syncing = Program::start(syncing);
        let said = syncing.said().await.expect("it says how it went");
        syncing.end().await;
        assert!(
            ["done", "disk", "disk-full"].contains(&said.as_str()),
            "{said}"
        );
        failed += u32::from(said != "done");
    }
    assert!(failed > 1, "the disk was large enough");
    let laptop = Device::open_with_key(&folder, "laptop", key).await;
    all_sync(&[&laptop, &phone]).await;
    assert_in_step(&[&laptop, &phone]).await;
    assert_eq!(texts(&laptop).await, expected);
}

#[tokio::test]
#[ignore = "another process of the story above"]
async fn a_device_syncs() {
    let Some(args) = given() else { return };
    let device = Device::open(&given_folder(&args), "laptop").await;
    match device.vault.sync(&|_| ()).await {
        Ok(_) => say("done"),
        Err(error) => say(error.code()),
    }
}
