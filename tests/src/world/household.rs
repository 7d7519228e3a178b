//! Devices of one account that are paired already.

use super::{Device, Prepared, World};
use daymark_relay::Clock;
use tokio::sync::OnceCell;

const NAMES: [&str; 3] = ["phone", "laptop", "tablet"];

static TWO: OnceCell<Prepared> = OnceCell::const_new();
static THREE: OnceCell<Prepared> = OnceCell::const_new();

impl World {
    /// A relay with a phone and a laptop of one account, in step and without an entry.
    pub async fn of_two() -> (Self, [Device; 2]) {
        Self::of_two_at(Clock::system()).await
    }

    /// The same with a relay whose clock is another.
    pub async fn of_two_at(clock: Clock) -> (Self, [Device; 2]) {
        let household = TWO.get_or_init(|| paired(2)).await;
        let (world, devices) = household.world(clock).await;
        (world, devices.try_into().expect("two"))
    }

    /// A phone, a laptop and a tablet.
    pub async fn of_three() -> (Self, [Device; 3]) {
        let household = THREE.get_or_init(|| paired(3)).await;
        let (world, devices) = household.world(Clock::system()).await;
        (world, devices.try_into().expect("three"))
    }
}

async fn paired(count: usize) -> Prepared {
    let world = World::new().await;
    let mut devices = vec![world.first_device(NAMES[0]).await];
    for name in &NAMES[1..count] {
        let paired = world.pair(&devices[0], name).await;
        devices.push(paired);
    }
    Prepared::of(world, devices).await
}
