//! From arguments to an exit code.

use crate::{
    args::Cli,
    error::CliError,
    exit::Exit,
    io::{Io, Stop, listen},
    machine::Machine,
    output,
    session::Session,
};
use clap::{CommandFactory, FromArgMatches, error::ErrorKind};
use std::ffi::OsString;

/// The whole program, on the standard streams. The first argument is the program's name. A signal that asks
/// it to end does so within a moment.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let (stopper, stop) = Stop::new();
    tokio::spawn(listen(stopper));
    run_with(args, Io::standard(stop)).await
}

/// The same on other streams. The first argument is the program's name.
pub async fn run_with(args: impl IntoIterator<Item = OsString>, io: Io) -> Exit {
    run_on(args, io, Machine::default()).await
}

/// The same with another clock and keyring too.
pub async fn run_on(
    args: impl IntoIterator<Item = OsString>,
    mut io: Io,
    machine: Machine,
) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let matches = match Cli::command().try_get_matches_from(&args) {
        Ok(matches) => matches,
        Err(error) => return refused(&error, &args, &mut io),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &args, &mut io),
    };
    let json = cli.global.json;
    let stop = io.stop();
    let mut session = Session::new(io, cli.global, machine);
    let ended = tokio::select! {
        biased;
        ended = cli.command.run(&mut session) => ended,
        () = stop.due() => Err(CliError::Interrupted),
    };
    let ended = ended.and_then(|exit| Ok(session.flush().map(|()| exit)?));
    match ended {
        Ok(exit) => exit,
        Err(error) => {
            output::error::print(&error, json, session.io());
            error.exit()
        }
    }
}

/// Help, version, or arguments that mean nothing.
fn refused(error: &clap::Error, args: &[OsString], io: &mut Io) -> Exit {
    let asked = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let text = error.render();
    if asked {
        let shown = if io.terminal().out {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        // Somebody who reads only the first lines closes the pipe.
        let _ = write!(io.out(), "{shown}").and_then(|()| io.out().flush());
        return Exit::Done;
    }
    if args
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "--json")
    {
        let text = text.to_string();
        let first = text.split("\n\n").next().unwrap_or_default();
        let first = first.strip_prefix("error: ").unwrap_or(first);
        let message = first.split_whitespace().collect::<Vec<_>>().join(" ");
        output::error::print(&CliError::Arguments { message }, true, io);
    } else {
        let text = without_usage(&text.to_string());
        let _ = write!(io.err(), "{}", output::escaped(&text));
    }
    Exit::Usage
}

/// The usage that is guessed from a mistake shows options that were given as if they were needed.
fn without_usage(text: &str) -> String {
    let paragraphs = text.split("\n\n");
    let kept = paragraphs.filter(|paragraph| !paragraph.starts_with("Usage: "));
    kept.collect::<Vec<_>>().join("\n\n")
}
