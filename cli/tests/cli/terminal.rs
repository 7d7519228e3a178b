//! A terminal of its own, on which the program is interrupted or left.

use crate::{place::Place, two::Two};
use std::{
    fs::{self, File},
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// What the interrupt key sends.
const INTERRUPT: &str = "\x03";

/// The program on a terminal.
struct Seat {
    terminal: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    seen: String,
    /// A pipe that ends when the program does.
    alive: File,
}

impl Seat {
    /// `daymark` with these words, and an editor that does this.
    fn take(place: &Place, words: &str, writes: &str) -> Self {
        let editor = place.path("editor");
        fs::write(&editor, format!("for file; do :; done\n{writes}\n")).unwrap();
        let mut terminal = place.program("script");
        terminal.env("VISUAL", format!("sh {}", editor.display()));
        Self::at(place, terminal, &format!("exec {} 3> alive", line(words)))
    }

    /// `daymark` with these words, and then a shell that reads one line.
    fn before_a_shell(place: &Place, words: &str) -> Self {
        let line = line(words);
        let then = r#"echo over; read -r left; echo "left <$left>""#;
        let terminal = place.program("script");
        Self::at(place, terminal, &format!("exec 3> alive; {line}; {then}"))
    }

    fn at(place: &Place, mut terminal: Command, line: &str) -> Self {
        let alive = place.path("alive");
        let made = place.program("mkfifo").arg(&alive).status().unwrap();
        assert!(made.success());
        terminal
            .args(["-qec", line, "/dev/null"])
            .stdin(Stdio::piped());
        let mut terminal = terminal.spawn().unwrap();
        // Opens once the program does too.
        let alive = File::open(alive).unwrap();
        Self {
            keys: terminal.stdin.take().unwrap(),
            screen: terminal.stdout.take().unwrap(),
            terminal,
            seen: String::new(),
            alive,
        }
    }

    /// Waits until this is on the screen.
    fn sees(&mut self, words: &str) {
        let mut byte = [0];
        while !self.seen.contains(words) {
            let read = self.screen.read(&mut byte).unwrap();
            assert_eq!(read, 1, "{}", self.seen);
            self.seen.push(char::from(byte[0]));
        }
    }

    /// Types, or pastes.
    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Presses the interrupt key; what the program ended with, and what was seen.
    fn interrupts(mut self) -> (i32, String) {
        self.types(INTERRUPT);
        self.ends()
    }

    /// What the program ended with, and what was seen.
    fn ends(mut self) -> (i32, String) {
        self.screen.read_to_string(&mut self.seen).unwrap();
        let status = self.terminal.wait().unwrap();
        (status.code().unwrap(), self.seen)
    }

    /// Closes the terminal, and waits until the program is gone.
    fn closes(mut self) {
        self.terminal.kill().unwrap();
        self.terminal.wait().unwrap();
        self.alive.read_to_end(&mut Vec::new()).unwrap();
    }
}

/// What a shell is told to run.
fn line(words: &str) -> String {
    let daymark = env!("CARGO_BIN_EXE_daymark");
    format!("'{daymark}' {words} --passphrase-file passphrase")
}

const QUESTION: &str = "Go back to your text? [Y/n] ";

#[test]
fn who_interrupts_the_question_after_an_editor_finds_a_draft() {
    let place = Place::with_vault();
    let writes = "echo canary words > \"$file\"; exit 1";
    let mut seat = Seat::take(&place, "add --tag=walk", writes);
    seat.sees(QUESTION);
    let (code, seen) = seat.interrupts();
    assert_eq!(code, 130, "{seen}");
    let draft = place.show("@1");
    assert_eq!(
        (&draft["text"], &draft["draft"], &draft["tags"][0]),
        (&"canary words".into(), &true.into(), &"walk".into())
    );
    let id = &draft["id"].as_str().unwrap()[..8];
    assert!(
        seen.contains(&format!("is kept as the draft {id}.")),
        "{seen}"
    );
    assert_eq!(fs::read_dir(place.path("run")).unwrap().count(), 0);
}

#[test]
fn who_closes_the_terminal_at_that_question_finds_a_draft() {
    let place = Place::with_vault();
    let writes = "echo canary words > \"$file\"; exit 1";
    let mut seat = Seat::take(&place, "add", writes);
    seat.sees(QUESTION);
    seat.closes();
    let draft = place.show("@1");
    assert_eq!(
        (&draft["text"], &draft["draft"]),
        (&"canary words".into(), &true.into())
    );
    assert_eq!(fs::read_dir(place.path("run")).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_a_draft_is_left_in_a_file_that_is_named() {
    let place = Place::with_vault();
    let writes = "printf '\\377canary' > \"$file\"";
    let mut seat = Seat::take(&place, "add", writes);
    seat.sees(QUESTION);
    let (code, seen) = seat.interrupts();
    assert_eq!(code, 130, "{seen}");
    let (_, path) = seen.split_once("Your text is in ").unwrap();
    let path = path.split_once(".md").unwrap().0;
    assert_eq!(fs::read(format!("{path}.md")).unwrap(), b"\xffcanary");
}

/// A mail that was pasted: the link is found in it, and the rest is no answer and no command.
#[test]
fn what_was_pasted_around_a_link_says_no_yes_and_reaches_no_shell() {
    let two = Two::strangers();
    let link = two.invite("my sister");
    let paste = format!("Dear sister,\nhere it is:\n{link}\nyes\n");
    let accept = "supporter accept - --name owner";
    let mut seat = Seat::take(&two.sister, accept, "");
    seat.sees("The link: ");
    seat.types(&paste);
    seat.sees("[y/N] ");
    seat.types("no\n");
    let (code, seen) = seat.ends();
    assert_eq!(code, 1, "{seen}");
    assert_eq!(two.sister.run(["supporter", "list"]).done().out, "");

    let accept = format!("{accept} --yes");
    let mut seat = Seat::before_a_shell(&two.friend, &accept);
    seat.sees("The link: ");
    seat.types(&paste);
    seat.sees("Accepted.");
    seat.sees("over\r\n");
    seat.types("my own\n");
    seat.sees("left <");
    seat.sees(">\r\n");
    assert!(seat.seen.contains("left <my own>"), "{}", seat.seen);
}
