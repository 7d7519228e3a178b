//! A1, A4, H1, H2, K16: what a relay, or somebody with the link, can do while a new device is let in.

mod mailbox;
mod person;
mod shown;

use daymark_client::{
    pairing::{PairError, join},
    vault::Vault,
};
use daymark_tests::{
    hostile::HostileRelay,
    world::{Device, PASSPHRASE},
};

/// Both sides of one pairing: what each came to.
type Both = (Result<(), PairError>, Result<Vault, PairError>);

async fn pairing(relay: &HostileRelay, trusted: &Device, name: &str) -> Both {
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let here = async { trusted.vault.pair(show, async |_| true).await.map(drop) };
    let there = async {
        let link = link.await.unwrap();
        join(&relay.vault_folder(name), PASSPHRASE, &link, name, |_| ()).await
    };
    tokio::join!(here, there)
}

fn named(error: &PairError) -> (&'static str, String) {
    assert!(!error.hint().is_empty());
    (error.code(), error.to_string())
}
