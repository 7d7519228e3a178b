//! Lines of an input, none longer than [`MAX_LINE_BYTES`] in memory.

use super::{FormatError, MAX_LINE_BYTES, Skipped};
use std::io::{self, BufRead, Read};

/// One line without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    /// Not yet known to be text.
    pub(super) bytes: Vec<u8>,
}

/// Reads lines; one that is too long is skipped to its end.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Lines of `input`, of which `passed` were read before.
    pub(super) const fn after(passed: u64, input: R) -> Self {
        Self {
            input,
            number: passed,
            ended: false,
        }
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>, FormatError> {
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_LINE_BYTES)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let input = &mut self.input;
        input
            .take(most)
            .read_until(b'\n', &mut bytes)
            .map_err(|e| FormatError::Input(e.kind()))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        } else if bytes.len() > MAX_LINE_BYTES {
            skip_line(input).map_err(|e| FormatError::Input(e.kind()))?;
            return Err(FormatError::TooLong);
        }
        Ok(Some(bytes))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.number += 1;
        let line = self.line();
        self.ended = matches!(line, Ok(None) | Err(FormatError::Input(_)));
        let number = self.number;
        let line = line.map_err(Skipped::at(number)).transpose()?;
        Some(line.map(|bytes| Line { number, bytes }))
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                input.consume(end + 1);
                return Ok(());
            }
            None => {
                let all = buffer.len();
                input.consume(all);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::BufReader;

    /// An input that breaks off.
    pub(in crate::formats) struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    fn lines(input: &[u8]) -> Vec<Result<String, Skipped>> {
        let lines = Lines::after(0, input);
        lines
            .map(|line| line.map(|line| String::from_utf8(line.bytes).unwrap()))
            .collect()
    }

    #[test]
    fn lines_lose_their_breaks_and_nothing_else() {
        assert_eq!(
            lines(b"a\r\n\n b \rc"),
            [Ok("a".into()), Ok("".into()), Ok(" b \rc".into())]
        );
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        let mut input = vec![b'x'; 2 * MAX_LINE_BYTES];
        input.extend_from_slice(b"\nnext");
        let skipped = Skipped {
            line: 1,
            why: FormatError::TooLong,
        };
        assert_eq!(lines(&input), [Err(skipped), Ok("next".into())]);
        let fits = vec![b'x'; MAX_LINE_BYTES];
        assert!(lines(&fits)[0].is_ok());
    }

    #[test]
    fn an_input_that_breaks_off_is_said_once() {
        let mut lines = Lines::after(0, BufReader::new(Broken));
        let why = FormatError::Input(io::ErrorKind::ConnectionReset);
        assert_eq!(lines.next(), Some(Err(Skipped { line: 1, why })));
        assert_eq!(lines.next(), None);
    }
}
