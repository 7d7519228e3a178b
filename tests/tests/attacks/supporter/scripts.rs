//! Relays that take, lose or deny what is brought.

use daymark_client::sharing::SpaceId;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    logs::{BondContent, BondLink, LogKind, TravelLink},
    problem::Code,
    sync::{AppendOutcome, PushOutcome, SyncReply},
};

/// Whether a request brings links of bonds that come after the first.
pub(super) fn brings_bond(asked: &Asked) -> bool {
    asked.request.append.iter().any(later_bond)
}

pub(super) fn later_bond(link: &TravelLink) -> bool {
    link.kind == LogKind::Bond
        && link
            .open::<BondContent>()
            .is_ok_and(|link: BondLink| link.claimed().position > 1)
}

/// Says of new links of bonds that they came too late, without having seen them; or whatever it is to say.
pub(super) struct TakesNoLinks {
    says: AppendOutcome,
    last: Option<SyncReply>,
}

impl TakesNoLinks {
    pub(super) const fn new() -> Self {
        Self::saying(AppendOutcome::NotNext)
    }

    pub(super) const fn saying(says: AppendOutcome) -> Self {
        Self { says, last: None }
    }
}

impl Script for TakesNoLinks {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        if !brings_bond(asked) {
            return None;
        }
        let mut reply = self
            .last
            .clone()
            .expect("it asked before it brought anything");
        reply.append = self.says.clone();
        reply.links.clear();
        for space in &mut reply.spaces {
            space.records.clear();
        }
        Some(Answer::reply(reply))
    }

    fn sync(&mut self, _asked: &Asked, reply: SyncReply) -> Answer {
        self.last = Some(reply.clone());
        Answer::reply(reply)
    }
}

/// Loses every request that carries a record of a bond.
pub(super) struct LosesPushes {
    pub(super) bond: SpaceId,
}

impl Script for LosesPushes {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        brings_records(asked, self.bond).then(lost)
    }
}

/// Takes the records that a device brings in a bond, and its answer is lost.
pub(super) struct LosesAnswers {
    pub(super) bond: SpaceId,
}

impl Script for LosesAnswers {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        if !brings_records(asked, self.bond) {
            return Answer::reply(reply);
        }
        let mut spaces = reply.spaces.iter();
        let taken = spaces.any(|one| one.space == self.bond && one.push == PushOutcome::Accepted);
        assert!(taken, "the relay has it: {:?}", reply.spaces);
        lost()
    }
}

/// Whether a request carries a record of a bond.
pub(super) fn brings_records(asked: &Asked, bond: SpaceId) -> bool {
    let mut spaces = asked.request.spaces.iter();
    spaces.any(|space| space.space == bond && !space.push.is_empty())
}

/// What a device hears where the line breaks.
pub(super) fn lost() -> Answer {
    Answer::problem(Code::Unavailable, "lost on its way", &[])
}

/// Answers so where a link of a bond is brought, of which the real relay never hears.
pub(super) struct Answers(pub(super) fn() -> Answer);

impl Script for Answers {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        brings_bond(asked).then(self.0)
    }
}
