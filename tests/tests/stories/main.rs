//! Stories: several devices, a real relay and the line between them. Over real sockets, with real vaults on
//! real SQLite. What a story proves stands in its name; the threats that it answers begin it.

mod support;

mod any_order;
mod at_once;
mod bonds;
mod bonds_again;
mod bonds_at_once;
mod bonds_damaged;
mod bonds_devices;
mod bonds_expiry;
mod bonds_held_up;
mod bonds_inviting;
mod bonds_keys;
mod bonds_round_trips;
mod bonds_sharing;
mod bonds_status;
mod bonds_watching;
mod canary;
mod clocks;
mod copies;
mod faults;
mod invitations;
mod killed;
mod offline;
mod pairing;
mod registering;
mod relays;
mod sizes;
mod watching;
