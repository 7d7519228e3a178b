//! A person at a terminal: the same program, in this process, on streams that talk.

use crate::place::{PASSPHRASE, Place, copy};
use daymark::{Exit, Io, Stop, Terminal};
use std::{
    ffi::OsString,
    fs,
    io::{self, BufReader, Read, Write},
    sync::{Arc, Mutex},
};

/// What a terminal shows, shared between the program and the person.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Answers the question that stands last on the screen.
struct Person<A> {
    screen: Screen,
    answer: A,
}

impl<A: FnMut(&str, &str) -> String> Read for Person<A> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let seen = self.screen.text();
        let question = seen.rsplit('\n').next().unwrap_or_default();
        let answer = format!("{}\n", (self.answer)(question, &seen));
        buffer[..answer.len()].copy_from_slice(answer.as_bytes());
        Ok(answer.len())
    }
}

/// Runs a command with a person before it; what they saw.
pub(crate) fn sits(
    place: &Place,
    args: &[&str],
    answer: impl FnMut(&str, &str) -> String + Send + 'static,
) -> (Exit, String) {
    sits_with(place, args, Stop::never(), answer)
}

/// The same, with somebody who can end the command.
fn sits_with(
    place: &Place,
    args: &[&str],
    stop: Stop,
    answer: impl FnMut(&str, &str) -> String + Send + 'static,
) -> (Exit, String) {
    let screen = Screen::default();
    let person = BufReader::new(Person {
        screen: screen.clone(),
        answer,
    });
    let terminal = Terminal {
        input: true,
        out: true,
        err: true,
        real: false,
    };
    let io = Io::new(person, screen.clone(), screen.clone(), terminal, stop);
    let vault = place.vault().into_os_string();
    let args: Vec<OsString> = ["daymark"].iter().chain(args).map(OsString::from).collect();
    let args = args.into_iter().chain(["--vault".into(), vault]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let exit = runtime.block_on(daymark::run_with(args, io));
    (exit, screen.text())
}

/// The word that stood at a place when the words were shown.
fn word(seen: &str, number: &str) -> String {
    let mut shown = seen
        .split_whitespace()
        .skip_while(|part| *part != format!("{number}."));
    shown.nth(1).unwrap().to_owned()
}

#[test]
fn a_person_begins_a_journal() {
    let place = Place::empty();
    let mut slipped = false;
    let (exit, seen) = sits(
        &place,
        &["init", "--name", "laptop"],
        move |question, seen| {
            if question.contains("passphrase") || question.contains("once more:") {
                return PASSPHRASE.to_owned();
            }
            // Questions stand one after the other: nobody's Enter is seen here.
            match question
                .rsplit_once("Word ")
                .and_then(|(_, rest)| rest.strip_suffix(": "))
            {
                Some(_) if !slipped => {
                    slipped = true;
                    "not that one".to_owned()
                }
                Some(number) => word(seen, number).to_uppercase(),
                None => String::new(),
            }
        },
    );
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("That was another word."), "{seen}");
    let (opened, closed) = (
        seen.matches("\u{1b}[?1049h").count(),
        seen.matches("\u{1b}[?1049l").count(),
    );
    assert_eq!((opened, closed), (2, 2));
    place.run(["add", "words"]).done();
}

#[test]
fn a_journal_comes_to_be_when_its_words_are_kept() {
    let (place, elsewhere) = (Place::empty(), Place::empty());
    let (vault, left) = (place.vault(), elsewhere.vault());
    let (exit, seen) = sits(
        &place,
        &["init", "--name", "laptop"],
        move |question, seen| {
            if question.contains("passphrase") || question.contains("once more:") {
                return PASSPHRASE.to_owned();
            }
            assert!(!vault.join("vault.sqlite").exists(), "{question}");
            // Were the program killed at this moment, this would be left.
            if !left.exists() {
                copy(&vault, &left);
            }
            let number = question.rsplit_once("Word ");
            number.map_or_else(String::new, |(_, rest)| {
                word(seen, rest.trim_end_matches(": "))
            })
        },
    );
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(elsewhere.vault().exists());
    let again = ["init", "--name=laptop", "--recovery-file=words"];
    elsewhere.run(again).done();
    elsewhere.run(["add", "words"]).done();
    let names = |place: &Place| {
        let found = fs::read_dir(place.vault()).unwrap();
        let mut names: Vec<_> = found.map(|found| found.unwrap().file_name()).collect();
        names.sort();
        names
    };
    place.run(["add", "words"]).done();
    assert_eq!(names(&elsewhere), names(&place));
}

#[test]
fn a_beginning_that_is_stopped_leaves_no_journal() {
    let place = Place::empty();
    let (stopper, stop) = Stop::new();
    let args = ["init", "--name", "laptop"];
    let (exit, _) = sits_with(&place, &args, stop, move |question, _| {
        if question.contains("Press Enter") || question.is_empty() {
            stopper.stop();
        }
        PASSPHRASE.to_owned()
    });
    assert_eq!(exit, Exit::Interrupted);
    let left = fs::read_dir(place.vault()).unwrap();
    let left: Vec<_> = left.map(|found| found.unwrap().file_name()).collect();
    assert_eq!(left, ["sync.lock"]);
}

#[test]
fn a_person_may_mistype_the_passphrase() {
    let place = Place::with_locked_vault();
    place.add(["\u{1b}]0;title\u{7} a walk"]);
    let mut tries = ["three little birds", PASSPHRASE].into_iter();
    let (exit, seen) = sits(&place, &["show", "@1"], move |_, _| {
        tries.next().unwrap().to_owned()
    });
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(
        seen.contains("\\u{1b}]0;title\\u{7} a walk") && !seen.contains('\u{1b}'),
        "{seen}"
    );
    let (exit, _) = sits(&place, &["show", "@1"], |_, _| "no".to_owned());
    assert_eq!(exit, Exit::WrongPassphrase);
}

#[test]
fn the_passphrase_is_asked_for_before_anything_else() {
    let place = Place::with_locked_vault();
    for args in [
        &["people", "add", "my sister"][..],
        &["shared", "export"],
        &["export", "--format=jsonl"],
    ] {
        let (exit, seen) = sits(&place, args, |question, _| match question {
            "Passphrase: " => PASSPHRASE.to_owned(),
            _ => "yes".to_owned(),
        });
        assert_eq!(exit, Exit::Done, "{seen}");
        let (first, rest) = seen.split_once(": ").unwrap();
        assert_eq!(first, "Passphrase");
        assert!(rest.contains(['?', ':']), "it asks, too: {rest}");
    }
}

#[test]
fn a_person_says_yes_to_plain_text_and_no_to_writing_over() {
    let place = Place::with_vault();
    place.add(["a walk \u{9b}2J"]);
    let says = |over: &'static str| {
        move |question: &str, _: &str| {
            let answer = match question {
                question if question.ends_with("Passphrase: ") => PASSPHRASE,
                question if question.contains("Write over it?") => over,
                _ => "yes",
            };
            answer.to_owned()
        }
    };
    let out = place.path("out");
    let export = ["export", "--format=jsonl", "-o", out.to_str().unwrap()];
    assert_eq!(sits(&place, &export, says("no")).0, Exit::Done);
    fs::write(&out, "mine").unwrap();
    assert_eq!(sits(&place, &export, says("no")).0, Exit::Usage);
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    assert_eq!(sits(&place, &export, says("y")).0, Exit::Done);
    assert!(fs::read_to_string(&out).unwrap().contains("a walk"));
    let (_, seen) = sits(&place, &["export", "--format=jsonl"], says("no"));
    assert!(seen.contains("a walk \\u{9b}2J"), "{seen}");
}

#[test]
fn a_list_on_a_terminal_is_short() {
    let place = Place::with_vault();
    let lines: String = (10..40)
        .map(|minute| format!("[2021-03-04 21:{minute}] Minute {minute}\n\n"))
        .collect();
    place
        .run_with(["import", "--from=jrnl", "-"], lines.as_bytes())
        .done();
    let (_, seen) = sits(&place, &["list"], |_, _| PASSPHRASE.to_owned());
    assert_eq!(seen.matches("Minute").count(), 20);
    assert!(seen.contains("… and 10 more"), "{seen}");
}

#[test]
fn json_on_a_terminal_is_obeyed_by_none() {
    let place = Place::with_vault();
    let text = "\u{9b}2J \u{7f} \u{202e} \u{1b}]0;title\u{7} שלום";
    place.add([text]);
    let obeyed = |seen: &str| {
        seen.lines()
            .any(|line| line.contains(|c: char| c.is_control() || c == '\u{202e}'))
    };
    let entries: [&[&str]; 3] = [&["list"], &["show", "@1"], &["search", "שלום"]];
    for args in entries {
        let args = [args, &["--json"]].concat();
        let (exit, seen) = sits(&place, &args, |_, _| PASSPHRASE.to_owned());
        assert_eq!(exit, Exit::Done, "{seen}");
        assert!(!obeyed(&seen), "{seen:?}");
        let shown = seen.rsplit("Passphrase: ").next().unwrap();
        let shown: serde_json::Value = serde_json::from_str(shown).unwrap();
        assert_eq!(shown["text"], text);
    }
    let missing = "nowhere\u{9b}2J";
    let args = ["import", "--from=jrnl", missing, "--json"];
    let (_, seen) = sits(&place, &args, |_, _| PASSPHRASE.to_owned());
    assert!(
        seen.contains("file-unreadable") && !obeyed(&seen),
        "{seen:?}"
    );
}

#[test]
fn what_a_person_typed_before_an_interruption_is_a_draft() {
    let typed = |place: &Place, lines: &'static [&'static str]| {
        let (stopper, stop) = Stop::new();
        let mut lines = [PASSPHRASE].into_iter().chain(lines.iter().copied());
        sits_with(place, &["add", "-"], stop, move |_, _| {
            lines.next().map(ToOwned::to_owned).unwrap_or_else(|| {
                stopper.stop();
                String::new()
            })
        })
    };
    let place = Place::with_locked_vault();
    let (exit, seen) = typed(&place, &["", " "]);
    assert_eq!(exit, Exit::Interrupted, "{seen}");
    assert_eq!(place.run(["list"]).done().out, "", "nothing was written");
    let (exit, seen) = typed(&place, &["A walk", "by the canal"]);
    assert_eq!(exit, Exit::Interrupted, "{seen}");
    let draft = place.show("@1");
    assert_eq!(draft["draft"], true);
    let text = draft["text"].as_str().unwrap();
    assert_eq!(text.trim_end(), "A walk\nby the canal");
    let id = &draft["id"].as_str().unwrap()[..8];
    let said = format!("is kept as the draft {id}.");
    assert!(seen.contains(&said), "{seen}");
}

#[test]
fn a_command_that_waits_can_be_stopped() {
    let place = Place::with_vault();
    let (stopper, stop) = Stop::new();
    stopper.stop();
    let io = Io::new(
        io::empty(),
        io::sink(),
        io::sink(),
        Terminal::default(),
        stop,
    );
    let vault = place.vault().into_os_string();
    let passphrase = place.path("passphrase").into_os_string();
    let args = ["daymark".into(), "list".into(), "--vault".into(), vault];
    let args = args
        .into_iter()
        .chain(["--passphrase-file".into(), passphrase]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(daymark::run_with(args, io)),
        Exit::Interrupted
    );
}

#[test]
fn streams_can_move_to_another_thread() {
    fn can_move<T: Send + 'static>(_: T) {}
    can_move(Io::new(
        io::empty(),
        io::sink(),
        io::sink(),
        Terminal::default(),
        Stop::never(),
    ));
}
