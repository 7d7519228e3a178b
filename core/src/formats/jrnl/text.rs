//! Entries of jrnl's text file.

use super::{Found, tags_in, wall};
use crate::formats::{
    FormatError, MAX_LINE_BYTES, Skipped,
    lines::{Line, Lines},
};
use std::io::BufRead;

#[derive(Debug)]
pub(super) struct Entries<R> {
    lines: Lines<R>,
    /// The entry whose lines are being read.
    open: Option<Open>,
    /// Whether text before the first entry was named already.
    stray: bool,
}

/// An entry of which there may be more lines.
#[derive(Debug)]
struct Open {
    line: u64,
    date: String,
    time: String,
    text: String,
    not_utf8: bool,
    full: bool,
}

impl<R: BufRead> Entries<R> {
    pub(super) const fn new(lines: Lines<R>) -> Self {
        Self {
            lines,
            open: None,
            stray: false,
        }
    }

    /// Takes one line in; gives the entry that it ends, or what is to be skipped.
    fn line(&mut self, line: Line) -> Option<Result<Found, Skipped>> {
        let (text, not_utf8) = match String::from_utf8(line.bytes) {
            Ok(text) => (text, false),
            Err(bad) => (String::from_utf8_lossy(bad.as_bytes()).into_owned(), true),
        };
        if let Some((date, time, title)) = header(&text) {
            let begun = Open {
                line: line.number,
                date: date.to_owned(),
                time: time.to_owned(),
                text: title.to_owned(),
                not_utf8,
                full: false,
            };
            return self.open.replace(begun).map(|ended| Ok(ended.close()));
        }
        let why = match &mut self.open {
            Some(open) => open.add(&text, not_utf8).err()?,
            None if self.stray || text.trim().is_empty() => return None,
            None => {
                self.stray = true;
                FormatError::Stray
            }
        };
        Some(Err(Skipped {
            line: line.number,
            why,
        }))
    }
}

impl<R: BufRead> Iterator for Entries<R> {
    type Item = Result<Found, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.lines.next() {
                None => return self.open.take().map(|open| Ok(open.close())),
                Some(Err(skipped)) => return Some(Err(skipped)),
                Some(Ok(line)) => {
                    if let Some(found) = self.line(line) {
                        return Some(found);
                    }
                }
            }
        }
    }
}

impl Open {
    /// One more line of the body, as long as there is room; the first without room is an error.
    fn add(&mut self, line: &str, not_utf8: bool) -> Result<(), FormatError> {
        if self.full {
            return Ok(());
        }
        if self.text.len() + line.len() > MAX_LINE_BYTES {
            self.full = true;
            return Err(FormatError::TooLong);
        }
        self.not_utf8 |= not_utf8;
        self.text.push('\n');
        self.text.push_str(line);
        Ok(())
    }

    fn close(self) -> Found {
        let (first, rest) = self.text.split_once('\n').unwrap_or((&self.text, ""));
        let unstarred = first
            .trim_end()
            .strip_suffix('*')
            .filter(|before| before.is_empty() || before.ends_with(char::is_whitespace));
        let (title, body) = match (rest.trim().is_empty(), unstarred.unwrap_or(first)) {
            (false, first) => (first, rest),
            (true, first) => first_sentence(first),
        };
        let mut found = Found {
            line: self.line,
            title: title.trim().to_owned(),
            body: body.trim_end().trim_start_matches('\n').to_owned(),
            tags: tags_in(&self.text).map(str::to_owned).collect(),
            starred: unstarred.is_some(),
            date: self.date,
            time: self.time,
            ..Found::default()
        };
        if self.not_utf8 {
            found
                .remarks
                .add("Some bytes were no text in UTF-8 and are shown as \u{fffd}.");
        }
        if self.full {
            found
                .remarks
                .add("The text was too long to read and ends early.");
        }
        found
    }
}

/// Date, time and title of a line that begins an entry, also where its day or time is none: such an entry is
/// named, not read as more text of the one before.
fn header(line: &str) -> Option<(&str, &str, &str)> {
    let (stamp, title) = line.strip_prefix('[')?.split_once(']')?;
    if !(title.is_empty() || title.starts_with(char::is_whitespace)) {
        return None;
    }
    let stamp = stamp.trim();
    let (date, time) = stamp.split_once([' ', 'T']).unwrap_or((stamp, ""));
    let begins = wall(date, time).is_some() || is_meant_as_a_time(date, time);
    begins.then_some((date, time, title))
}

/// Whether somebody meant a day, like 2021-02-30, and a time or none. A note in brackets is neither.
fn is_meant_as_a_time(date: &str, time: &str) -> bool {
    let mut parts = date.split(['-', '/']);
    let mut number = |longest: usize| {
        parts.next().is_some_and(|part| {
            (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let day = number(4) && number(2) && number(2);
    let time = time.trim_start();
    day && parts.next().is_none()
        && (time.is_empty() || time.starts_with(|first: char| first.is_ascii_digit()))
}

/// An entry of one line: its first sentence is the title, as jrnl has it.
fn first_sentence(line: &str) -> (&str, &str) {
    let mut characters = line.char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        if let ('.' | '!' | '?' | '…', Some((next, ' '))) = (character, characters.peek()) {
            return line.split_at(*next);
        }
    }
    (line, "")
}

/// Whether jrnl would take the line for the beginning of an entry.
pub(super) fn begins_entry(line: &str) -> bool {
    header(line).is_some()
}
