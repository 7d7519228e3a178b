//! J5, E3: what a supporter says holds garbage, escapes, bombs; there is too much of it; or it guesses a secret.

use super::{Scene, names};
use daymark_client::sharing::{MAX_REPLY_BYTES, ShareId};
use daymark_core::{
    journal::escape_for_terminal,
    sharing::{MAX_VERSION_BYTES, Reply, Version},
};
use daymark_tests::hostile::{Exchange, Hoard};
use daymark_wire::{DocumentId, Record, record::ExpiryDay, sync::PushOutcome};

fn document(n: u16) -> DocumentId {
    let mut bytes = [0x1d; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    DocumentId::from_bytes(bytes)
}

/// A reply whose text is any bytes, also such as the client never writes: `[1, [[share, text]]]`.
fn reply_of(share: ShareId, text: &[u8]) -> Vec<u8> {
    let fine = Version::Reply(Reply::new(share, "x").unwrap()).to_bytes();
    let mut bytes = fine[..fine.len() - 2].to_vec();
    let length = u32::try_from(text.len()).unwrap();
    bytes.push(0x7a);
    bytes.extend(length.to_be_bytes());
    bytes.extend(text);
    bytes
}

#[tokio::test]
async fn j5_garbage_escapes_and_bombs_are_kept_apart_and_the_journal_is_as_it_was() {
    let scene = Scene::set().await;
    let (_, share) = scene.shared("a day like others").await;
    scene.owner().sync().await;
    let fine = Version::Reply(Reply::new(share, "fine").unwrap()).to_bytes();
    let hostile: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"garbage".to_vec(),
        [fine.clone(), vec![0]].concat(),
        fine[..fine.len() - 1].to_vec(),
        // What a terminal would obey.
        reply_of(share, b"\x1b]0;owned\x07\x1b[2J"),
        reply_of(share, "\u{9b}2J".as_bytes()),
        reply_of(share, b"\r\n"),
        // No text, and one that is too long.
        reply_of(share, b"\xff\xfe"),
        reply_of(share, &vec![b'a'; MAX_REPLY_BYTES + 1]),
        // Arrays within arrays, one of 2^60 items, one text of 2^40 bytes.
        vec![0x81; 200_000],
        vec![0x82, 1, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0],
        vec![0x82, 1, 0x81, 0x82, 0x50, 0x7b, 0, 0, 1, 0, 0, 0, 0, 0],
        vec![0; MAX_VERSION_BYTES + 1],
        // Something that Automerge would open.
        [vec![0x85, 0x6f, 0x4a, 0x83], vec![0; 64]].concat(),
    ];
    let mut supporter = scene.hostile().await;
    let before = scene.held().await;
    let mut records = Vec::new();
    for (n, content) in (1..).zip(&hostile) {
        records.push(supporter.seal(document(n), content, ExpiryDay::default()));
    }
    let first = records[0].place();
    let brought = supporter.bring(scene.relay.address(), records).await;
    assert_eq!(brought, PushOutcome::Accepted, "a relay cannot read them");
    let faults = scene.owner().sync().await.faults;
    let kept_apart = daymark_client::Fault::Quarantined { place: first };
    assert_eq!(faults, [kept_apart].into());
    assert_eq!(scene.held().await, before);
    assert_eq!(scene.owner().vault.replies().await.unwrap(), []);

    // Marks that turn the direction of writing are text, and harmless where they are printed.
    let turned = "abc\u{202e}def\u{2066}";
    let turned = Version::Reply(Reply::new(share, turned).unwrap());
    let said = supporter.say(document(999), &turned);
    supporter.bring(scene.relay.address(), vec![said]).await;
    scene.owner().sync().await;
    let replies = scene.owner().vault.replies().await.unwrap();
    assert_eq!(replies.len(), 1, "and what is fine comes through beside it");
    let printed = escape_for_terminal(replies[0].text.as_str()).into_owned();
    assert_eq!(printed, "abc\\u{202e}def\\u{2066}");
    assert_eq!(scene.owner().texts().await, ["a day like others"]);
}

#[tokio::test]
async fn j5_a_reply_that_borrows_the_name_of_something_else_moves_nothing_of_the_owners() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("for this supporter").await;
    // A share of the other bond, of which this supporter came to know the id.
    let other = scene.owner().write("for the other supporter").await;
    let (vault, bonds) = (&scene.owner().vault, [scene.circle.bonds[1]]);
    let preview = vault.preview(other, &Default::default(), &bonds).await;
    let others = vault.share(&preview.unwrap(), &Default::default()).await;
    let others = others.unwrap()[0];
    scene.owner().sync().await;
    let mut hostile = scene.hostile().await;
    let unknown = ShareId::from_bytes([9; 16]);
    let mut records = Vec::new();
    // The id of the entry itself as the reply's document, too.
    for (document, share) in [
        (document(1), others),
        (document(2), unknown),
        (entry, share),
    ] {
        let reply = Version::Reply(Reply::new(share, "a reply").unwrap());
        records.push(hostile.say(document, &reply));
    }
    hostile.bring(scene.relay.address(), records).await;
    assert_eq!(scene.names().await, Vec::<&str>::new());
    let replies = vault.replies().await.unwrap();
    assert!(replies.iter().all(|reply| reply.bond == scene.bond()));
    let entries: Vec<_> = replies.iter().filter_map(|reply| reply.entry).collect();
    assert_eq!(entries, [entry], "none is shown beside another's share");
    // The owner deletes them all: the journal keeps its entries.
    for reply in replies {
        vault.delete_reply(reply.id).await.unwrap();
    }
    scene.owner().sync().await;
    assert_eq!(vault.replies().await.unwrap(), []);
    assert_eq!(scene.owner().text(entry).await, "for this supporter");
    assert_eq!(scene.owner().text(other).await, "for the other supporter");
}

#[tokio::test]
async fn j5_deleting_a_reply_that_borrows_a_copys_document_takes_nothing_back() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("a day like others").await;
    let shown = scene.hostile().await;
    let shown = shown.fetch(scene.relay.address(), scene.bond()).await;
    let copy = shown.spaces[0].records[0].claimed().document;
    let before = scene.held().await;
    let reply = Version::Reply(Reply::new(share, "delete me").unwrap());
    let mut hostile = scene.hostile().await;
    let said = hostile.say(copy, &reply);
    hostile.bring(scene.relay.address(), vec![said]).await;
    scene.owner().sync().await;
    let vault = &scene.owner().vault;
    let replies = vault.replies().await.unwrap();
    assert_eq!(replies[0].id.document, copy);
    vault.delete_reply(replies[0].id).await.unwrap();
    scene.in_step().await;
    // It is out of sight, and what is shared is still shared.
    assert!(vault.replies().await.unwrap()[0].hidden);
    assert_eq!(scene.who_sees().await, before.1);
    assert_eq!(scene.received().await, ["a day like others"]);
    assert_eq!(scene.owner().text(entry).await, "a day like others");
    scene.heals().await;
}

#[tokio::test]
async fn j5_a_flood_ends_at_the_quota_and_the_owner_goes_on() {
    let scene = Scene::set().await;
    // Most of it was filled before.
    let mut database = scene.relay.database().await;
    let filled = database.execute("UPDATE accounts SET bytes = 62 * 1024 * 1024 WHERE guest = 1");
    assert_eq!(filled.await, 2, "supporters came with an invitation");
    let (_, share) = scene.shared("a day like others").await;
    let before = scene.owner().texts().await;
    let mut hostile = scene.hostile().await;
    // Many small ones first: each is taken in.
    let reply = Version::Reply(Reply::new(share, "again").unwrap());
    let many: Vec<Record> = (0..200).map(|n| hostile.say(document(n), &reply)).collect();
    let brought = hostile.bring(scene.relay.address(), many).await;
    assert_eq!(brought, PushOutcome::Accepted);
    assert_eq!(names(&scene.owner().sync().await), Vec::<&str>::new());
    assert_eq!(scene.owner().vault.replies().await.unwrap().len(), 200);
    // Then as large as they may be, until the relay takes no more.
    let mut refused = None;
    let large = vec![0x2a; MAX_VERSION_BYTES];
    for n in 1_000..1_010 {
        let record = hostile.seal(document(n), &large, ExpiryDay::default());
        let brought = hostile.bring(scene.relay.address(), vec![record]).await;
        if brought != PushOutcome::Accepted {
            refused = Some((n, brought));
            break;
        }
    }
    let (n, why) = refused.expect("a supporter's room is not endless");
    assert_eq!(why, PushOutcome::QuotaExceeded);
    assert!((1_002..1_005).contains(&n), "{n}");
    // The owner's own room is another: sharing goes on, and nothing of it is in the journal.
    let report = scene.owner().sync().await;
    assert_eq!(names(&report), ["quarantined"], "named once");
    assert_eq!(scene.owner().texts().await, before);
    let entry = scene.owner().write("written beside a flood").await;
    scene.share(entry).await;
    scene.owner().sync().await;
    assert_eq!(scene.owner().vault.unsent().await.unwrap(), 0);
    // What the owner deletes and ends gives the room back, and takes all of it away here.
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.owner().sync().await;
    let kept = Hoard::of_vault(&scene.owner().vault)
        .await
        .of_space(scene.bond());
    assert!(kept.records().all(|record| record.body().is_none()));
    assert_eq!(scene.names().await, Vec::<&str>::new());
}

/// Lengths of all that passes while a supporter replies with this text to something that holds a secret.
async fn lengths(secret: &str, guess: &str) -> Vec<(usize, usize)> {
    let scene = Scene::set().await;
    let (_, share) = scene.shared(secret).await;
    let before = scene.relay.exchanges().len();
    scene.supporter().vault.reply(share, guess).await.unwrap();
    scene.supporter().sync().await;
    scene.owner().sync().await;
    // Both together in one entry of the owner's, shared again.
    let entry = scene.owner().write(&format!("{secret} {guess}")).await;
    scene.share(entry).await;
    scene.owner().sync().await;
    scene.supporter().sync().await;
    let passed =
        |exchange: &Exchange| (exchange.asked.request.to_bytes().len(), exchange.body.len());
    let exchanges = scene.relay.exchanges();
    exchanges[before..].iter().map(passed).collect()
}

#[tokio::test]
async fn e3_what_a_supporter_says_beside_a_secret_changes_no_length_but_by_its_own() {
    let secret = "the number of the safe is 4711 4711 4711";
    let right = lengths(secret, "the number of the safe is 4711 4711 4711").await;
    let wrong = lengths(secret, "vgz qmjdpw xk fbe ltac yo 8392 0586 1297").await;
    let shorter = lengths(secret, "no").await;
    // A guess that is right compresses nothing, and within a padding class not even its length shows.
    assert_eq!(right, wrong);
    assert_eq!(right, shorter);
    // A class further it does: that much is said.
    let longer = lengths(secret, &"a long reply ".repeat(40)).await;
    assert_ne!(right, longer);
}
