//! A machine that runs a relay: its folder, its address, its clock, and the line to it.

use super::Line;
use daymark_client::connection::RelayAddress;
use daymark_relay::{Clock, Registration, Relay, Settings};
use daymark_wire::VerifyingKey;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// A relay that can be stopped, started, emptied and put back to what it was.
pub struct Host {
    folder: PathBuf,
    running: Option<Relay>,
    address: SocketAddr,
    key: VerifyingKey,
    clock: Clock,
    registration: Registration,
    line: Line,
}

/// The files of a folder at one moment.
#[derive(Debug, Clone, Default)]
pub struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Host {
    /// Starts a relay in a folder, at a free port.
    pub async fn start_in(folder: PathBuf, registration: Registration, clock: Clock) -> Self {
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            registration,
            clock: clock.clone(),
            ..Settings::new(&folder)
        };
        let running = Relay::start(settings).await.expect("a relay starts");
        let address = running.address();
        Self {
            key: running.key(),
            running: Some(running),
            line: Line::to(address).await,
            address,
            clock,
            folder,
            registration,
        }
    }

    /// The relay that runs.
    pub fn running(&self) -> &Relay {
        self.running.as_ref().expect("the relay runs")
    }

    /// Its data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its clock. One that stands can be set.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The line between all devices and the relay.
    pub const fn line(&self) -> &Line {
        &self.line
    }

    /// Where it listens itself, beside the line.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where devices reach it: through the line.
    pub fn relay_address(&self) -> RelayAddress {
        let url = format!("http://{}", self.line.address());
        RelayAddress {
            url: RelayAddress::parse_url(&url).expect("an address"),
            key: self.key,
        }
    }

    /// Stops it. Devices are offline until [`Self::start`].
    pub async fn stop(&mut self) {
        if let Some(relay) = self.running.take() {
            relay.stop().await.expect("the relay stops well");
        }
    }

    /// Starts it again, at the same place and with what it had.
    pub async fn start(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let settings = Settings {
            listen: self.address,
            registration: self.registration,
            clock: self.clock.clone(),
            ..Settings::new(&self.folder)
        };
        let relay = Relay::start(settings)
            .await
            .expect("the relay starts again");
        self.running = Some(relay);
    }

    /// Stops it and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// Lets others in, or nobody, from now on.
    pub async fn register(&mut self, registration: Registration) {
        self.registration = registration;
        self.restart().await;
    }

    /// All that it kept is lost but its key. It has a new generation.
    pub async fn empty(&mut self) {
        self.stop().await;
        let mut database = self.database().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' \
             AND name NOT LIKE 'sqlite_%' AND name NOT IN ('relay', '_sqlx_migrations')",
        )
        .fetch_all(&mut database)
        .await
        .expect("its tables");
        for table in tables {
            let delete = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            let deleted = sqlx::query(delete).execute(&mut database).await;
            deleted.expect("an empty table");
        }
        new_generation(&mut database).await;
        database.close().await.expect("closed");
        self.start().await;
    }

    /// What its folder holds. The relay is stopped for it and runs again afterwards.
    pub async fn back_up(&mut self) -> Files {
        self.stop().await;
        let files = Files::of(&self.folder);
        self.start().await;
        files
    }

    /// Puts its folder back to what it was, as an operator does who copies files: the generation stays.
    pub async fn put_back(&mut self, files: &Files) {
        self.stop().await;
        files.put(&self.folder);
        self.start().await;
    }

    /// The same, and a new generation, as `restore` gives it.
    pub async fn restore(&mut self, files: &Files) {
        self.stop().await;
        files.put(&self.folder);
        let mut database = self.database().await;
        new_generation(&mut database).await;
        database.close().await.expect("closed");
        self.start().await;
    }

    /// Its database, beside it.
    pub async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(self.folder.join("relay.sqlite"))
            .foreign_keys(false);
        SqliteConnection::connect_with(&options)
            .await
            .expect("its database")
    }
}

async fn new_generation(database: &mut SqliteConnection) {
    let changed = sqlx::query("UPDATE relay SET generation = randomblob(16)")
        .execute(database)
        .await;
    changed.expect("a new generation");
}

impl Files {
    /// Everything in a folder, and in the folders in it.
    pub fn of(folder: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).expect("inside").to_owned();
                    files.push((name, fs::read(path).expect("a file")));
                }
            }
        }
        Self(files)
    }

    /// Makes a folder hold these files and no others.
    pub fn put(&self, folder: &Path) {
        if folder.exists() {
            fs::remove_dir_all(folder).expect("removed");
        }
        fs::create_dir_all(folder).expect("a folder");
        for (name, content) in &self.0 {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
    }

    /// Each file's name and content.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        let files = self.0.iter();
        files.map(|(name, content)| (name.as_path(), content.as_slice()))
    }
}
