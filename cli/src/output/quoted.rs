//! A name within a command that somebody may copy, and a name that somebody else chose within a sentence of ours.

/// A name as a shell takes it.
pub(crate) fn quoted(name: &str) -> String {
    if name.chars().all(char::is_alphanumeric) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// What somebody else chose, as a name or a question, within what Daymark says: in quotation marks that it cannot
/// close, so it never reads as Daymark's own words.
pub(crate) fn in_quotes(theirs: &str) -> String {
    let mut quoted = String::from("\"");
    for c in theirs.chars() {
        if c == '\\' || CLOSES.contains(&c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// What could be taken for the end of a quotation.
const CLOSES: [char; 11] = ['"', '“', '”', '„', '‟', '«', '»', '″', '〝', '〞', '＂'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_as_a_shell_reads_it() {
        assert_eq!(quoted("sister"), "sister");
        assert_eq!(quoted("my sister"), "'my sister'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn what_somebody_else_chose_closes_no_quotation() {
        assert_eq!(in_quotes("O'Brien"), r#""O'Brien""#);
        assert_eq!(in_quotes(r#"Mum", and "Dad"#), r#""Mum\", and \"Dad""#);
        assert_eq!(in_quotes(r#"Mum\", and"#), r#""Mum\\\", and""#);
        assert_eq!(in_quotes("Mum”, and"), r#""Mum\”, and""#);
    }
}
