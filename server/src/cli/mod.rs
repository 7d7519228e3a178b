//! The command line: `serve`, and `admin` beside it.

mod admin;
mod serve;
mod settings;
mod span;

use clap::{Args, Parser, Subcommand};
use settings::SettingsError;
use std::{
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};
use thiserror::Error;

use crate::{NoRandomness, StartError, StoreError};

/// Keeps Daymark's sealed records and forwards them between a person's devices. Can read none.
#[derive(Debug, Parser)]
#[command(name = "daymark-relay", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve until SIGINT or SIGTERM.
    Serve(serve::Serve),
    /// Look after a relay, also while it serves.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Invitations: each lets one new account in.
    #[command(subcommand)]
    Invite(admin::Invite),
}

/// The data folder and the settings file, which every verb takes.
#[derive(Debug, Args)]
struct Place {
    /// The folder with the database and the relay's key.
    #[arg(long, value_name = "DIR", env = "DAYMARK_RELAY_DATA")]
    data: Option<PathBuf>,
    /// A settings file (TOML). What is given as a flag or in the environment goes before it.
    #[arg(long, value_name = "FILE", env = "DAYMARK_RELAY_CONFIG")]
    config: Option<PathBuf>,
}

/// Why a verb did not do what was asked.
#[derive(Debug, Error)]
enum CliError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error("cannot write the answer: {0}")]
    Output(#[from] io::Error),
}

/// Runs the command line; the first argument is the program's name.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap knows.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    let done = match cli.verb {
        Verb::Serve(serve) => serve.run().await,
        Verb::Admin(Admin::Invite(invite)) => invite.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "daymark-relay: {error}");
            ExitCode::FAILURE
        }
    }
}
