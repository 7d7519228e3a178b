//! A disk image without the passphrase shows nothing of what was written (threat I1).

use crate::support::{Home, PASSPHRASE, at, child, given_folder, home, said, say, unlock};
use daymark_core::journal::{
    Area, ContentNote, DeviceName, Edit, Entry, ImportNote, Imported, Kind, Person, Prompt,
    SourceName, Step, Tag, Text, Title,
};
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Words that occur nowhere else.
const CANARIES: [&str; 14] = [
    "zqtextcanary",
    "zqeditedcanary",
    "zqtitlecanary",
    "zqtagcanary",
    "zqgonetagcanary",
    "zqareacanary",
    "zqpersoncanary",
    "zqpromptcanary",
    "zqanswercanary",
    "zqnotecanary",
    "zqkindcanary",
    "zqsourcecanary",
    "zqimportcanary",
    "zqdevicecanary",
];

fn full() -> Entry {
    let mut entry = Entry::new(at(1));
    entry.kind = Kind::parse("zqkindcanary").unwrap();
    entry.title = Title::parse("zqtitlecanary").unwrap();
    entry.text = Text::parse("zqtextcanary ".repeat(200)).unwrap();
    entry.tags = ["zqtagcanary", "zqgonetagcanary"]
        .map(|tag| Tag::parse(tag).unwrap())
        .into();
    entry.areas = [Area::parse("zqareacanary").unwrap()].into();
    entry.people = [Person::parse("zqpersoncanary").unwrap()].into();
    entry.content_note = Some(ContentNote::parse("zqnotecanary").unwrap());
    let answer = Text::parse("zqanswercanary").unwrap();
    entry.answers = BTreeMap::from([(Prompt::parse("zqpromptcanary").unwrap(), answer)]);
    entry.imported = Some(Imported {
        from: SourceName::parse("zqsourcecanary").unwrap(),
        id: None,
        note: ImportNote::keep("zqimportcanary"),
    });
    entry
}

#[tokio::test]
async fn i1_no_file_shows_a_word_or_a_key() {
    let Home { folder, vault } = home().await;
    let key = vault.key();
    vault.close().await;
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut writer = child("leaks::a_child_writes", folder.path(), "");
    let mut writer = writer
        .env("TMPDIR", &temporary)
        .env("SQLITE_TMPDIR", &temporary)
        .spawn()
        .unwrap();
    let mut lines = said(&mut writer);
    let secrets: [&[u8]; 2] = [key.secret().expose(), PASSPHRASE.as_bytes()];

    assert_eq!(lines.next().as_deref(), Some("written"));
    let open = files(folder.path());
    assert!(open.keys().any(|path| path.ends_with("vault.sqlite-wal")));
    assert_nothing_shows(&open, &secrets);
    drop(writer.stdin.take());
    assert_eq!(lines.next().as_deref(), Some("closed"));
    assert!(writer.wait().unwrap().success());
    assert_nothing_shows(&files(folder.path()), &secrets);

    let vault = unlock(folder.path()).await;
    assert_eq!(vault.count().await.unwrap(), 10);
    let words = daymark_core::journal::Query::new().words(CANARIES[1]);
    assert_eq!(vault.search(&words).await.unwrap().len(), 10);
}

#[tokio::test]
#[ignore = "another process of the test above"]
async fn a_child_writes() {
    let vault = unlock(&given_folder()).await;
    let edit: Edit = [
        Step::Text(Text::parse("zqeditedcanary, and more").unwrap().into()),
        Step::RemoveTag(Tag::parse("zqgonetagcanary").unwrap()),
    ]
    .into_iter()
    .collect();
    for _ in 0..10 {
        let id = vault.write(&full(), None).await.unwrap();
        assert!(vault.edit(id, &edit).await.unwrap());
    }
    let name = DeviceName::parse("zqdevicecanary").unwrap();
    vault.set_device_name(vault.device(), &name).await.unwrap();
    vault.views().await.unwrap();
    say("written");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    vault.close().await;
    say("closed");
}

fn assert_nothing_shows(files: &BTreeMap<PathBuf, Vec<u8>>, secrets: &[&[u8]]) {
    let words = CANARIES.iter().map(|word| word.as_bytes());
    for needle in words.chain(secrets.iter().copied()) {
        for (path, content) in files {
            let shows = content.windows(needle.len()).any(|window| window == needle);
            assert!(
                !shows,
                "{} in {}",
                String::from_utf8_lossy(needle),
                path.display()
            );
        }
    }
}

/// Every file in a folder, and in the folders in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}
