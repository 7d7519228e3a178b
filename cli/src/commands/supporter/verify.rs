//! `daymark supporter verify`: compares the number that both see.

use crate::{
    commands::carrying::{carry, meet},
    error::CliError,
    exit::Exit,
    output::quoted,
    session::Session,
};
use clap::Args;
use daymark_client::{
    sharing::{Number, Pause, Standing, Supporter},
    vault::Vault,
};
use serde::Serialize;

/// Groups on a line: as many as one reads out in a breath.
const GROUPS_A_LINE: usize = 4;

/// Compare a number with the other person
///
/// Both of you run this, and see the same 60 digits exactly when nobody stands between you. Compare them in person or
/// over the phone, where you know the voice. What is marked sensitive is shared with verified supporters only. What is
/// paused because they have new keys, or because the relay showed two histories, goes on once you compared it again.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// What you call them, or how it begins
    #[arg(value_name = "NAME")]
    name: String,
    /// The number that they see: verifies without asking if it is the same here
    #[arg(long, value_name = "NUMBER")]
    number: Option<Number>,
    /// Take it back that you compared it: they are not verified any more
    #[arg(long, conflicts_with = "number")]
    undo: bool,
}

#[derive(Serialize)]
struct NumberJson<'n> {
    name: &'n str,
    number: &'n str,
    verified: bool,
}

impl VerifyArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        let vault = session.unlock().await?;
        let supporter = meet(session, &vault, &self.name).await?;
        let number = vault.number(supporter.bond).await?;
        if self.undo {
            return undo(session, vault, &supporter, &number).await;
        }
        let holds = holds(&supporter);
        let compared = match &self.number {
            Some(compared) => {
                vault.verify(supporter.bond, compared).await?;
                true
            }
            None if session.json() || holds => false,
            None => ask(session, &vault, &supporter, &number).await?,
        };
        let verified = compared || holds || session.json() && supporter.verified;
        let exit = match compared {
            true => carry(session, &vault, DEVICES).await?.exit,
            false => Exit::Done,
        };
        vault.close().await;
        self.tell(session, &supporter, &number, verified)?;
        Ok(exit)
    }

    fn tell(
        &self,
        session: &mut Session,
        supporter: &Supporter,
        number: &Number,
        verified: bool,
    ) -> Result<(), CliError> {
        let name = supporter.name.as_str();
        if session.json() {
            let number = &number.to_string();
            return session.print_json(&NumberJson {
                name,
                number,
                verified,
            });
        }
        if holds(supporter) && self.number.is_none() {
            session.print(&lines(number))?;
            return session.say(&format!(
                "You compared this number with {name} before, and it still holds. If you are not sure: \
                 `daymark supporter verify {} --undo`.",
                quoted(name)
            ));
        }
        match verified {
            true => session.say(&format!("Verified: nobody stands between you and {name}.")),
            false => session.note(
                "When they have told you theirs, give it with --number, or run this in a terminal.",
            ),
        }
    }
}

/// Whether it was compared, and nothing came since for which it is to be compared again.
fn holds(supporter: &Supporter) -> bool {
    let is_forked = supporter.standing == Standing::Paused(Pause::ForkedLog);
    supporter.verified && !is_forked
}

/// What is said where no sync works.
const DEVICES: &str = "Your other devices hear of it with the next sync.";

async fn undo(
    session: &mut Session,
    vault: Vault,
    supporter: &Supporter,
    number: &Number,
) -> Result<Exit, CliError> {
    let changed = vault.unverify(supporter.bond).await?;
    let exit = match changed {
        true => carry(session, &vault, DEVICES).await?.exit,
        false => Exit::Done,
    };
    vault.close().await;
    let name = supporter.name.as_str();
    if session.json() {
        session.print_json(&NumberJson {
            name,
            number: &number.to_string(),
            verified: false,
        })?;
    } else {
        session.say(&match changed {
            true => format!("{name} is not verified any more."),
            false => format!("{name} was not verified."),
        })?;
    }
    Ok(exit)
}

/// Shows it and asks; where nobody can be asked it is only shown.
async fn ask(
    session: &mut Session,
    vault: &Vault,
    supporter: &Supporter,
    number: &Number,
) -> Result<bool, CliError> {
    session.note(&format!(
        "{} sees this number too. Compare every group, in person or over the phone:",
        supporter.name
    ))?;
    session.print(&lines(number))?;
    if !session.can_ask() {
        return Ok(false);
    }
    if session
        .io()
        .confirm("Is it the same on both sides?")
        .await?
    {
        vault.verify(supporter.bond, number).await?;
        return Ok(true);
    }
    session.note(
        "Not verified. If a digit differs, somebody may stand between you: end the bond, and invite anew in person.",
    )?;
    Err(CliError::LeftAsItIs)
}

fn lines(number: &Number) -> String {
    let number = number.to_string();
    let groups: Vec<_> = number.split(' ').collect();
    let lines = groups
        .chunks(GROUPS_A_LINE)
        .map(|line| format!("  {}", line.join(" ")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_in_three_lines_of_four_groups() {
        let number: Number = "0123456789".repeat(6).parse().unwrap();
        let lines = lines(&number);
        assert_eq!(lines.lines().count(), 3);
        assert!(
            lines
                .lines()
                .all(|line| line == "  01234 56789 01234 56789")
        );
    }
}
