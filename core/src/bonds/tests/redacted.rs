//! Nothing that holds a secret prints it.

use super::{Pair, offer};

#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let pair = Pair::new();
    let offer = offer(&pair.owner, &pair.invited).unwrap();
    let secret = pair.invited.invitation.secret();
    let token = secret.token();
    let printed = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}",
        pair.invited, pair.accepted, offer, pair.logs, secret, token,
    );
    let hidden = [
        secret.secret().expose(),
        token.as_bytes(),
        pair.accepted.epoch.1.secret().expose(),
    ];
    for bytes in hidden {
        let list = format!("{bytes:?}");
        let list = list.trim_matches(['[', ']']);
        assert!(!printed.contains(list));
        assert!(!printed.contains(&hex(bytes)));
    }
    assert!(!printed.contains(&pair.invited.invitation.to_string()));
    insta::assert_debug_snapshot!((&secret, &token, &pair.accepted.epoch, pair.agreed));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
