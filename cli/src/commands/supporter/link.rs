//! The link of an invitation as people hand it on: wrapped by a mail program, quoted, with text around it.

use crate::{commands::writing, error::CliError, io::AskError, session::Session};
use daymark_client::sharing::{BondError, Invitation};
use zeroize::Zeroizing;

/// What a link begins with.
const BEGINS: &str = "daymark:bond/";
/// Pieces that a link may have been broken into.
const MOST_PIECES: usize = 64;
/// Lines that are read of a terminal.
const MOST_LINES: usize = 20;

/// The link: as an argument, or for - from the input. Something else is refused before anything else is asked.
pub(super) async fn given(
    session: &mut Session,
    argument: &str,
) -> Result<Zeroizing<String>, CliError> {
    let text = match argument {
        "-" if session.io().terminal().input => {
            let link = typed(session).await;
            // What was pasted after it is no passphrase.
            session.io().forget_typed_ahead();
            return link;
        }
        "-" => Zeroizing::new(writing::text_from_input(session).await?),
        link => Zeroizing::new(link.to_owned()),
    };
    found(&text).map_err(refused)
}

/// Lines of a terminal, until they make a link. An empty one, or one too many, ends it.
async fn typed(session: &mut Session) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    let mut question = "The link: ";
    for _ in 0..MOST_LINES {
        let line = match session.io().ask(question).await {
            Err(AskError::NoAnswer) if !text.is_empty() => break,
            line => line?,
        };
        if line.trim().is_empty() {
            break;
        }
        text.push_str(&line);
        text.push('\n');
        match found(&text) {
            // More of it may come, where it was wrapped.
            Err(BondError::DamagedInvitation) => question = "The rest of it, or Enter: ",
            // Nor need it stand in the first line of what was pasted.
            Err(BondError::NotAnInvitation) => question = "The link, or Enter: ",
            found => return found.map_err(refused),
        }
    }
    found(&text).map_err(refused)
}

/// The first link in a text.
fn found(text: &str) -> Result<Zeroizing<String>, BondError> {
    let from = text.find(BEGINS).ok_or(BondError::NotAnInvitation)?;
    let pieces = text.get(from..).unwrap_or_default().split_whitespace();
    let mut link = Zeroizing::new(String::new());
    let mut first = None;
    for piece in pieces.take(MOST_PIECES) {
        link.push_str(piece.trim_matches(is_around));
        match link.parse::<Invitation>() {
            Ok(_) => return Ok(link),
            Err(why) => _ = first.get_or_insert(why),
        }
    }
    Err(first.unwrap_or(BondError::NotAnInvitation))
}

/// What stands around a link and is no part of it.
fn is_around(character: char) -> bool {
    !character.is_ascii_alphanumeric() && !"-_".contains(character)
}

fn refused(why: BondError) -> CliError {
    CliError::Share(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_link_is_none() {
        for text in ["", "hello", "https://example.org/daymark"] {
            assert!(
                matches!(found(text), Err(BondError::NotAnInvitation)),
                "{text}"
            );
        }
        let damaged = found("> daymark:bond/1/AAAA\n> BBBB");
        assert!(matches!(damaged, Err(BondError::DamagedInvitation)));
        let newer = found("daymark:bond/9/AAAA");
        assert!(matches!(newer, Err(BondError::NewerInvitation)));
    }
}
