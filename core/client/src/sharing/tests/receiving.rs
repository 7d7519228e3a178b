//! The supporter reads and replies; the owner reads the replies.

use super::*;
use crate::sharing::{Shared, SharedName, Topic};
use daymark_core::{
    journal::Tag,
    sharing::{Reply, Seen, Version},
};

#[tokio::test]
async fn a_reply_reaches_the_owner_who_may_hide_or_delete_it() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    supporter.vault.reply(share, "I read it.").await.unwrap();
    assert!(supporter.vault.acknowledge(share).await.unwrap());
    assert!(!supporter.vault.acknowledge(share).await.unwrap());
    assert_eq!(couple.carry(supporter, owner).await, (2, 0));
    let reply = owner.vault.find_reply("@1").await.unwrap();
    assert_eq!(reply.text.as_str(), "I read it.");
    assert_eq!((reply.entry, reply.share), (Some(entry), share));
    let who = owner.vault.who_sees(Some(entry)).await.unwrap();
    assert_eq!((who[0].seen, who[0].replies), (true, 1));
    let digits = reply.id.to_string();
    let same = owner.vault.find_reply(&digits[..4]).await.unwrap();
    assert_eq!(same.id, reply.id);
    assert!(owner.vault.hide_reply(reply.id, true).await.unwrap());
    assert!(!owner.vault.hide_reply(reply.id, true).await.unwrap());
    assert!(owner.vault.replies().await.unwrap()[0].hidden);
    assert_eq!(owner.vault.who_sees(None).await.unwrap()[0].replies, 0);
    owner.vault.delete_reply(reply.id).await.unwrap();
    assert!(owner.vault.replies().await.unwrap().is_empty(), "at once");
    assert_eq!(couple.forget(owner, supporter).await, 1);
    let shared = supporter.vault.shared().await.unwrap();
    assert!(shared[0].replies.is_empty() && shared[0].seen);
    let gone = owner.vault.delete_reply(reply.id).await.unwrap_err();
    assert!(matches!(gone, ShareError::UnknownReply));
}

#[tokio::test]
async fn what_was_shared_is_named_by_place_or_id() {
    let couple = Couple::agreed().await;
    let first = couple.owner.write("First", "words").await;
    let first = couple.share(first).await;
    let second = couple.owner.write("Second", "words").await;
    let second = couple.share(second).await;
    let find = async |name: &str| {
        let name: SharedName = name.parse()?;
        couple.supporter.vault.find_shared(&name).await
    };
    assert_eq!(find("@1").await.unwrap().share, second);
    assert_eq!(find("@2").await.unwrap().share, first);
    let id = second.to_string().to_uppercase();
    assert_eq!(find(&id).await.unwrap().share, second);
    for unknown in ["@3", "@0", "", "x", &"0".repeat(33)] {
        let error = find(unknown).await.unwrap_err();
        assert!(matches!(error, ShareError::UnknownShared), "{unknown}");
    }
}

#[tokio::test]
async fn what_came_in_one_go_stands_in_the_order_in_which_it_was_shared_and_said() {
    const TITLES: [&str; 6] = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth"];
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    for title in TITLES {
        let entry = owner.write(title, "words").await;
        let preview = couple.preview(entry).await.unwrap();
        let how = Default::default();
        owner.vault.share(&preview, &how).await.unwrap();
    }
    assert_eq!(couple.carry(owner, supporter).await, (TITLES.len(), 0));
    let shared = supporter.vault.shared().await.unwrap();
    let title = |copy: &Shared| copy.content.title().unwrap().as_str().to_owned();
    let titles: Vec<_> = shared.iter().rev().map(title).collect();
    assert_eq!(titles, TITLES);

    for copy in &shared {
        let text = format!("On {}", title(copy));
        supporter.vault.reply(copy.share, &text).await.unwrap();
    }
    couple.carry(supporter, owner).await;
    let replies = owner.vault.replies().await.unwrap();
    let texts: Vec<_> = replies.iter().map(|reply| reply.text.as_str()).collect();
    assert_eq!(texts, TITLES.map(|title| format!("On {title}")));
}

#[tokio::test]
async fn of_several_that_begin_alike_the_candidates_are_given() {
    let couple = Couple::agreed().await;
    // Of more than there are digits, two begin with one.
    let shared = 17;
    for _ in 0..shared {
        let entry = couple.owner.write("A day", "words").await;
        couple.share(entry).await;
    }
    let all = couple.supporter.vault.shared().await.unwrap();
    let begins = |digit: char| {
        let of_digit = all
            .iter()
            .map(|one| one.share)
            .filter(|share| share.to_string().starts_with(digit));
        of_digit.collect::<Vec<_>>()
    };
    let several = "0123456789abcdef"
        .chars()
        .find(|digit| begins(*digit).len() > 1);
    let digit = several.unwrap();
    let name = digit.to_string().parse().unwrap();
    let error = couple.supporter.vault.find_shared(&name).await.unwrap_err();
    let ShareError::AmbiguousShared { candidates } = error else {
        panic!("{error}");
    };
    assert_eq!(candidates, begins(digit));
}

#[tokio::test]
async fn of_several_replies_that_begin_alike_the_candidates_are_given() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    let mut records = Vec::new();
    let ids = [
        [0xab; 16],
        [0xab, 0xcd, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ];
    let ids = ids.map(DocumentId::from_bytes);
    for id in ids {
        let reply = Version::Reply(Reply::new(share, "yes").unwrap()).to_bytes();
        records.push(supporter.say_anything(couple.bond, id, &reply).await);
    }
    owner.receive(couple.bond, supporter, records).await;
    let several = owner.vault.find_reply("ab").await.unwrap_err();
    let ShareError::AmbiguousReply { mut candidates } = several else {
        panic!("{several}");
    };
    candidates.sort_unstable();
    let documents: Vec<_> = candidates.iter().map(|id| id.document).collect();
    assert_eq!(documents, ids);
    let found = owner.vault.find_reply("abcd").await.unwrap();
    assert_eq!(found.id.document, ids[1]);
}

#[tokio::test]
async fn topics_that_a_supporter_would_rather_not_receive_are_a_gentle_warning() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let topic = Topic::parse("work").unwrap();
    let topics = BTreeSet::from([topic.clone()]);
    let vault = &supporter.vault;
    assert!(
        vault
            .prefer(couple.bond, BTreeSet::new())
            .await
            .is_ok_and(|new| !new)
    );
    assert!(vault.prefer(couple.bond, topics.clone()).await.unwrap());
    assert!(!vault.prefer(couple.bond, topics.clone()).await.unwrap());
    assert_eq!(vault.preferences(couple.bond).await.unwrap(), topics);
    couple.carry(supporter, owner).await;
    let mut about = entry("A day", "words");
    about.tags = [Tag::parse("Work").unwrap()].into();
    let id = owner.vault.write(&about, None).await.unwrap();
    let preview = couple.preview(id).await.unwrap();
    assert_eq!(preview.receivers[0].rather_not, [topic]);
    // Said anew, what was said before is forgotten, once the relay has the new.
    assert!(vault.prefer(couple.bond, BTreeSet::new()).await.unwrap());
    assert!(supporter.wishes(couple.bond).await.forget.is_empty());
    couple.carry(supporter, owner).await;
    assert_eq!(couple.forget(supporter, owner).await, 1);
    let preview = couple.preview(id).await.unwrap();
    assert!(preview.receivers[0].rather_not.is_empty());
}

#[tokio::test]
async fn j1_j5_only_what_a_supporter_may_write_is_read_and_the_rest_kept_apart() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    let preview = couple.preview(entry).await.unwrap();
    let copy = Version::SharedCopy(daymark_core::sharing::SharedCopy {
        share,
        number: crate::sharing::CopyNumber::FIRST.next().unwrap(),
        content: preview.content,
    });
    let reply = Version::Reply(Reply::new(share, "fine").unwrap()).to_bytes();
    let longer = [reply.clone(), vec![0]].concat();
    let later = minicbor_of_a_later_kind();
    let hostile = [copy.to_bytes(), longer, b"garbage".to_vec(), Vec::new()];
    let document = |n: u8| DocumentId::from_bytes([n; 16]);
    let mut records = Vec::new();
    for (n, content) in (1..).zip(hostile.iter().chain([&later, &reply])) {
        let record = supporter.say_anything(couple.bond, document(n), content);
        records.push(record.await);
    }
    assert_eq!(owner.receive(couple.bond, supporter, records).await, (2, 4));
    let replies = owner.vault.replies().await.unwrap();
    assert_eq!(replies.len(), 1);
    let supporters = owner.vault.supporters().await.unwrap();
    assert_eq!(supporters[0].counts.newer, 1, "named, not guessed");
    let again = owner.vault.take_in_bonds().await.unwrap();
    assert_eq!((again.received, again.refused), (0, 0));
}

/// `[9, [1]]`
fn minicbor_of_a_later_kind() -> Vec<u8> {
    vec![0x82, 9, 0x81, 1]
}

impl Side {
    /// A record of this device that holds anything at all, stored as its own.
    async fn say_anything(&self, bond: SpaceId, document: DocumentId, content: &[u8]) -> Record {
        let never = ExpiryDay::default();
        self.say_until(bond, document, never, content).await
    }

    async fn say_until(
        &self,
        bond: SpaceId,
        document: DocumentId,
        expires: ExpiryDay,
        content: &[u8],
    ) -> Record {
        let (record, key, own) = self.record(bond, document, expires, content).await;
        let sealed = Sealed {
            records: vec![record.clone()],
            items: Vec::new(),
            keys: vec![(document, key)],
            own,
        };
        let mut writing = self.vault.writing().await.unwrap();
        writing.put_sealed(&sealed).await.unwrap();
        writing.commit().await.unwrap();
        record
    }
}

/// Records of one side, on these days each one with this content.
async fn until_each(side: &Side, bond: SpaceId, days: &[u32], content: &Version) -> Vec<Record> {
    let (content, mut records) = (content.to_bytes(), Vec::new());
    for (n, day) in (1..).zip(days) {
        let document = DocumentId::from_bytes([n; 16]);
        let record = side.say_until(bond, document, ExpiryDay(*day), &content);
        records.push(record.await);
    }
    records
}

#[tokio::test]
async fn j5_what_ends_beyond_the_calendar_is_kept_apart() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let copy = Version::SharedCopy(daymark_core::sharing::SharedCopy {
        share: ShareId::from_bytes([7; 16]),
        number: crate::sharing::CopyNumber::FIRST,
        content: couple.preview(entry).await.unwrap().content,
    });
    // The day after 9999-12-31, and the one after that.
    let days = [2_932_897, 2_932_898, u32::MAX];
    let records = until_each(owner, couple.bond, &days, &copy).await;
    assert_eq!(supporter.receive(couple.bond, owner, records).await, (1, 2));
}

#[tokio::test]
async fn b6_what_a_supporter_lets_expire_is_kept_apart() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    let reply = Version::Reply(Reply::new(share, "fine").unwrap());
    // Never, long ago, and in a thousand years.
    let days = [0, 1, 400_000];
    let records = until_each(supporter, couple.bond, &days, &reply).await;
    assert_eq!(owner.receive(couple.bond, supporter, records).await, (1, 2));
    assert_eq!(owner.vault.replies().await.unwrap().len(), 1);
}

#[tokio::test]
async fn j1_a_supporter_does_not_take_the_place_of_an_owners_document() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    let bonds = owner.bonds().await;
    let copies = bonds.ledger.share(share).unwrap().copies;
    let document = *copies.keys().next().unwrap();
    let seen = Version::Seen(Seen { share }).to_bytes();
    let record = supporter.say_anything(couple.bond, document, &seen).await;
    owner.receive(couple.bond, supporter, vec![record]).await;
    let who = owner.vault.who_sees(None).await.unwrap();
    assert_eq!(
        (who[0].number, who[0].differs),
        (Some(crate::sharing::CopyNumber::FIRST), Some(false))
    );
    assert_eq!(owner.rows("versions", couple.bond).await, 2);
}

#[tokio::test]
async fn nothing_is_replied_to_what_was_not_shared_or_in_a_bond_that_ended() {
    let couple = Couple::agreed().await;
    let vault = &couple.supporter.vault;
    let unknown = ShareId::from_bytes([7; 16]);
    let refused = vault.reply(unknown, "words").await.unwrap_err();
    assert!(matches!(refused, ShareError::UnknownShared));
    let entry = couple.owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    let empty = vault.reply(share, " \n").await.unwrap_err();
    assert!(matches!(empty, ShareError::Sharing(_)));
    let other_side = couple.owner.vault.prefer(couple.bond, BTreeSet::new());
    let other_side = other_side.await.unwrap_err();
    assert!(matches!(other_side, ShareError::OtherSide(_)));
    vault.leave_bond(couple.bond).await.unwrap();
    let over = vault.reply(share, "words").await.unwrap_err();
    assert!(matches!(over, ShareError::UnknownShared));
}
