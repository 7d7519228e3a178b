//! The recovery phrase: 24 words that give the root key and the recovery key (rule K2).

use super::WrappingKey;
use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::{Secret, derive},
};
use bip39::{Language, Mnemonic};
use daymark_wire::{SigningKey, VerifyingKey};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// What was typed is not a recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhraseError {
    /// Another number of words.
    #[error("a recovery phrase has 24 words; there are {0}")]
    WordCount(usize),
    /// A word that is not on the list. Words are counted from 1.
    #[error("word {0} is not on the list of words")]
    UnknownWord(usize),
    /// All are words, but one is another than was shown, or two changed places.
    #[error("the words do not fit together: one of them is another, or two changed places")]
    Checksum,
}

/// 32 random bytes, shown once as 24 words (BIP-39, English).
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryPhrase(Secret<32>);

impl RecoveryPhrase {
    /// Draws a new phrase.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.secret(Purpose::Phrase)?))
    }

    /// The 24 words, separated by spaces.
    #[must_use]
    #[expect(clippy::expect_used, reason = "32 bytes are 24 words")]
    pub fn words(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.0.expose())
            .expect("32 bytes of entropy");
        let mut words = Zeroizing::new(String::with_capacity(24 * 9));
        for (n, word) in mnemonic.words().enumerate() {
            if n > 0 {
                words.push(' ');
            }
            words.push_str(word);
        }
        words
    }

    /// Reads 24 words; capitals, line breaks and further spaces do not matter.
    ///
    /// # Errors
    /// [`PhraseError`], which says what to look at.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        let lower = Zeroizing::new(text.to_lowercase());
        let words: Vec<&str> = lower.split_whitespace().collect();
        if words.len() != 24 {
            return Err(PhraseError::WordCount(words.len()));
        }
        if let Some(unknown) = words
            .iter()
            .position(|word| Language::English.find_word(word).is_none())
        {
            return Err(PhraseError::UnknownWord(unknown + 1));
        }
        let joined = Zeroizing::new(words.join(" "));
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &joined)
            .map_err(|_| PhraseError::Checksum)?;
        let entropy = Zeroizing::new(mnemonic.to_entropy());
        Secret::from_slice(&entropy)
            .map(Self)
            .ok_or(PhraseError::Checksum)
    }

    /// The key that founds the account and can set it right.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        let seed = derive::<32>(b"", self.0.expose(), &[b"daymark/1/root"]);
        RootKey(SigningKey::from_seed(seed.expose_zeroizing()))
    }

    /// The key for which every epoch of the journal is also wrapped.
    #[must_use]
    pub fn recovery_key(&self) -> WrappingKey {
        WrappingKey::from_seed(derive(b"", self.0.expose(), &[b"daymark/1/recovery"]))
    }
}

impl fmt::Debug for RecoveryPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPhrase([redacted])")
    }
}

/// The account's root key. Lives only while the phrase is at hand.
#[derive(Debug)]
pub struct RootKey(SigningKey);

impl RootKey {
    /// The private half, to sign links with.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.0
    }

    /// The public half.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.0.verifying_key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;

    #[test]
    fn the_words_give_the_phrase_back_however_they_are_typed() {
        let phrase = RecoveryPhrase::generate(&seeded(1)).unwrap();
        let words = phrase.words().to_uppercase().replace(' ', "\n  ");
        assert_eq!(RecoveryPhrase::parse(&words), Ok(phrase));
    }

    #[test]
    fn a_wrong_word_is_named_by_its_place() {
        let phrase = RecoveryPhrase::generate(&seeded(1)).unwrap();
        let words = phrase.words();
        let mut list: Vec<&str> = words.split(' ').collect();
        list[4] = "daymark";
        assert_eq!(
            RecoveryPhrase::parse(&list.join(" ")),
            Err(PhraseError::UnknownWord(5))
        );
        assert_eq!(
            RecoveryPhrase::parse("abandon"),
            Err(PhraseError::WordCount(1))
        );
        let all_same = ["abandon"; 24].join(" ");
        assert_eq!(RecoveryPhrase::parse(&all_same), Err(PhraseError::Checksum));
    }

    #[test]
    fn the_phrase_of_zeros_gives_the_frozen_keys() {
        let phrase =
            RecoveryPhrase::parse(&([["abandon"; 23].as_slice(), &["art"]].concat()).join(" "))
                .unwrap();
        insta::assert_debug_snapshot!((
            phrase.root_key().verifying_key(),
            phrase.recovery_key().public().hash(),
        ));
    }
}
