//! The fuzz corpus of `version`, run by an ordinary test: each file through what its target does.

use crate::{
    fuzz::version,
    given::{SHARE, content, entry, sealed},
};
use daymark_core::sharing::{Preferences, Reply, Seen, Topic, Version};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FEWEST: usize = 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus/version")
}

#[test]
fn k11_the_version_corpus_holds() {
    let files = fs::read_dir(folder()).unwrap();
    let files: Vec<_> = files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert!(files.len() >= FEWEST);
    assert!(files.iter().any(|bytes| Version::from_bytes(bytes).is_ok()));
    files.iter().for_each(|bytes| version(bytes));
}

#[test]
#[ignore = "writes the corpus anew; run by hand when the format changes"]
fn write_corpus() {
    let topics = ["food", "work"].map(|topic| Topic::parse(topic).unwrap());
    let honest = [
        ("copy-least", sealed(content(&entry(), "title"))),
        ("copy-day", sealed(content(&entry(), "title, text, day"))),
        (
            "copy-most",
            sealed(content(&entry(), "title, text, answers, tags, time, kind")),
        ),
        (
            "reply",
            Version::Reply(Reply::new(SHARE, "Thank you.\nSee you on Sunday.").unwrap()).to_bytes(),
        ),
        (
            "preferences",
            Version::Preferences(Preferences::new(topics).unwrap()).to_bytes(),
        ),
        ("seen", Version::Seen(Seen { share: SHARE }).to_bytes()),
    ];
    for (name, bytes) in &honest {
        let mut later = bytes.clone();
        later[1] += 4;
        let half = &bytes[..bytes.len() / 2];
        let mut other_length = bytes.clone();
        other_length[2] = 0x9f;
        for (kind, bytes) in [
            ("honest", &bytes[..]),
            ("later", &later),
            ("cut", half),
            ("indefinite", &other_length),
        ] {
            fs::write(folder().join(format!("{name}-{kind}")), bytes).unwrap();
        }
    }
    let mut nest = vec![0x82, 2];
    nest.resize(600, 0x81);
    fs::write(folder().join("nest"), nest).unwrap();
    fs::write(
        folder().join("promise"),
        [0x82, 0, 0x81, 0x9b, 0xff, 0xff, 0xff, 0xff],
    )
    .unwrap();
}
