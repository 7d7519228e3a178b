//! What an entry takes at the relay: how much its database grows, measured when it was stopped, since its
//! write-ahead log has one size, whatever passes through it.

use super::{
    cold::{text, write},
    table::Table,
};
use daymark_tests::world::World;

const ENTRIES: usize = 1000;

pub(crate) async fn measure(table: &mut Table) {
    for (a_sync, name, most) in [(1, "one", 1.8), (100, "100", 1.75)] {
        let share = growth(a_sync).await;
        table.row(
            format!("bytes at the relay for a 900-character entry, {name} a sync"),
            format!("{share:.2} x its text"),
            format!("<= {most} x"),
            Some(share <= most),
        );
    }
}

/// The growth as a multiple of the entries' text.
async fn growth(a_sync: usize) -> f64 {
    let mut world = World::new().await;
    let device = world.first_device("laptop").await;
    let before = stored(&mut world).await;
    for from in (0..ENTRIES).step_by(a_sync) {
        write(&device, from, a_sync).await;
        device.sync().await;
    }
    let grown = stored(&mut world).await - before;
    let text: usize = (0..ENTRIES).map(|number| text(number).len()).sum();
    grown as f64 / text as f64
}

/// The relay's database as it leaves it, in bytes.
async fn stored(world: &mut World) -> u64 {
    world.relay.stop().await;
    let database = world.relay_folder().join("relay.sqlite");
    let size = std::fs::metadata(database).expect("its size").len();
    world.relay.start().await;
    size
}
