//! Sync of ten new entries with ever more stored: it should not grow.

use super::{
    cold::{ms, write},
    table::{Table, median},
};
use daymark_tests::world::World;
use std::time::Instant;

const RUNS: usize = 5;
const NEW: usize = 10;

pub(crate) async fn measure(table: &mut Table) {
    let world = World::new().await;
    let first = world.first_device("laptop").await;
    let second = world.pair(&first, "phone").await;
    first.sync().await;
    let mut stored = 0;
    let mut base = None;
    for size in [1_000, 10_000, 100_000] {
        write(&first, stored, size - stored).await;
        first.sync().await;
        second.sync().await;
        stored = size;
        let mut times = Vec::new();
        for _ in 0..RUNS {
            write(&first, stored, NEW).await;
            stored += NEW;
            let begun = Instant::now();
            first.sync().await;
            second.sync().await;
            times.push(ms(begun.elapsed()));
        }
        let time = median(times);
        let base = *base.get_or_insert(time);
        table.row(
            format!("10 new entries, up and down, with {size} stored"),
            format!("{time:.1} ms"),
            "flat within 25 %",
            Some(time <= base * 1.25),
        );
    }
}
