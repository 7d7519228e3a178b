//! A supporter turns hostile, with or without the relay's help: J1 to J5, A2, A4, E3, E4, K1, K2.

mod alone;
mod any_sequence;
mod copies;
mod ended;
mod found;
mod mended;
mod others;
mod reads;
mod replies;
mod signed;
mod swapped;
mod third_relay;
mod third_supporter;
mod together;
mod writes;

use daymark_client::{
    sharing::{HowToShare, Parts, Preview, ShareId, Shared, SpaceId, WhoSees},
    sync::SyncReport,
};
use daymark_tests::{
    hostile::{Honest, HostileRelay, HostileSupporter},
    world::{Circle, Device},
};
use daymark_wire::DocumentId;

/// An owner with two supporters at a hostile relay, which is honest so far. The first supporter is the one that
/// turns hostile.
struct Scene {
    relay: HostileRelay,
    circle: Circle,
}

impl Scene {
    async fn set() -> Self {
        let (relay, circle) = HostileRelay::with_circle().await;
        Self { relay, circle }
    }

    fn owner(&self) -> &Device {
        &self.circle.owner
    }

    fn supporter(&self) -> &Device {
        &self.circle.supporters[0]
    }

    fn bond(&self) -> SpaceId {
        self.circle.bonds[0]
    }

    /// Everything that the supporter's vault holds, in other hands.
    async fn hostile(&self) -> HostileSupporter {
        HostileSupporter::of(&self.supporter().vault, self.bond()).await
    }

    /// The owner's side in hands that do what their client never would.
    async fn hostile_owner(&self) -> HostileSupporter {
        HostileSupporter::of(&self.owner().vault, self.bond()).await
    }

    async fn preview(&self, entry: DocumentId) -> Preview {
        let (vault, bonds) = (&self.owner().vault, [self.bond()]);
        let preview = vault.preview(entry, &Parts::default(), &bonds).await;
        preview.unwrap()
    }

    /// The owner shares an entry; it waits for a sync.
    async fn share(&self, entry: DocumentId) -> ShareId {
        self.share_as(entry, &HowToShare::default()).await
    }

    async fn share_as(&self, entry: DocumentId, how: &HowToShare) -> ShareId {
        let preview = self.preview(entry).await;
        self.owner().vault.share(&preview, how).await.unwrap()[0]
    }

    /// The owner writes a text and shares it, and the supporter has it.
    async fn shared(&self, text: &str) -> (DocumentId, ShareId) {
        let entry = self.owner().write(text).await;
        let share = self.share(entry).await;
        self.in_step().await;
        assert!(self.received().await.contains(&text.to_owned()));
        (entry, share)
    }

    /// Owner and supporter sync, with nothing wrong.
    async fn in_step(&self) {
        for device in [self.owner(), self.supporter()] {
            let report = device.sync().await;
            assert_eq!(report.faults, [].into(), "{}", device.name);
        }
    }

    /// A sync of the owner; gives the names of what is wrong.
    async fn names(&self) -> Vec<&'static str> {
        names(&self.owner().sync().await)
    }

    async fn received(&self) -> Vec<String> {
        texts(self.supporter()).await
    }

    async fn who_sees(&self) -> Vec<WhoSees> {
        self.owner().vault.who_sees(None).await.unwrap()
    }

    /// What the owner holds, but for records that were kept apart.
    async fn held(&self) -> (Honest, Vec<WhoSees>) {
        let honest = Honest::of(&self.owner().vault).await;
        (honest.without_chains(), self.who_sees().await)
    }

    /// The relay is honest again, and sharing works on both sides as if nothing had been.
    async fn heals(&self) {
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

/// A share that follows its entry by itself.
fn kept_up_to_date() -> HowToShare {
    HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    }
}

fn names(report: &SyncReport) -> Vec<&'static str> {
    report
        .faults
        .iter()
        .map(daymark_client::Fault::code)
        .collect()
}

/// What a device lists as shared with it, the newest first.
async fn texts(device: &Device) -> Vec<String> {
    let shared = device.vault.shared().await.unwrap();
    let text = |copy: &Shared| copy.content.text().unwrap().as_str().to_owned();
    shared.iter().map(text).collect()
}

/// Whether these bytes stand somewhere in others.
fn holds(place: &[u8], bytes: &[u8]) -> bool {
    place.windows(bytes.len()).any(|part| part == bytes)
}
