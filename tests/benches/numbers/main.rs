//! The numbers of the design, measured: `cargo bench -p daymark-tests`. One table, medians of several runs,
//! each row with its goal and, where there is one, a limit measured in the same run.
//!
//! `cargo bench -p daymark-tests -- --quick` leaves out the curve up to 100,000 entries; words choose parts:
//! `-- live accepts`. The parts are cold, bytes, share, live, accepts, curve.

mod accepts;
mod bytes;
mod cold;
mod curve;
mod live;
mod machine;
mod share;
mod table;

use table::Table;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, parts): (Vec<_>, Vec<_>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with("--"));
    let measured = |part| match parts.as_slice() {
        [] => part != "curve" || !options.contains(&"--quick"),
        chosen => chosen.contains(&part),
    };
    let mut table = Table::new();
    println!("{}", machine::describe());
    let commit = machine::commit_ms();
    table.note(format!(
        "one commit here (SQLite, WAL, FULL): median {commit:.2} ms"
    ));
    if measured("cold") {
        cold::measure(&mut table).await;
    }
    if measured("bytes") {
        bytes::measure(&mut table).await;
    }
    if measured("share") {
        share::measure(&mut table).await;
    }
    if measured("live") {
        live::measure(&mut table, commit).await;
    }
    if measured("accepts") {
        accepts::measure(&mut table).await;
    }
    if measured("curve") {
        curve::measure(&mut table).await;
    }
    table.print();
}
