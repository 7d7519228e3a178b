//! What the tests begin with.

use daymark_core::{
    journal::{
        Actor, Alias, Area, ContentNote, Edit, Entry, EntryDocument, ImportNote, Imported, Kind,
        Person, Prompt, SourceName, Tag, Text, Title, When,
    },
    sharing::{Aliases, CopyNumber, Parts, ShareId, SharedContent, SharedCopy, Version},
};
use daymark_wire::DeviceId;

pub(crate) const SHARE: ShareId = ShareId::from_bytes([0x51; 16]);

pub(crate) fn parts(list: &str) -> Parts {
    list.parse().unwrap()
}

pub(crate) fn aliases(pairs: &[(&str, &str)]) -> Aliases {
    Aliases::new(
        pairs
            .iter()
            .map(|(name, alias)| (Person::parse(name).unwrap(), Alias::parse(alias).unwrap())),
    )
}

pub(crate) fn prompt(question: &str) -> Prompt {
    Prompt::parse(question).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

pub(crate) fn tag(name: &str) -> Tag {
    Tag::parse(name).unwrap()
}

/// An entry with something in every field.
pub(crate) fn entry() -> Entry {
    let at = When::parse("2021-03-04T01:10:00.5+00:00[Europe/London]", None);
    let mut entry = Entry::new(at.unwrap().0);
    entry.kind = Kind::parse("check-in").unwrap();
    entry.title = Title::parse("A walk with my sister").unwrap();
    entry.text = text("By the canal.\n\nIt rained, and we did not mind.\n");
    entry.day = Some("2021-03-03".parse().unwrap());
    entry.tags = ["canal", "rain"].map(tag).into();
    entry.areas = [Area::parse("connection").unwrap()].into();
    entry.people = [Person::parse("my sister").unwrap()].into();
    entry.content_note = Some(ContentNote::parse("weather").unwrap());
    entry.sensitive = true;
    entry.do_not_bring_back = true;
    entry.draft = true;
    entry.answers = [
        (prompt("Sleep"), text("seven hours")),
        (prompt("What helped, even a little?"), text("the walk")),
    ]
    .into();
    entry.imported = Some(Imported {
        from: SourceName::parse("jrnl").unwrap(),
        id: Some(SourceName::parse("source-42").unwrap()),
        note: ImportNote::keep("starred there"),
    });
    entry
}

pub(crate) fn content(entry: &Entry, list: &str) -> SharedContent {
    SharedContent::from_entry(entry, &parts(list), &Aliases::default()).unwrap()
}

/// As it is sealed.
pub(crate) fn sealed(content: SharedContent) -> Vec<u8> {
    let copy = SharedCopy {
        share: SHARE,
        number: CopyNumber::FIRST,
        content,
    };
    Version::SharedCopy(copy).to_bytes()
}

pub(crate) const ACTOR: [u8; 8] = [0xac; 8];
pub(crate) const DEVICE: DeviceId = DeviceId::from_bytes([0xde; 16]);

pub(crate) fn actor() -> Actor {
    Actor::new(DEVICE, ACTOR)
}

/// Makes the document read like this, as an editor does.
pub(crate) fn rewrite(document: &mut EntryDocument, after: &Entry) {
    let edit = Edit::between(&document.entry(), after);
    document.edit(actor(), &edit).unwrap().unwrap();
}
