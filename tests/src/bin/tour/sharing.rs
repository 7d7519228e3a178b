//! Sharing one entry with a supporter, from the invitation to the end.

use super::{
    contents,
    processes::{Device, Wrong},
    story::{check, json, say},
};
use serde_json::Value;
use std::path::Path;

const NAME: &str = "my sister";
const OWNER: &str = "my brother";

/// A word that is typed, and deleted before anything is shared.
const DELETED: &str = "thunderclaps";
const TYPED: &str = "The picnic by the canal with the baker, thunderclaps and all.";
const KEPT: &str = "The picnic by the canal with the baker.";
const SHARED: &str = "The picnic by the canal with a neighbour.";
const LATER: &str = "The picnic by the canal with a neighbour. We stayed until dusk.";
const REPLY: &str = "Lovely. Shall I bring blankets next time?";

/// The whole of it. Gives what only the supporter wrote, to be looked for at the relay.
pub(super) async fn sharing(
    laptop: &Device,
    supporter: &Device,
    place: &Path,
    relay: &Path,
) -> Result<&'static str, Wrong> {
    agree(laptop, supporter, place).await?;
    verify(laptop, supporter).await?;
    let entry = share(laptop, supporter).await?;
    reply(laptop, supporter).await?;
    share_again(laptop, supporter, &entry).await?;
    nothing_that_was_deleted(supporter, relay).await?;
    end(laptop, supporter).await?;
    Ok(REPLY)
}

async fn agree(laptop: &Device, supporter: &Device, place: &Path) -> Result<(), Wrong> {
    let words = place.join("supporters-words");
    let words = words.to_str().ok_or("a strange temporary folder")?;
    let init = ["init", "--name", "tablet", "--recovery-file", words];
    supporter.run(&init).await?;
    let invite = [
        "supporter",
        "invite",
        NAME,
        "--as",
        "Your brother",
        "--json",
    ];
    let invited = json(laptop, &invite).await?;
    let link = invited["link"].as_str().ok_or("no link")?;
    say(&format!(
        "The laptop invites a supporter with a link that is handed over past the relay:\n    {}…",
        link.get(..72).unwrap_or(link)
    ));
    let accept = ["supporter", "accept", "-", "--name", OWNER, "--yes"];
    let told = supporter.run_with_input(&accept, link).await?;
    check(
        told.contains("never what it says"),
        "the supporter is told what the relay learns",
    )?;
    laptop.run(&["sync"]).await?;
    for device in [laptop, supporter] {
        let stands = json(device, &["supporter", "list", "--json"]).await?;
        check(stands["standing"] == "active", "both agreed")?;
    }
    say(
        "She has a vault and no relay. She reads what she can receive, what the relay learns, that either can end \
         it; and accepts. No operator had to invite her.",
    );
    Ok(())
}

async fn verify(laptop: &Device, supporter: &Device) -> Result<(), Wrong> {
    let ours = number(laptop, NAME).await?;
    check(
        ours == number(supporter, OWNER).await?,
        "both see the same number",
    )?;
    for (device, name) in [(laptop, NAME), (supporter, OWNER)] {
        let verify = ["supporter", "verify", name, "--number", &ours];
        device.run(&verify).await?;
    }
    say(&format!(
        "Both see the same 60 digits, so nobody stands between them:\n    {ours}"
    ));
    Ok(())
}

async fn share(laptop: &Device, supporter: &Device) -> Result<String, Wrong> {
    laptop
        .run(&["people", "add", "the baker", "--alias", "a neighbour"])
        .await?;
    let added = json(laptop, &["add", "--json", "--title", "Sunday", TYPED]).await?;
    let entry = added["id"].as_str().ok_or("no id")?.to_owned();
    laptop.run_with_input(&["edit", &entry, "-"], KEPT).await?;
    let preview = ["share", &entry, "--with", NAME, "--preview"];
    let shown = laptop.run(&preview).await?;
    say(&format!(
        "An entry was written, and a word of it (\"{DELETED}\") deleted again. Before it is shared:\n{}",
        indented(&shown)
    ));
    laptop
        .run(&["share", &entry, "--with", NAME, "--yes"])
        .await?;
    let received = shared(supporter).await?;
    check(
        received["content"]["text"] == SHARED,
        "she reads what the preview showed",
    )?;
    check(received["content"]["title"] == "Sunday", "with its title")?;
    check(shown.contains(SHARED), "the preview showed it")?;
    say("It was shared, and she reads exactly that, with the alias in place of the name.");
    Ok(entry)
}

async fn reply(laptop: &Device, supporter: &Device) -> Result<(), Wrong> {
    supporter
        .run_with_input(&["reply", "@1", "-"], REPLY)
        .await?;
    laptop.run(&["sync"]).await?;
    let reply = json(laptop, &["replies", "--json"]).await?;
    check(reply["text"] == REPLY, "the reply came back")?;
    let who = json(laptop, &["who-sees", "--json"]).await?;
    check(who["seen"] == false, "nobody was told that it was read")?;
    say(&format!(
        "She replies, and need not have: nobody is told what she read.\n    {REPLY}"
    ));
    Ok(())
}

async fn share_again(laptop: &Device, supporter: &Device, entry: &str) -> Result<(), Wrong> {
    let more = LATER.replace("a neighbour", "the baker");
    laptop.run_with_input(&["edit", entry, "-"], &more).await?;
    laptop.run(&["sync"]).await?;
    let before = shared(supporter).await?;
    check(
        before["content"]["text"] == SHARED,
        "an edit is not shared by itself",
    )?;
    laptop
        .run(&["share", entry, "--with", NAME, "--yes"])
        .await?;
    let after = shared(supporter).await?;
    check(
        after["content"]["text"] == LATER,
        "the new copy took the place of the old",
    )?;
    say(
        "The entry is edited: she still has the copy she was given, until it is shared again, in its place.",
    );
    Ok(())
}

/// What the supporter's vault opens is in its exports; its files and the relay's are looked through as they are.
async fn nothing_that_was_deleted(supporter: &Device, relay: &Path) -> Result<(), Wrong> {
    let shared = ["shared", "export", "--format", "jsonl", "--plaintext"];
    let own = ["export", "--format", "jsonl", "--plaintext"];
    let mut opened = supporter.run(&shared).await?;
    opened.push_str(&supporter.run(&own).await?);
    check(
        opened.contains("picnic"),
        "the search finds what was shared",
    )?;
    check(
        !opened.contains(DELETED),
        "the deleted word is in nothing that she can open",
    )?;
    let held = [
        contents::read_all(relay)?,
        contents::read_all(supporter.folder())?,
    ]
    .concat();
    let found = contents::found(&held, &contents::probes(DELETED));
    check(found.is_empty(), "the deleted word is in no file")?;
    say(&format!(
        "\"{DELETED}\" is in nothing that her vault opens, nor in {} KiB of its files and the relay's.",
        held.len() / 1024
    ));
    Ok(())
}

async fn end(laptop: &Device, supporter: &Device) -> Result<(), Wrong> {
    laptop.run(&["supporter", "end", NAME, "--yes"]).await?;
    supporter.run(&["sync"]).await?;
    let left = supporter.run(&["shared", "list", "--json"]).await?;
    check(left.is_empty(), "nothing that was shared is there any more")?;
    check(
        laptop.run(&["replies", "--json"]).await?.is_empty(),
        "nor are the replies",
    )?;
    say(
        "It ends: her copy is wiped with the next sync, at the relay too. What she read, she has read.",
    );
    Ok(())
}

/// The one thing that is shared, after a sync.
async fn shared(supporter: &Device) -> Result<Value, Wrong> {
    supporter.run(&["sync"]).await?;
    json(supporter, &["shared", "list", "--json"]).await
}

async fn number(device: &Device, name: &str) -> Result<String, Wrong> {
    let shown = json(device, &["supporter", "verify", name, "--json"]).await?;
    Ok(shown["number"].as_str().ok_or("no number")?.to_owned())
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
