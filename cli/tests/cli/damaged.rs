//! One bit of a vault is another one: all entries that can be read are given, and the others are named.

use crate::{place::Place, schema};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::fs;

/// Flips one bit in a sealed row of a table: the document named, or every row.
fn flip(place: &Place, select: &'static str, update: &'static str, document: Option<&str>) {
    let options = SqliteConnectOptions::new().filename(place.vault().join("vault.sqlite"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut tables = options.connect().await.unwrap();
        let rows: Vec<(i64, String, Vec<u8>)> =
            sqlx::query_as(select).fetch_all(&mut tables).await.unwrap();
        let wanted = |id: &str| document.is_none_or(|wanted| wanted == id);
        let mut flipped = 0;
        for (row, _, mut sealed) in rows.into_iter().filter(|(_, id, _)| wanted(id)) {
            sealed[30] ^= 1;
            sqlx::query(update)
                .bind(sealed)
                .bind(row)
                .execute(&mut tables)
                .await
                .unwrap();
            flipped += 1;
        }
        assert!(flipped > 0);
        tables.close().await.unwrap();
    });
}

fn flip_packs(place: &Place) {
    let select = "SELECT rowid, '', sealed FROM packs";
    flip(
        place,
        select,
        "UPDATE packs SET sealed = ? WHERE rowid = ?",
        None,
    );
}

fn flip_document(place: &Place, id: &str) {
    let select = "SELECT rowid, lower(hex(id)), sealed FROM documents";
    let update = "UPDATE documents SET sealed = ? WHERE rowid = ?";
    flip(place, select, update, Some(id));
}

fn with_entries() -> (Place, [String; 3]) {
    let place = Place::with_vault();
    let ids = ["first", "second", "third"].map(|text| place.add([text]));
    (place, ids)
}

#[test]
fn what_shows_the_entries_is_made_again() {
    let (place, ids) = with_entries();
    for args in [
        &["list", "--json"][..],
        &["search", "r", "--json"],
        &["export", "--format=jsonl", "--plaintext"],
    ] {
        let whole = place.run(args.iter().copied()).done();
        flip_packs(&place);
        assert_eq!(place.run(args.iter().copied()).done().out, whole.out);
    }
    flip_packs(&place);
    assert_eq!(place.show(&ids[0])["text"], "first");
    place.add(["fourth"]);
    assert_eq!(place.run(["list", "--json"]).done().json_lines().len(), 4);
}

#[test]
fn an_entry_that_is_lost_is_named_beside_all_others() {
    let (place, ids) = with_entries();
    flip_packs(&place);
    flip_document(&place, &ids[1]);
    for args in [
        &["list", "--json"][..],
        &["search", "r", "--json"],
        &["export", "--format=jsonl", "--plaintext", "--json"],
        &[
            "export",
            "--format=jsonl",
            "--plaintext",
            "--json",
            "-o=out",
        ],
    ] {
        let ended = place.run(args.iter().copied()).ends(3);
        let error = serde_json::from_str(&ended.err).unwrap();
        schema::check("error", &error);
        assert_eq!(error["error"]["code"], "entries-damaged");
        let message = error["error"]["message"].as_str().unwrap();
        assert_eq!(
            message,
            format!("1 entry is damaged and cannot be read: {}.", ids[1])
        );
        let of_others = !ended.out.contains("second") && !ended.out.contains(&ids[1]);
        assert!(of_others, "{ended:?}");
    }
    let out = fs::read_to_string(place.path("out")).unwrap();
    assert!(out.contains("first") && out.contains("third") && !out.contains("second"));
    let list = place.run(["list"]).ends(3);
    assert!(list.out.contains("first") && list.out.contains("third"));
    assert!(list.err.contains("1 entry is damaged and cannot be read"));
    assert_eq!(place.show(&ids[0])["text"], "first");
    let second = place.run(["show", "@2"]).ends(3);
    assert!(second.out.contains("first") && second.err.contains(&ids[1]));
    assert_eq!(place.run(["show", &ids[1], "--json"]).error(16), "damaged");
    place.add(["fourth"]);
    let list = place.run(["list", "--json"]).ends(3);
    assert_eq!(list.json_lines().len(), 3);
}
