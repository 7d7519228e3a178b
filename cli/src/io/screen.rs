//! A screen of its own for what must not stay on the terminal: it is gone when this is.

use super::{AskError, Io};

/// The terminal's second screen, which it keeps no history of.
#[derive(Debug)]
pub(crate) struct Screen<'i>(&'i mut Io);

impl<'i> Screen<'i> {
    const OPEN: &'static str = "\u{1b}[?1049h\u{1b}[H";
    const CLOSE: &'static str = "\u{1b}[?1049l";

    /// Goes there.
    pub(crate) fn open(io: &'i mut Io) -> Result<Self, AskError> {
        write!(io.err(), "{}", Self::OPEN).map_err(AskError::Terminal)?;
        Ok(Self(io))
    }

    /// Shows a text, and waits for a line.
    pub(crate) async fn ask(&mut self, text: &str, question: &str) -> Result<(), AskError> {
        write!(self.0.err(), "{text}").map_err(AskError::Terminal)?;
        self.0.ask(question).await.map(drop)
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        let err = self.0.err();
        let _ = write!(err, "{}", Self::CLOSE).and_then(|()| err.flush());
    }
}
