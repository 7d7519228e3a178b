//! The operator's commands, run as the binary.

use crate::world::World;
use daymark_relay::Registration;
use daymark_wire::invite::Invite;
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

#[tokio::test]
async fn a4_an_invite_is_printed_once_and_kept_only_as_a_hash() {
    let world = World::with(Registration::Invite).await;
    let data = world.folder.path().join("data");
    let invite = create_invite(&data, &["--expires", "36h"]);
    let token = invite["token"].as_str().unwrap();
    let parsed = Invite::parse(token).unwrap();
    assert_eq!(parsed.relay(), &world.relay.key());
    assert!(!world.database_holds(token.as_bytes()));
    let listed = run(&["admin", "invite", "list", "--data"], &data);
    assert_eq!(listed, "1: open, 2 days left\n");
}

#[test]
fn what_an_operator_gets_wrong_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("nothing");
    let said = fails(
        binary()
            .args(["admin", "invite", "create", "--data"])
            .arg(&empty),
    );
    assert!(said.contains("no relay in this data folder"), "{said}");
    assert!(!empty.exists());
    let said = fails(binary().args(["serve"]));
    assert!(said.contains("--data"), "{said}");
    let said = fails(
        binary()
            .args(["serve", "--log", "loud", "--data"])
            .arg(&empty),
    );
    assert!(said.contains("loud"), "{said}");
}

fn run(args: &[&str], data: &Path) -> String {
    let output = binary().args(args).arg(data).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}
