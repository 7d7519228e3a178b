//! One sync: links first, then records, then what the client lacks (PROTOCOL section 7).

mod answer;
mod logs;
mod sound;

use crate::{
    accounts::{Account, BondSeen, Members},
    append,
    live::Origin,
    problem::Problem,
    push::{self, Signatures},
    service::Service,
    writer::{Done, Job, Push, ShownInvite},
};
use daymark_wire::{
    AccountId, Have, Record,
    invitation::InvitationToken,
    invite::Invite,
    logs::{AccountState, Author},
    problem::Code,
    sync::{AppendOutcome, PushOutcome, SpaceRequest, SyncReply, SyncRequest},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who asks: the signature was checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    pub(crate) author: Author,
    pub(crate) origin: Origin,
}

/// Does what a request asks and says what came of it.
pub(crate) async fn serve(
    service: &Service,
    caller: Caller,
    mut request: SyncRequest,
) -> Result<SyncReply, Problem> {
    let account = service.accounts.load(caller.account).await?;
    let writes =
        !request.append.is_empty() || request.spaces.iter().any(|space| !space.push.is_empty());
    let done = if writes {
        bring(service, caller, account, &mut request).await?
    } else {
        Done {
            append: AppendOutcome::Nothing,
            pushes: Vec::new(),
            account,
        }
    };
    let Some(account) = done.account.as_deref() else {
        return match done.append {
            AppendOutcome::Nothing => Err(Problem::unknown_account()),
            // A registration that breaks a rule: the reply says which.
            refused => Ok(answer::to_nobody(service, &request, refused)),
        };
    };
    if account.key_of(caller.author).is_none() {
        return Err(Problem::unauthorized());
    }
    let bonds = service.accounts.bonds_of(account).await?;
    answer::answer(
        service,
        (account, &bonds),
        &request,
        done.append,
        done.pushes,
    )
    .await
}

/// Hands links and records to the writer and waits for the commit. The records leave the request.
async fn bring(
    service: &Service,
    caller: Caller,
    account: Option<Arc<Account>>,
    request: &mut SyncRequest,
) -> Result<Done, Problem> {
    let preview = append::preview(caller.account, account.as_deref(), &request.append);
    let devices: Option<&AccountState> = preview
        .as_ref()
        .or_else(|| account.as_deref().map(|account| &*account.state));
    let devices = devices.ok_or_else(Problem::unknown_account)?;
    let mut pushes = Vec::with_capacity(request.spaces.len());
    let mut brought: Vec<Have> = Vec::with_capacity(request.spaces.len());
    let pushes_any = request.spaces.iter().any(|space| !space.push.is_empty());
    let bonds: Vec<BondSeen> = match account.as_deref().filter(|_| pushes_any) {
        Some(account) => service.accounts.bonds_of(account).await?,
        None => Vec::new(),
    };
    for space in &mut request.spaces {
        let mut seen = bonds.iter().filter(|seen| seen.bond.id() == space.space);
        let other = seen.next().and_then(|seen| seen.other.as_deref());
        let members = Members {
            owner: devices,
            supporter: other.map(|other| &*other.state),
        };
        let push = std::mem::take(&mut space.push);
        let places = push.iter().map(Record::place);
        // In order, so that of each chain the last place stays.
        brought.push(places.map(|place| (place.chain, place.seq)).collect());
        let journal = account.as_deref().and_then(|own| own.journal.as_ref());
        let is_journal = journal.is_some_and(|journal| journal.state.space() == space.space);
        let signatures = if is_journal {
            Signatures::Last
        } else {
            Signatures::Each
        };
        pushes.push(Push {
            space: space.space,
            prepared: push::prepare(space.space, push, members, signatures),
        });
    }
    let (reply, done) = oneshot::channel();
    let job = Job {
        account: caller.account,
        author: caller.author,
        origin: caller.origin,
        heads: append::heads_with(&request.known, &request.append),
        append: request.append.clone(),
        invite: invite(request)?,
        pushes,
        reply,
    };
    let sent = service.jobs.send(job).await;
    sent.map_err(|_| Problem::unavailable())?;
    let done = done.await.map_err(|_| Problem::unavailable())??;
    for (space, (outcome, brought)) in request
        .spaces
        .iter_mut()
        .zip(done.pushes.iter().zip(brought))
    {
        if *outcome == PushOutcome::Accepted {
            note_brought(space, &brought);
        }
    }
    Ok(done)
}

/// What the client brought, it has: it is not sent back.
fn note_brought(space: &mut SpaceRequest, brought: &Have) {
    for (chain, last) in brought.iter() {
        let known = space.have.of(chain);
        space.have.set(chain, known.max(last));
    }
}

/// An operator's invite, or an invitation to a bond: the text says which.
fn invite(request: &SyncRequest) -> Result<Option<ShownInvite>, Problem> {
    let Some(text) = request.invite.as_deref() else {
        return Ok(None);
    };
    if let Ok(token) = InvitationToken::from_header(text) {
        return Ok(Some(ShownInvite::Invitation(token.hash())));
    }
    let invite = Invite::parse(text).map_err(|_| {
        Problem::new(
            Code::BadInvite,
            "The invite is not one that this relay made.",
        )
    })?;
    Ok(Some(ShownInvite::Invite(invite.hash())))
}
