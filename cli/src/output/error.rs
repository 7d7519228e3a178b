//! An error on its way out: for a person, or as JSON.

use super::{escaped, write_json};
use crate::{error::CliError, io::Io};
use serde::Serialize;

#[derive(Serialize)]
struct Outer<'e> {
    error: Inner<'e>,
}

#[derive(Serialize)]
struct Inner<'e> {
    code: &'e str,
    message: &'e str,
    hint: &'e str,
}

/// Prints it. If even that does not work, the exit code still says it.
pub(crate) fn print(error: &CliError, json: bool, io: &mut Io) {
    if !error.is_heard() {
        return;
    }
    let message = sentence(&error.to_string());
    let hint = error.hint();
    let err = io.err();
    let _ = if json {
        let inner = Inner {
            code: error.code(),
            message: &message,
            hint: &hint,
        };
        write_json(err, &Outer { error: inner })
    } else {
        writeln!(err, "{}\n  {}", escaped(&message), escaped(&hint))
    };
    let _ = err.flush();
}

/// With a capital at its beginning and a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(characters).collect();
    if !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_a_sentence() {
        assert_eq!(
            sentence("there is no vault here"),
            "There is no vault here."
        );
        assert_eq!(sentence("whole."), "Whole.");
    }
}
