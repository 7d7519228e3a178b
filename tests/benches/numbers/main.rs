//! The numbers of the design, measured: `cargo bench -p daymark-tests`. One table, medians of several runs,
//! each row with its goal and, where there is one, a limit measured in the same run.
//!
//! `cargo bench -p daymark-tests -- --quick` leaves out the curve up to 100,000 entries.

mod accepts;
mod bytes;
mod cold;
mod curve;
mod live;
mod machine;
mod table;

use table::Table;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let mut table = Table::new();
    println!("{}", machine::describe());
    let commit = machine::commit_ms();
    table.note(format!(
        "one commit here (SQLite, WAL, FULL): median {commit:.2} ms"
    ));
    cold::measure(&mut table).await;
    bytes::measure(&mut table).await;
    live::measure(&mut table, commit).await;
    accepts::measure(&mut table).await;
    if !quick {
        curve::measure(&mut table).await;
    }
    table.print();
}
