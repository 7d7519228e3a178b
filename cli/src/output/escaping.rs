//! A writer that a terminal obeys nothing of.

use super::escaped;
use std::io::{self, Write};

/// Escapes what is written through it, a line at a time.
#[derive(Debug)]
pub(crate) struct Escaping<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self {
            out,
            line: Vec::new(),
        }
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.line.push(*byte);
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.out
                    .write_all(escaped(&String::from_utf8_lossy(&line)).as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out
            .write_all(escaped(&String::from_utf8_lossy(&line)).as_bytes())?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_came_in_pieces_stay_whole() {
        let mut shown = Vec::new();
        let mut writer = Escaping::new(&mut shown);
        for byte in "é\u{1b}[2J\n🌿".bytes() {
            writer.write_all(&[byte]).unwrap();
        }
        writer.flush().unwrap();
        assert_eq!(String::from_utf8(shown).unwrap(), "é\\u{1b}[2J\n🌿");
    }
}
