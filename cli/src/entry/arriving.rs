//! A text on its way in from the input. Where an end is wished before its own, so much of it is there.

use super::{EntryError, text::MAX_READ_BYTES};
use std::{
    io::{self, Read},
    str,
};
use tokio::sync::mpsc;

/// What is read at once at most, in bytes.
const PIECE: usize = 8 * 1024;

/// See the module.
#[derive(Debug)]
pub(crate) struct Arriving {
    pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    so_far: Vec<u8>,
}

impl Arriving {
    /// Begins to read.
    pub(crate) fn from(input: impl Read + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::channel(1);
        tokio::task::spawn_blocking(move || pass_on(input.take(MAX_READ_BYTES), &sender));
        Self {
            pieces,
            so_far: Vec::new(),
        }
    }

    /// Waits until all is there. May be given up at any time.
    pub(crate) async fn whole(&mut self) -> Result<(), EntryError> {
        while let Some(piece) = self.pieces.recv().await {
            self.so_far.extend(piece.map_err(EntryError::Input)?);
        }
        Ok(())
    }

    /// All that was waited for.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.so_far
    }

    /// What is there, to its last whole letter.
    pub(crate) fn so_far(mut self) -> Vec<u8> {
        while let Ok(Ok(piece)) = self.pieces.try_recv() {
            self.so_far.extend(piece);
        }
        if let Err(error) = str::from_utf8(&self.so_far)
            && error.error_len().is_none()
        {
            self.so_far.truncate(error.valid_up_to());
        }
        self.so_far
    }
}

/// Until the end of the input, or until nobody wants any more of it.
fn pass_on(mut input: impl Read, pieces: &mpsc::Sender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = match input.read(&mut piece) {
            Ok(0) => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(length) => {
                piece.truncate(length);
                Ok(piece)
            }
            Err(error) => Err(error),
        };
        let is_last = read.is_err();
        if pieces.blocking_send(read).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_a_letter_is_left_out() {
        for (input, so_far) in [
            ("a walk".as_bytes(), "a walk".as_bytes()),
            (b"caf\xc3", b"caf"),
            (b"\xff\xc3", b"\xff\xc3"),
        ] {
            let mut arriving = Arriving::from(input);
            arriving.whole().await.unwrap();
            assert_eq!(arriving.so_far(), so_far);
        }
    }
}
