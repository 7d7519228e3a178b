//! What sharing one entry costs: the owner's sync that sends it, and the supporter's that fetches it.

use super::{cold::text, table::Table};
use daymark_client::sharing::{HowToShare, Parts};
use daymark_tests::world::{Cost, World};

/// At most so many bytes, with HTTP's own.
const TO_SEND: usize = 4096;
const TO_FETCH: usize = 2560;

pub(crate) async fn measure(table: &mut Table) {
    let world = World::new().await;
    let owner = world.first_device("owner").await;
    let (supporter, bond) = world.join_circle(&owner, "supporter").await;
    let entry = owner.write(&text(1)).await;
    for device in [&owner, &supporter].repeat(2) {
        device.sync().await;
    }
    let vault = &owner.vault;
    let preview = vault.preview(entry, &Parts::default(), &[bond]).await;
    let preview = preview.expect("a preview");
    let shared = vault.share(&preview, &HowToShare::default()).await;
    assert_eq!(shared.expect("shared").len(), 1);
    let line = world.line();
    let before = line.cost();
    owner.sync().await;
    let between = line.cost();
    let fetched = supporter.sync().await;
    assert_eq!(fetched.received, 1);
    let (sent, fetched) = (between - before, line.cost() - between);
    for (who, cost, trips, most) in [
        ("owner", sent, 2, TO_SEND),
        ("supporter", fetched, 1, TO_FETCH),
    ] {
        table.row(
            format!("share of one 900-character entry, {who}"),
            told(cost),
            format!("round trips: {trips}, <= {most} bytes with HTTP's own"),
            Some(cost.questions == trips && cost.all <= most),
        );
    }
}

fn told(cost: Cost) -> String {
    format!(
        "round trips: {}, {} bytes up and {} down, {} with HTTP's own",
        cost.questions, cost.bodies_up, cost.bodies_down, cost.all
    )
}
