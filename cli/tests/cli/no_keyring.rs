//! A machine whose system has no keyring.

use crate::{place::Place, schema};
use daymark::{Exit, Io, Keyring, KeyringError, Machine, Stop, Terminal};
use daymark_client::system::SystemClock;
use std::{
    ffi::OsString,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use zeroize::Zeroizing;

#[derive(Debug)]
struct Nowhere;

impl Keyring for Nowhere {
    fn keep(&self, _: &str, _: &[u8], _: Duration) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }

    fn find(&self, _: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        Err(KeyringError::Missing)
    }

    fn forget(&self, _: &str) -> Result<bool, KeyringError> {
        Err(KeyringError::Missing)
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a command there: how it ended, and all that it wrote.
fn run(place: &Place, args: &[&str]) -> (Exit, String) {
    let written = Written::default();
    let io = Io::new(
        io::empty(),
        written.clone(),
        written.clone(),
        Terminal::default(),
        Stop::never(),
    );
    let args: Vec<OsString> = ["daymark"].iter().chain(args).map(OsString::from).collect();
    let args = args
        .into_iter()
        .chain(["--vault".into(), place.vault().into_os_string()])
        .chain([
            "--passphrase-file".into(),
            place.path("passphrase").into_os_string(),
        ]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let machine = Machine::new(SystemClock, Nowhere);
    let exit = runtime.block_on(daymark::run_on(args, io, machine));
    let written = written.0.lock().unwrap().clone();
    (exit, String::from_utf8(written).unwrap())
}

#[test]
fn it_is_said_in_one_sentence_and_all_else_goes_on() {
    let place = Place::with_vault();
    for command in ["unlock", "lock"] {
        let (exit, said) = run(&place, &[command]);
        assert_eq!(exit, Exit::Failed);
        assert!(said.starts_with("This system has no keyring"), "{said}");
        assert!(said.contains("--passphrase-file"), "{said}");
        let (_, said) = run(&place, &[command, "--json"]);
        let error = serde_json::from_str(&said).unwrap();
        schema::check("error", &error);
        assert_eq!(error["error"]["code"], "no-keyring");
    }
    assert_eq!(run(&place, &["add", "a walk"]).0, Exit::Done);
    let (exit, listed) = run(&place, &["list"]);
    assert_eq!(exit, Exit::Done);
    assert!(listed.contains("a walk"), "{listed}");
    let (_, status) = run(&place, &["status"]);
    assert!(status.contains("unlocked      no\n"), "{status}");
}
