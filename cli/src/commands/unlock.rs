//! `daymark unlock`: the passphrase once, and then not for a while.

use crate::{
    error::CliError,
    exit::Exit,
    output::{ago, iso},
    session::Session,
};
use clap::Args;
use daymark_client::vault::KeptKey;
use jiff::SignedDuration;
use serde::Serialize;
use std::{str::FromStr, time::Duration};

/// The shortest time that a key is kept: less is over before the next command is typed.
const SHORTEST: Duration = Duration::from_mins(1);

/// Unlock your journal for a while
///
/// Asks for the passphrase once, and keeps the vault's key for a while in the keyring of your operating system,
/// in no file of Daymark's. Meanwhile the other commands do not ask: whoever sits at this machine under your
/// name can read your journal, and so can any program that you run. `daymark lock` ends it at once. Letting
/// another device in asks for the passphrase all the same.
#[derive(Debug, Args)]
pub(crate) struct UnlockArgs {
    /// How long, like 90m or 2h30m; at least a minute, at most 24 hours
    #[arg(long = "for", value_name = "DURATION", default_value = "8h")]
    lasts: Lasts,
}

/// How long a key is kept.
#[derive(Debug, Clone, Copy)]
struct Lasts(Duration);

impl FromStr for Lasts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lasts = text.parse::<SignedDuration>().ok();
        let lasts = lasts.and_then(|lasts| Duration::try_from(lasts).ok());
        let lasts = lasts.ok_or("say it like 90m or 8h")?;
        if (SHORTEST..=KeptKey::LONGEST).contains(&lasts) {
            Ok(Self(lasts))
        } else {
            Err("it can be a minute at least and 24 hours at most")
        }
    }
}

#[derive(Serialize)]
struct UnlockedJson {
    unlocked_until: Option<String>,
}

impl UnlockArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        // A person is not asked for what then cannot be kept.
        let folder = session.vault_folder()?;
        session.machine().kept_until(&folder)?;
        let vault = session.unlock_by_passphrase().await?;
        let until = session.machine().keep(&vault, self.lasts.0)?;
        vault.close().await;
        if session.json() {
            session.print_json(&UnlockedJson {
                unlocked_until: iso(until),
            })?;
        } else {
            let until = ago(Some(until));
            session.say(&format!(
                "Unlocked until {until}. `daymark lock` locks it sooner."
            ))?;
        }
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_bounded() {
        for (text, seconds) in [
            ("8h", Some(8 * 3600)),
            ("90m", Some(5400)),
            ("2h30m", Some(9000)),
            ("1m", Some(60)),
            ("24h", Some(24 * 3600)),
            ("59s", None),
            ("24h1s", None),
            ("0s", None),
            ("-8h", None),
            ("8", None),
            ("", None),
            ("for ever", None),
        ] {
            let lasts = text.parse::<Lasts>().ok();
            assert_eq!(lasts.map(|lasts| lasts.0.as_secs()), seconds, "{text}");
        }
    }
}
