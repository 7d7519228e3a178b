//! What happens, step by step.

use super::{
    contents,
    processes::{Device, Relay, Wrong},
    sharing::sharing,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

/// The sample journal that the repository ships.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/journal.jsonl");

const FIRST_TEXT: &str = "Morning: tea by the window. Evening: not written yet.";
const ON_LAPTOP: &str =
    "Morning: tea by the window, and the first swallows. Evening: not written yet.";
const ON_PHONE: &str = "Morning: tea by the window. Evening: soup with my sister, we laughed.";
const BOTH: &str =
    "Morning: tea by the window, and the first swallows. Evening: soup with my sister, we laughed.";

/// Tells the whole story.
pub(crate) async fn tell() -> ExitCode {
    let begun = Instant::now();
    match story().await {
        Ok(()) => {
            say(&format!(
                "All as told, in {:.1} s. Nothing is left behind.",
                begun.elapsed().as_secs_f64()
            ));
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            eprintln!("\nNot as told: {wrong}");
            ExitCode::FAILURE
        }
    }
}

async fn story() -> Result<(), Wrong> {
    let folder = tempfile::Builder::new().prefix("daymark-tour-").tempdir()?;
    let place = folder.path();
    write_private(&place.join("passphrase"), "a quiet harbour at dawn\n")?;
    let (laptop, phone) = (Device::new(place, "laptop"), Device::new(place, "phone"));

    let relay_folder = place.join("relay");
    let relay = Relay::start(&relay_folder, "127.0.0.1:0").await?;
    say(&format!(
        "A relay runs at {}: one process, one SQLite file, and a key of its own.",
        relay.url
    ));

    let empty = contents::read_all(&relay_folder)?;
    first_device(&laptop, &relay, place).await?;
    pair(&laptop, &phone).await?;
    let id = same_entry(&laptop, &phone).await?;
    let address = offline(&laptop, &phone, relay, &id).await?;
    let relay = Relay::start(&relay_folder, &address).await?;
    together(&laptop, &phone, &id).await?;
    live(&laptop, &phone).await?;
    let supporter = Device::new(place, "supporter");
    let reply = sharing(&laptop, &supporter, place, &relay_folder).await?;
    phone.run(&["sync"]).await?;
    let export = export(&phone, place).await?;
    relay.kill().await?;
    what_the_relay_holds(&relay_folder, &empty, &export, reply)?;
    folder.close()?;
    Ok(())
}

async fn first_device(laptop: &Device, relay: &Relay, place: &Path) -> Result<(), Wrong> {
    let invite = relay.invite().await?;
    let words = place.join("recovery-words");
    let words = words.to_str().ok_or("a strange temporary folder")?;
    laptop
        .run(&[
            "init",
            "--name",
            "laptop",
            "--relay",
            &relay.url,
            "--invite",
            &invite,
            "--recovery-file",
            words,
        ])
        .await?;
    let count = fs::read_to_string(words)?.split_whitespace().count();
    check(count == 24, "24 words were written down")?;
    say(
        "A first device: a vault under a passphrase, and 24 words for the day when all devices are lost.",
    );

    let begun = Instant::now();
    laptop.run(&["import", "--from", "jsonl", SAMPLE]).await?;
    let entries = list(laptop).await?.len();
    check(entries > 300, "some hundred entries were imported")?;
    say(&format!(
        "It imported the sample journal: {entries} entries of several years, in {:.1} s, with no network.",
        begun.elapsed().as_secs_f64()
    ));
    let begun = Instant::now();
    laptop.run(&["sync"]).await?;
    say(&format!(
        "Sealed, signed and sent to the relay in {:.1} s.",
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

async fn pair(laptop: &Device, phone: &Device) -> Result<(), Wrong> {
    let mut pairing = laptop.start(&["device", "pair", "--json", "--trust-link"])?;
    let shown: serde_json::Value = serde_json::from_str(&pairing.line().await?)?;
    let link = shown["link"].as_str().ok_or("no link")?;
    phone
        .run(&["device", "join", link, "--name", "phone"])
        .await?;
    pairing.end().await?;
    let begun = Instant::now();
    phone.run(&["sync"]).await?;
    let (ours, theirs) = (list(laptop).await?, list(phone).await?);
    check(ours == theirs, "both devices list the same entries")?;
    say(&format!(
        "A second device took the laptop's link and was let in; it fetched, verified and merged \
         everything in {:.1} s.",
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

async fn same_entry(laptop: &Device, phone: &Device) -> Result<String, Wrong> {
    let added = laptop.run(&["add", "--json", FIRST_TEXT]).await?;
    let added: serde_json::Value = serde_json::from_str(&added)?;
    let id = added["id"].as_str().ok_or("no id")?.to_owned();
    laptop.run(&["sync"]).await?;
    phone.run(&["sync"]).await?;
    check(
        text(phone, &id).await? == FIRST_TEXT,
        "the phone shows the new entry",
    )?;
    say(&format!(
        "The laptop wrote an entry, and the phone shows it:\n    {FIRST_TEXT}"
    ));
    Ok(id)
}

async fn offline(laptop: &Device, phone: &Device, relay: Relay, id: &str) -> Result<String, Wrong> {
    let address = relay.kill().await?;
    say("Now the relay's plug is pulled. Both go on writing, in the same entry:");
    for (device, text) in [(laptop, ON_LAPTOP), (phone, ON_PHONE)] {
        device.run_with_input(&["edit", id, "-"], text).await?;
        let said = device.run_to(13, &["sync"]).await?;
        let said = said.lines().next().unwrap_or_default();
        say(&format!(
            "    {}: {text}\n        (sync: {said})",
            device.name
        ));
    }
    Ok(address)
}

async fn together(laptop: &Device, phone: &Device, id: &str) -> Result<(), Wrong> {
    for device in [laptop, phone, laptop] {
        device.run(&["sync"]).await?;
    }
    let (ours, theirs) = (text(laptop, id).await?, text(phone, id).await?);
    check(ours == theirs, "both devices show the same text")?;
    check(ours == BOTH, "both edits are in it")?;
    say(&format!(
        "The relay is back, both meet, and both show the same text with both edits:\n    {ours}"
    ));
    Ok(())
}

async fn live(laptop: &Device, phone: &Device) -> Result<(), Wrong> {
    let mut watching = phone.start(&["--json", "sync", "--watch"])?;
    watching.line().await?;
    let begun = Instant::now();
    laptop
        .run(&["add", "A line while the phone is watching."])
        .await?;
    laptop.run(&["sync"]).await?;
    while list(phone).await? != list(laptop).await? {
        watching.line().await?;
    }
    watching.kill().await?;
    say(&format!(
        "With a live connection the phone had the next entry by itself ({:.1} s with both commands).",
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

async fn export(phone: &Device, place: &Path) -> Result<PathBuf, Wrong> {
    let file = place.join("journal.jsonl");
    let name = file.to_str().ok_or("a strange temporary folder")?;
    phone
        .run(&["export", "--format", "jsonl", "--plaintext", "-o", name])
        .await?;
    let lines = fs::read_to_string(&file)?
        .lines()
        .filter(|line| line.contains("\"entry\""))
        .count();
    check(
        lines == list(phone).await?.len(),
        "every entry is in the export",
    )?;
    say(&format!(
        "The phone exported everything it has: {lines} entries, one JSON object a line."
    ));
    Ok(file)
}

fn what_the_relay_holds(
    relay: &Path,
    empty: &[u8],
    export: &Path,
    reply: &str,
) -> Result<(), Wrong> {
    let (held, journal) = (contents::read_all(relay)?, fs::read_to_string(export)?);
    let journal = journal + reply;
    let mut words = contents::probes(&journal);
    check(
        contents::found(journal.as_bytes(), &words) == words,
        "the search finds words",
    )?;
    // Its tables' own descriptions are English too: those words stood there before the journal did.
    let before = contents::found(empty, &words);
    words.retain(|word| !before.contains(word));
    say(&format!(
        "The relay's files hold {} KiB for {} KiB of journal. In the middle of them stands:\n    {} …",
        held.len() / 1024,
        journal.len() / 1024,
        contents::piece(&held)
    ));
    check(
        contents::found(&held, &words).is_empty(),
        "no word of the journal or the reply is at the relay",
    )?;
    say(&format!(
        "None of {} words of the journal and the reply is in it.",
        words.len()
    ));
    Ok(())
}

/// Every entry as `list --json` shows it, newest first.
async fn list(device: &Device) -> Result<Vec<String>, Wrong> {
    let printed = device.run(&["--json", "list", "--limit", "100000"]).await?;
    Ok(printed.lines().map(str::to_owned).collect())
}

/// The one object that a command prints.
pub(super) async fn json(device: &Device, args: &[&str]) -> Result<serde_json::Value, Wrong> {
    Ok(serde_json::from_str(&device.run(args).await?)?)
}

async fn text(device: &Device, id: &str) -> Result<String, Wrong> {
    let shown: serde_json::Value =
        serde_json::from_str(&device.run(&["--json", "show", id]).await?)?;
    Ok(shown["text"].as_str().ok_or("no text")?.to_owned())
}

pub(super) fn check(right: bool, what: &str) -> Result<(), Wrong> {
    if right {
        Ok(())
    } else {
        Err(format!("it should be that {what}").into())
    }
}

pub(super) fn say(line: &str) {
    println!("• {line}");
}

fn write_private(path: &Path, text: &str) -> Result<(), Wrong> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}
