//! A text that was written while the entry changed elsewhere.
//!
//! An editor may be open for an hour, and a sync brings in another device's change meanwhile. What the
//! person changed in the text that they began with is put into the text as it is now. Where both changed the
//! same place, both stay.

/// The text as it is `now`, with what leads from `began` to `mine`.
pub(crate) fn rebased(began: &str, mine: &str, now: &str) -> String {
    if now == began {
        return mine.to_owned();
    }
    if mine == began || mine == now {
        return now.to_owned();
    }
    let (my, their) = (
        Replaced::between(began, mine),
        Replaced::between(began, now),
    );
    if my.until <= their.from {
        return joined(began, &my, &their);
    }
    if their.until <= my.from {
        return joined(began, &their, &my);
    }
    if my.with.trim().is_empty() {
        return now.to_owned();
    }
    format!("{now}\n\n{}", my.with)
}

/// One stretch of a text, and what stands there instead.
struct Replaced<'t> {
    from: usize,
    until: usize,
    with: &'t str,
}

impl<'t> Replaced<'t> {
    fn between(before: &str, after: &'t str) -> Self {
        let from = common(before.chars(), after.chars());
        let (rest, new) = (tail(before, from), tail(after, from));
        let end = common(rest.chars().rev(), new.chars().rev());
        Self {
            from,
            until: before.len() - end,
            with: new.get(..new.len() - end).unwrap_or(new),
        }
    }
}

/// Bytes that both have in common at their beginning.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one == other)
        .map(|(c, _)| c.len_utf8())
        .sum()
}

fn tail(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

fn joined(began: &str, first: &Replaced<'_>, second: &Replaced<'_>) -> String {
    let between = began.get(first.until..second.from).unwrap_or_default();
    let before = began.get(..first.from).unwrap_or_default();
    [
        before,
        first.with,
        between,
        second.with,
        tail(began, second.until),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: &str = "Up late. A walk by the canal. Tea. 🌿";

    #[test]
    fn what_changed_in_different_places_is_all_there() {
        let mine = BEGAN.replace("Up late", "Up at six");
        let now = BEGAN.replace("🌿", "🌻");
        let both = "Up at six. A walk by the canal. Tea. 🌻";
        assert_eq!(rebased(BEGAN, &mine, &now), both);
        assert_eq!(rebased(BEGAN, &now, &mine), both);
    }

    #[test]
    fn where_only_one_changed_it_that_stands() {
        assert_eq!(rebased(BEGAN, "mine", BEGAN), "mine");
        assert_eq!(rebased(BEGAN, BEGAN, "theirs"), "theirs");
        assert_eq!(rebased(BEGAN, "same", "same"), "same");
    }

    #[test]
    fn where_both_changed_the_same_place_both_stay() {
        let mine = BEGAN.replace("canal", "river");
        let now = BEGAN.replace("canal", "sea wall");
        let both = rebased(BEGAN, &mine, &now);
        assert!(
            both.starts_with(&now) && both.ends_with("\n\nriver"),
            "{both}"
        );
    }
}
