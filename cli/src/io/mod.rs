//! Where a command reads and writes, and whether a person sits there.
//!
//! The program uses its own standard streams; a test or the tour hands in others, and can stop a command
//! that waits.

mod ask;
mod screen;
mod signals;
mod stop;
mod why;

pub use stop::{Stop, Stopper};

pub(crate) use ask::AskError;
pub(crate) use screen::Screen;
pub(crate) use signals::listen;
pub(crate) use why::Why;

use std::{
    fmt,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
};

/// An input that another thread may wait on.
type Input = Arc<Mutex<dyn BufRead + Send>>;

/// Input, output, and what is known of them.
pub struct Io {
    input: Input,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    terminal: Terminal,
    stop: Stop,
}

/// Which of the streams lead to a person.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Somebody can be asked.
    pub input: bool,
    /// What is printed is shown, not kept: it is escaped.
    pub out: bool,
    /// Notes and questions are seen.
    pub err: bool,
    /// It is the terminal of this process: passphrases are read from it without echo, and progress is
    /// drawn on it.
    pub real: bool,
}

impl Io {
    /// The standard streams of this process.
    #[must_use]
    pub fn standard(stop: Stop) -> Self {
        let terminal = Terminal {
            input: io::stdin().is_terminal(),
            out: io::stdout().is_terminal(),
            err: io::stderr().is_terminal(),
            real: true,
        };
        let out = BufWriter::new(io::stdout());
        Self::new(
            BufReader::new(io::stdin()),
            out,
            io::stderr(),
            terminal,
            stop,
        )
    }

    /// Other streams.
    #[must_use]
    pub fn new(
        input: impl BufRead + Send + 'static,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
        terminal: Terminal,
        stop: Stop,
    ) -> Self {
        Self {
            input: Arc::new(Mutex::new(input)),
            out: Box::new(out),
            err: Box::new(err),
            terminal,
            stop,
        }
    }

    pub(crate) const fn terminal(&self) -> Terminal {
        self.terminal
    }

    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    pub(crate) fn out(&mut self) -> &mut (dyn Write + Send) {
        &mut *self.out
    }

    pub(crate) fn err(&mut self) -> &mut (dyn Write + Send) {
        &mut *self.err
    }

    /// The input as a reader of its own.
    pub(crate) fn reader(&self) -> impl BufRead + Send + use<> {
        BufReader::new(Shared(Arc::clone(&self.input)))
    }

    fn input(&self) -> Input {
        Arc::clone(&self.input)
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

/// Reads from the one input, locking it for each read.
struct Shared(Input);

impl io::Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .read(buffer)
    }
}
