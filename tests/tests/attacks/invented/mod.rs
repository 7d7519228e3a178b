//! A7, A8, A9, B2, B3, D3: records and links that nobody entitled signed.

mod links;
mod records;

use daymark_client::system::SystemBytes;
use daymark_core::{
    keys::{DeviceKey, WrappingKey},
    random::Random,
};

fn attacker() -> (DeviceKey, WrappingKey, Random) {
    let random = Random::first(Box::new(SystemBytes::new())).unwrap();
    let device = DeviceKey::generate(&random).unwrap();
    let wrapping = WrappingKey::generate(&random).unwrap();
    (device, wrapping, random)
}
