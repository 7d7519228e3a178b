//! A relay, or a line that breaks, against what was built after the second attacks: what is taken back while nobody
//! knows whether it left, histories that were looked at, what two devices say at once.

mod clocks;
mod denied;
mod devices;
mod restored;
mod said_at_once;
mod shared_anew;

use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    DeviceId, SpaceId,
    problem::Code,
    sync::{PushOutcome, SyncReply},
};

/// Takes what a device brings of a bond's records, and breaks before it answers: a line does so by itself.
struct LosesAnswers {
    device: DeviceId,
    bond: SpaceId,
}

/// Whether a request brings records of a bond.
fn pushes(asked: &Asked, bond: SpaceId) -> bool {
    let mut spaces = asked.request.spaces.iter();
    spaces.any(|space| space.space == bond && !space.push.is_empty())
}

impl Script for LosesAnswers {
    fn sync(&mut self, asked: &Asked, reply: SyncReply) -> Answer {
        if asked.device != self.device || !pushes(asked, self.bond) {
            return Answer::reply(reply);
        }
        let mut spaces = reply.spaces.iter();
        let taken = spaces.any(|one| one.space == self.bond && one.push == PushOutcome::Accepted);
        assert!(taken, "the relay has it: {:?}", reply.spaces);
        Answer::problem(Code::Unavailable, "the answer is lost on its way", &[])
    }
}
