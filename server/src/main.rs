//! The relay's binary: a runtime and nothing else.

use std::process::ExitCode;

/// Threads that serve. The work is in the database's own threads and in checking signatures; a small relay
/// stays small.
const THREADS: usize = 2;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(daymark_relay::run(std::env::args_os())),
        Err(_) => ExitCode::FAILURE,
    }
}
