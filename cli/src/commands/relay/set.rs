//! `daymark relay set`: another relay, or the first.

use super::{address, invite};
use crate::{error::CliError, exit::Exit, session::Session};
use clap::Args;
use daymark_client::{
    connection::{Invite, RelayAddress, RelayError, capabilities},
    vault::Vault,
};
use serde::Serialize;

/// Set the relay
///
/// The next sync takes everything there. What you write stays on this device either way.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// Its address
    #[arg(value_name = "URL", help = "Its address, like https://relay.example")]
    url: String,
    /// The invite that the relay's operator gave you, or - to read it from standard input, which no other
    /// user of this machine sees. Without one, an invite that was given for the same relay is kept, and another
    /// relay than the one that is known is not taken
    #[arg(long, value_name = "TOKEN")]
    invite: Option<String>,
}

#[derive(Serialize)]
struct RelayJson {
    relay: String,
}

impl SetArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let invite = invite(session, self.invite.as_deref()).await?;
        let (vault, (address, invite)) = match invite {
            Some(_) => {
                let address = address(&self.url, invite).await?;
                (session.unlock().await?, address)
            }
            None => {
                let vault = session.unlock().await?;
                let address = known_or_asked(&vault, &self.url).await?;
                (vault, address)
            }
        };
        vault.set_relay(&address, invite.as_ref()).await?;
        vault.close().await;
        if session.json() {
            session.print_json(&RelayJson {
                relay: address.url.to_string(),
            })?;
        } else {
            session.say(&format!(
                "The relay is {}. `daymark sync` takes it from here{}.",
                address.url,
                if invite.is_some() {
                    ""
                } else {
                    "; it may ask for an invite"
                }
            ))?;
        }
        Ok(Exit::Done)
    }
}

/// The relay at an address for which no invite was given. It is asked for its key; the invite that was given before
/// is kept if that is the same relay. If it does not answer and none has answered yet, an address was corrected.
/// Another key than the known one is what the alarm is about: it comes only from an invite.
async fn known_or_asked(
    vault: &Vault,
    url: &str,
) -> Result<(RelayAddress, Option<Invite>), CliError> {
    let url = RelayAddress::parse_url(url)?;
    let before = vault.relay_invite().await?;
    let answer = capabilities(&url).await.map(|(_, key)| key);
    let key = match (answer, &before) {
        (Ok(key), _) => key,
        (Err(RelayError::Unreachable | RelayError::KeyUnknown), Some(before))
            if vault.status().await?.last.done_at.is_none() =>
        {
            *before.relay()
        }
        (Err(error), _) => return Err(error.into()),
    };
    if vault.relay().await?.is_some_and(|known| known.key != key) {
        return Err(CliError::AnotherRelay);
    }
    let invite = before.filter(|invite| *invite.relay() == key);
    Ok((RelayAddress { url, key }, invite))
}
