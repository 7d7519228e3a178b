//! A relay that lost everything but its own key.

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

/// Empties a stopped relay's database and gives it a new history, as a relay that was set up anew with its
/// old key would have.
pub(super) async fn empty(folder: &Path) {
    let mut connection = SqliteConnectOptions::new()
        .filename(folder.join("relay.sqlite"))
        .foreign_keys(false)
        .connect()
        .await
        .expect("the relay's database");
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' \
         AND name NOT IN ('relay', '_sqlx_migrations') AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("its tables");
    for table in tables {
        run(&mut connection, format!("DELETE FROM {table}")).await;
    }
    run(
        &mut connection,
        "UPDATE relay SET generation = randomblob(16)".to_owned(),
    )
    .await;
}

async fn run(connection: &mut SqliteConnection, statement: String) {
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(connection)
        .await
        .expect("emptied");
}
