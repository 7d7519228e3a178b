//! Loading an account: its links folded again, and where each chain stands.

use super::{AccountRow, ChainRow, LogRow, StoreError, count, id};
use crate::{
    accounts::{Account, Bond, Chain, Members, Space, SpaceLog},
    short::Short,
};
use daymark_wire::{
    AccountId, ChainId, DeviceId, Hash, Header, Incarnation, LogId, Seq, Signature, Signed,
    SpaceId,
    hash::Domain,
    invitation::Decline,
    logs::{
        AccountState, BondContent, BondLink, BondState, JournalState, LogError, LogKind, TravelLink,
    },
    record::Place,
};
use sqlx::SqliteConnection;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const KIND_ACCOUNT: i64 = 0;
const KIND_JOURNAL: i64 = 1;
const KIND_BOND: i64 = 2;

/// How a kind of log stands in the database.
pub(super) const fn kind_number(kind: LogKind) -> i64 {
    match kind {
        LogKind::Account => KIND_ACCOUNT,
        LogKind::Journal => KIND_JOURNAL,
        LogKind::Bond => KIND_BOND,
    }
}

pub(super) async fn account(
    connection: &mut SqliteConnection,
    id: AccountId,
) -> Result<Option<Account>, StoreError> {
    let logs: Vec<(i64, i64, i64, bool, i64)> = sqlx::query_as(
        "SELECT accounts.id, logs.id, logs.kind, guest, bytes FROM accounts JOIN logs ON logs.account = accounts.id
         WHERE accounts.account = ?",
    )
    .bind(id.as_bytes().as_slice())
    .fetch_all(&mut *connection)
    .await?;
    let row_of = |kind| logs.iter().find(|(_, _, found, ..)| *found == kind);
    let Some((account, log, _, is_guest, bytes)) = row_of(KIND_ACCOUNT) else {
        return Ok(None);
    };
    let links = links(connection, LogRow(*log), LogKind::Account).await?;
    let state = fold_account(&links).map_err(damaged_log)?;
    let journal = match row_of(KIND_JOURNAL) {
        Some((_, row, ..)) => Some(journal(connection, LogRow(*row), &state).await?),
        None => None,
    };
    let bonds = bonds_of(connection, AccountRow(*account)).await?;
    Ok(Some(Account {
        row: AccountRow(*account),
        log: LogRow(*log),
        state: Arc::new(state),
        journal,
        is_guest: *is_guest,
        bytes: count(*bytes)?,
        bonds: Arc::new(bonds),
    }))
}

async fn bonds_of(
    connection: &mut SqliteConnection,
    account: AccountRow,
) -> Result<BTreeSet<SpaceId>, StoreError> {
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
        "SELECT logs.log FROM bonds JOIN logs ON logs.id = bonds.log
         WHERE bonds.owner = ?1 OR bonds.supporter = ?1",
    )
    .bind(account.0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|(log,)| id(log, SpaceId::try_from))
        .collect()
}

/// A bond, its links folded over both accounts.
pub(super) async fn bond(
    connection: &mut SqliteConnection,
    space: SpaceId,
) -> Result<Option<Bond>, StoreError> {
    type Row = (i64, i64, Option<i64>, Option<Vec<u8>>);
    let row: Option<Row> = sqlx::query_as(
        "SELECT bonds.log, owner, supporter, declined FROM bonds JOIN logs ON logs.id = bonds.log
         WHERE logs.log = ?",
    )
    .bind(LogId::from(space).as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await?;
    let Some((row, owner, supporter, declined)) = row else {
        return Ok(None);
    };
    let owner = account_state(connection, AccountRow(owner)).await?;
    let supporter = match supporter {
        Some(supporter) => Some(account_state(connection, AccountRow(supporter)).await?),
        None => None,
    };
    let members = Members {
        owner: &owner,
        supporter: supporter.as_ref(),
    };
    let row = LogRow(row);
    let links = links(connection, row, LogKind::Bond).await?;
    let state = fold_bond(&links, members).map_err(damaged_log)?;
    let space = self::space(connection, row, state, members).await?;
    let declined = declined.map(|bytes| id(&bytes, <[u8; 32]>::try_from));
    Ok(Some(Bond {
        space,
        declined: declined.transpose()?.map(Decline::from_bytes),
    }))
}

/// An account's own log alone.
async fn account_state(
    connection: &mut SqliteConnection,
    account: AccountRow,
) -> Result<AccountState, StoreError> {
    let (log,): (i64,) = sqlx::query_as("SELECT id FROM logs WHERE account = ? AND kind = ?")
        .bind(account.0)
        .bind(KIND_ACCOUNT)
        .fetch_one(&mut *connection)
        .await?;
    let links = links(connection, LogRow(log), LogKind::Account).await?;
    fold_account(&links).map_err(damaged_log)
}

async fn journal(
    connection: &mut SqliteConnection,
    row: LogRow,
    account: &AccountState,
) -> Result<Space<JournalState>, StoreError> {
    let links = links(connection, row, LogKind::Journal).await?;
    let state = fold_journal(&links, account).map_err(damaged_log)?;
    let members = Members {
        owner: account,
        supporter: None,
    };
    space(connection, row, state, members).await
}

async fn space<L: SpaceLog>(
    connection: &mut SqliteConnection,
    row: LogRow,
    state: L,
    members: Members<'_>,
) -> Result<Space<L>, StoreError> {
    let chains = chains(connection, row, members).await?;
    let hole: Option<(i64,)> = sqlx::query_as(
        "SELECT 1 FROM holes JOIN chains ON chains.id = holes.chain WHERE chains.space = ? LIMIT 1",
    )
    .bind(row.0)
    .fetch_optional(&mut *connection)
    .await?;
    Ok(Space::new(row, state, chains, hole.is_some()))
}

/// The links without what lies beside them, which folding does not need.
async fn links(
    connection: &mut SqliteConnection,
    log: LogRow,
    kind: LogKind,
) -> Result<Vec<TravelLink>, StoreError> {
    let rows: Vec<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT bytes, signature FROM links WHERE log = ? ORDER BY position")
            .bind(log.0)
            .fetch_all(connection)
            .await?;
    let links = rows.into_iter().map(|(bytes, signature)| {
        Ok(TravelLink {
            kind,
            bytes,
            signature: self::signature(&signature)?,
            blob: None,
        })
    });
    links.collect()
}

fn fold_account(links: &[TravelLink]) -> Result<AccountState, LogError> {
    let (first, rest) = links
        .split_first()
        .ok_or(LogError::OutOfPlace("an empty log"))?;
    let mut state = AccountState::begin(&first.open()?)?;
    for link in rest {
        state.apply(&link.open()?)?;
    }
    Ok(state)
}

fn fold_journal(links: &[TravelLink], account: &AccountState) -> Result<JournalState, LogError> {
    let (first, rest) = links
        .split_first()
        .ok_or(LogError::OutOfPlace("an empty log"))?;
    let mut state = JournalState::begin(&first.open()?, account)?;
    for link in rest {
        state.apply(&link.open()?, account)?;
    }
    Ok(state)
}

fn fold_bond(links: &[TravelLink], members: Members<'_>) -> Result<BondState, LogError> {
    let links: Result<Vec<BondLink>, LogError> =
        links.iter().map(TravelLink::open::<BondContent>).collect();
    let links = links?;
    let (first, rest) = links
        .split_first()
        .ok_or(LogError::OutOfPlace("an empty log"))?;
    let mut state = BondState::begin(first, members.owner)?;
    for link in rest {
        state.apply(link, members)?;
    }
    Ok(state)
}

fn damaged_log(_: LogError) -> StoreError {
    StoreError::Corrupt("a log that does not hold together")
}

/// Each chain with its last record. One seek for each, whatever is stored.
async fn chains(
    connection: &mut SqliteConnection,
    space: LogRow,
    members: Members<'_>,
) -> Result<BTreeMap<ChainId, Chain>, StoreError> {
    type Row = (
        i64,
        Vec<u8>,
        Vec<u8>,
        Option<i64>,
        Option<i64>,
        Option<Vec<u8>>,
    );
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT chains.id, device, incarnation, ends, records.seq, records.head
         FROM chains LEFT JOIN records ON records.chain = chains.id
            AND records.seq = (SELECT max(seq) FROM records WHERE chain = chains.id)
         WHERE chains.space = ?",
    )
    .bind(space.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut chains = BTreeMap::new();
    for (row, device, incarnation, ends, seq, head) in rows {
        let name = ChainId {
            device: id(&device, DeviceId::try_from)?,
            incarnation: id(&incarnation, Incarnation::try_from)?,
        };
        let row = ChainRow(row);
        let last = seq.zip(head);
        let (last, has_debris) = last_that_is_sound(connection, row, name, members, last).await?;
        let (seq, hash) = last.unwrap_or((0, Hash::ZERO));
        let chain = Chain {
            row,
            last: Seq(count(seq)?),
            hash,
            ends: ends.map(count).transpose()?.map(Seq),
            has_debris,
        };
        chains.insert(name, chain);
    }
    Ok(chains)
}

/// Steps back over records at the end of a chain that are damaged: the chain goes on from the one before, and
/// devices offer what came after it. Gives place and hash, and whether anything was passed over.
async fn last_that_is_sound(
    connection: &mut SqliteConnection,
    row: ChainRow,
    name: ChainId,
    members: Members<'_>,
    mut last: Option<(i64, Vec<u8>)>,
) -> Result<(Option<(i64, Hash)>, bool), StoreError> {
    let mut has_debris = false;
    while let Some((seq, head)) = last {
        let hash = head_hash(&head);
        if is_sound(head, name, seq, members) {
            return Ok((Some((seq, hash)), has_debris));
        }
        has_debris = true;
        let device = Short::of(name.device.as_bytes());
        tracing::error!(%device, seq, row = row.0, what = "header", "a chain's last record is damaged");
        last = sqlx::query_as(
            "SELECT seq, head FROM records WHERE chain = ? AND seq < ? ORDER BY seq DESC LIMIT 1",
        )
        .bind(row.0)
        .bind(seq)
        .fetch_optional(&mut *connection)
        .await?;
    }
    Ok((None, has_debris))
}

/// Whether a stored header is the one that its device signed for this place.
fn is_sound(head: Vec<u8>, name: ChainId, seq: i64, members: Members<'_>) -> bool {
    let (Ok(header), Ok(seq)) = (header(head), count(seq)) else {
        return false;
    };
    let place = Place {
        chain: name,
        seq: Seq(seq),
    };
    let device = members.device(name.device);
    header.claimed().place() == place
        && device.is_some_and(|(_, device)| header.check(&device.signing).is_ok())
}

/// The hash that the next record of a chain names, from what is stored of this one.
pub(super) fn head_hash(head: &[u8]) -> Hash {
    Hash::of(Domain::Header, &[head])
}

/// A record's signed header, as stored.
pub(super) fn header(mut head: Vec<u8>) -> Result<Signed<Header>, StoreError> {
    const DAMAGED: StoreError = StoreError::Corrupt("a record whose header cannot be read");
    let (bytes, signature) = head.split_last_chunk::<64>().ok_or(DAMAGED)?;
    let (length, signature) = (bytes.len(), Signature::from_bytes(*signature));
    head.truncate(length);
    Signed::from_parts(head, signature).map_err(|_| DAMAGED)
}

/// A stored signature.
pub(super) fn signature(bytes: &[u8]) -> Result<Signature, StoreError> {
    id(bytes, <[u8; 64]>::try_from).map(Signature::from_bytes)
}
