//! An honest relay, bad connections, crashes, copies, and devices that come and go (threats F1, K3, K17).

use super::tale::{Happening, Tale, everyday, with_copies, with_members};
use proptest::prelude::*;

fn tell(tale: &[Happening]) {
    let mut told = Tale::new(3);
    for happening in tale {
        told.happens(happening);
    }
    told.ends_well();
}

proptest! {
    #![proptest_config(crate::laws::seeded(120))]

    #[test]
    fn f1_any_order_loss_and_crash_comes_to_the_same_on_all_devices(
        tale in prop::collection::vec(everyday(), 1..30)
    ) {
        tell(&tale);
    }

    #[test]
    fn k3_however_vaults_are_copied_all_converge_and_nothing_is_lost(
        tale in prop::collection::vec(with_copies(), 1..30)
    ) {
        tell(&tale);
    }

    #[test]
    fn k17_however_devices_come_and_go_everything_stays_readable(
        tale in prop::collection::vec(with_members(), 1..30)
    ) {
        tell(&tale);
    }
}
