//! What a hostile relay does with what passes through it.

use daymark_wire::{
    AccountId, DeviceId, SigningKey,
    mailbox::{MailboxReply, MailboxRequest},
    problem::Code,
    sync::{News, SyncReply, SyncRequest},
};

/// One sync, as the relay sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose account.
    pub account: AccountId,
    /// Which device asks.
    pub device: DeviceId,
    /// Over a live socket, and not by POST.
    pub live: bool,
    /// What it asks.
    pub request: SyncRequest,
}

/// What passes through a pairing mailbox.
#[derive(Debug, Clone)]
pub struct MailboxAsked {
    /// From the trusted side, which signs its requests; else from the new one.
    pub trusted: bool,
    /// What it asks.
    pub request: MailboxRequest,
}

/// What the relay does. Every method but those that a script needs stays honest.
pub trait Script: Send + 'static {
    /// Answers in the place of the real relay, which then never hears of the request.
    fn instead(&mut self, _asked: &Asked) -> Option<Answer> {
        None
    }

    /// Answers a sync. `reply` is what the real relay said.
    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        Answer::reply(reply)
    }

    /// Answers in a mailbox. `reply` is what the real relay said.
    fn mailbox(&mut self, _asked: &MailboxAsked, reply: MailboxReply) -> MailboxReply {
        reply
    }

    /// Answers whoever holds an invitation, in the place of the real relay.
    fn invitation(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Says what it is, to everyone. `told` is what the real relay says of itself.
    fn capabilities(&mut self, told: serde_json::Value) -> serde_json::Value {
        told
    }

    /// Passes on, alters, drops or doubles news for a device's live socket.
    fn news(&mut self, _device: DeviceId, news: News) -> Vec<News> {
        vec![news]
    }
}

/// A relay that changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Faithful;

impl Script for Faithful {}

/// A relay that alters each reply to a sync, and signs what comes of it.
pub struct Altering<F>(pub F);

impl<F: FnMut(&Asked, &mut SyncReply) + Send + 'static> Script for Altering<F> {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        (self.0)(asked, &mut reply);
        Answer::reply(reply)
    }
}

/// An answer, and how it is signed.
pub struct Answer {
    pub(super) status: u16,
    pub(super) body: Content,
    pub(super) signing: Signing,
}

/// What stands in an answer.
pub(super) enum Content {
    /// These bytes.
    Whole(Vec<u8>),
    /// The head of an answer of which nothing more ever comes.
    Stalled,
    /// An answer that never ends.
    Endless,
}

/// Who signs an answer.
pub(super) enum Signing {
    /// The key that devices pinned.
    Rightly,
    /// Nobody.
    Not,
    /// Another key.
    By(Box<SigningKey>),
    /// The header of another answer.
    As(String),
}

impl Answer {
    /// A reply, rightly signed.
    pub fn reply(reply: SyncReply) -> Self {
        Self::bytes(reply.to_bytes())
    }

    /// Any bytes, rightly signed.
    pub fn bytes(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body: Content::Whole(body),
            signing: Signing::Rightly,
        }
    }

    /// A refusal, rightly signed. `more` are members beside those of the protocol.
    pub fn problem(code: Code, detail: &str, more: &[(&str, serde_json::Value)]) -> Self {
        let mut problem = serde_json::json!({ "code": code.as_str(), "detail": detail });
        for (name, value) in more {
            problem[*name] = value.clone();
        }
        let body = Content::Whole(problem.to_string().into_bytes());
        Self {
            status: code.status(),
            body,
            signing: Signing::Rightly,
        }
    }

    /// The head of an answer, and then nothing.
    pub const fn stalled() -> Self {
        Self {
            status: 200,
            body: Content::Stalled,
            signing: Signing::Not,
        }
    }

    /// An answer that never ends.
    pub const fn endless() -> Self {
        Self {
            status: 200,
            body: Content::Endless,
            signing: Signing::Not,
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same, signed by nobody.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Self {
            signing: Signing::Not,
            ..self
        }
    }

    /// The same, signed by another key.
    #[must_use]
    pub fn signed_by(self, key: SigningKey) -> Self {
        Self {
            signing: Signing::By(Box::new(key)),
            ..self
        }
    }

    /// The same, under the signature of another answer.
    #[must_use]
    pub fn signed_as(self, header: &str) -> Self {
        Self {
            signing: Signing::As(header.to_owned()),
            ..self
        }
    }
}
