//! What `daymark` understands, as a whole. Each command's own arguments stand in its file.

use crate::commands::Command;
use clap::{Args, Parser};
use std::path::PathBuf;

/// An end-to-end encrypted journal that works with no network.
///
/// What you write stays on your devices, encrypted. A relay, if you set one, carries it between them and can
/// read none of it. Daymark is yours to write in; it is not medical advice.
#[derive(Debug, Parser)]
#[command(
    name = "daymark",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct GlobalArgs {
    /// The folder of your vault; without it, the usual place for data on this system
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "DAYMARK_VAULT",
        hide_env_values = true
    )]
    pub(crate) vault: Option<PathBuf>,
    /// Read the passphrase from the first line of this file instead of asking
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print JSON, one object a line; errors too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Print only what was asked for, and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}
