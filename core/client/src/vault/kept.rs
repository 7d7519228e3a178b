//! The key at hand: a vault's key as it lies in the operating system's keyring, with its time (rule K5).

use super::Vault;
use daymark_core::{keys::VaultKey, secret::Secret};
use std::time::Duration;
use zeroize::Zeroizing;

/// The number of this layout: `layout ‖ since ‖ until ‖ key`, the times big-endian.
const LAYOUT: u8 = 1;
const TIME_BYTES: usize = size_of::<u64>();
const KEY_BYTES: usize = 32;
const BYTES: usize = 1 + 2 * TIME_BYTES + KEY_BYTES;

/// A vault's key, and the time in which it opens the vault without the passphrase. It belongs into the
/// operating system's keyring and nowhere else.
///
/// The time is part of it, as not every keyring has an expiry of its own. It has a beginning too: a clock that
/// is set back does not make the key last longer (threat K12).
#[derive(Debug)]
pub struct KeptKey {
    key: VaultKey,
    since_ms: u64,
    until_ms: u64,
}

impl KeptKey {
    /// The longest that a key is kept: a device that was left open somewhere is locked the next day.
    pub const LONGEST: Duration = Duration::from_hours(24);

    /// Until when it may be used, in milliseconds since 1970.
    #[must_use]
    pub const fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// Whether it may be used at this time, in milliseconds since 1970.
    #[must_use]
    pub fn is_good_at(&self, now_ms: u64) -> bool {
        (self.since_ms..self.until_ms).contains(&now_ms)
    }

    pub(super) fn key_at(&self, now_ms: u64) -> Option<&VaultKey> {
        self.is_good_at(now_ms).then_some(&self.key)
    }

    /// What the keyring keeps.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.push(LAYOUT);
        bytes.extend(self.since_ms.to_be_bytes());
        bytes.extend(self.until_ms.to_be_bytes());
        bytes.extend(self.key.secret().expose());
        bytes
    }

    /// What the keyring gave back; none when it is not this, or is to last longer than a key may.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[LAYOUT], rest) = bytes.split_first_chunk()? else {
            return None;
        };
        let (since, rest) = rest.split_first_chunk::<TIME_BYTES>()?;
        let (until, key) = rest.split_first_chunk::<TIME_BYTES>()?;
        let (since_ms, until_ms) = (u64::from_be_bytes(*since), u64::from_be_bytes(*until));
        let lasts = Duration::from_millis(until_ms.checked_sub(since_ms)?);
        let key = VaultKey::from_secret(Secret::from_slice(key)?);
        (lasts <= Self::LONGEST).then_some(Self {
            key,
            since_ms,
            until_ms,
        })
    }
}

impl Vault {
    /// The key for the keyring, good from `now_ms` (milliseconds since 1970) for as long as said, and never
    /// longer than [`KeptKey::LONGEST`].
    #[must_use]
    pub fn kept_key(&self, now_ms: u64, lasts: Duration) -> KeptKey {
        let lasts = lasts.min(KeptKey::LONGEST).as_millis();
        let lasts = u64::try_from(lasts).unwrap_or(u64::MAX);
        KeptKey {
            key: self.key(),
            since_ms: now_ms,
            until_ms: now_ms.saturating_add(lasts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(since_ms: u64, until_ms: u64) -> KeptKey {
        KeptKey {
            key: VaultKey::from_secret(Secret::new(Zeroizing::new([7; 32]))),
            since_ms,
            until_ms,
        }
    }

    #[test]
    fn k12_it_is_good_in_its_time_only() {
        let kept = kept(1000, 2000);
        for (now, good) in [
            (0, false),
            (999, false),
            (1000, true),
            (1999, true),
            (2000, false),
        ] {
            assert_eq!(kept.is_good_at(now), good, "{now}");
            assert_eq!(kept.key_at(now).is_some(), good, "{now}");
        }
    }

    #[test]
    fn it_comes_back_as_it_was_kept_and_nothing_else_is_taken_for_it() {
        let bytes = kept(1000, 2000).to_bytes();
        let back = KeptKey::from_bytes(&bytes).unwrap();
        assert_eq!((back.since_ms, back.until_ms), (1000, 2000));
        assert_eq!(back.key, kept(0, 0).key);
        for length in 0..bytes.len() {
            assert!(KeptKey::from_bytes(&bytes[..length]).is_none());
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(KeptKey::from_bytes(&longer).is_none());
        let mut later = bytes.to_vec();
        later[0] = LAYOUT + 1;
        assert!(KeptKey::from_bytes(&later).is_none());
    }

    #[test]
    fn k12_none_lasts_longer_than_a_key_may() {
        let longest = u64::try_from(KeptKey::LONGEST.as_millis()).unwrap();
        let taken = |since, until| KeptKey::from_bytes(&kept(since, until).to_bytes()).is_some();
        assert!(taken(5, 5 + longest));
        assert!(!taken(5, 6 + longest));
        assert!(!taken(0, u64::MAX));
        assert!(!taken(6, 5));
    }

    #[test]
    fn it_prints_nothing_of_the_key() {
        assert_eq!(
            format!("{:?}", kept(1, 2)),
            "KeptKey { key: VaultKey([redacted]), since_ms: 1, until_ms: 2 }"
        );
    }
}
