//! The way to a relay, and what can happen on it.

use super::ModelRelay;
use daymark_wire::{
    AccountId, DeviceId,
    sync::{SyncReply, SyncRequest},
};
use std::collections::VecDeque;

/// Who asks, as the request's signature says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    pub(crate) device: DeviceId,
}

/// What comes back.
pub(crate) enum Answer {
    Reply(Box<SyncReply>),
    UnknownAccount,
    Unauthorized,
    /// The connection broke.
    Nothing,
}

/// Carries one request and its answer.
pub(crate) trait Line {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer;
}

impl Line for ModelRelay {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        self.answer(caller, request)
    }
}

/// What happens to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// The request never arrives.
    RequestLost,
    /// The relay does it; nobody hears.
    ReplyLost,
    /// The request arrives twice; the second answer comes back.
    Twice,
}

/// A line on which things happen, one to each exchange; then none.
pub(crate) struct Troubled<'a> {
    pub(crate) relay: &'a mut dyn Line,
    pub(crate) troubles: VecDeque<Trouble>,
}

impl<'a> Troubled<'a> {
    pub(crate) fn new(relay: &'a mut dyn Line, troubles: &[u8]) -> Self {
        let trouble = |byte: &u8| match byte % 8 {
            0 => Trouble::RequestLost,
            1 => Trouble::ReplyLost,
            2 => Trouble::Twice,
            _ => Trouble::None,
        };
        Self {
            relay,
            troubles: troubles.iter().map(trouble).collect(),
        }
    }

    /// The `n`th request, from 0, never arrives.
    pub(crate) fn losing_request(relay: &'a mut dyn Line, n: usize) -> Self {
        let mut troubles = VecDeque::from(vec![Trouble::None; n]);
        troubles.push_back(Trouble::RequestLost);
        Self { relay, troubles }
    }

    /// The reply to the `n`th exchange, from 0, is lost.
    pub(crate) fn losing_reply(relay: &'a mut dyn Line, n: usize) -> Self {
        let mut troubles = VecDeque::from(vec![Trouble::None; n]);
        troubles.push_back(Trouble::ReplyLost);
        Self { relay, troubles }
    }
}

impl Line for Troubled<'_> {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        match self.troubles.pop_front().unwrap_or(Trouble::None) {
            Trouble::None => self.relay.exchange(caller, request),
            Trouble::RequestLost => Answer::Nothing,
            Trouble::ReplyLost => {
                self.relay.exchange(caller, request);
                Answer::Nothing
            }
            Trouble::Twice => {
                self.relay.exchange(caller, request.clone());
                self.relay.exchange(caller, request)
            }
        }
    }
}

/// A relay that changes its replies: hostile in whatever way `with` says.
pub(crate) struct Tampering<'a, F> {
    pub(crate) relay: &'a mut dyn Line,
    pub(crate) with: F,
    pub(crate) exchanges: usize,
}

impl<'a, F: FnMut(&SyncRequest, &mut SyncReply)> Tampering<'a, F> {
    pub(crate) fn new(relay: &'a mut dyn Line, with: F) -> Self {
        Self {
            relay,
            with,
            exchanges: 0,
        }
    }
}

impl<F: FnMut(&SyncRequest, &mut SyncReply)> Line for Tampering<'_, F> {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        self.exchanges += 1;
        match self.relay.exchange(caller, request.clone()) {
            Answer::Reply(mut reply) => {
                (self.with)(&request, &mut reply);
                Answer::Reply(reply)
            }
            other => other,
        }
    }
}

/// Something happens at the relay just before one exchange, counted from 0.
pub(crate) struct Meanwhile<'a, F> {
    pub(crate) relay: &'a mut ModelRelay,
    pub(crate) before: usize,
    pub(crate) happens: Option<F>,
}

impl<F: FnOnce(&mut ModelRelay)> Line for Meanwhile<'_, F> {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        if self.before == 0
            && let Some(happens) = self.happens.take()
        {
            happens(self.relay);
        }
        self.before = self.before.saturating_sub(1);
        self.relay.exchange(caller, request)
    }
}

/// Remembers every request that went to a relay.
pub(crate) struct Wiretap<'a> {
    pub(crate) relay: &'a mut dyn Line,
    pub(crate) requests: Vec<SyncRequest>,
}

impl<'a> Wiretap<'a> {
    pub(crate) fn new(relay: &'a mut dyn Line) -> Self {
        let requests = Vec::new();
        Self { relay, requests }
    }
}

impl Line for Wiretap<'_> {
    fn exchange(&mut self, caller: Caller, request: SyncRequest) -> Answer {
        self.requests.push(request.clone());
        self.relay.exchange(caller, request)
    }
}

/// No connection at all.
pub(crate) struct Offline;

impl Line for Offline {
    fn exchange(&mut self, _: Caller, _: SyncRequest) -> Answer {
        Answer::Nothing
    }
}
