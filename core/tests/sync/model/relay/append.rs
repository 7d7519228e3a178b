//! Whether links may be appended: all of a request's, or none (rules L3 to L6).

use super::{Chain, Kept};
use daymark_wire::{
    AccountId, ChainId, LogId, cbor, limits,
    logs::{
        AccountContent, AccountState, JournalContent, JournalLink, JournalState, LogError, LogKind,
        MadeFor, TravelLink,
    },
    sync::AppendOutcome,
    wrapping::Wraps,
};
use std::collections::BTreeMap;

type Judged = Result<(Kept, AppendOutcome), AppendOutcome>;

pub(super) fn judge(
    kept: Option<&Kept>,
    id: AccountId,
    links: &[TravelLink],
    here: MadeFor,
) -> Judged {
    let mut account = kept.map(|kept| kept.account.clone());
    let mut journal = kept.map(|kept| kept.journal.clone());
    let mut stored = kept.map(|kept| kept.links.clone()).unwrap_or_default();
    let chains = kept.map(|kept| kept.chains.clone()).unwrap_or_default();
    let before = kept.map_or(0, |kept| kept.account.length());
    for (index, link) in links.iter().enumerate() {
        let added = match link.kind {
            LogKind::Account => take_account(&mut account, id, link),
            LogKind::Journal => {
                take_journal(&mut journal, account.as_ref(), link).and_then(|new| {
                    check(
                        new,
                        journal.as_ref(),
                        before,
                        &chains,
                        account.as_ref(),
                        here,
                    )
                })
            }
            LogKind::Bond => Err(LogError::OtherLog),
        };
        match added {
            Ok(Some(log)) => stored.push((log, link.clone())),
            Ok(None) => fill(&mut stored, link),
            Err(LogError::NotNext) => return Err(AppendOutcome::NotNext),
            Err(why) => {
                let index = index as u32;
                let why = why.to_string();
                return Err(AppendOutcome::Refused { index, why });
            }
        }
    }
    let (Some(account), Some(journal)) = (account, journal) else {
        return Err(AppendOutcome::NotNext);
    };
    let outcome = if links.is_empty() {
        AppendOutcome::Nothing
    } else {
        AppendOutcome::Appended
    };
    let kept = Kept {
        account,
        journal,
        links: stored,
        chains,
    };
    Ok((kept, outcome))
}

fn take_account(
    account: &mut Option<AccountState>,
    id: AccountId,
    link: &TravelLink,
) -> Result<Option<LogId>, LogError> {
    let link = link.open::<AccountContent>()?;
    let log = LogId::from(id);
    if link.log_id() != log {
        return Err(LogError::OtherLog);
    }
    match account {
        Some(account) if link.claimed().position <= account.length() => {
            return stands(account.has_had(link.head()));
        }
        Some(account) => account.apply(&link)?,
        None => *account = Some(AccountState::begin(&link).map_err(|_| LogError::NotNext)?),
    }
    Ok(Some(log))
}

type NewLink = Option<(LogId, JournalLink, bool)>;

fn take_journal(
    journal: &mut Option<JournalState>,
    account: Option<&AccountState>,
    travel: &TravelLink,
) -> Result<NewLink, LogError> {
    let link = travel.open::<JournalContent>()?;
    let account = account.ok_or(LogError::NotNext)?;
    match journal {
        Some(journal) if link.claimed().position <= journal.length() => {
            stands(journal.has_had(link.head()))?;
            return Ok(None);
        }
        Some(journal) => journal.apply(&link, account)?,
        None => *journal = Some(JournalState::begin(&link, account)?),
    }
    let has_blob = has_promised(travel, &link);
    Ok(Some((link.log_id(), link, has_blob)))
}

/// Whether the wraps lie beside that a link promises.
fn has_promised(travel: &TravelLink, link: &JournalLink) -> bool {
    let JournalContent::Epoch(epoch) = &link.claimed().content else {
        return true;
    };
    let wraps = travel
        .blob
        .as_ref()
        .and_then(|blob| cbor::exactly::<Wraps>("wraps", blob, limits::MAX_BLOB_BYTES).ok());
    wraps.is_some_and(|wraps| {
        let recipients = wraps.wraps.iter().map(|wrap| wrap.recipient);
        recipients.eq(epoch.recipients.iter().copied())
    })
}

/// What holds for links of the present generation only (rules L3, L6).
fn check(
    new: NewLink,
    journal: Option<&JournalState>,
    account_length: u64,
    chains: &BTreeMap<ChainId, Chain>,
    account: Option<&AccountState>,
    here: MadeFor,
) -> Result<Option<LogId>, LogError> {
    let Some((log, link, has_blob)) = new else {
        return Ok(None);
    };
    let body = link.claimed();
    let JournalContent::Epoch(epoch) = &body.content else {
        let current = body
            .rests_on
            .iter()
            .all(|head| head.length >= account_length);
        return current.then_some(Some(log)).ok_or(LogError::NotNext);
    };
    if epoch.made_for != Some(here) {
        return Ok(Some(log));
    }
    if !has_blob {
        return Err(LogError::WrongBlob);
    }
    let rests_on = body.rests_on[0].length;
    let removed = |chain: &ChainId| {
        let device = account.and_then(|account| account.device(chain.device));
        let revoked = device.and_then(|device| device.revoked_at);
        revoked.is_some_and(|revoked| revoked <= rests_on)
    };
    let has_all = chains
        .iter()
        .all(|(id, chain)| removed(id) || epoch.have.of(*id) >= chain.last());
    if rests_on < account_length || !has_all || journal.is_none() {
        return Err(LogError::NotNext);
    }
    Ok(Some(log))
}

fn stands(same: bool) -> Result<Option<LogId>, LogError> {
    if same {
        Ok(None)
    } else {
        Err(LogError::NotNext)
    }
}

fn fill(stored: &mut [(LogId, TravelLink)], link: &TravelLink) {
    for (_, known) in stored {
        if known.hash() == link.hash() && known.blob.is_none() {
            known.blob.clone_from(&link.blob);
        }
    }
}
