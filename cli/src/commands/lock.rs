//! `daymark lock`: the key is at hand no longer.

use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use serde::Serialize;

/// Lock your journal again, at once
///
/// The key that `daymark unlock` kept is forgotten, and the passphrase is asked for again. A command that is
/// running, such as `daymark sync --watch`, goes on until it ends.
#[derive(Debug, Args)]
pub(crate) struct LockArgs {}

#[derive(Serialize)]
struct LockedJson {
    forgotten: bool,
}

impl LockArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let folder = session.vault_folder()?;
        let forgotten = session.machine().forget(&folder)?;
        if !forgotten {
            // Nobody believes a journal locked because its folder was mistyped.
            session.locked().await?;
        }
        if session.json() {
            session.print_json(&LockedJson { forgotten })?;
        } else if forgotten {
            session.say("Locked. The key is forgotten.")?;
        } else {
            session.say("It was locked already: no key was kept.")?;
        }
        Ok(Exit::Done)
    }
}
