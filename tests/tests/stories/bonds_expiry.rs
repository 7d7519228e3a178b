//! What was shared until a day is gone on the day after, by the supporter's own clock: with no relay, and while a
//! connection is idle.

use crate::support::couple::{Couple, received, share_as, supporter as listed};
use daymark_client::sharing::HowToShare;
use daymark_core::journal::Day;
use daymark_tests::world::{Device, Fault, SetClock, Watching};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

/// The last day of what is shared here lies so many days ahead.
const DAYS: i64 = 2;

/// By then it is over.
const AFTER: u64 = 4;

/// Two people; the supporter has something until a day that comes.
async fn until_a_day() -> Couple {
    let couple = Couple::agreed().await;
    let entry = couple.owner.write("for two days").await;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let how = HowToShare {
        until: Some(Day::from(today.checked_add(DAYS.days()).unwrap())),
        ..HowToShare::default()
    };
    share_as(&couple.owner, entry, &[couple.bond], &how).await;
    couple.owner.sync().await;
    couple.supporter.sync().await;
    assert_eq!(received(&couple.supporter).await, ["for two days"]);
    couple
}

/// How many copies, and how many bodies of records, lie in a device's file.
async fn kept(device: &Device, couple: &Couple) -> i64 {
    let file = device.vault.folder().join("vault.sqlite");
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = options.connect().await.unwrap();
    let kept = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM versions) + (SELECT count(*) FROM keys WHERE space = ?1) \
         + (SELECT count(*) FROM records r JOIN chains c ON c.id = r.chain \
            WHERE c.space = ?1 AND r.body IS NOT NULL)",
    );
    let kept = kept.bind(couple.bond.as_bytes().as_slice());
    kept.fetch_one(&mut database).await.unwrap()
}

#[tokio::test]
async fn whoever_opens_a_vault_after_that_day_finds_nothing_of_it_with_no_relay() {
    let mut couple = until_a_day().await;
    couple.world.line().set(Fault::Down);
    assert!(kept(&couple.supporter, &couple).await > 0);
    let clock = SetClock::default();
    clock.put_ahead(AFTER);
    let supporter = couple.supporter.by_clock(&clock).await;
    couple.supporter = supporter;
    assert_eq!(kept(&couple.supporter, &couple).await, 0);
    assert!(received(&couple.supporter).await.is_empty());
}

#[tokio::test]
async fn a_list_shows_nothing_after_its_day_and_wipes_it() {
    let mut couple = until_a_day().await;
    couple.world.line().set(Fault::Down);
    let clock = SetClock::default();
    couple.supporter = couple.supporter.by_clock(&clock).await;
    assert_eq!(received(&couple.supporter).await.len(), 1, "not yet");
    clock.put_ahead(AFTER);
    assert!(kept(&couple.supporter, &couple).await > 0);
    assert!(received(&couple.supporter).await.is_empty());
    assert_eq!(kept(&couple.supporter, &couple).await, 0);
}

#[tokio::test]
async fn after_that_day_neither_side_lists_or_counts_it() {
    let Couple {
        world,
        owner,
        supporter,
        bond,
    } = until_a_day().await;
    world.line().set(Fault::Down);
    let clock = SetClock::default();
    let (owner, supporter) = (
        owner.by_clock(&clock).await,
        supporter.by_clock(&clock).await,
    );
    let seen = async || {
        let who = owner.vault.who_sees(None).await.unwrap();
        let counts = [&owner, &supporter].map(|device| listed(device, bond));
        let [ours, theirs] = counts;
        let (ours, theirs) = (ours.await.counts, theirs.await.counts);
        (
            who.len(),
            received(&supporter).await.len(),
            (ours.shared, theirs.shared),
        )
    };
    assert_eq!(seen().await, (1, 1, (1, 1)));
    let until = owner.vault.who_sees(None).await.unwrap()[0].until;
    assert!(until.is_some());
    assert_eq!(supporter.vault.shared().await.unwrap()[0].until, until);
    clock.put_ahead(AFTER);
    assert_eq!(seen().await, (0, 0, (0, 0)));
}

#[tokio::test]
async fn a_connection_that_is_idle_wipes_it_when_the_day_begins() {
    let mut couple = until_a_day().await;
    let clock = SetClock::default();
    couple.supporter = couple.supporter.by_clock(&clock).await;
    let mut watching = Watching::connected(&couple.supporter).await;
    assert!(kept(&couple.supporter, &couple).await > 0);
    clock.put_ahead(AFTER);
    while kept(&couple.supporter, &couple).await > 0 {
        watching.event().await;
    }
    watching.stop().await;
    assert_eq!(
        couple.bodies_at_relay().await,
        1,
        "its clock is not there yet"
    );
}
