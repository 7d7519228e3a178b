//! `daymark-relay admin invite`: works on the database, also while the relay serves.

use super::{CliError, Place, span::Span};
use crate::{
    clock::Clock,
    random,
    store::{self, NewInvite},
};
use clap::{Args, Subcommand};
use daymark_wire::invite;
use serde::Serialize;
use std::io::{self, Write};

/// Invitations.
#[derive(Debug, Subcommand)]
pub(super) enum Invite {
    /// Make an invitation and print it. It is shown this once: the relay keeps only its hash.
    Create(Create),
    /// List invitations by number: made, ends, and whether it was used.
    List(List),
}

/// The arguments of `create`.
#[derive(Debug, Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// How long it holds: a number with d, h or m.
    #[arg(long, value_name = "SPAN", default_value = "14d")]
    expires: Span,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Created {
    token: String,
    relay_key: String,
    expires: u64,
}

#[derive(Serialize)]
struct Listed {
    number: u64,
    created: u64,
    expires: u64,
    state: &'static str,
}

impl Invite {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run().await,
            Self::List(list) => list.run().await,
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), CliError> {
        let (data, _) = self.place.read()?;
        let mut connection = store::open_for_admin(&data).await?;
        let identity = store::load_identity(&mut connection).await?;
        let invite = invite::Invite::new(*identity.public(), random::bytes()?);
        let now = Clock::system().now();
        let expires = now.saturating_add(self.expires.0);
        let kept = NewInvite {
            token: invite.hash(),
            created: now,
            expires,
        };
        store::insert_invite(&mut connection, kept).await?;
        let created = Created {
            token: invite.to_text(),
            relay_key: hex::encode(identity.public().as_bytes()),
            expires,
        };
        let mut stdout = io::stdout();
        if self.json {
            write_json(&created)?;
        } else {
            writeln!(stdout, "{}", created.token)?;
        }
        stdout.flush()?;
        Ok(())
    }
}

impl List {
    async fn run(self) -> Result<(), CliError> {
        let (data, _) = self.place.read()?;
        let mut connection = store::open_for_admin(&data).await?;
        let now = Clock::system().now();
        let invites = store::list_invites(&mut connection).await?;
        let listed: Vec<Listed> = invites
            .into_iter()
            .map(|invite| Listed {
                number: invite.number,
                created: invite.created,
                expires: invite.expires,
                state: match invite.used_by {
                    Some(_) => "used",
                    None if invite.expires <= now => "expired",
                    None => "open",
                },
            })
            .collect();
        if self.json {
            return Ok(write_json(&listed)?);
        }
        let mut stdout = io::stdout();
        for invite in listed {
            let days = invite.expires.saturating_sub(now).div_ceil(24 * 60 * 60);
            let left = match invite.state {
                "open" if days == 1 => ", 1 day left".to_owned(),
                "open" => format!(", {days} days left"),
                _ => String::new(),
            };
            writeln!(stdout, "{}: {}{left}", invite.number, invite.state)?;
        }
        Ok(())
    }
}

fn write_json<T: Serialize>(value: &T) -> io::Result<()> {
    let mut stdout = io::stdout();
    serde_json::to_writer(&mut stdout, value)?;
    writeln!(stdout)
}
