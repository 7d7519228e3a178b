//! Bytes that stand somewhere in others.

use std::io::BufRead;

/// Whether bytes stand somewhere in others.
pub fn holds(place: &[u8], bytes: &[u8]) -> bool {
    position(place, bytes).is_some()
}

/// Where bytes stand in others for the first time; nowhere, where there are none.
///
/// Tests look through megabytes. `skip_until` finds where they may begin as fast in a build for tests as in any other.
pub fn position(place: &[u8], bytes: &[u8]) -> Option<usize> {
    let (first, others) = bytes.split_first()?;
    let mut rest = place;
    while rest.skip_until(*first).expect("it is in memory") > 0 {
        let at = place.len() - rest.len() - 1;
        if place[at] == *first && rest.starts_with(others) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_somewhere_is_found_where_it_begins() {
        let place = b"an anchor";
        assert_eq!(position(place, b"an"), Some(0));
        assert_eq!(position(place, b"anc"), Some(3));
        assert_eq!(position(place, b"r"), Some(8));
        assert_eq!(position(place, b"ror"), None);
        assert_eq!(position(place, b"anchors"), None);
        assert!(!holds(b"", b"a") && !holds(place, b"b"));
    }
}
