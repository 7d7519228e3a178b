//! Devices, a relay, and the way between them.

mod bond;
mod couple;
mod device;
mod disk;
mod line;
mod merging;
mod notary;
mod randomness;
mod relay;
mod sharing;
mod store;
mod world;

pub(crate) use bond::BondDisk;
pub(crate) use couple::{Couple, OWNER, PHONE, SUPPORTER, TABLET};
pub(crate) use device::{Device, Stopped};
pub(crate) use disk::Disk;
pub(crate) use line::{Answer, Caller, Line, Meanwhile, Offline, Tampering, Troubled, Wiretap};
pub(crate) use notary::Notary;
pub(crate) use randomness::random;
pub(crate) use relay::ModelRelay;
pub(crate) use sharing::Ledger;
pub(crate) use store::{State, Store};
pub(crate) use world::{World, account};
