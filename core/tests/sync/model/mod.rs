//! Devices, a relay, and the way between them.

mod device;
mod disk;
mod line;
mod merging;
mod notary;
mod randomness;
mod relay;
mod world;

pub(crate) use device::{Device, Stopped};
pub(crate) use disk::{Disk, State};
pub(crate) use line::{Answer, Caller, Line, Meanwhile, Offline, Tampering, Troubled, Wiretap};
pub(crate) use notary::Notary;
pub(crate) use randomness::random;
pub(crate) use relay::ModelRelay;
pub(crate) use world::{World, account};
