//! What a killed program left of a text in an editor becomes a draft, which says what it was for.

use crate::{
    editor::{LeftText, Purpose, as_text, left_of},
    entry::{known, own_zone},
    error::CliError,
    output::{sentence, short_id},
    session::Session,
};
use daymark_client::{
    DocumentId,
    journal::{Entry, Text, Title, When},
    sharing::ShareId,
    vault::Vault,
};
use jiff::Timestamp;

/// Keeps what was left of this journal's texts, and says so. What cannot be kept stays where it is.
pub(super) async fn bring_in_left(session: &mut Session, vault: &Vault) -> Result<(), CliError> {
    for left in left_of(vault.journal()) {
        let belongs = Belongs::of(left.purpose(), vault).await?;
        match kept(&left, belongs.title(), vault).await {
            Ok(id) => {
                left.wipe();
                session.note(&belongs.told(id))?;
            }
            Err(why) => session.note(&format!(
                "{} {} is still in {}",
                sentence(&why.to_string()),
                belongs.what(),
                left.path().display()
            ))?,
        }
    }
    Ok(())
}

/// Where a text belongs, as a person would say it.
enum Belongs {
    /// Nowhere else.
    ByItself,
    /// To an entry.
    ToEntry(String),
    /// To what somebody shared; whoever that was, if it is still there.
    ToShared { id: String, name: String },
}

impl Belongs {
    async fn of(purpose: Purpose, vault: &Vault) -> Result<Self, CliError> {
        Ok(match purpose {
            Purpose::Entry => Self::ByItself,
            Purpose::Edit(entry) => Self::ToEntry(short_id(entry)),
            Purpose::Reply(share) => Self::ToShared {
                id: short_id(DocumentId::from_bytes(*share.as_bytes())),
                name: who_shared(share, vault).await?,
            },
        })
    }

    /// The title of its draft.
    fn title(&self) -> Title {
        let title = match self {
            Self::ByItself => String::new(),
            Self::ToEntry(id) => format!("A change to {id} that was cut off"),
            Self::ToShared { id, name } => format!("A reply to {name} ({id}) that was cut off"),
        };
        Title::parse(&title).unwrap_or_default()
    }

    fn what(&self) -> String {
        match self {
            Self::ByItself => "What was being written when Daymark was cut off".to_owned(),
            Self::ToEntry(id) => {
                format!("What was being changed in {id} when Daymark was cut off")
            }
            Self::ToShared { name, .. } => {
                format!("What was being replied to {name} when Daymark was cut off")
            }
        }
    }

    /// That it is kept, and how to go on with it.
    fn told(&self, draft: DocumentId) -> String {
        let (what, draft) = (self.what(), short_id(draft));
        let kept = format!("{what} is kept as the draft {draft}.");
        match self {
            Self::ByItself => kept,
            Self::ToEntry(id) => format!("{kept} Go on with `daymark edit {id} --from {draft}`."),
            Self::ToShared { id, .. } => {
                format!("{kept} Go on with `daymark reply {id} --from {draft}`.")
            }
        }
    }
}

async fn who_shared(share: ShareId, vault: &Vault) -> Result<String, CliError> {
    let shared = vault.shared().await?;
    let known = shared.iter().find(|one| one.share == share);
    Ok(known.map_or_else(|| "somebody".to_owned(), |one| one.name.to_string()))
}

/// At the time when it was saved last.
async fn kept(left: &LeftText, title: Title, vault: &Vault) -> Result<DocumentId, CliError> {
    let saved_at = left.saved_at().and_then(|time| time.try_into().ok());
    let at = saved_at.unwrap_or_else(Timestamp::now);
    let mut entry = Entry::new(When::new(at, known(own_zone())?));
    entry.title = title;
    entry.text = Text::parse(as_text(left.text().to_vec())?)?;
    entry.draft = true;
    Ok(vault.write(&entry, None).await?)
}
