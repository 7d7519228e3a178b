//! Two people who may share, each in a place of their own, and a real relay between them.

use crate::{
    place::{Ended, Place, copy_files},
    schema,
};
use daymark_relay::{Registration, Relay, Settings};
use serde_json::Value;
use std::{fs, net::SocketAddr};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A relay in this process, on a thread of its own.
pub(crate) struct RealRelay {
    runtime: Runtime,
    running: Option<Relay>,
    address: SocketAddr,
    folder: TempDir,
}

impl RealRelay {
    /// Lets anybody in.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut relay = Self {
            runtime,
            running: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            folder: tempfile::tempdir().unwrap(),
        };
        relay.open(Registration::Open);
        relay
    }

    fn open(&mut self, registration: Registration) {
        let settings = Settings {
            listen: self.address,
            registration,
            ..Settings::new(self.folder.path())
        };
        let running = self.runtime.block_on(Relay::start(settings)).unwrap();
        self.address = running.address();
        self.running = Some(running);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on nobody can be reached through it, until it is back.
    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop()).unwrap();
        }
    }

    /// What it keeps now, copied.
    pub(crate) fn copied(&mut self) -> TempDir {
        self.stop();
        let copied = tempfile::tempdir().unwrap();
        copy_files(self.folder.path(), copied.path());
        self.back();
        copied
    }

    /// Back at the same address, with what it kept when that was copied, as an operator does who puts an old copy of
    /// its folder in its place.
    pub(crate) fn put_back(&mut self, copied: &TempDir) {
        self.stop();
        for found in fs::read_dir(self.folder.path()).unwrap() {
            fs::remove_file(found.unwrap().path()).unwrap();
        }
        copy_files(copied.path(), self.folder.path());
        self.back();
    }

    /// Back at the same address, and lets anybody in.
    pub(crate) fn open_to_all(&mut self) {
        self.stop();
        self.open(Registration::Open);
    }

    /// Back at the same address. New accounts need an invite, or an invitation to a bond.
    pub(crate) fn back(&mut self) {
        self.stop();
        self.open(Registration::Invite);
    }
}

/// An owner at a relay that lets nobody else in by itself, and two people without a relay.
pub(crate) struct Two {
    pub(crate) relay: RealRelay,
    pub(crate) owner: Place,
    pub(crate) sister: Place,
    pub(crate) friend: Place,
}

impl Two {
    /// Nobody has invited anybody.
    pub(crate) fn strangers() -> Self {
        let mut relay = RealRelay::start();
        let owner = Place::of_person(0);
        owner.run(["relay", "set", &relay.url()]).done();
        owner.run(["sync"]).done();
        relay.back();
        Self {
            relay,
            owner,
            sister: Place::of_person(1),
            friend: Place::of_person(2),
        }
    }

    /// The owner's sister agreed to be a supporter.
    pub(crate) fn agreed() -> Self {
        let two = Self::strangers();
        two.agree("my sister", &two.sister);
        two
    }

    /// Invites somebody; the link.
    pub(crate) fn invite(&self, name: &str) -> String {
        let invited = self.owner.run(["supporter", "invite", name, "--json"]);
        let invited = invited.json();
        schema::check("invited", &invited);
        assert_eq!(invited["synced"], true);
        invited["link"].as_str().unwrap().to_owned()
    }

    /// Somebody is invited and accepts, and the owner hears of it.
    pub(crate) fn agree(&self, name: &str, supporter: &Place) {
        let link = self.invite(name);
        let args = [
            "supporter",
            "accept",
            "-",
            "--name",
            "the owner",
            "--yes",
            "--json",
        ];
        let answered = supporter.run_with(args, link.as_bytes()).json();
        schema::check("answered", &answered);
        assert_eq!(answered["accepted"], true);
        self.owner.run(["sync"]).done();
    }

    /// The owner shares an entry with both supporters.
    pub(crate) fn share_with_both(&self, entry: &str) -> Ended {
        let both = ["--with", "my sister", "--with", "a friend"];
        let args = ["share", entry, "--yes"];
        self.owner.run(args.into_iter().chain(both))
    }

    /// The two compare their number.
    pub(crate) fn verify(&self) {
        let number = number(&self.sister, "the owner");
        let args = [
            "supporter",
            "verify",
            "my sister",
            "--json",
            "--number",
            &number,
        ];
        let verified = self.owner.run(args).json();
        schema::check("number", &verified);
        assert_eq!(verified["verified"], true);
    }

    /// Shares an entry with the sister, to be kept up to date.
    pub(crate) fn keep_updated(&self, entry: &str) {
        let args = ["share", entry, "--with", "my sister", "--keep-updated"];
        self.owner.run(args.into_iter().chain(["--yes"])).done();
    }

    /// Shares an entry with the sister.
    pub(crate) fn share(&self, entry: &str) -> Value {
        let args = ["share", entry, "--with", "my sister", "--yes", "--json"];
        let shared = self.owner.run(args).json();
        schema::check("shared_with", &shared);
        shared
    }
}

/// The number that somebody sees.
pub(crate) fn number(place: &Place, name: &str) -> String {
    let shown = place.run(["supporter", "verify", name, "--json"]).json();
    schema::check("number", &shown);
    shown["number"].as_str().unwrap().to_owned()
}

/// What was shared with somebody, after a sync.
pub(crate) fn shared(place: &Place) -> Vec<Value> {
    place.run(["sync"]).done();
    lines(place.run(["shared", "list", "--json"]), "shared")
}

/// What supporters replied, after a sync.
pub(crate) fn replies(place: &Place) -> Vec<Value> {
    place.run(["sync"]).done();
    lines(place.run(["replies", "--json"]), "reply")
}

/// The only line about somebody in the list of supporters.
pub(crate) fn standing(place: &Place) -> Value {
    let mut all = lines(place.run(["supporter", "list", "--json"]), "supporter");
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Lines that are each what the contract says.
pub(crate) fn lines(ended: Ended, name: &str) -> Vec<Value> {
    let lines = ended.done().json_lines();
    lines.iter().for_each(|line| schema::check(name, line));
    lines
}
