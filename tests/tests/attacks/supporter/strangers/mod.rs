//! Somebody of the relay's own who accepted an invitation, and on whom nobody agreed.

mod histories;
mod kept;

use super::{
    Open, accept,
    hands::{accept_without_secret, long_log, move_link},
    in_a_day, later_bond,
    people::goes_on,
    person, side_of, standing,
};
use daymark_client::sharing::{Invitation, Standing};
use daymark_core::{
    bonds::{AccountLog, BondLogs, Forks, NewEpoch, begin_epoch},
    sync::{BondSide, Wishes},
};
use daymark_tests::{
    hostile::{Hoard, HostileRelay, StolenDevice},
    world::Device,
};
use daymark_wire::{
    LogId,
    logs::{AccountLink, BondContent, BondLink, LogKind, TravelLink},
    sync::{AppendOutcome, SyncRequest},
};

/// *accept* and an epoch by an account of the relay's own, and what it then holds of the bond.
pub(super) async fn accepted_by_relay(
    relay: &HostileRelay,
    attacker: &Device,
    invitation: &Invitation,
) -> StolenDevice {
    let (hand, request) = signed_by_relay(relay, attacker, invitation).await;
    let reply = hand.connect(relay.address()).sync(&request).await.unwrap();
    assert_eq!(reply.append, AppendOutcome::Appended);
    hand
}

/// The same, before it is brought.
pub(super) async fn signed_by_relay(
    relay: &HostileRelay,
    attacker: &Device,
    invitation: &Invitation,
) -> (StolenDevice, SyncRequest) {
    let mut hand = StolenDevice::of(&attacker.vault).await;
    let own = hand.logs().account().clone();
    let own_log = AccountLog::of_own(hand.logs());
    let bond = LogId::from(invitation.bond());
    let kept = Hoard::of_relay(relay).await;
    let is_needed = |link: &&TravelLink| match link.kind {
        LogKind::Bond => is_of_bond(link, bond),
        LogKind::Account => true,
        LogKind::Journal => false,
    };
    let mut links: Vec<_> = kept.links().filter(is_needed).cloned().collect();
    links.sort_by_key(|link| {
        let account: Result<AccountLink, _> = link.open();
        account.map_or(0, |link| link.claimed().position)
    });
    let mut logs = BondLogs::fold(&links, &own).unwrap();
    let owner = logs.other().unwrap().head();
    let invite = logs.state().last();
    let accept = accept_without_secret(invitation, invite, owner, &own, &hand.device);
    let accept = accept.to_travel(None);
    let mut known = hand.logs().known();
    known.extend(logs.known());
    assert_eq!(logs.take(std::slice::from_ref(&accept), &own).fault, None);
    let agreed = logs.accepted().unwrap().own(own.id()).unwrap();
    let epoch = begin_epoch(
        &logs,
        &agreed,
        &own,
        NewEpoch::default(),
        &hand.device,
        &hand.random,
    )
    .unwrap();
    assert_eq!(
        logs.take(std::slice::from_ref(&epoch.link), &own).fault,
        None
    );
    let request = SyncRequest {
        known,
        append: vec![accept, epoch.link],
        spaces: Vec::new(),
        invite: Some(invitation.secret().token().to_header()),
    };
    hand.space = invitation.bond();
    hand.replica.epochs.insert(epoch.epoch.0, epoch.epoch.1);
    hand.replica.logs = BondSide {
        logs,
        own: own_log,
        agreed: Some(agreed),
        pin: None,
        forks: Forks::default(),
        wishes: Wishes::default(),
        now: 1,
    }
    .into();
    (hand, request)
}

fn is_of_bond(link: &TravelLink, bond: LogId) -> bool {
    let link: Result<BondLink, _> = link.open::<BondContent>();
    link.is_ok_and(|link| link.log_id() == bond)
}

/// An account's log, as somebody else is shown it.
async fn account_log(device: &Device) -> Vec<TravelLink> {
    let stolen = StolenDevice::of(&device.vault).await;
    let log = LogId::from(stolen.account);
    stolen.logs().links_beyond(log, 0).to_vec()
}

/// From now on the relay shows a device these links beside all others.
fn shows(relay: &HostileRelay, to: &Device, links: Vec<TravelLink>) {
    let to = to.vault.device();
    relay.alter(move |asked, reply| {
        if asked.device == to {
            reply.links.extend(links.iter().cloned());
        }
    });
}
