//! What the target `version` does with its input; `core/tests/sharing` does the same with the corpus.

use daymark_core::sharing::Version;

/// Offers any bytes as the content of a `version` record.
///
/// # Panics
/// When bytes are read that are not the one encoding of what they say.
pub fn version(bytes: &[u8]) {
    if let Ok(version) = Version::from_bytes(bytes) {
        assert_eq!(version.to_bytes(), bytes, "one encoding of each");
        assert!(!format!("{version:?}").is_empty());
    }
}
