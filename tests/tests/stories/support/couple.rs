//! An owner and a supporter, each with a vault, at one relay.

use daymark_client::sharing::{
    HowToShare, Parts, Preview, ShareId, Shared, SpaceId, Standing, Supporter,
};
use daymark_core::journal::Person;
use daymark_relay::Clock;
use daymark_tests::world::{Device, Prepared, World};
use daymark_wire::{DocumentId, Header, RecordKind, Signature, Signed};
use jiff::{SignedDuration, Timestamp};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tokio::sync::OnceCell;

static AGREED: OnceCell<(Prepared, SpaceId)> = OnceCell::const_new();

/// Two people who agreed, with one device each.
pub(crate) struct Couple {
    pub(crate) world: World,
    pub(crate) owner: Device,
    pub(crate) supporter: Device,
    pub(crate) bond: SpaceId,
}

impl Couple {
    /// They agreed, and both know: a copy of two who agreed once in this program. Their accounts say where the relay
    /// was then: whoever is to invite somebody else agrees by [`Self::agreed_in`].
    pub(crate) async fn agreed() -> Self {
        let (prepared, bond) = AGREED.get_or_init(Self::prepare).await;
        let (world, devices) = prepared.world(Clock::system()).await;
        let [owner, supporter] = devices.try_into().unwrap();
        Self {
            world,
            owner,
            supporter,
            bond: *bond,
        }
    }

    async fn prepare() -> (Prepared, SpaceId) {
        let Self {
            world,
            owner,
            supporter,
            bond,
        } = Self::agreed_in(World::new().await).await;
        (Prepared::of(world, [owner, supporter]).await, bond)
    }

    /// Two who agree in a world that is there.
    pub(crate) async fn agreed_in(world: World) -> Self {
        let owner = world.first_device("owner").await;
        let supporter = world.offline_device("supporter").await;
        let bond = agree(&owner, &supporter, "a supporter").await;
        Self {
            world,
            owner,
            supporter,
            bond,
        }
    }

    /// How many bodies of the bond's documents the relay holds.
    pub(crate) async fn bodies_at_relay(&self) -> usize {
        let file = self.world.relay_folder().join("relay.sqlite");
        let options = SqliteConnectOptions::new().filename(file);
        let mut database = options.connect().await.unwrap();
        let bodies = sqlx::query_scalar(
            "SELECT r.head FROM records r JOIN chains c ON c.id = r.chain \
             JOIN logs l ON l.id = c.space WHERE l.log = ? AND r.body IS NOT NULL",
        );
        let bodies = bodies.bind(self.bond.as_bytes().as_slice());
        let heads: Vec<Vec<u8>> = bodies.fetch_all(&mut database).await.unwrap();
        heads.iter().filter(|head| is_of_a_document(head)).count()
    }
}

/// Whether a record is a person's, by its header as a relay keeps it: with the signature after it.
fn is_of_a_document(head: &[u8]) -> bool {
    let (header, signature) = head.split_last_chunk::<64>().unwrap();
    let signature = Signature::from_bytes(*signature);
    let header: Signed<Header> = Signed::from_parts(header.to_vec(), signature).unwrap();
    header.claimed().kind == RecordKind::Version
}

/// One invites, the other accepts, and both hear of it.
pub(crate) async fn agree(owner: &Device, supporter: &Device, name: &str) -> SpaceId {
    let invitation = owner.vault.invite(&person(name), None, in_a_week()).await;
    let invitation = invitation.unwrap();
    owner.sync().await;
    let text = invitation.to_string();
    let considered = supporter.vault.consider(&text).await.unwrap();
    considered.accept(&person("the owner")).await.unwrap();
    owner.sync().await;
    supporter.sync().await;
    let bond = invitation.bond();
    for device in [owner, supporter] {
        assert_eq!(standing(device, bond).await, Standing::Active);
    }
    bond
}

pub(crate) fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

pub(crate) fn in_a_week() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(7 * 24)
}

/// How a bond stands for one device.
pub(crate) async fn standing(device: &Device, bond: SpaceId) -> Standing {
    supporter(device, bond).await.standing
}

/// A bond as one device lists it.
pub(crate) async fn supporter(device: &Device, bond: SpaceId) -> Supporter {
    let supporters = device.vault.supporters().await.unwrap();
    let mut one = supporters.into_iter().filter(|one| one.bond == bond);
    one.next().unwrap()
}

/// What would be shared of an entry.
pub(crate) async fn preview(owner: &Device, entry: DocumentId, with: &[SpaceId]) -> Preview {
    let preview = owner.vault.preview(entry, &Parts::default(), with).await;
    preview.unwrap()
}

/// Shares an entry, here so far.
pub(crate) async fn share(owner: &Device, entry: DocumentId, with: &[SpaceId]) -> Vec<ShareId> {
    share_as(owner, entry, with, &HowToShare::default()).await
}

/// The same with choices.
pub(crate) async fn share_as(
    owner: &Device,
    entry: DocumentId,
    with: &[SpaceId],
    how: &HowToShare,
) -> Vec<ShareId> {
    let preview = preview(owner, entry, with).await;
    owner.vault.share(&preview, how).await.unwrap()
}

/// The texts that were shared with a device, newest first.
pub(crate) async fn received(device: &Device) -> Vec<String> {
    let shared = device.vault.shared().await.unwrap();
    let text = |copy: &Shared| copy.content.text().unwrap().as_str().to_owned();
    shared.iter().map(text).collect()
}
