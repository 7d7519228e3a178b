//! Applies records to a copy of a document, and proves that the result can be saved and loaded.
//!
//! Some changes pass every check, are taken by Automerge, and leave a document that it cannot load again
//! (rule G1). So the copy is saved and loaded once for a whole batch; what is handed out is the loaded
//! one, which is what every later opening will see.

use super::{
    Admitted, Offered,
    quiet::quietly,
    record::Prepared,
    refusal::{LoadFailed, Refusal},
    walker::Walked,
};
use automerge::{ActorId, Automerge, Change, LoadOptions, ObjId, ObjType, ReadDoc};
use std::iter;

/// A record that may follow, with its body.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) offered: &'a Offered,
    pub(super) changes: &'a [Prepared],
}

/// A batch of which one record could not be applied.
pub(super) struct Failed {
    /// The document with the records before it; `None` if it was the first.
    pub(super) before: Option<Box<Admitted>>,
    /// The record's place in the batch.
    pub(super) culprit: usize,
    pub(super) refusal: Refusal,
}

/// Loads a document that this device saved. Bytes that are damaged give an error, never a panic.
///
/// # Errors
/// [`LoadFailed`] if the bytes are not a whole saved document.
pub fn load(bytes: &[u8]) -> Result<Automerge, LoadFailed> {
    load_like(bytes, LoadOptions::new())
}

/// Applies all candidates, which are in an order in which each may follow those before.
pub(super) fn apply(document: &Automerge, batch: &[Candidate<'_>]) -> Result<Admitted, Failed> {
    attempt(document, batch).map_err(|refusal| find_culprit(document, batch, refusal))
}

/// Halves the batch until the first record that fails is found, keeping the longest part that works.
fn find_culprit(document: &Automerge, batch: &[Candidate<'_>], refusal: Refusal) -> Failed {
    let (mut works, mut fails) = (0, batch.len());
    let mut found = Failed {
        before: None,
        culprit: 0,
        refusal,
    };
    while fails - works > 1 {
        let middle = works + (fails - works) / 2;
        let part = batch.get(..middle).unwrap_or_default();
        match attempt(document, part) {
            Ok(admitted) => {
                works = middle;
                found.before = Some(Box::new(admitted));
            }
            Err(refusal) => {
                fails = middle;
                found.refusal = refusal;
            }
        }
    }
    found.culprit = works;
    found
}

fn attempt(document: &Automerge, batch: &[Candidate<'_>]) -> Result<Admitted, Refusal> {
    let mut changes = Vec::new();
    for candidate in batch {
        for change in candidate.changes {
            changes.push(parse(candidate.offered, change)?);
        }
    }
    let saved = quietly(|| {
        let mut copy = document.clone();
        copy.apply_changes(changes).ok()?;
        Some(copy.save_nocompress())
    });
    let saved = saved.ok().flatten().ok_or(Refusal::Inapplicable)?;
    let document = reload(document, &saved).map_err(|_| Refusal::Damaging)?;
    if !holds(&document, batch) {
        return Err(Refusal::Inapplicable);
    }
    if !fits(&document, batch) {
        return Err(Refusal::Damaging);
    }
    Ok(Admitted { document, saved })
}

/// Lets Automerge read a change, and compares what it read with what the walker did.
fn parse(offered: &Offered, change: &Prepared) -> Result<Change, Refusal> {
    let bytes = offered.bytes.get(change.place.clone());
    let bytes = bytes.ok_or(Refusal::Unreadable)?;
    let parsed = quietly(|| Change::try_from(bytes).ok());
    let parsed = parsed.ok().flatten().ok_or(Refusal::Unreadable)?;
    let walked = &change.walked;
    let same = parsed.hash() == change.hash
        && parsed.raw_bytes() == bytes
        && u64::try_from(parsed.len()) == Ok(walked.operations)
        && parsed.start_op().get() == walked.start_op
        && parsed.seq() == walked.seq
        && *parsed.actor_id() == walked.actor
        && *parsed.deps() == walked.dependencies;
    if same {
        Ok(parsed)
    } else {
        Err(Refusal::Unreadable)
    }
}

/// Loads what was just saved, for the same actor and with text counted as in `document`.
fn reload(document: &Automerge, saved: &[u8]) -> Result<Automerge, LoadFailed> {
    let options = LoadOptions::new().text_encoding(document.text_encoding());
    let mut loaded = load_like(saved, options)?;
    loaded.set_actor(document.get_actor().clone());
    Ok(loaded)
}

fn load_like(bytes: &[u8], options: LoadOptions<'_>) -> Result<Automerge, LoadFailed> {
    if bytes.is_empty() {
        return Err(LoadFailed);
    }
    let loaded = quietly(|| Automerge::load_with_options(bytes, options).ok());
    loaded.ok().flatten().ok_or(LoadFailed)
}

/// Whether the document holds every change of the batch.
fn holds(document: &Automerge, batch: &[Candidate<'_>]) -> bool {
    let changes = || batch.iter().flat_map(|candidate| candidate.changes);
    quietly(|| changes().all(|change| document.get_change_meta_by_hash(&change.hash).is_some()))
        .unwrap_or(false)
}

/// Whether every object that the batch acts on is of the kind that it is taken for. Automerge does not
/// look (it does in debug builds), and would keep a key in the middle of a text.
fn fits(document: &Automerge, batch: &[Candidate<'_>]) -> bool {
    let changes = || batch.iter().flat_map(|candidate| candidate.changes);
    quietly(|| changes().all(|change| uses_fit(document, &change.walked))).unwrap_or(false)
}

fn uses_fit(document: &Automerge, walked: &Walked) -> bool {
    let actors: Vec<&ActorId> = iter::once(&walked.actor).chain(&walked.others).collect();
    walked.uses.iter().all(|used| {
        let Some(actor) = actors.get(used.actor) else {
            return false;
        };
        let object = ObjId::Id(used.counter, (*actor).clone(), 0);
        match document.object_type(object) {
            Ok(ObjType::Map) => used.by_key,
            Ok(ObjType::List | ObjType::Text) => !used.by_key,
            Ok(ObjType::Table) | Err(_) => false,
        }
    })
}
