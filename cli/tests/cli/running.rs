//! A program that runs on while others run, and is read line by line.

use crate::place::Place;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout},
};

/// A program that runs on, in a place that has its passphrase in a file.
pub(crate) struct Running {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Running {
    /// With a line of JSON at a time on its output.
    pub(crate) fn start(place: &Place, args: &[&str]) -> Self {
        Self::start_for_a_person(place, &[args, &["--json"]].concat())
    }

    /// As a person reads it.
    pub(crate) fn start_for_a_person(place: &Place, args: &[&str]) -> Self {
        let always = ["--passphrase-file=passphrase"];
        let mut command = place.command(args.iter().copied().chain(always));
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap()).lines();
        let err = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, out, err }
    }

    /// The next line that it tells.
    pub(crate) fn line(&mut self) -> String {
        self.out.next().unwrap().unwrap()
    }

    /// The next line that it says beside.
    pub(crate) fn beside(&mut self) -> String {
        self.err.next().unwrap().unwrap()
    }

    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn ends(mut self, code: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }

    #[cfg(unix)]
    pub(crate) fn interrupt(self) {
        let mut kill = std::process::Command::new("kill");
        let id = self.child.id().to_string();
        assert!(kill.args(["-INT", &id]).status().unwrap().success());
        self.ends(130);
    }
}
