//! The elements of one array in a large JSON file, one at a time: `{"entries": [ … ]}`.
//!
//! Only brackets and strings are followed here; each element is parsed by itself, so that a bad one does
//! not spoil the rest and a file of any size needs the memory of one element.

use super::{FormatError, MAX_LINE_BYTES, Skipped};
use std::io::{BufRead, Bytes};

/// The bytes of one element and the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Counted from 1.
    pub(super) line: u64,
    /// Not yet known to be JSON.
    pub(super) bytes: Vec<u8>,
}

/// `Before → Inside → After`: looking for the array, reading it, done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Inside,
    After,
}

/// Reads the elements of the array at `key` of the outermost object.
#[derive(Debug)]
pub(super) struct Elements<R> {
    input: Bytes<R>,
    key: &'static str,
    /// That of the byte read last.
    line: u64,
    /// That byte ended its line.
    line_ended: bool,
    place: Place,
}

impl<R: BufRead> Elements<R> {
    /// Elements of the array at `key` in `input`, of which `passed` lines were read before.
    pub(super) fn after(passed: u64, input: R, key: &'static str) -> Self {
        Self {
            input: input.bytes(),
            key,
            line: passed + 1,
            line_ended: false,
            place: Place::Before,
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, FormatError> {
        let byte = self
            .input
            .next()
            .transpose()
            .map_err(|e| FormatError::Input(e.kind()))?;
        if byte.is_some() {
            self.line += u64::from(self.line_ended);
            self.line_ended = byte == Some(b'\n');
        }
        Ok(byte)
    }

    /// Reads on until the array has begun.
    fn find_array(&mut self) -> Result<(), FormatError> {
        let (mut depth, mut key, mut after_colon) = (0_usize, Vec::new(), false);
        loop {
            match self
                .byte()?
                .ok_or(FormatError::Missing { field: self.key })?
            {
                b'[' if depth == 1 && after_colon && key == self.key.as_bytes() => {
                    self.place = Place::Inside;
                    return Ok(());
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b':' if depth == 1 => after_colon = true,
                b',' if depth == 1 => after_colon = false,
                b'"' => {
                    let string = self.string()?;
                    if depth == 1 && !after_colon {
                        key = string;
                    }
                }
                _ => {}
            }
        }
    }

    /// A string after its opening quote; what is too long for a key is passed over.
    fn string(&mut self) -> Result<Vec<u8>, FormatError> {
        let (mut string, mut escaped) = (Vec::new(), false);
        loop {
            let byte = self.byte()?.ok_or(FormatError::NotJson)?;
            if byte == b'"' && !escaped {
                return Ok(string);
            }
            escaped = byte == b'\\' && !escaped;
            if string.len() <= self.key.len() {
                string.push(byte);
            }
        }
    }

    /// The next element; `None` at the array's end.
    fn element(&mut self) -> Result<Option<Element>, Skipped> {
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        let mut element = Element {
            line: self.line,
            bytes: Vec::new(),
        };
        let mut length = 0_usize;
        loop {
            let read = self.byte();
            let line = self.line;
            let Some(byte) = read.map_err(Skipped::at(line))? else {
                self.place = Place::After;
                // The file ends before the array does.
                return Err(Skipped {
                    line,
                    why: FormatError::NotJson,
                });
            };
            if in_string {
                in_string = byte != b'"' || escaped;
                escaped = byte == b'\\' && !escaped;
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b']' if depth == 0 => {
                        self.place = Place::After;
                        return bounded(element, length);
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    b',' if depth == 0 && length == 0 => continue,
                    b',' if depth == 0 => return bounded(element, length),
                    white if length == 0 && white.is_ascii_whitespace() => continue,
                    _ => {}
                }
            }
            if length == 0 {
                element.line = line;
            }
            length = length.saturating_add(1);
            if length <= MAX_LINE_BYTES {
                element.bytes.push(byte);
            }
        }
    }
}

fn bounded(element: Element, length: usize) -> Result<Option<Element>, Skipped> {
    if length > MAX_LINE_BYTES {
        return Err(Skipped {
            line: element.line,
            why: FormatError::TooLong,
        });
    }
    Ok((length > 0).then_some(element))
}

impl<R: BufRead> Iterator for Elements<R> {
    type Item = Result<Element, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::Before
            && let Err(why) = self.find_array()
        {
            self.place = Place::After;
            return Some(Err(Skipped {
                line: self.line,
                why,
            }));
        }
        if self.place == Place::After {
            return None;
        }
        let element = self.element();
        if matches!(
            &element,
            Err(Skipped {
                why: FormatError::Input(_),
                ..
            })
        ) {
            self.place = Place::After;
        }
        element.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::lines::tests::Broken;
    use std::io::BufReader;

    fn elements(input: &[u8]) -> Vec<Result<(u64, String), Skipped>> {
        let elements = Elements::after(0, input, "entries");
        let shown = |element: Element| (element.line, String::from_utf8(element.bytes).unwrap());
        elements.map(|element| element.map(shown)).collect()
    }

    #[test]
    fn each_element_comes_with_its_line() {
        let json = br#"{"tags": {"entries": [0], "]": 1}, "n": "entries",
            "entries": [ {"a": "]},\""},
              [1, {"b": 2}] , 3
            ], "entries": [4]}"#;
        let expected = [
            (2, r#"{"a": "]},\""}"#),
            (3, r#"[1, {"b": 2}] "#),
            (3, "3\n            "),
        ];
        assert_eq!(
            elements(json),
            expected.map(|(line, text)| Ok((line, text.to_owned())))
        );
        assert_eq!(elements(br#"{"entries": []}"#), []);
    }

    #[test]
    fn a_file_without_the_array_says_so() {
        let missing = Skipped {
            line: 1,
            why: FormatError::Missing { field: "entries" },
        };
        assert_eq!(elements(b"{}"), [Err(missing.clone())]);
        assert_eq!(elements(b""), [Err(missing)]);
        let cut = Skipped {
            line: 1,
            why: FormatError::NotJson,
        };
        assert_eq!(elements(br#"{"entr"#), [Err(cut)]);
    }

    #[test]
    fn what_was_whole_before_the_cut_is_read() {
        let cut = Skipped {
            line: 2,
            why: FormatError::NotJson,
        };
        assert_eq!(
            elements(b"{\"entries\": [1,\n{\"a\": "),
            [Ok((1, "1".into())), Err(cut.clone())]
        );
        // The line after the last break is none.
        assert_eq!(
            elements(b"{\"entries\": [1,\n{\"a\": \n"),
            [Ok((1, "1".into())), Err(cut)]
        );
    }

    #[test]
    fn an_element_that_is_too_long_is_skipped_and_the_next_is_read() {
        let mut json = br#"{"entries": [""#.to_vec();
        json.resize(MAX_LINE_BYTES + 100, b'x');
        json.extend_from_slice(b"\", 2]}");
        let skipped = Skipped {
            line: 1,
            why: FormatError::TooLong,
        };
        assert_eq!(elements(&json), [Err(skipped), Ok((1, "2".into()))]);
    }

    #[test]
    fn an_input_that_breaks_off_is_said_once() {
        let mut elements = Elements::after(0, BufReader::new(Broken), "entries");
        assert!(matches!(
            elements.next(),
            Some(Err(Skipped {
                why: FormatError::Input(_),
                ..
            }))
        ));
        assert_eq!(elements.next(), None);
    }
}
