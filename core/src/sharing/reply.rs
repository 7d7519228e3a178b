//! A supporter's reply to what was shared. It has no time of its own (threat K2).

use super::{ShareId, SharedText, SharingError};
use minicbor::{Decode, Decoder, Encode, decode};

/// The longest reply, in bytes of UTF-8: many pages.
pub const MAX_REPLY_BYTES: usize = 64 * 1024;

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Reply {
    /// What it answers.
    #[n(0)]
    share: ShareId,
    #[cbor(n(1), decode_with = "short_text")]
    text: SharedText,
}

impl Reply {
    /// A reply to a share.
    ///
    /// # Errors
    /// [`SharingError::EmptyReply`], [`SharingError::TooLong`].
    pub fn new(share: ShareId, text: &str) -> Result<Self, SharingError> {
        let text = SharedText::written(text)
            .filter(|text| !text.as_str().trim().is_empty())
            .ok_or(SharingError::EmptyReply)?;
        let bytes = text.as_str().len();
        if bytes > MAX_REPLY_BYTES {
            return Err(SharingError::TooLong {
                what: "reply",
                bytes,
                limit: MAX_REPLY_BYTES,
            });
        }
        Ok(Self { share, text })
    }

    /// What it answers.
    #[must_use]
    pub const fn share(&self) -> ShareId {
        self.share
    }

    /// What it says.
    #[must_use]
    pub const fn text(&self) -> &SharedText {
        &self.text
    }
}

fn short_text<C>(d: &mut Decoder<'_>, context: &mut C) -> Result<SharedText, decode::Error> {
    let text = SharedText::decode(d, context)?;
    if text.as_str().len() > MAX_REPLY_BYTES {
        return Err(decode::Error::message("a reply that is too long"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARE: ShareId = ShareId::from_bytes([3; 16]);

    #[test]
    fn a_reply_says_something_and_not_too_much() {
        assert_eq!(Reply::new(SHARE, " \n"), Err(SharingError::EmptyReply));
        assert!(Reply::new(SHARE, &"a".repeat(MAX_REPLY_BYTES)).is_ok());
        assert!(matches!(
            Reply::new(SHARE, &"a".repeat(MAX_REPLY_BYTES + 1)),
            Err(SharingError::TooLong { what: "reply", .. })
        ));
    }

    #[test]
    fn j5_a_reply_that_is_too_long_is_not_read() {
        let long = (SHARE, "a".repeat(MAX_REPLY_BYTES + 1));
        let bytes = minicbor::to_vec(&long).unwrap();
        assert!(minicbor::decode::<Reply>(&bytes).is_err());
    }
}
