//! `cargo tour`: the real thing, from an empty folder, told in a line or two each.
//!
//! Every step runs the command line and the relay as processes of their own (this program started again
//! under their names), over real HTTP and WebSocket, on the embedded default. It ends with another exit code
//! than zero if any step is not as told, and leaves nothing behind.

mod contents;
mod processes;
mod sharing;
mod story;

use std::{ffi::OsString, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    match args.get(1).and_then(|role| role.to_str()) {
        Some("daymark") => daymark::run(args.into_iter().skip(1)).await.into(),
        Some("daymark-relay") => daymark_relay::run(args.into_iter().skip(1)).await,
        _ => story::tell().await,
    }
}
