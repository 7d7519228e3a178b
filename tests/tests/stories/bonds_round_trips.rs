//! What bonds cost: nothing, with nothing new.

use crate::support::couple::{Couple, agree, received, share, share_as};
use daymark_client::sharing::HowToShare;
use daymark_tests::world::{Cost, World};

#[tokio::test]
async fn with_nothing_new_three_bonds_take_one_round_trip() {
    let world = World::new().await;
    let owner = world.first_device("owner").await;
    let mut bonds = Vec::new();
    let mut supporters = Vec::new();
    for name in ["one", "two", "three"] {
        let supporter = world.offline_device(name).await;
        bonds.push(agree(&owner, &supporter, name).await);
        supporters.push(supporter);
    }
    let entry = owner.write("for three").await;
    share(&owner, entry, &bonds).await;
    owner.sync().await;
    for supporter in &supporters {
        supporter.sync().await;
        assert_eq!(received(supporter).await, ["for three"]);
        let again = supporter.sync().await;
        assert_eq!((again.round_trips, again.sent, again.received), (1, 0, 0));
    }
    let again = owner.sync().await;
    assert_eq!((again.round_trips, again.sent, again.received), (1, 0, 0));
    assert!(again.faults.is_empty(), "{:?}", again.faults);
}

#[tokio::test]
async fn one_share_of_one_entry_takes_two_round_trips_to_send_and_one_to_fetch() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    owner.sync().await;
    supporter.sync().await;
    let entry = owner.write("a day like others").await;
    owner.sync().await;
    share_as(owner, entry, &[couple.bond], &HowToShare::default()).await;
    let line = couple.world.line();
    let before = line.cost();
    let sent = owner.sync().await;
    let between = line.cost();
    let fetched = supporter.sync().await;
    let (to_send, to_fetch) = (between - before, line.cost() - between);
    assert_eq!(
        (sent.round_trips, sent.sent),
        (2, 2),
        "the copy, and the ledger"
    );
    assert_eq!((fetched.round_trips, fetched.received), (1, 1));
    // As measured: who changes what a share costs sees it here.
    near(to_send, [2, 1968, 148, 3195]);
    near(to_fetch, [1, 221, 746, 1507]);
}

/// Questions, bytes of bodies up and down, and all bytes with HTTP's own. Numbers in them may be a byte longer another
/// day; a record, or a header, more is not as near.
fn near(cost: Cost, measured: [usize; 4]) {
    const NEAR: usize = 32;
    let [questions, up, down, all] = measured;
    assert_eq!(cost.questions, questions, "{cost:?}");
    for (is, was) in [
        (cost.bodies_up, up),
        (cost.bodies_down, down),
        (cost.all, all),
    ] {
        assert!(is.abs_diff(was) <= NEAR, "{is} for {was} in {cost:?}");
    }
}
