//! The owner's side: inviting somebody, and ending it.

use super::{BondError, BondLogs, Invitation, InvitationSecret};
use crate::{
    journal::OwnerName,
    keys::DeviceKey,
    random::{Purpose, Random},
};
use daymark_wire::{
    Hash, LogId, Nonce, Signed, Suite,
    logs::{AccountState, Author, BondContent, BondLink, EndReason, Invite, LinkBody, TravelLink},
};

/// A new invitation.
#[derive(Debug)]
pub struct Invited {
    /// To be handed over, past the relay. Its secret is kept in the owner's journal while it is open.
    pub invitation: Invitation,
    /// *invite*, for the relay.
    pub link: TravelLink,
    /// The bond so far.
    pub logs: BondLogs,
}

/// Invites somebody to a bond that lives at this account's home. `expires` is in seconds since 1970.
///
/// # Errors
/// [`BondError::NoHome`], or that there is no randomness, or that this device may not say so.
pub fn invite(
    own: &AccountState,
    name: Option<&OwnerName>,
    expires: u64,
    by: &DeviceKey,
    random: &Random,
) -> Result<Invited, BondError> {
    let relay = own.home().ok_or(BondError::NoHome)?;
    let secret = InvitationSecret::generate(random)?;
    let invite = Invite {
        owner: own.id(),
        nonce: Nonce::from_bytes(random.bytes(Purpose::Id)?),
        secret: secret.token().hash(),
        expires,
        relay: relay.clone(),
    };
    let link: BondLink = Signed::sign(
        LinkBody {
            suite: Suite::One,
            log: LogId::ZERO,
            position: 1,
            previous: Hash::ZERO,
            author: Author::Device(by.id()),
            rests_on: vec![own.head(); 2],
            content: BondContent::Invite(invite),
        },
        by.signing(),
    );
    let link = link.to_travel(None);
    let logs = BondLogs::of_owner(&link, own)?;
    let owner = (own.id(), own.head());
    let invitation = Invitation::new(relay.clone(), logs.space(), owner, &secret, name);
    Ok(Invited {
        invitation,
        link,
        logs,
    })
}

/// The link by which the owner ends a bond, or takes back an invitation, or notes that it was declined or
/// lapsed.
///
/// # Errors
/// [`BondError::Log`]: it has ended already, or this device may not say so.
pub fn end(
    logs: &BondLogs,
    own: &AccountState,
    why: EndReason,
    by: &DeviceKey,
) -> Result<TravelLink, BondError> {
    let link = next_link(logs, own, BondContent::End { why }, by);
    logs.state().clone().apply(&link, logs.accounts(own))?;
    Ok(link.to_travel(None))
}

/// The next link of a bond log, signed by this device and resting on both heads; the owner's twice while nobody
/// has accepted and this link does not either.
pub(super) fn next_link(
    logs: &BondLogs,
    own: &AccountState,
    content: BondContent,
    by: &DeviceKey,
) -> BondLink {
    let bond = logs.state();
    let accounts = logs.accounts(own);
    let rests_on = match (&content, accounts.supporter) {
        (BondContent::Accept(_), Some(supporter)) => [accounts.owner.head(), supporter.head()],
        _ => logs.next_rests_on(own),
    };
    let body = LinkBody {
        suite: Suite::One,
        log: LogId::from(bond.space()),
        position: bond.length() + 1,
        previous: bond.last(),
        author: Author::Device(by.id()),
        rests_on: rests_on.to_vec(),
        content,
    };
    Signed::sign(body, by.signing())
}
