//! `add`, `list`, `show`, `search`, `status`, `device list`.

use crate::{place::Place, schema};

const ALL: [&str; 20] = [
    "A",
    "walk",
    "by",
    "the",
    "canal",
    "--title=Canal",
    "--kind=moment",
    "--tag=walk",
    "--tag=kew",
    "--area=hope",
    "--person=my sister",
    "--at=2021-03-04T01:10",
    "--day=2021-03-03",
    "--zone=Europe/Berlin",
    "--sensitive",
    "--draft",
    "--content-note=loss",
    "--do-not-bring-back",
    "--",
    "🌿",
];

#[test]
fn every_field_is_kept_and_shown() {
    let place = Place::with_vault();
    let id = place.add(ALL);
    let entry = place.show(&id);
    schema::check("entry", &entry);
    let expected = serde_json::json!({
        "id": id, "at": "2021-03-04T01:10:00+01:00[Europe/Berlin]", "date": "2021-03-03",
        "day": "2021-03-03", "kind": "moment", "title": "Canal", "text": "A walk by the canal 🌿",
        "answers": {}, "tags": ["kew", "walk"], "areas": ["hope"], "people": ["my sister"],
        "content_note": "loss", "sensitive": true, "do_not_bring_back": true, "draft": true,
        "imported": null, "origin": null, "shared_with": [],
    });
    assert_eq!(entry, expected);
    let page = place.run(["show", "@1"]).done().out;
    for shown in [
        "Canal\n",
        "Thu 4 March 2021, 01:10 (Europe/Berlin), for 2021-03-03 · moment",
    ] {
        assert!(page.contains(shown), "{page}");
    }
}

#[test]
fn a_text_comes_from_the_input_too() {
    let place = Place::with_vault();
    let added = place
        .run_with(["add", "-", "--json"], "first\n\nשלום second\n".as_bytes())
        .json();
    schema::check("added", &added);
    assert_eq!(place.show("@1")["text"], "first\n\nשלום second");
    let told = place.run(["add", "A", "small", "thing"]).done();
    assert!(
        told.out.starts_with("Kept as ") && told.err.is_empty(),
        "{told:?}"
    );
    assert_eq!(place.run(["add", "quiet", "-q"]).done().out, "");
}

#[test]
fn lists_are_newest_first_and_filtered() {
    let place = Place::with_vault();
    let walk = place.add([
        "Canal",
        "--at",
        "2021-03-04T21:10",
        "--tag",
        "walk",
        "--kind",
        "moment",
    ]);
    let tea = place.add([
        "Tea with my sister",
        "--at",
        "2022-05-06",
        "--person",
        "my sister",
    ]);
    let hope = place.add(["Green leaves", "--at", "2020-01-02T08:00", "--area", "hope"]);
    let ids = |args: &[&str]| -> Vec<String> {
        let ended = place.run(args.iter().copied().chain(["--json"])).done();
        let entries = ended.json_lines();
        entries
            .iter()
            .for_each(|entry| schema::check("entry", entry));
        entries
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&["list"]), [&tea[..], &walk[..], &hope[..]]);
    assert_eq!(ids(&["list", "--limit", "1"]), [&tea[..]]);
    assert_eq!(ids(&["list", "--tag", "WALK"]), [&walk[..]]);
    assert_eq!(ids(&["list", "--kind", "moment", "--tag", "kew"]), [""; 0]);
    assert_eq!(ids(&["list", "--area", "hope"]), [&hope[..]]);
    assert_eq!(ids(&["list", "--person", "my sister"]), [&tea[..]]);
    assert_eq!(
        ids(&["list", "--from", "2021-03-04", "--until", "2021-03-04"]),
        [&walk[..]]
    );
    assert_eq!(ids(&["search", "SISTER", "tea"]), [&tea[..]]);
    assert_eq!(ids(&["search", "green leaves"]), [&hope[..]]);
    assert_eq!(ids(&["search", "leaves green"]), [""; 0]);
    let lines = place.run(["list"]).done().out;
    let walk_line = lines.lines().nth(1).unwrap();
    assert!(
        walk_line.contains("2021-03-04 21:10  [moment] Canal #walk"),
        "{lines}"
    );
    assert!(walk.starts_with(walk_line.split(' ').next().unwrap()));
}

#[test]
fn what_is_sensitive_is_not_shown_in_a_list() {
    let place = Place::with_vault();
    place.add(["the words themselves", "--sensitive"]);
    place.add(["the words themselves", "--content-note", "loss"]);
    let list = place.run(["list"]).done().out;
    assert!(!list.contains("words"), "{list}");
    assert!(
        list.contains("(sensitive)") && list.contains("(note: loss)"),
        "{list}"
    );
}

#[test]
fn a_journal_tells_how_it_stands() {
    let place = Place::with_vault();
    place.add(["one"]);
    let status = place.run(["status", "--json"]).json();
    schema::check("status", &status);
    assert_eq!(
        (&status["entries"], &status["relay"]),
        (&1.into(), &serde_json::Value::Null)
    );
    assert_eq!(status["devices"][0]["name"], "laptop");
    let devices = place.run(["device", "list", "--json"]).json();
    schema::check("device", &devices);
    assert_eq!(devices["this"], true);
    assert!(devices["first_seen"].is_string(), "{devices}");
    assert_eq!(status["devices"][0]["first_seen"], devices["first_seen"]);
    assert_eq!(status["devices"][0]["waiting"], status["waiting"]);
    let listed = place.run(["device", "list"]).done().out;
    assert!(listed.contains("first seen here on"), "{listed}");
    let lines = place.run(["status"]).done().out;
    assert!(lines.contains("laptop, this one"), "{lines}");
}

#[test]
fn a_short_beginning_or_a_place_names_an_entry() {
    let place = Place::with_vault();
    let first = place.add(["first", "--at", "2020-01-01"]);
    place.add(["second"]);
    assert_eq!(place.show(&first[..9])["text"], "first");
    assert_eq!(place.show("@2")["text"], "first");
    assert_eq!(place.show("@1")["text"], "second");
}
