//! A4: an invitation's secret is in nothing that a relay keeps, writes into its log or hears on the line.

use crate::support::{
    couple::{agree, in_a_week, person, standing},
    programs::RelayProgram,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use daymark_client::sharing::{Invitation, Standing};
use daymark_relay::{Clock, Registration};
use daymark_tests::{
    holds,
    world::{Files, World},
};

/// The text as it is handed over, and the secret in it, as they might be written somewhere.
fn spellings(invitation: &Invitation) -> [Vec<u8>; 6] {
    let secret = invitation.secret();
    let secret = secret.secret().expose();
    [
        secret.to_vec(),
        hex::encode(secret).into_bytes(),
        hex::encode_upper(secret).into_bytes(),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
        URL_SAFE_NO_PAD.encode(secret).into_bytes(),
        invitation.to_string().into_bytes(),
    ]
}

#[tokio::test]
async fn a4_no_invitation_is_in_a_relays_log_tables_or_traffic() {
    let mut world = World::with(Registration::Open, Clock::system()).await;
    world.relay.stop().await;
    let log = world.vault_folder("relay.log");
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    let folder = world.relay_folder().to_owned();
    let serving = RelayProgram::serve(&folder, world.relay.address(), &log).await;
    let owner = world.first_device("owner").await;
    let supporter = world.offline_device("supporter").await;
    agree(&owner, &supporter, "a supporter").await;
    let mut invitations = Vec::new();
    for name in ["accepted", "declined", "open"] {
        let invited = owner.vault.invite(&person(name), None, in_a_week()).await;
        invitations.push(invited.unwrap());
    }
    owner.sync().await;
    let vault = &supporter.vault;
    let accepted = vault.consider(&invitations[0].to_string()).await.unwrap();
    accepted.accept(&person("the owner, again")).await.unwrap();
    let declined = vault.consider(&invitations[1].to_string()).await.unwrap();
    declined.decline().await.unwrap();
    vault.consider(&invitations[2].to_string()).await.unwrap();
    owner.sync().await;
    supporter.sync().await;
    for (invitation, expected) in
        invitations
            .iter()
            .zip([Standing::Active, Standing::Declined, Standing::Invited])
    {
        assert_eq!(standing(&owner, invitation.bond()).await, expected);
    }
    serving.kill().await;

    let said = std::fs::read(&log).unwrap();
    let talks = holds(&said, b"TRACE") || holds(&said, b"DEBUG");
    assert!(talks, "all that it can say");
    let mut places = vec![("log", said), ("traffic", world.line().traffic())];
    for (_, content) in Files::of(&folder).iter() {
        places.push(("files", content.to_vec()));
    }
    for invitation in &invitations {
        let token = invitation.secret().token().to_header();
        assert!(
            holds(&places[1].1, token.as_bytes()),
            "the search finds what is shown"
        );
        assert!(
            !holds(&places[0].1, token.as_bytes()),
            "and the log has not even that"
        );
        for (place, content) in &places {
            for spelled in spellings(invitation) {
                assert!(!holds(content, &spelled), "{place}");
            }
        }
    }
}
