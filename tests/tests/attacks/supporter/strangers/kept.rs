//! A2: what is kept of somebody who agreed on nothing, and who is taken in their place.

use super::*;
use daymark_tests::hostile::rows;
use daymark_wire::DocumentId;

#[tokio::test]
async fn a2_nothing_is_kept_of_somebody_who_agreed_on_nothing() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    let mut hand = accepted_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    open.owner.sync().await;
    assert_eq!(standing(&open.owner, bond).await, Standing::NotAgreed);
    let filler = vec![0x51; 500 * 1024];
    let mut seals = 0_u8;
    let size = async || {
        let file = open.owner.vault.folder().join("vault.sqlite");
        std::fs::metadata(file).unwrap().len()
    };
    let before = size().await;
    let records: Vec<_> = (0..24)
        .map(|_| {
            seals += 1;
            hand.seal(DocumentId::from_bytes([seals; 16]), &filler)
        })
        .collect();
    open.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            if space.space == bond {
                space.records.clone_from(&records);
            }
        }
    });
    open.owner.sync().await;
    let kept = Hoard::of_vault(&open.owner.vault).await.of_space(bond);
    let kept = kept.records().filter(|record| record.body().is_some());
    assert_eq!(
        kept.count(),
        0,
        "records of a stranger are on the owner's disk: {} bytes became {}",
        before,
        size().await
    );
}

/// Links that one answer shows.
const SHOWN_AT_ONCE: usize = 200;

#[tokio::test]
async fn a2_of_the_log_of_somebody_who_agreed_on_nothing_no_more_is_kept_than_the_answer() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    let mut hand = accepted_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    open.owner.sync().await;
    assert_eq!(standing(&open.owner, bond).await, Standing::NotAgreed);
    let links = async || {
        let rows = rows(&open.owner.vault).await.into_iter();
        rows.filter(|row| row.table == "links").count()
    };
    let before = links().await;
    // It goes on alone.
    let mut made: Vec<TravelLink> = Vec::new();
    let side = hand.replica.logs.as_bond_mut().unwrap();
    for _ in 0..600 {
        let (own, agreed) = (side.own.state(), side.agreed.unwrap());
        let says = NewEpoch::default();
        let begun = begin_epoch(&side.logs, &agreed, own, says, &hand.device, &hand.random);
        let link = begun.unwrap().link;
        side.logs
            .take(std::slice::from_ref(&link), side.own.state());
        made.push(link);
    }
    let victim = open.owner.vault.device();
    open.relay.alter(move |asked, reply| {
        let mut known = asked.request.known.iter();
        let known = known.find(|known| known.log == LogId::from(bond));
        let Some(length) = known.filter(|_| asked.device == victim) else {
            return;
        };
        let from = usize::try_from(length.head.length.saturating_sub(3)).unwrap();
        let next = made.iter().skip(from).take(SHOWN_AT_ONCE).cloned();
        reply.links.extend(next);
        reply.behind.clear();
        for space in &mut reply.spaces {
            space.more |= space.space == bond && from + SHOWN_AT_ONCE < made.len();
        }
    });
    open.owner.sync().await;
    open.owner.vault.end_bond(bond).await.unwrap();
    open.owner.sync().await;
    let kept = links().await - before;
    let began = std::time::Instant::now();
    open.owner.vault.status().await.unwrap();
    let took = began.elapsed();
    assert!(
        kept <= 2,
        "{kept} links, also after its end; status takes {took:?}"
    );
}

#[tokio::test]
async fn a2_an_answer_of_the_relays_own_that_was_shown_once_leaves_nothing_that_nobody_can_end() {
    let open = Open::set().await;
    let bond = open.invitation.bond();
    let (_, forged) = signed_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    let mut shown = account_log(&open.stranger).await;
    shown.extend(forged.append);
    shows(&open.relay, &open.owner, shown);
    let _ = open.owner.vault.sync(&|_| ()).await;
    let told = standing(&open.owner, bond).await;
    assert_eq!(told, Standing::NotAgreed);
    // From now on the relay is honest. Who was meant accepts; the owner ends it.
    open.relay.behave();
    accept(&open.meant, &open.invitation).await;
    open.owner.vault.end_bond(bond).await.unwrap();
    let mut said = Vec::new();
    for _ in 0..3 {
        let synced = open.owner.vault.sync(&|_| ()).await;
        said.push(synced.map(|report| report.faults));
        let _ = open.meant.vault.sync(&|_| ()).await;
    }
    let there = standing(&open.meant, bond).await;
    assert_ne!(
        there,
        Standing::Active,
        "the owner ended it; each sync: {said:?}"
    );
}

#[tokio::test]
async fn a2_a_second_device_takes_no_other_answer_than_the_one_that_its_journal_knows() {
    let (open, phone) = Open::with_phone().await;
    let bond = open.invitation.bond();
    let (_, forged) = signed_by_relay(&open.relay, &open.stranger, &open.invitation).await;
    let hidden = phone.vault.device();
    open.relay.alter(move |asked, reply| {
        if asked.device == hidden {
            reply.links.retain(|link| !later_bond(link));
        }
    });
    accept(&open.meant, &open.invitation).await;
    for _ in 0..2 {
        open.owner.sync().await;
        phone.sync().await;
    }
    assert!(
        side_of(&phone, bond).await.unwrap().since.is_some(),
        "its journal says that they agreed"
    );
    // It is shown the answer of somebody else, and only then the right one.
    let mut shown = account_log(&open.stranger).await;
    shown.extend(forged.append);
    open.relay.alter(move |asked, reply| {
        if asked.device == hidden {
            reply.links.retain(|link| !later_bond(link));
            reply.links.extend(shown.iter().cloned());
        }
    });
    phone.sync().await;
    open.relay.behave();
    for _ in 0..2 {
        phone.sync().await;
    }
    let stands = [
        standing(&open.owner, bond).await,
        standing(&phone, bond).await,
    ];
    assert_eq!(stands, [Standing::Active; 2]);
}
