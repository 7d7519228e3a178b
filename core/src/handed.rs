//! Text that one person hands to another, past the relay: `daymark:WORD/1/` and base64url of some bytes. No
//! program sends it anywhere when somebody taps it, as it would a web address.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use daymark_wire::limits;
use std::fmt;
use zeroize::Zeroizing;

const SCHEME: &str = "daymark:";
/// The only version so far, of each word.
const VERSION: &str = "1";

/// Why a text was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is something else.
    Other,
    /// It begins rightly, but some of it is missing or changed.
    Damaged,
    /// A version that came later.
    Newer,
}

/// Writes the text of these bytes.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, word: &str, bytes: &[u8]) -> fmt::Result {
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes));
    write!(f, "{SCHEME}{word}/{VERSION}/{}", encoded.as_str())
}

/// Reads the bytes back. Spaces and line breaks in the text do not matter.
pub(crate) fn read(text: &str, word: &str) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let text: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    let rest = text
        .strip_prefix(SCHEME)
        .and_then(|rest| rest.strip_prefix(word)?.strip_prefix('/'))
        .ok_or(Unreadable::Other)?;
    let (version, encoded) = rest.split_once('/').ok_or(Unreadable::Damaged)?;
    if version != VERSION {
        let later = version.parse::<u32>().is_ok_and(|number| number > 1);
        return Err(if later {
            Unreadable::Newer
        } else {
            Unreadable::Damaged
        });
    }
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new);
    bytes.map_err(|_| Unreadable::Damaged)
}

/// Whether this is a relay's address. It comes out of a picture that somebody shows: text on one line, for HTTP.
pub(crate) fn is_address(url: &str) -> bool {
    url.len() <= limits::MAX_URL_BYTES
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && (url.starts_with("https://") || url.starts_with("http://"))
}
