//! The relay over real sockets, with a client made by hand from wire types. What is sealed is any bytes: a
//! relay cannot tell.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should say where"
)]

mod admin;
mod bonds;
mod client;
mod couple;
mod crash;
mod damage;
mod epochs;
mod invitations;
mod links;
mod live;
mod logs;
mod measure;
mod pairing;
mod person;
mod records;
mod registration;
mod requests;
mod strangers;
mod world;
