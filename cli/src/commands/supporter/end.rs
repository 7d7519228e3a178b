//! `daymark supporter end`: the owner ends a bond, or takes an invitation back.

use super::leave::{Parting, parted};
use crate::{
    commands::carrying::{agree, on_side},
    error::CliError,
    exit::Exit,
    session::Session,
};
use clap::Args;
use daymark_client::sharing::{Role, Standing, Supporter};

/// End it with a supporter of yours, or take an invitation back
///
/// What you shared with them and what they replied is deleted: here, at the relay, and on their devices as these
/// hear of it. It does not reach what they remember, photographed or copied.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// What you call them, or how it begins
    #[arg(value_name = "NAME")]
    name: String,
    /// End it without being asked
    #[arg(long)]
    yes: bool,
}

impl EndArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporter = on_side(&vault, &self.name, Role::Owner).await?;
        let question = format!("End it with {}?", supporter.name);
        let instead = "Add --yes to end it.";
        agree(session, self.yes, &meaning(&supporter), &question, instead).await?;
        vault.end_bond(supporter.bond).await?;
        parted(session, vault, &supporter, Parting::Ended).await
    }
}

fn meaning(supporter: &Supporter) -> String {
    let name = &supporter.name;
    if supporter.standing == Standing::Invited {
        return format!(
            "The invitation to {name} is taken back: once a sync has said so, nobody can accept it any more."
        );
    }
    format!(
        "What you shared with {name}, and what they replied, is deleted: here, at the relay, and on their devices as \
         these hear of it. Nothing new reaches them.\n\
         What they have read, they have read: ending it cannot reach what they remember, photographed or copied, nor \
         a relay that keeps what it was told to delete.\n\
         They see that it ended, and not why. To share with them again you invite them anew."
    )
}
