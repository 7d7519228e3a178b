//! The command line on a story's vaults, in this process.

use daymark::{Exit, Io, Stop, Stopper, Terminal};
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
    run_on(device, args, Said::default(), Stop::never()).await
}

/// The same, and interrupts it once it has said this on the error stream.
pub(crate) async fn run_until(device: &Device, args: &[&str], says: &'static str) -> Ran {
    let (stopper, stop) = Stop::new();
    let err = Said {
        until: Some((says, Arc::new(stopper))),
        ..Said::default()
    };
    run_on(device, args, err, stop).await
}

async fn run_on(device: &Device, args: &[&str], err: Said, stop: Stop) -> Ran {
    let out = Said::default();
    let folder = tempfile::tempdir().unwrap();
    let passphrase = folder.path().join("passphrase");
    std::fs::write(&passphrase, PASSPHRASE).unwrap();
    let io = Io::new(
        std::io::empty(),
        out.clone(),
        err.clone(),
        Terminal::default(),
        stop,
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
struct Said {
    text: Arc<Mutex<Vec<u8>>>,
    until: Option<(&'static str, Arc<Stopper>)>,
}

impl Said {
    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.text.lock().unwrap().write(bytes);
        if let Some((says, stopper)) = &self.until
            && self.text().contains(says)
        {
            stopper.stop();
        }
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
