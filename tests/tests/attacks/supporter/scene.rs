//! What attacks on sharing begin with: an owner and two supporters at a hostile relay.

use super::people::{copies_of, names, share_in, texts};
use daymark_client::sharing::{HowToShare, Parts, Preview, ShareId, SpaceId, WhoSees};
use daymark_relay::Clock;
use daymark_tests::{
    hostile::{Honest, HostileRelay, HostileSupporter},
    world::{Circle, Device},
};
use daymark_wire::{DocumentId, Record};

/// An owner with two supporters at a hostile relay, which is honest so far. The first supporter is the one that
/// turns hostile.
pub(super) struct Scene {
    pub(super) relay: HostileRelay,
    pub(super) circle: Circle,
}

impl Scene {
    pub(super) async fn set() -> Self {
        Self::set_at(Clock::system()).await
    }

    /// The same at a relay with a clock that can be set.
    pub(super) async fn set_at(clock: Clock) -> Self {
        let (relay, circle) = HostileRelay::with_circle_at(clock).await;
        Self { relay, circle }
    }

    /// The same, where the owner has a phone too, in step with their other device.
    pub(super) async fn with_owners_phone() -> (Self, Device) {
        let (relay, circle, phone) = HostileRelay::with_circle_and_owners_phone().await;
        (Self { relay, circle }, phone)
    }

    /// The same, where the supporter has a phone too.
    pub(super) async fn with_supporters_phone() -> (Self, Device) {
        let (relay, circle, phone) = HostileRelay::with_circle_and_supporters_phone().await;
        (Self { relay, circle }, phone)
    }

    pub(super) fn owner(&self) -> &Device {
        &self.circle.owner
    }

    pub(super) fn supporter(&self) -> &Device {
        &self.circle.supporters[0]
    }

    pub(super) fn bond(&self) -> SpaceId {
        self.circle.bonds[0]
    }

    /// Everything that the supporter's vault holds, in other hands.
    pub(super) async fn hostile(&self) -> HostileSupporter {
        HostileSupporter::of(&self.supporter().vault, self.bond()).await
    }

    /// The owner's side in hands that do what their client never would.
    pub(super) async fn hostile_owner(&self) -> HostileSupporter {
        HostileSupporter::of(&self.owner().vault, self.bond()).await
    }

    pub(super) async fn preview(&self, entry: DocumentId) -> Preview {
        let (vault, bonds) = (&self.owner().vault, [self.bond()]);
        let preview = vault.preview(entry, &Parts::default(), &bonds).await;
        preview.unwrap()
    }

    /// The owner shares an entry; it waits for a sync.
    pub(super) async fn share(&self, entry: DocumentId) -> ShareId {
        self.share_as(entry, &HowToShare::default()).await
    }

    pub(super) async fn share_as(&self, entry: DocumentId, how: &HowToShare) -> ShareId {
        self.share_on(self.owner(), entry, how).await
    }

    /// The owner shares an entry on this device of theirs.
    pub(super) async fn share_on(
        &self,
        device: &Device,
        entry: DocumentId,
        how: &HowToShare,
    ) -> ShareId {
        share_in(device, self.bond(), entry, how).await
    }

    /// The owner writes a text and shares it, and the supporter has it.
    pub(super) async fn shared(&self, text: &str) -> (DocumentId, ShareId) {
        let entry = self.owner().write(text).await;
        let share = self.share(entry).await;
        self.in_step().await;
        assert!(self.received().await.contains(&text.to_owned()));
        (entry, share)
    }

    /// Owner and supporter sync, with nothing wrong.
    pub(super) async fn in_step(&self) {
        for device in [self.owner(), self.supporter()] {
            let report = device.sync().await;
            assert_eq!(report.faults, [].into(), "{}", device.name);
        }
    }

    /// A sync of the owner; gives the names of what is wrong.
    pub(super) async fn names(&self) -> Vec<&'static str> {
        names(&self.owner().sync().await)
    }

    pub(super) async fn received(&self) -> Vec<String> {
        texts(self.supporter()).await
    }

    pub(super) async fn who_sees(&self) -> Vec<WhoSees> {
        self.owner().vault.who_sees(None).await.unwrap()
    }

    /// What the owner holds, but for records that were kept apart.
    pub(super) async fn held(&self) -> (Honest, Vec<WhoSees>) {
        let honest = Honest::of(&self.owner().vault).await;
        (honest.without_chains(), self.who_sees().await)
    }

    /// Every copy of the owner's that the relay still gives to whoever asks for all of the bond.
    pub(super) async fn copies_at_the_relay(&self, hostile: &HostileSupporter) -> Vec<Record> {
        let shown = hostile.fetch(self.relay.address(), self.bond()).await;
        copies_of(self.owner(), &shown)
    }

    /// The relay is honest again, and sharing works on both sides as if nothing had been.
    pub(super) async fn heals(&self) {
        self.relay.behave();
        let (entry, share) = self.shared("shared when all was well again").await;
        let supporter = &self.supporter().vault;
        supporter.reply(share, "read, and glad").await.unwrap();
        self.supporter().sync().await;
        self.owner().sync().await;
        let replies = self.owner().vault.replies().await.unwrap();
        assert!(replies.iter().any(|reply| reply.entry == Some(entry)));
    }
}
