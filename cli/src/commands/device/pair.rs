//! `daymark device pair`: lets another device in.

use crate::{
    error::CliError,
    exit::Exit,
    output::{picture, short_device},
    session::Session,
};
use clap::Args;
use daymark_client::pairing::{Comparison, Paired};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

/// Let another device in
///
/// Shows a link and a picture of it, good for one device and two minutes. On the new device, run `daymark
/// device join` with the link. Then both show six digits: say yes here only if they are the same.
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
                "somebody who compares six digits",
                "Run it in a terminal, or add --trust-link if nobody else can see the link.",
            )?;
        }
        let vault = session.unlock().await?;
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
    let question = format!("\n\"{name}\" asks to be let in. Does it show {code}?");
    Ok(session
        .io()
        .confirm(&crate::output::escaped(&question))
        .await?)
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
        "\"{}\" ({id}) now holds your journal too.",
        paired.name
    ))
}
