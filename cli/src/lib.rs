//! Daymark's command line: what a person types, turned into calls of `daymark-client`, and what comes back
//! turned into lines or JSON.
//!
//! [`run()`] is the whole program. [`run_with`] is the same with other streams, for the tour and for tests;
//! [`run_on`] with another clock and keyring too.
//! One command is one file under `commands`; how entries are given is in `entry` and `editor`, how they are
//! shown in `output`, who is asked in `io`.

mod args;
mod commands;
mod editor;
mod entry;
mod error;
mod exit;
mod files;
mod io;
mod keyring;
mod machine;
mod output;
mod reference;
mod run;
mod session;
mod sharing;

pub use exit::Exit;
pub use io::{Io, Stop, Stopper, Terminal};
pub use keyring::{Keyring, KeyringError, SystemKeyring};
pub use machine::Machine;
pub use reference::reference;
pub use run::{run, run_on, run_with};
