//! Other programs: this binary started again, which can be killed.

use daymark_client::connection::Invite;
use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

const ARGS: &str = "DAYMARK_STORY_ARGS";
const SAYS: &str = "child says: ";

/// A program that goes on until it is killed or ends.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Another process that runs one of the ignored tests below, or of a story.
pub(crate) fn program(test: &str, args: &[&str]) -> Command {
    let mut command = Command::new(this_program());
    with_args(&mut command, test, args);
    command
}

/// The same where no file may grow beyond a number of KiB: a write beyond that fails.
pub(crate) fn limited_program(test: &str, args: &[&str], kib: u32) -> Command {
    let mut command = Command::new("sh");
    // In the shells that there are, a block has 512 or 1,024 bytes.
    command
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""))
        .arg(this_program());
    with_args(&mut command, test, args);
    command
}

/// This program as it runs, also where its file was replaced meanwhile.
fn this_program() -> PathBuf {
    let pid = std::process::id();
    let linux = PathBuf::from(format!("/proc/{pid}/exe"));
    if linux.exists() {
        linux
    } else {
        std::env::current_exe().unwrap()
    }
}

fn with_args(command: &mut Command, test: &str, args: &[&str]) {
    command
        .args(["--exact", "--ignored", "--nocapture", "--quiet", test])
        .env(ARGS, serde_json::to_string(args).unwrap())
        .stdin(Stdio::null());
}

/// What this process was given, if it is one of those programs.
pub(crate) fn given() -> Option<Vec<String>> {
    let args = std::env::var(ARGS).ok()?;
    Some(serde_json::from_str(&args).unwrap())
}

/// Says a line to who started this program, at once.
pub(crate) fn say(line: impl std::fmt::Display) {
    println!("\n{SAYS}{line}");
}

impl Program {
    pub(crate) fn start(command: Command) -> Self {
        let mut child = tokio::process::Command::from(command)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next thing it says; none when it has ended.
    pub(crate) async fn said(&mut self) -> Option<String> {
        self.line(SAYS).await
    }

    /// The rest of the next line that begins so; the test harness says other things too.
    async fn line(&mut self, beginning: &str) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(beginning) {
                return Some(rest.to_owned());
            }
        }
        None
    }

    /// kill -9; gives what it said before.
    pub(crate) async fn kill(mut self) -> Vec<String> {
        self.child.kill().await.unwrap();
        let mut said = Vec::new();
        while let Some(line) = self.said().await {
            said.push(line);
        }
        said
    }

    /// Waits until it ends well.
    pub(crate) async fn end(mut self) {
        while self.lines.next_line().await.unwrap().is_some() {}
        assert!(self.child.wait().await.unwrap().success());
    }
}

/// `daymark-relay serve`, as a process.
pub(crate) struct RelayProgram(Program);

impl RelayProgram {
    /// Starts it and waits until it listens. Its log, all of it, goes to the file.
    pub(crate) async fn serve(folder: &Path, listen: SocketAddr, log: &Path) -> Self {
        let (data, listen) = (folder.to_str().unwrap(), listen.to_string());
        let mut command = relay(&[
            "serve",
            "--data",
            data,
            "--listen",
            &listen,
            "--registration",
            "open",
            "--log",
            "trace",
        ]);
        let log = File::options().create(true).append(true).open(log).unwrap();
        command.stderr(log);
        let mut program = Program::start(command);
        program.line("listening on ").await.expect("it listens");
        Self(program)
    }

    /// kill -9.
    pub(crate) async fn kill(self) {
        self.0.kill().await;
    }
}

/// An invite, as an operator makes it.
pub(crate) async fn invite(data: &Path) -> Invite {
    let data = data.to_str().unwrap();
    let mut program = Program::start(relay(&[
        "admin", "invite", "create", "--json", "--data", data,
    ]));
    let rest = program.line("{\"token\":\"").await.expect("an invite");
    let (token, _) = rest.split_once('"').unwrap();
    let invite = Invite::parse(token).unwrap();
    program.end().await;
    invite
}

fn relay(args: &[&str]) -> Command {
    let mut command = program("support::programs::a_relay", args);
    for name in ["DATA", "CONFIG", "LISTEN", "REGISTRATION", "LOG"] {
        command.env_remove(format!("DAYMARK_RELAY_{name}"));
    }
    command
}

#[tokio::test]
#[ignore = "another process of the stories"]
async fn a_relay() {
    let Some(args) = given() else { return };
    println!();
    let args = std::iter::once("daymark-relay".to_owned()).chain(args);
    let code = daymark_relay::run(args.map(Into::into)).await;
    assert_eq!(code, std::process::ExitCode::SUCCESS);
}

/// The path that a program was given as its first argument.
pub(crate) fn given_folder(args: &[String]) -> PathBuf {
    args[0].clone().into()
}
