-- The first vault. Every column named `sealed` is sealed under the vault's key, bound to its table and its
-- row's id (rule K5). In the clear stand only opaque ids, numbers and counts; records are sealed as records.

-- What is needed before the passphrase: 'format', 'wrap' (the vault key, wrapped), 'key' (which vault key).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The device's own: its identity and private keys, its chain, the relay.
CREATE TABLE secrets (
    name   TEXT PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Every link of every log that this device knows, with the blob beside it.
CREATE TABLE links (
    log      BLOB    NOT NULL,
    position INTEGER NOT NULL,
    sealed   BLOB    NOT NULL,
    PRIMARY KEY (log, position)
) STRICT;

-- Epoch secrets. `space`: the journal's or a bond's, as in the tables below.
CREATE TABLE epochs (
    id     BLOB PRIMARY KEY NOT NULL,
    space  BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Document keys. `epoch`: the one that it is wrapped under. `number`: the order in which they came.
CREATE TABLE keys (
    number   INTEGER PRIMARY KEY,
    space    BLOB NOT NULL,
    document BLOB NOT NULL,
    id       BLOB NOT NULL,
    epoch    BLOB NOT NULL,
    sealed   BLOB NOT NULL,
    UNIQUE (document, id)
) STRICT;

-- How far each chain of a space is known. `state`: 0 live, 1 frozen.
CREATE TABLE chains (
    id          INTEGER PRIMARY KEY,
    space       BLOB    NOT NULL,
    device      BLOB    NOT NULL,
    incarnation BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    hash        BLOB    NOT NULL,
    state       INTEGER NOT NULL,
    UNIQUE (space, device, incarnation)
) STRICT;

-- Records as they travel, and what became of each (`state`: see `RecordState`).
CREATE TABLE records (
    id        INTEGER PRIMARY KEY,
    chain     INTEGER NOT NULL REFERENCES chains (id),
    seq       INTEGER NOT NULL,
    document  BLOB    NOT NULL,
    state     INTEGER NOT NULL,
    header    BLOB    NOT NULL,
    signature BLOB    NOT NULL,
    body      BLOB,
    UNIQUE (chain, seq)
) STRICT;
CREATE INDEX records_of_document ON records (document);
-- 1 is `Merged`: all but a few.
CREATE INDEX records_open ON records (state) WHERE state <> 1;

-- Of each chain that forked the proof: a record that was taken, and one that cannot stand beside it. Headers and
-- signatures, as they travel.
CREATE TABLE forks (
    chain           INTEGER PRIMARY KEY REFERENCES chains (id),
    known_header    BLOB NOT NULL,
    known_signature BLOB NOT NULL,
    header          BLOB NOT NULL,
    signature       BLOB NOT NULL
) STRICT;

-- This device's changes and versions that no relay has acknowledged. `kind`: 0 a journal's change, 1 a bond's
-- version. `expires`: the day from which on a version is gone, in days since 1970; 0 for never. `record`: the record
-- that one was sealed into.
CREATE TABLE outbox (
    id       INTEGER PRIMARY KEY,
    space    BLOB    NOT NULL,
    document BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    record   INTEGER REFERENCES records (id),
    sealed   BLOB    NOT NULL
) STRICT;
CREATE INDEX outbox_of_record ON outbox (record) WHERE record IS NOT NULL;

-- Views of entries, many in one row, so that all of them open in milliseconds.
-- `version` counts how often the row was written: who keeps views in memory loads only what changed.
CREATE TABLE packs (
    id      INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    views   INTEGER NOT NULL,
    sealed  BLOB    NOT NULL
) STRICT;

CREATE INDEX packs_written ON packs (id, version, views);

-- Saved Automerge documents. `pack`: where its view is; none for a page or a hidden entry.
-- `version` counts how often the row was written: a merge made from an older one is refused.
CREATE TABLE documents (
    id      BLOB PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    pack    INTEGER REFERENCES packs (id),
    sealed  BLOB    NOT NULL
) STRICT;

-- Bonds that this vault takes part in, and what this device noted of each: its person's wishes that no relay has
-- carried out, links that wait for an answer. The logs are in `links`, what two people agreed on in the ledger.
CREATE TABLE bonds (
    id     BLOB PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Documents of bonds, of either side: shared copies, replies and the like. `number`: the order in which they came.
-- `author`: 0 the owner, 1 the supporter. `expires`: as in the outbox. `hash`: of the header of its record; none
-- before it is sealed. All of a document or a bond can be wiped by what stands in the clear.
CREATE TABLE versions (
    number   INTEGER PRIMARY KEY,
    bond     BLOB    NOT NULL,
    document BLOB    NOT NULL,
    author   INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    hash     BLOB,
    sealed   BLOB    NOT NULL,
    UNIQUE (bond, document, author)
) STRICT;

-- What the last syncs showed: for people to read.
CREATE TABLE status (
    name   TEXT PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
