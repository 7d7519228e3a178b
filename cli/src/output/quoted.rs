//! A name within a command that somebody may copy.

/// A name as a shell takes it.
pub(crate) fn quoted(name: &str) -> String {
    if name.chars().all(char::is_alphanumeric) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_a_shell_reads_it() {
        assert_eq!(quoted("sister"), "sister");
        assert_eq!(quoted("my sister"), "'my sister'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
