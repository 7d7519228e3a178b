//! Every size and count that the protocol bounds, in one place (rule R9). A relay may not set lower ones.

/// Text of one entry. Long enough for any day; short enough that a document opens at once.
pub const MAX_ENTRY_TEXT_BYTES: usize = 256 * 1024;

/// One record with header, signature and body. Bounds what a relay must hold in memory for one.
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// A record's header. A journal's header with a wrapped key is about 290 bytes.
pub const MAX_HEADER_BYTES: usize = 1024;

/// Automerge operations in one change: an entry of the largest text, with room.
pub const MAX_OPERATIONS_PER_CHANGE: u64 = 300_000;

/// Automerge operations in one document: years of edits of one entry.
pub const MAX_OPERATIONS_PER_DOCUMENT: u64 = 1_000_000;

/// One link of a log, without its blob. A genesis with two X-Wing keys is about 2.8 KB; an epoch
/// names every chain, at most 35 bytes each, and every forgotten document: 160 KB where all limits are reached.
/// Below that, whoever has many chains begun could keep everybody from beginning an epoch.
pub const MAX_LINK_BYTES: usize = 192 * 1024;

/// A blob beside a link: wraps of about 1.2 KB for each of at most 64 recipients, with room.
pub const MAX_BLOB_BYTES: usize = 128 * 1024;

/// A blob beside a link of a bond: two wraps of about 1.2 KB, with room.
pub const MAX_BOND_BLOB_BYTES: usize = 4 * 1024;

/// Links of one account log that devices say: one more each week for twenty years. Root, which may have to remove
/// a device that said all of these, says as many after them. Whoever shares with that account keeps all.
pub const MAX_ACCOUNT_LINKS: u64 = 1024;

/// Links of one bond log, but for its end: ten a day for more than four years. Either side begins epochs, and the
/// other keeps all.
pub const MAX_BOND_LINKS: u64 = 16 * 1024;

/// Bytes of these links without their blobs. An epoch of a bond has about 700.
pub const MAX_BOND_LINK_BYTES: usize = 16 * 1024 * 1024;

/// Devices of one account that are active at once.
pub const MAX_ACTIVE_DEVICES: usize = 32;

/// Chains of one device in one space that were not replaced (rule R7).
pub const MAX_LIVE_INCARNATIONS: usize = 16;

/// Chains that a version vector names: every device with every incarnation it is ever likely to need.
pub const MAX_CHAINS: usize = 4096;

/// Chains of one account in a space, at a relay: fewer than a client takes, also where the other side of a bond has as
/// many. Else whoever begins chains without end keeps the other from knowing all of them, which an epoch must (rule L6).
pub const MAX_CHAINS_OF_ACCOUNT: usize = 2000;

/// Chains that an epoch of a bond names though they are of no device of the two accounts. Any number of bytes could
/// stand in a link in their name; of their own devices' chains both sides may know more than a restored relay.
pub const MAX_CHAINS_OF_NOBODY: usize = 256;

/// Keys of the other side's documents that are wrapped again under one epoch of a bond: 22 KB of them, and far more
/// than two people have open between them (rule F2).
pub const MAX_KEYS_OF_OTHERS: usize = 256;

/// Log heads that one header names: a bond's two accounts and its space.
pub const MAX_HEADER_HEADS: usize = 3;

/// Spaces of one sync request: a journal and the bonds of a large family.
pub const MAX_SPACES_PER_SYNC: usize = 64;

/// Links appended by one sync request, and links that one reply carries.
pub const MAX_LINKS_PER_SYNC: usize = 256;

/// Records pushed by one request. With [`MAX_REQUEST_BYTES`] it bounds a relay's work for one commit.
pub const MAX_RECORDS_PER_PUSH: usize = 1024;

/// A whole request body. Four of the largest records fit.
pub const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// Records of one reply, by bytes; what is beyond comes with the next request (`more`).
pub const MAX_REPLY_RECORD_BYTES: usize = 4 * 1024 * 1024;

/// A whole reply body: its records, the largest set of links, and room for one more record.
pub const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Places that one request wants, or one reply lacks.
pub const MAX_WANTED: usize = 1024;

/// One sealed pairing message. The largest holds an X-Wing public key.
pub const MAX_MAILBOX_MESSAGE_BYTES: usize = 8 * 1024;

/// Messages in one pairing mailbox: the protocol needs five.
pub const MAX_MAILBOX_MESSAGES: usize = 8;

/// How long a pairing mailbox lives, in seconds (rule Q2).
pub const MAILBOX_SECONDS: u64 = 120;

/// How far a request's time may be from the relay's, either way, in seconds (rule Q1).
pub const REQUEST_WINDOW_SECONDS: u64 = 120;

/// How long an invitation to a bond holds, in seconds, unless its owner says otherwise (rule B3): time enough
/// to hand it over in person.
pub const INVITATION_SECONDS: u64 = 14 * 24 * 60 * 60;

/// Invitations of an account that wait for an answer: a family's, with some to spare. A relay keeps no more for
/// somebody who invites without end.
pub const MAX_OPEN_INVITATIONS: usize = 16;

/// Bonds of an account that are not over, on either side: with its journal they fit in one request.
pub const MAX_BONDS: usize = MAX_SPACES_PER_SYNC - 1;

/// Links that one device may append to one log in a minute (rule L11).
pub const MAX_LINKS_PER_MINUTE: usize = 6;

/// A relay's address inside a link.
pub const MAX_URL_BYTES: usize = 512;

/// Documents that one epoch forgets.
pub const MAX_FORGETS_PER_EPOCH: usize = 1024;

/// How long one live socket lives at most, in seconds (rule S3).
pub const LIVE_SECONDS: u64 = 24 * 60 * 60;
