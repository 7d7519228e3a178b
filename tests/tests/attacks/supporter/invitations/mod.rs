//! Invitations and the answers to them, at a relay that denies, delays or hides them.

mod brought;
mod late;
mod others;

use super::{
    Open, Scene, TakesNoLinks, accept, brings_bond, in_a_day, invite, later_bond, person,
    scripts::{Answers, lost},
    side_of, standing,
};
use crate::stage::found;
use daymark_client::sharing::{Invitation, ShareError, SpaceId, Standing};
use daymark_tests::{
    hostile::{Answer, Asked, HostileRelay, Script},
    world::{Device, SetClock},
};
use daymark_wire::{problem::Code, sync::SyncReply};

/// Says nothing that its device believes.
const SILENT: Answers = Answers(|| Answer::problem(Code::Unavailable, "", &[]).unsigned());

/// Refuses whoever accepts an invitation.
const REFUSES: Answers = Answers(|| Answer::problem(Code::BadInvite, "", &[]));

/// Somebody says yes to an owner, and the relay answers so: what they are told.
async fn is_told(
    relay: &HostileRelay,
    device: &Device,
    invitation: &Invitation,
    answers: Answers,
) -> ShareError {
    let considered = device.vault.consider(&invitation.to_string()).await;
    relay.play(answers);
    let said = considered.unwrap().accept(&person("the owner")).await;
    said.unwrap_err()
}
