//! A supporter turns hostile, with or without the relay's help, or a relay alone against sharing: J1 to J5, A2, A4, B2,
//! B3, E3, E4, K1 to K18, L1 to L13.
//!
//! - What leaves: `copies` (what a copy holds), `leaving` (what must never leave), `taking_back`, `ending` and `ended`.
//! - What others do: `reads`, `writes`, `replies`, `borrowed` (names), `others`, `together` (with the relay), `room`,
//!   `readable`.
//! - Who belongs to a bond: `invitations`, `swapped`, `strangers`, `devices`, `paused`, `signed`.
//! - What a person's own devices do, lost, in the dark or with a wrong clock: `own_devices`.
//! - `any_sequence`: all of it in any order.
//! - What they begin with: `scene` and `open` (an invitation), `people` (what they do), `scripts` (what a relay does),
//!   `hands` (links that no client would sign).

mod any_sequence;
mod borrowed;
mod copies;
mod devices;
mod ended;
mod ending;
mod hands;
mod invitations;
mod leaving;
mod open;
mod others;
mod own_devices;
mod paused;
mod people;
mod readable;
mod reads;
mod replies;
mod room;
mod scene;
mod scripts;
mod signed;
mod strangers;
mod swapped;
mod taking_back;
mod together;
mod writes;

use daymark_tests::{holds, hostile::HostileSupporter};
use open::Open;
use people::{accept, in_a_day, invite, kept_up_to_date, names, person, side_of, standing, texts};
use scene::Scene;
use scripts::{LosesAnswers, LosesPushes, TakesNoLinks, brings_bond, later_bond};
