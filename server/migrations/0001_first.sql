-- The relay's own key and history. One row.
CREATE TABLE relay (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    key_seed   BLOB NOT NULL CHECK (length(key_seed) = 32),
    generation BLOB NOT NULL CHECK (length(generation) = 16)
) STRICT;

-- Histories that were this relay's before it was restored: what was made for them is offered again.
CREATE TABLE past_generations (
    generation BLOB PRIMARY KEY CHECK (length(generation) = 16)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER generation_past AFTER UPDATE OF generation ON relay BEGIN
    INSERT OR IGNORE INTO past_generations VALUES (old.generation);
END;

-- guest: registered with an invitation to a bond. bytes: of records and links that its
-- devices wrote.
CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY,
    account BLOB    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    guest   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- kind: 0 account, 1 journal, 2 bond.
CREATE TABLE logs (
    id      INTEGER PRIMARY KEY,
    log     BLOB    NOT NULL UNIQUE,
    kind    INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts (id)
) STRICT;
CREATE INDEX logs_of_account ON logs (account);

-- declined: the answer of somebody who said no, until the owner ends the invitation.
CREATE TABLE bonds (
    log       INTEGER PRIMARY KEY REFERENCES logs (id),
    owner     INTEGER NOT NULL REFERENCES accounts (id),
    supporter INTEGER REFERENCES accounts (id),
    declined  BLOB
) STRICT;
CREATE INDEX bonds_of_owner ON bonds (owner);
CREATE INDEX bonds_of_supporter ON bonds (supporter) WHERE supporter IS NOT NULL;

-- account: who signed it. What lies beside a link (blob) is deleted when a newer epoch no longer needs it.
CREATE TABLE links (
    id        INTEGER PRIMARY KEY,
    log       INTEGER NOT NULL REFERENCES logs (id),
    account   INTEGER NOT NULL REFERENCES accounts (id),
    position  INTEGER NOT NULL,
    bytes     BLOB    NOT NULL,
    signature BLOB    NOT NULL,
    blob      BLOB,
    UNIQUE (log, position)
) STRICT;

-- account: whose device writes it. ends: the last place that another chain of the device, which goes on for this one, lets stand.
CREATE TABLE chains (
    id          INTEGER PRIMARY KEY,
    space       INTEGER NOT NULL REFERENCES logs (id),
    device      BLOB    NOT NULL,
    incarnation BLOB    NOT NULL,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    ends        INTEGER,
    UNIQUE (space, device, incarnation)
) STRICT;

-- head: the header's bytes, then the 64 of the signature; the next record of the chain names the hash of it.
--
-- Rows only ever go to the end, and the index is small: measured with 1,560-byte records written in turn by
-- 16 chains, this takes 1,663 bytes a record at 16 KiB pages; clustered by chain it took 1,839, as pages
-- split in the middle, and 4 KiB pages took 2,068, as two records fit in one and leave a quarter empty.
CREATE TABLE records (
    id    INTEGER PRIMARY KEY,
    chain INTEGER NOT NULL REFERENCES chains (id) DEFERRABLE INITIALLY DEFERRED,
    seq   INTEGER NOT NULL,
    head  BLOB    NOT NULL,
    body  BLOB,
    UNIQUE (chain, seq)
) STRICT;

-- What is kept is counted when it is written; what goes, here, whatever lets it go.
CREATE TRIGGER body_gone AFTER UPDATE OF body ON records WHEN old.body IS NOT NULL AND new.body IS NULL BEGIN
    UPDATE accounts SET bytes = max(0, bytes - length(old.body))
    WHERE id = (SELECT account FROM chains WHERE id = old.chain);
END;
CREATE TRIGGER record_gone AFTER DELETE ON records BEGIN
    UPDATE accounts SET bytes = max(0, bytes - length(old.head) - coalesce(length(old.body), 0))
    WHERE id = (SELECT account FROM chains WHERE id = old.chain);
END;

CREATE TRIGGER blob_gone AFTER UPDATE OF blob ON links WHEN old.blob IS NOT NULL AND new.blob IS NULL BEGIN
    UPDATE accounts SET bytes = max(0, bytes - length(old.blob)) WHERE id = old.account;
END;

-- Records without a body that nothing explains.
CREATE TABLE holes (
    chain INTEGER NOT NULL REFERENCES chains (id),
    seq   INTEGER NOT NULL,
    PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

-- Versions, by the day (since 1970-01-01) from which nobody is shown them.
CREATE TABLE expiries (
    day   INTEGER NOT NULL,
    chain INTEGER NOT NULL REFERENCES chains (id),
    seq   INTEGER NOT NULL,
    PRIMARY KEY (day, chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX expiries_of_chain ON expiries (chain);

-- Forgotten documents whose bodies are withheld and wait to be deleted.
CREATE TABLE forgets (
    space    INTEGER NOT NULL REFERENCES logs (id),
    document BLOB    NOT NULL,
    due      INTEGER NOT NULL,
    PRIMARY KEY (space, document)
) STRICT, WITHOUT ROWID;

-- An invite is known by its hash alone.
CREATE TABLE invites (
    id      INTEGER PRIMARY KEY,
    token   BLOB    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used_by BLOB
) STRICT;

-- Those of one commit in one row, 16 bytes each. Read at the start only: what is looked up is in memory.
CREATE TABLE nonces (
    id     INTEGER PRIMARY KEY,
    seen   INTEGER NOT NULL,
    nonces BLOB    NOT NULL
) STRICT;
