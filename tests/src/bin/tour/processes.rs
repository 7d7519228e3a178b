//! The command line and the relay, as processes.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Something was not as told.
pub(crate) type Wrong = Box<dyn std::error::Error>;

/// One device: a vault's folder and the passphrase to it.
pub(crate) struct Device {
    pub(crate) name: &'static str,
    vault: PathBuf,
    passphrase: PathBuf,
}

impl Device {
    pub(crate) fn new(folder: &Path, name: &'static str) -> Self {
        Self {
            name,
            vault: folder.join(name),
            passphrase: folder.join("passphrase"),
        }
    }

    /// The folder of its vault.
    pub(crate) fn folder(&self) -> &Path {
        &self.vault
    }

    /// A `daymark` command on this device.
    pub(crate) fn command(&self, args: &[&str]) -> Result<Command, Wrong> {
        let mut command = program("daymark")?;
        command.arg("--vault").arg(&self.vault);
        command
            .arg("--passphrase-file")
            .arg(&self.passphrase)
            .arg("--no-input")
            .args(args);
        Ok(command)
    }

    /// Runs a command that must work; gives what it printed.
    pub(crate) async fn run(&self, args: &[&str]) -> Result<String, Wrong> {
        let output = self.command(args)?.output().await?;
        expect(&output, 0, args)
    }

    /// The same, with a text on standard input.
    pub(crate) async fn run_with_input(&self, args: &[&str], input: &str) -> Result<String, Wrong> {
        let mut command = self.command(args)?;
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        stdin.write_all(input.as_bytes()).await?;
        drop(stdin);
        expect(&child.wait_with_output().await?, 0, args)
    }

    /// Runs a command that must end with this exit code; gives what it said about it.
    pub(crate) async fn run_to(&self, code: i32, args: &[&str]) -> Result<String, Wrong> {
        let output = self.command(args)?.output().await?;
        expect(&output, code, args)?;
        Ok(String::from_utf8(output.stderr)?)
    }

    /// Starts a command that goes on; its lines can be read one by one.
    pub(crate) fn start(&self, args: &[&str]) -> Result<Running, Wrong> {
        Running::start(self.command(args)?)
    }
}

/// A process that goes on.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(mut command: Command) -> Result<Self, Wrong> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
        })
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> Result<String, Wrong> {
        self.lines
            .next_line()
            .await?
            .ok_or_else(|| "it ended too early".into())
    }

    /// Waits until it ends well.
    pub(crate) async fn end(mut self) -> Result<(), Wrong> {
        let status = self.child.wait().await?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("it ended with {status}").into())
        }
    }

    /// Ends it at once, without asking.
    pub(crate) async fn kill(mut self) -> Result<(), Wrong> {
        Ok(self.child.kill().await?)
    }
}

/// A relay on this machine.
pub(crate) struct Relay {
    folder: PathBuf,
    running: Running,
    pub(crate) url: String,
}

impl Relay {
    /// Starts a relay; `listen` is `127.0.0.1:0` for a free port.
    pub(crate) async fn start(folder: &Path, listen: &str) -> Result<Self, Wrong> {
        let mut command = program("daymark-relay")?;
        command
            .arg("serve")
            .arg("--data")
            .arg(folder)
            .args(["--listen", listen])
            .args(["--log", "warn"]);
        let mut running = Running::start(command)?;
        let ready = running.line().await?;
        let url = ready
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .ok_or_else(|| format!("not what a relay says when it is ready: {ready}"))?;
        let url = url.trim_end_matches(',').to_owned();
        Ok(Self {
            folder: folder.to_owned(),
            running,
            url,
        })
    }

    /// An operator's invite.
    pub(crate) async fn invite(&self) -> Result<String, Wrong> {
        let args = ["admin", "invite", "create", "--json"];
        let mut command = program("daymark-relay")?;
        let output = command
            .args(args)
            .arg("--data")
            .arg(&self.folder)
            .output()
            .await?;
        let printed: serde_json::Value = serde_json::from_str(&expect(&output, 0, &args)?)?;
        Ok(printed["token"].as_str().ok_or("no token")?.to_owned())
    }

    /// Pulls the plug. Gives the address, to start it there again.
    pub(crate) async fn kill(self) -> Result<String, Wrong> {
        self.running.kill().await?;
        Ok(self.url.trim_start_matches("http://").to_owned())
    }
}

/// This program under another name.
fn program(name: &str) -> Result<Command, Wrong> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(name).env_remove("DAYMARK_VAULT");
    Ok(command)
}

fn expect(output: &Output, code: i32, args: &[&str]) -> Result<String, Wrong> {
    if output.status.code() != Some(code) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` ended with {}: {said}", args.join(" "), output.status).into());
    }
    Ok(String::from_utf8(output.stdout.clone())?)
}
