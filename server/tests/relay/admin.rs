//! The operator's commands, run as the binary.

use std::{path::Path, process::Command};

pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daymark-relay"));
    command.env_remove("DAYMARK_RELAY_DATA");
    command.env_remove("DAYMARK_RELAY_CONFIG");
    command
}

/// Runs `admin invite create --json`.
pub(crate) fn create_invite(data: &Path, more: &[&str]) -> serde_json::Value {
    let output = binary()
        .args(["admin", "invite", "create", "--json", "--data"])
        .arg(data)
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
