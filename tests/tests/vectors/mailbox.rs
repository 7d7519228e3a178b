//! `mailbox.json`: what a pairing mailbox is asked and answers (rule Q2).

use crate::sheet::{Sheet, named};
use daymark_wire::{
    DecodeError,
    limits::MAX_MAILBOX_MESSAGE_BYTES,
    mailbox::{MailboxMessage, MailboxReply, MailboxRequest, Taker},
};

#[test]
fn mailboxes_are_frozen() {
    let mut sheet = Sheet::new("mailbox.json", "Requests to a pairing mailbox, and replies");
    let (encode, decode) = (MailboxRequest::to_bytes, MailboxRequest::from_bytes);
    let asks = MailboxRequest {
        taker: None,
        say: None,
        heard: 0,
        wait_ms: 20_000,
    };
    sheet.value("request: the trusted side asks", asks, encode, decode);
    sheet.value(
        "request: the new side says",
        says(vec![0xc5; 40]),
        encode,
        decode,
    );
    let message = |number| MailboxMessage {
        number,
        sealed: vec![0xc6; 40],
    };
    let (encode, decode) = (MailboxReply::to_bytes, MailboxReply::from_bytes);
    sheet.value("reply: nothing", MailboxReply::default(), encode, decode);
    let two = MailboxReply {
        messages: vec![message(0), message(1)],
    };
    sheet.value("reply: two messages", two, encode, decode);

    let (what, limit) = ("mailbox request", MAX_MAILBOX_MESSAGE_BYTES);
    let long = says(vec![0; limit + 1]).to_bytes();
    let error = named(&DecodeError::TooLong { what, limit });
    sheet.refused(
        "request: a message that is too long",
        &long,
        &error,
        MailboxRequest::from_bytes,
    );
    let trailing = [says(vec![1]).to_bytes().as_slice(), &[0]].concat();
    let error = named(&DecodeError::Trailing { what });
    sheet.refused(
        "request: a byte after it",
        &trailing,
        &error,
        MailboxRequest::from_bytes,
    );
    sheet.close();
}

fn says(sealed: Vec<u8>) -> MailboxRequest {
    MailboxRequest {
        taker: Some(Taker::from_bytes([0xc7; 16])),
        say: Some(MailboxMessage { number: 0, sealed }),
        heard: 1,
        wait_ms: 0,
    }
}
