//! What an honest device holds, to be compared before and after an attack.

use daymark_client::{
    journal::{Query, View},
    vault::Vault,
};
use daymark_wire::DeviceId;
use sqlx::{ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::sync::Arc;

/// Everything in a vault that an attack must leave as it was, read through the vault and beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Honest {
    /// What the person sees in a list.
    pub views: Vec<Arc<View>>,
    /// The account's devices, and whether each is active.
    pub devices: Vec<(DeviceId, bool)>,
    /// Each saved document, and how often it was written.
    pub documents: Vec<String>,
    /// Each change that waits to be sent.
    pub outbox: Vec<String>,
    /// Each chain and how far it is known.
    pub chains: Vec<String>,
    /// Each record and what became of it.
    pub records: Vec<String>,
    /// Each link, epoch and document key that is known.
    pub control: Vec<String>,
}

impl Honest {
    /// What a vault holds now.
    pub async fn of(vault: &Vault) -> Self {
        let views = vault.list(&Query::new(), usize::MAX).await.expect("a list");
        let status = vault.status().await.expect("a status");
        let mut file = open(vault).await;
        let mut control = rows(
            &mut file,
            "SELECT hex(log) || position FROM links ORDER BY 1",
        )
        .await;
        control.extend(rows(&mut file, "SELECT hex(id) FROM epochs ORDER BY 1").await);
        control.extend(
            rows(
                &mut file,
                "SELECT hex(document) || hex(id) FROM keys ORDER BY 1",
            )
            .await,
        );
        Self {
            views,
            devices: status
                .devices
                .iter()
                .map(|device| (device.device, device.active))
                .collect(),
            documents: rows(
                &mut file,
                "SELECT hex(id) || version FROM documents ORDER BY 1",
            )
            .await,
            outbox: rows(
                &mut file,
                "SELECT id || hex(document) FROM outbox ORDER BY 1",
            )
            .await,
            chains: rows(
                &mut file,
                "SELECT hex(device) || hex(incarnation) || ' ' || seq || ' ' || hex(hash) || state
                 FROM chains ORDER BY 1",
            )
            .await,
            records: rows(
                &mut file,
                "SELECT id || ' ' || state || hex(header) || coalesce(hex(body), 'stub')
                 FROM records ORDER BY id",
            )
            .await,
            control,
        }
    }

    /// The same without chains and their records, for attacks that rightly add a stub or freeze a chain.
    #[must_use]
    pub fn without_chains(self) -> Self {
        Self {
            chains: Vec::new(),
            records: Vec::new(),
            ..self
        }
    }
}

/// A second connection to a vault's file.
pub(super) async fn open(vault: &Vault) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(vault.folder().join("vault.sqlite"));
    options.connect().await.expect("the vault's file")
}

async fn rows(file: &mut SqliteConnection, sql: &'static str) -> Vec<String> {
    let rows = sqlx::query(sql).fetch_all(file).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}
