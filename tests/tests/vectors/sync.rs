//! `sync.json`: the sync request, its reply with every outcome, and live frames (PROTOCOL section 7).

use crate::{
    cast,
    links::short_account_log,
    sheet::{Sheet, named},
};
use daymark_core::seal::{self, BodyKey};
use daymark_wire::{
    ChainId, DecodeError, EpochId, Hash, Have, Header, Incarnation, LogId, Record, RecordKind, Seq,
    SpaceId, Suite, cbor,
    invitation::Decline,
    limits::{MAX_CHAINS, MAX_REPLY_BYTES, MAX_REQUEST_BYTES, MAX_SPACES_PER_SYNC},
    logs::{Head, HeadHash, TravelLink},
    record::{ExpiryDay, Place},
    sync::{
        AppendOutcome, ClientFrame, KnownLength, KnownLog, News, PushOutcome, RecordRefusal,
        RelayFrame, SpaceReply, SpaceRequest, SyncReply, SyncRequest,
    },
};

const SPACE: SpaceId = SpaceId::from_bytes([0xe3; 16]);

#[test]
fn sync_is_frozen() {
    let mut sheet = Sheet::new(
        "sync.json",
        "Sync request, reply with every outcome, live frames",
    );
    requests(&mut sheet);
    replies(&mut sheet);
    frames(&mut sheet);
    refused_requests(&mut sheet);
    refused_haves(&mut sheet);
    sheet.close();
}

fn chain(incarnation: u8) -> ChainId {
    ChainId {
        device: cast::device(1).id(),
        incarnation: Incarnation::from_bytes([incarnation; 8]),
    }
}

fn place() -> Place {
    Place {
        chain: chain(0xe2),
        seq: Seq(7),
    }
}

fn have() -> Have {
    [(chain(0xe2), Seq(2)), (chain(0xe7), Seq(70_000))]
        .into_iter()
        .collect()
}

fn record() -> Record {
    let key = cast::document_key();
    let header = Header {
        suite: Suite::One,
        kind: RecordKind::Change,
        space: SPACE,
        document: cast::DOCUMENT,
        chain: chain(0xe2),
        seq: Seq::FIRST,
        previous: Hash::ZERO,
        epoch: EpochId::from_bytes([0xe6; 16]),
        heads: Vec::new(),
        expires: ExpiryDay(0),
        key: key.id(),
        introduces: None,
        replaces: None,
        body_length: 0,
        body_hash: Hash::ZERO,
    };
    let sealed = seal::seal(
        header,
        b"",
        BodyKey::Document(&key),
        &cast::device(1),
        &cast::random(),
    );
    sealed.unwrap()
}

fn link() -> TravelLink {
    short_account_log()[1].to_travel(None)
}

fn known() -> KnownLog {
    KnownLog {
        log: LogId::from(SPACE),
        head: Head {
            length: 2,
            hash: HeadHash::from_bytes([0xc1; 16]),
        },
    }
}

fn full_request() -> SyncRequest {
    SyncRequest {
        known: vec![known()],
        append: vec![link()],
        spaces: vec![SpaceRequest {
            space: SPACE,
            have: have(),
            want: vec![place()],
            push: vec![record()],
        }],
        invite: Some("an operator's invite".to_owned()),
    }
}

fn requests(sheet: &mut Sheet) {
    let (encode, decode) = (SyncRequest::to_bytes, SyncRequest::from_bytes);
    sheet.value(
        "request: nothing known",
        SyncRequest::default(),
        encode,
        decode,
    );
    sheet.value("request: everything", full_request(), encode, decode);
    let nothing_new = SyncRequest {
        append: Vec::new(),
        spaces: vec![SpaceRequest {
            space: SPACE,
            have: have(),
            want: Vec::new(),
            push: Vec::new(),
        }],
        invite: None,
        ..full_request()
    };
    sheet.value("request: nothing new", nothing_new, encode, decode);
}

fn reply(append: AppendOutcome, push: PushOutcome) -> SyncReply {
    SyncReply {
        generation: cast::GENERATION,
        append,
        links: Vec::new(),
        behind: Vec::new(),
        spaces: vec![SpaceReply {
            push,
            ..SpaceReply::empty(SPACE)
        }],
    }
}

fn replies(sheet: &mut Sheet) {
    let mut add = |name: String, reply: SyncReply| {
        sheet.value(&name, reply, SyncReply::to_bytes, SyncReply::from_bytes);
    };
    let refused = AppendOutcome::Refused {
        index: 1,
        why: "a link's signature does not hold".to_owned(),
    };
    for outcome in [
        AppendOutcome::Nothing,
        AppendOutcome::Appended,
        AppendOutcome::NotNext,
        refused,
        AppendOutcome::NotNow,
    ] {
        let name = format!("reply: append {}", first_word(&outcome));
        add(name, reply(outcome, PushOutcome::Nothing));
    }
    for outcome in [
        PushOutcome::Accepted,
        PushOutcome::HeadsNotCurrent,
        PushOutcome::Stale,
        PushOutcome::QuotaExceeded,
        PushOutcome::NotNow,
    ] {
        let name = format!("reply: push {outcome:?}");
        add(name, reply(AppendOutcome::Nothing, outcome));
    }
    for why in RecordRefusal::ALL {
        let place = place();
        let refused = PushOutcome::Refused { place, why };
        add(
            format!("reply: push refused, {why:?}"),
            reply(AppendOutcome::Nothing, refused),
        );
    }
    add("reply: everything".to_owned(), full_reply());
    let declined = SyncReply {
        spaces: vec![SpaceReply {
            declined: Some(Decline::from_bytes([0xd4; 32])),
            ..SpaceReply::empty(SPACE)
        }],
        ..reply(AppendOutcome::Nothing, PushOutcome::Nothing)
    };
    add("reply: an invitation was declined".to_owned(), declined);
}

fn first_word(outcome: &AppendOutcome) -> &'static str {
    match outcome {
        AppendOutcome::Nothing => "nothing",
        AppendOutcome::Appended => "appended",
        AppendOutcome::NotNext => "not next",
        AppendOutcome::Refused { .. } => "refused",
        AppendOutcome::NotNow => "not now",
    }
}

fn full_reply() -> SyncReply {
    SyncReply {
        generation: cast::GENERATION,
        append: AppendOutcome::Appended,
        links: vec![link()],
        behind: vec![KnownLength {
            log: LogId::from(SPACE),
            length: 0,
        }],
        spaces: vec![SpaceReply {
            space: SPACE,
            push: PushOutcome::Accepted,
            records: vec![record(), record().into_stub()],
            want: vec![place()],
            behind: have(),
            more: true,
            declined: None,
        }],
    }
}

fn frames(sheet: &mut Sheet) {
    let sync = ClientFrame::Sync {
        number: 1,
        request: SyncRequest::default(),
    };
    sheet.value(
        "frame: sync",
        sync,
        ClientFrame::to_bytes,
        ClientFrame::from_bytes,
    );
    let mut add = |name: &str, frame: RelayFrame| {
        sheet.value(name, frame, RelayFrame::to_bytes, RelayFrame::from_bytes);
    };
    let answer = RelayFrame::Reply {
        number: 1,
        reply: reply(AppendOutcome::Nothing, PushOutcome::Nothing),
    };
    add("frame: reply", answer);
    let news = News {
        links: vec![link()],
        space: Some(SPACE),
        records: vec![record()],
    };
    add("frame: news", RelayFrame::News(news));
    let links_only = News {
        links: vec![link()],
        space: None,
        records: Vec::new(),
    };
    add("frame: news of links", RelayFrame::News(links_only));
    let problem = RelayFrame::Problem {
        number: 2,
        code: "rate-limited".to_owned(),
        detail: "Too many requests: try again in a minute.".to_owned(),
    };
    add("frame: problem", problem);
}

fn refused_requests(sheet: &mut Sheet) {
    let decode = SyncRequest::from_bytes;
    let what = "sync request";
    let good = full_request().to_bytes();
    let error = named(&DecodeError::Trailing { what });
    sheet.refused(
        "request: a byte after it",
        &[good.as_slice(), &[0]].concat(),
        &error,
        decode,
    );
    let error = named(&DecodeError::Malformed { what });
    sheet.refused(
        "request: a byte missing",
        &good[..good.len() - 1],
        &error,
        decode,
    );
    let space = |_| SpaceRequest {
        space: SPACE,
        have: Have::new(),
        want: Vec::new(),
        push: Vec::new(),
    };
    let many = SyncRequest {
        spaces: (0..=MAX_SPACES_PER_SYNC).map(space).collect(),
        ..SyncRequest::default()
    };
    let limit = MAX_SPACES_PER_SYNC;
    let error = named(&DecodeError::TooLong { what, limit });
    sheet.refused("request: too many spaces", &many.to_bytes(), &error, decode);
    let limit = MAX_REQUEST_BYTES;
    let error = named(&DecodeError::TooLong { what, limit });
    sheet.refused("request: too long", &vec![0; limit + 1], &error, decode);
    let (what, limit) = ("sync reply", MAX_REPLY_BYTES);
    let error = named(&DecodeError::TooLong { what, limit });
    sheet.refused(
        "reply: too long",
        &vec![0; limit + 1],
        &error,
        SyncReply::from_bytes,
    );
}

fn refused_haves(sheet: &mut Sheet) {
    let read = |bytes: &[u8]| cbor::exactly::<Have>("have", bytes, 1_000_000);
    sheet.value("have", have(), cbor::to_vec, read);
    sheet.value("have: nothing", Have::new(), cbor::to_vec, read);
    let malformed = named(&DecodeError::Malformed { what: "have" });
    let (one, two) = (chain(0xe2), chain(0xe7));
    let flat = |chains: &[ChainId]| {
        let mut bytes = vec![0x80 + 3 * u8::try_from(chains.len()).unwrap()];
        for chain in chains {
            bytes.extend(cbor::to_vec(&chain.device));
            bytes.extend(cbor::to_vec(&chain.incarnation));
            bytes.extend(cbor::to_vec(&Seq(1)));
        }
        bytes
    };
    sheet.refused("have: out of order", &flat(&[two, one]), &malformed, read);
    sheet.refused(
        "have: one chain twice",
        &flat(&[one, one]),
        &malformed,
        read,
    );
    let mut short = flat(&[one]);
    short[0] = 0x82;
    short.pop();
    sheet.refused("have: two items", &short, &malformed, read);
    let items = u16::try_from(3 * (MAX_CHAINS + 1)).unwrap();
    let long = [&[0x99], items.to_be_bytes().as_slice()].concat();
    sheet.refused("have: too many chains", &long, &malformed, read);
}
