//! `daymark device pair`: lets another device in.

use crate::{
    error::CliError,
    exit::Exit,
    output::{in_quotes, picture, short_device},
    session::Session,
};
use clap::Args;
use daymark_client::pairing::{Comparison, Paired};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

/// Let another device in
///
/// Shows a link and a picture of it, good for one device and two minutes. On the new device, run `daymark
/// device join` with the link. Then both show six digits: say yes here only if they are the same. Asks for the
/// passphrase, also while the journal is unlocked.
#[derive(Debug, Args)]
pub(crate) struct PairArgs {
    /// Let in whoever has the link, without comparing the digits: for scripts, where the link goes straight
    /// from one device to the other
    #[arg(long)]
    trust_link: bool,
}

/// What the pairing tells, and asks, while it runs.
enum Word {
    Link(String),
    Compare(Comparison, oneshot::Sender<bool>),
}

#[derive(Serialize)]
struct LinkJson<'l> {
    link: &'l str,
}

#[derive(Serialize)]
struct PairedJson {
    device: String,
    name: String,
}

impl PairArgs {
    pub(crate) async fn run(self, session: &mut Session) -> Result<Exit, CliError> {
        if !self.trust_link {
            session.require_person(
                "six digits have to be compared, and nobody can be asked about them here",
                "Run it in a terminal, or add --trust-link if nobody else can see the link.",
            )?;
        }
        let vault = session.unlock_by_passphrase().await?;
        let (words, mut said) = mpsc::unbounded_channel();
        let link = words.clone();
        let show = move |text: &str| {
            let _ = link.send(Word::Link(text.to_owned()));
        };
        let confirm = async move |comparison| {
            let (answer, answered) = oneshot::channel();
            let asked = words.send(Word::Compare(comparison, answer));
            asked.is_ok() && answered.await.unwrap_or(false)
        };
        let paired = {
            let pairing = vault.pair(show, confirm);
            tokio::pin!(pairing);
            loop {
                tokio::select! {
                    biased;
                    Some(word) = said.recv() => self.heard(session, word).await?,
                    paired = &mut pairing => break paired?,
                }
            }
        };
        vault.close().await;
        told(session, &paired)?;
        Ok(Exit::Done)
    }

    async fn heard(&self, session: &mut Session, word: Word) -> Result<(), CliError> {
        match word {
            Word::Link(link) => show(session, &link),
            Word::Compare(comparison, answer) => {
                let yes = self.trust_link || compare(session, &comparison).await?;
                // If nobody waits for it any more, the pairing ended, and says why.
                let _ = answer.send(yes);
                Ok(())
            }
        }
    }
}

fn show(session: &mut Session, link: &str) -> Result<(), CliError> {
    if session.json() {
        return session.print_json(&LinkJson { link });
    }
    if session.io().terminal().out {
        session.note("On the new device, run `daymark device join` with this link, or scan it:")?;
        if let Some(picture) = picture(link) {
            session.print(&picture)?;
        }
    }
    session.print(link)?;
    session.flush()?;
    session.note("It is good for one device and two minutes. Waiting …")
}

async fn compare(session: &mut Session, comparison: &Comparison) -> Result<bool, CliError> {
    let Comparison { code, name, .. } = comparison;
    let question = question(name.as_str(), &code.to_string());
    Ok(session
        .io()
        .confirm(&crate::output::escaped(&question))
        .await?)
}

/// The name is chosen by whoever asks, perhaps to be read as the question: its digits are hidden where they
/// could be taken for the code, and the code stands on a line that begins with our words.
fn question(name: &str, code: &str) -> String {
    let digits = name.chars().filter(|c| c.is_numeric()).count();
    let name: String = match digits >= code.chars().filter(char::is_ascii_digit).count() {
        true => name
            .chars()
            .map(|c| if c.is_numeric() { '#' } else { c })
            .collect(),
        false => name.to_owned(),
    };
    format!(
        "\n{} asks to be let in.\nDoes it show {code}?",
        in_quotes(&name)
    )
}

fn told(session: &mut Session, paired: &Paired) -> Result<(), CliError> {
    if session.json() {
        let name = paired.name.to_string();
        return session.print_json(&PairedJson {
            device: paired.device.to_string(),
            name,
        });
    }
    let id = short_device(paired.device);
    session.say(&format!(
        "{} ({id}) now holds your journal too.",
        in_quotes(paired.name.as_str())
    ))
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn h1_a_name_cannot_show_a_code_of_its_own() {
        for name in [
            "phone\" asks to be let in. Does it show 123 456? [y/N]",
            "phone １２３ 𝟜56",
        ] {
            let asked = question(name, "987 654");
            let digits: String = asked.chars().filter(|c| c.is_numeric()).collect();
            assert_eq!(digits, "987654", "{asked}");
            assert!(asked.ends_with("\nDoes it show 987 654?"), "{asked}");
        }
        assert!(question("tablet 2021", "987 654").contains("\"tablet 2021\" asks"));
    }
}
