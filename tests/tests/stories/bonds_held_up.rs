//! A device appends only so many links to a log in a minute (rule L11). Whoever takes more back than that in a bond
//! waits for the next one with it, and with nothing else.

use crate::support::{
    commands::{run, run_until},
    couple::{Couple, received, share, share_as, standing},
};
use daymark::Exit;
use daymark_client::{
    sharing::{HowToShare, Standing},
    sync::WatchEvent,
    system::{Clock as _, SystemClock},
};
use daymark_relay::{Clock, Registration};
use daymark_tests::world::{Connection, Device, SetClock, Watching, World};
use daymark_wire::{
    limits,
    logs::{LogKind, Role},
    sync::ClientFrame,
};
use serde_json::Value;

/// A relay at which no time goes by but what a story lets go by.
struct StandingRelay {
    clock: Clock,
    began: u64,
}

impl StandingRelay {
    fn now() -> Self {
        let began = SystemClock.now_ms() / 1000;
        let clock = Clock::standing_at(began);
        Self { clock, began }
    }

    async fn couple(&self) -> Couple {
        let world = World::with(Registration::Open, self.clock.clone()).await;
        Couple::agreed_in(world).await
    }

    fn minute_goes_by(&self) {
        self.clock.set(self.began + 60);
    }
}

fn up_to_date() -> HowToShare {
    HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    }
}

/// How many links of bonds were brought over live connections.
fn brought_live(couple: &Couple) -> usize {
    let connections = couple.world.line().connections();
    let frames = connections.iter().flat_map(Connection::frames_up);
    let requests = frames.filter_map(|frame| ClientFrame::from_bytes(&frame).ok());
    let links = requests.flat_map(|ClientFrame::Sync { request, .. }| request.append);
    links.filter(|link| link.kind == LogKind::Bond).count()
}

#[tokio::test]
async fn ten_edits_in_one_minute_all_arrive_and_older_copies_are_forgotten_in_the_next() {
    const EDITS: usize = 10;
    let relay = StandingRelay::now();
    let mut couple = relay.couple().await;
    let clock = SetClock::default();
    couple.owner = couple.owner.by_clock(&clock).await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let mut at_owner = Watching::connected(owner).await;
    let mut at_supporter = Watching::connected(supporter).await;
    let entry = owner.write("edit 0").await;
    share_as(owner, entry, &[couple.bond], &up_to_date()).await;
    let mut is_held_up = false;
    for edit in 0..=EDITS {
        let text = format!("edit {edit}");
        if edit > 0 {
            owner.edit(entry, &text).await;
        }
        while received(supporter).await != [text.as_str()] {
            at_supporter.event().await;
        }
        while !is_held_up && couple.bodies_at_relay().await > 1 {
            if let WatchEvent::Synced(report) = at_owner.event().await {
                is_held_up = report.held_up.contains(&couple.bond);
            }
        }
    }
    assert!(is_held_up);
    let left = EDITS - limits::MAX_LINKS_PER_MINUTE;
    assert_eq!(couple.bodies_at_relay().await, 1 + left);
    // Taken in this minute, and one that was not, which nobody brings again before the next.
    assert_eq!(brought_live(&couple), limits::MAX_LINKS_PER_MINUTE + 1);
    relay.minute_goes_by();
    clock.put_ahead_seconds(60);
    while couple.bodies_at_relay().await > 1 {
        at_owner.event().await;
    }
    assert_eq!(brought_live(&couple), limits::MAX_LINKS_PER_MINUTE + 2);
    // The relay may have it before the device knows.
    at_owner.stop().await;
    at_supporter.stop().await;
    for device in [owner, supporter] {
        device.sync().await;
    }
    assert_eq!(received(supporter).await, ["edit 10"]);
    for device in [owner, supporter] {
        let status = device.vault.status().await.unwrap();
        assert!(status.faults.is_empty(), "{:?}", status.faults);
        assert!(status.bonds.is_empty(), "{:?}", status.bonds);
    }
}

/// Shares an entry and changes it so often that the last older copy cannot be forgotten in this minute.
async fn held_up(couple: &Couple) {
    let owner = &couple.owner;
    let entry = owner.write("edit 0").await;
    let shares = share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    for edit in 1..=limits::MAX_LINKS_PER_MINUTE {
        owner.edit(entry, &format!("edit {edit}")).await;
        owner.vault.share_again(shares[0]).await.unwrap();
        assert!(owner.sync().await.held_up.is_empty());
    }
    owner.edit(entry, "the last edit").await;
    owner.vault.share_again(shares[0]).await.unwrap();
}

/// What `status` says of the bond, as a line and as JSON.
async fn says(device: &Device) -> (String, Value) {
    let shown = run(device, &["status"]).await.out;
    let line = shown.lines().find(|line| line.contains("a supporter: "));
    let json = run(device, &["status", "--json"]).await.out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let line = line.unwrap_or_default().trim().to_owned();
    let bond = json["bonds"].get(0);
    (
        line,
        bond.map_or(Value::Null, |bond| bond["held_up"].clone()),
    )
}

#[tokio::test]
async fn a_sync_ends_well_and_says_what_waits_for_the_relays_next_minute() {
    const SAYS: &str = "Something for a supporter waits for the relay's next minute.";
    let relay = StandingRelay::now();
    let couple = relay.couple().await;
    let owner = &couple.owner;
    held_up(&couple).await;
    owner.write("an entry of one's own").await;
    for _ in 0..2 {
        let synced = run(owner, &["sync"]).await;
        assert_eq!(synced.exit, Exit::Done, "{}", synced.err);
        assert!(synced.err.contains(SAYS), "{}", synced.err);
        assert_eq!(owner.vault.unsent().await.unwrap(), 0);
        let (line, json) = says(owner).await;
        let expected = "a supporter: 1 to be taken back, waits for the relay's next minute";
        assert_eq!((line.as_str(), json), (expected, Value::Bool(true)));
    }
    let json = run(owner, &["sync", "--json"]).await.out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["held_up"][0], couple.bond.to_string());
    let watched = run_until(owner, &["sync", "--watch"], SAYS).await;
    assert_eq!(watched.exit, Exit::Interrupted, "{}", watched.err);
    assert_eq!(watched.err.matches(SAYS).count(), 1, "{}", watched.err);
    couple.supporter.sync().await;
    assert_eq!(received(&couple.supporter).await, ["the last edit"]);
    assert_eq!(couple.bodies_at_relay().await, 2);

    relay.minute_goes_by();
    let synced = run(owner, &["sync"]).await;
    assert_eq!((synced.exit, synced.err.as_str()), (Exit::Done, ""));
    assert_eq!(couple.bodies_at_relay().await, 1);
    assert_eq!(says(owner).await, (String::new(), Value::Null));
}

#[tokio::test]
async fn an_end_that_waits_for_the_next_minute_comes_with_it() {
    let relay = StandingRelay::now();
    let couple = relay.couple().await;
    let owner = &couple.owner;
    held_up(&couple).await;
    assert!(!owner.sync().await.held_up.is_empty());
    owner.vault.end_bond(couple.bond).await.unwrap();
    assert!(!owner.sync().await.held_up.is_empty());
    couple.supporter.sync().await;
    let supporter = &couple.supporter;
    assert_eq!(standing(supporter, couple.bond).await, Standing::Active);
    relay.minute_goes_by();
    assert!(owner.sync().await.held_up.is_empty());
    supporter.sync().await;
    let ended = Standing::Ended { by: Role::Owner };
    assert_eq!(standing(supporter, couple.bond).await, ended);
    assert_eq!(couple.bodies_at_relay().await, 0);
}
