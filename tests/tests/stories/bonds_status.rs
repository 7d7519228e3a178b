//! What the status says of bonds: what waits, what is being taken back, what ends, by the name that the person gave.

use crate::support::{
    commands::run,
    couple::{Couple, share},
};
use daymark_tests::world::Device;
use serde_json::{Value, json};

/// The lines under "sharing", and the same as JSON.
async fn says(device: &Device) -> (Vec<String>, Value) {
    let shown = run(device, &["status"]).await.out;
    let mut lines = shown.lines().map(str::trim);
    let lines = lines.by_ref().skip_while(|line| *line != "sharing").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let json = run(device, &["status", "--json"]).await.out;
    let mut json: Value = serde_json::from_str(&json).unwrap();
    (lines.map(str::to_owned).collect(), json["bonds"].take())
}

#[tokio::test]
async fn the_status_says_what_waits_for_whom() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let bond = |waiting: usize, taking_back: usize, ending: bool| {
        json!([{
            "id": couple.bond.to_string(),
            "name": "a supporter",
            "waiting": waiting,
            "taking_back": taking_back,
            "ending": ending,
            "held_up": false,
            "fault": null,
        }])
    };
    assert_eq!(says(owner).await, (Vec::new(), json!([])));
    let entry = owner.write("a day").await;
    owner.sync().await;
    share(owner, entry, &[couple.bond]).await;
    let (lines, json) = says(owner).await;
    assert_eq!(lines, ["a supporter: 1 to be sent"]);
    assert_eq!(json, bond(1, 0, false));
    owner.sync().await;
    assert_eq!(says(owner).await, (Vec::new(), json!([])));
    owner.vault.unshare(entry, None).await.unwrap();
    let (lines, json) = says(owner).await;
    assert_eq!(lines, ["a supporter: 1 to be taken back"]);
    assert_eq!(json, bond(0, 1, false));
    owner.vault.end_bond(couple.bond).await.unwrap();
    let (lines, json) = says(owner).await;
    assert_eq!(lines, ["a supporter: ends with the next sync"]);
    assert_eq!(json[0]["ending"], true);
    owner.sync().await;
    assert_eq!(says(owner).await, (Vec::new(), json!([])));
}
