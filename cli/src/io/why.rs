//! Why the system refused something, in words that are not the system's.

use std::{
    fmt,
    io::{Error, ErrorKind},
};

/// An error of the system, as the end of a sentence.
#[derive(Debug)]
pub(crate) struct Why<'e>(pub(crate) &'e Error);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind() {
            ErrorKind::NotFound => "it is not there",
            ErrorKind::PermissionDenied => "you may not do that there",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                "there is no room left"
            }
            ErrorKind::ReadOnlyFilesystem => "the disk can only be read",
            ErrorKind::IsADirectory => "it is a folder",
            ErrorKind::NotADirectory => "a part of its path is no folder",
            ErrorKind::InvalidFilename | ErrorKind::InvalidInput => "no file can have that name",
            ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => "it was closed",
            ErrorKind::InvalidData => "it is not text",
            ErrorKind::ResourceBusy => "another program uses it",
            _ => "the system does not say why",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_words_are_not_shown() {
        let why = |kind: ErrorKind| Why(&kind.into()).to_string();
        assert_eq!(why(ErrorKind::StorageFull), "there is no room left");
        assert_eq!(why(ErrorKind::NotFound), "it is not there");
        assert_eq!(why(ErrorKind::Deadlock), "the system does not say why");
    }
}
