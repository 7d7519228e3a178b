//! The command line on a story's vaults, in this process.

use daymark::{Exit, Io, Stop, Terminal};
use daymark_tests::world::{Device, PASSPHRASE};
use std::{
    ffi::OsString,
    io::Write,
    sync::{Arc, Mutex},
};

/// What a command prints, what it says on the error stream, and what it ends with.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command on a device's vault.
pub(crate) async fn run(device: &Device, args: &[&str]) -> Ran {
    let (out, err) = (Said::default(), Said::default());
    let folder = tempfile::tempdir().unwrap();
    let passphrase = folder.path().join("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let io = Io::new(
        std::io::empty(),
        out.clone(),
        err.clone(),
        Terminal::default(),
        Stop::never(),
    );
    let vault = device.vault.folder().as_os_str().to_owned();
    let own = [
        "--vault".into(),
        vault,
        "--passphrase-file".into(),
        passphrase.into(),
    ];
    let args = ["daymark"].iter().chain(args).map(OsString::from);
    Ran {
        exit: Box::pin(daymark::run_with(args.chain(own), io)).await,
        out: out.text(),
        err: err.text(),
    }
}

#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
