//! The `daymark` command as a person or a script meets it: the real program, in folders of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "cli/place.rs"]
mod place;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/schema.rs"]
mod schema;
#[path = "cli/two.rs"]
mod two;

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/damaged.rs"]
mod damaged;
#[path = "cli/editing.rs"]
mod editing;
#[cfg(unix)]
#[path = "cli/editing_killed.rs"]
mod editing_killed;
#[path = "cli/exporting.rs"]
mod exporting;
#[path = "cli/importing.rs"]
mod importing;
#[path = "cli/no_keyring.rs"]
mod no_keyring;
#[path = "cli/person.rs"]
mod person;
#[path = "cli/relays.rs"]
mod relays;
#[path = "cli/sharing.rs"]
mod sharing;
#[path = "cli/sharing_after.rs"]
mod sharing_after;
#[path = "cli/sharing_back.rs"]
mod sharing_back;
#[path = "cli/sharing_bad_input.rs"]
mod sharing_bad_input;
#[path = "cli/sharing_devices.rs"]
mod sharing_devices;
#[path = "cli/sharing_first_steps.rs"]
mod sharing_first_steps;
#[path = "cli/sharing_lists.rs"]
mod sharing_lists;
#[path = "cli/sharing_misread.rs"]
mod sharing_misread;
#[path = "cli/sharing_person.rs"]
mod sharing_person;
#[path = "cli/sharing_said.rs"]
mod sharing_said;
#[path = "cli/sharing_supporters.rs"]
mod sharing_supporters;
#[cfg(unix)]
#[path = "cli/sharing_watching.rs"]
mod sharing_watching;
#[path = "cli/starting.rs"]
mod starting;
#[cfg(target_os = "linux")]
#[path = "cli/terminal.rs"]
mod terminal;
#[cfg(target_os = "linux")]
#[path = "cli/unlocking.rs"]
mod unlocking;
#[path = "cli/wording.rs"]
mod wording;
#[path = "cli/words.rs"]
mod words;
#[path = "cli/writing.rs"]
mod writing;
