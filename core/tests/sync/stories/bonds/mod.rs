//! Two people and their bond. Each story ends well: both sides agree, what was said and not forgotten is read by
//! the other, and after an end nothing is left.
//!
//! - `everyday`: what bonds are for.
//! - `lost`: a relay that lost something.
//! - `racing`: two things at once.
//! - `broken`: connections and devices that die between two steps.
//! - `long`: logs of which a reply holds a part.

mod broken;
mod everyday;
mod long;
mod lost;
mod racing;

use crate::model::{Couple, ModelRelay, OWNER, PHONE, SUPPORTER, TABLET};

/// Something that one of them does, on a device that knows the bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Shares,
    TakesBack,
    Ends,
}

const ALL: [Does; 3] = [Does::Shares, Does::TakesBack, Does::Ends];

/// What the next sync of the device is to say. What was said before has been read.
fn does(couple: &mut Couple, device: usize, what: Does) {
    match what {
        Does::Shares => {
            couple.say(device, "new");
        }
        Does::TakesBack => {
            let said = couple.say(device, "taken back");
            couple.settle();
            couple.forget(device, said);
        }
        Does::Ends => couple.end(device),
    }
}
