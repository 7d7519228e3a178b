//! What a relay puts on the disk of somebody who invited, and what that costs from then on.

use super::super::alone::{invite, side_of, strangers::accepted_by_relay};
use crate::stage::found;
use daymark_client::sharing::Standing;
use daymark_core::bonds::{NewEpoch, begin_epoch};
use daymark_tests::hostile::{HostileRelay, rows};
use daymark_wire::{LogId, logs::TravelLink};

/// Links that one answer shows.
const SHOWN_AT_ONCE: usize = 200;

#[tokio::test]
async fn a2_of_the_log_of_somebody_who_agreed_on_nothing_no_more_is_kept_than_the_answer() {
    let relay = HostileRelay::start().await;
    let owner = found(&relay, "owner").await;
    let attacker = found(&relay, "attacker").await;
    let invitation = invite(&owner).await;
    let bond = invitation.bond();
    let mut hand = accepted_by_relay(&relay, &attacker, &invitation).await;
    owner.sync().await;
    let standing = side_of(&owner, bond).await.unwrap().standing;
    assert_eq!(standing, Standing::NotAgreed);
    let links = async || {
        let rows = rows(&owner.vault).await.into_iter();
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
    let victim = owner.vault.device();
    relay.alter(move |asked, reply| {
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
    owner.sync().await;
    owner.vault.end_bond(bond).await.unwrap();
    owner.sync().await;
    let kept = links().await - before;
    let began = std::time::Instant::now();
    owner.vault.status().await.unwrap();
    let took = began.elapsed();
    assert!(
        kept <= 2,
        "{kept} links, also after its end; status takes {took:?}"
    );
}
