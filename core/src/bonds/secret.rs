//! An invitation's secret, and the two things derived from it: what the relay may see, and what it must not.

use crate::{
    random::{NoRandomness, Purpose, Random},
    secret::{Secret, derive},
};
use daymark_wire::{
    AccountId, Hash, SpaceId,
    invitation::{Decline, InvitationToken},
    logs::Head,
};
use ring::hmac;

/// 32 random bytes that whoever holds the invitation knows. The owner's journal keeps them while the
/// invitation is open, so that any of the owner's devices can check the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationSecret(Secret<32>);

/// What an *accept* is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// The *invite* link.
    pub invite: Hash,
    /// The owner, and their head as the invitation showed it.
    pub owner: (AccountId, Head),
    /// The supporter, and the head of theirs that *accept* rests on.
    pub supporter: (AccountId, Head),
}

impl InvitationSecret {
    /// Draws a new secret.
    pub(super) fn generate(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.secret(Purpose::Invitation)?))
    }

    /// The secret of these bytes.
    #[must_use]
    pub const fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// The bytes, to be kept in the owner's journal.
    #[must_use]
    pub const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// What is shown to the relay. Nothing else can be derived from it.
    #[must_use]
    pub fn token(&self) -> InvitationToken {
        let token = derive::<32>(b"", self.0.expose(), &[b"daymark/1/bond/token"]);
        InvitationToken::from_bytes(*token.expose())
    }

    /// The MAC that an *accept* carries.
    pub(super) fn accept_mac(&self, terms: &Terms) -> Hash {
        Hash::from_bytes(self.mac(&terms.to_bytes()))
    }

    /// Whether this MAC was made with this secret for these terms; in constant time.
    pub(super) fn has_accepted(&self, terms: &Terms, mac: &Hash) -> bool {
        hmac::verify(&self.answer_key(), &terms.to_bytes(), mac.as_bytes()).is_ok()
    }

    /// The answer of somebody who declines.
    pub(super) fn decline(&self, bond: SpaceId) -> Decline {
        Decline::from_bytes(self.mac(&declining(bond)))
    }

    /// Whether a holder of the invitation declined; in constant time.
    #[must_use]
    pub fn has_declined(&self, bond: SpaceId, answer: &Decline) -> bool {
        hmac::verify(&self.answer_key(), &declining(bond), answer.as_bytes()).is_ok()
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mac = hmac::sign(&self.answer_key(), message);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(mac.as_ref());
        bytes
    }

    fn answer_key(&self) -> hmac::Key {
        let key = derive::<32>(b"", self.0.expose(), &[b"daymark/1/bond/answer"]);
        hmac::Key::new(hmac::HMAC_SHA256, key.expose())
    }
}

impl Terms {
    fn to_bytes(self) -> Vec<u8> {
        let [owner, supporter] = [self.owner, self.supporter].map(|(account, head)| {
            let length = head.length.to_be_bytes();
            [account.as_bytes().as_slice(), &length, head.hash.as_bytes()].concat()
        });
        [
            b"daymark/1/bond/accept\0".as_slice(),
            self.invite.as_bytes(),
            &owner,
            &supporter,
        ]
        .concat()
    }
}

fn declining(bond: SpaceId) -> Vec<u8> {
    [b"daymark/1/bond/decline\0".as_slice(), bond.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::seeded;
    use daymark_wire::logs::HeadHash;

    fn terms() -> Terms {
        let head = |n| Head {
            length: n,
            hash: HeadHash::from_bytes([1; 16]),
        };
        Terms {
            invite: Hash::from_bytes([2; 32]),
            owner: (AccountId::from_bytes([3; 16]), head(4)),
            supporter: (AccountId::from_bytes([5; 16]), head(6)),
        }
    }

    #[test]
    fn b3_the_mac_is_bound_to_the_invite_and_to_both_accounts_and_heads() {
        let secret = InvitationSecret::generate(&seeded(1)).unwrap();
        let mac = secret.accept_mac(&terms());
        assert!(secret.has_accepted(&terms(), &mac));
        type Alter = fn(&mut Terms);
        let alterations: [Alter; 7] = [
            |terms| terms.invite = Hash::from_bytes([9; 32]),
            |terms| terms.owner.0 = AccountId::from_bytes([9; 16]),
            |terms| terms.owner.1.length += 1,
            |terms| terms.owner.1.hash = HeadHash::from_bytes([9; 16]),
            |terms| terms.supporter.0 = AccountId::from_bytes([9; 16]),
            |terms| terms.supporter.1.length += 1,
            |terms| terms.supporter.1.hash = HeadHash::from_bytes([9; 16]),
        ];
        for alter in alterations {
            let mut other = terms();
            alter(&mut other);
            assert!(!secret.has_accepted(&other, &mac), "{other:?}");
        }
        let mut swapped = terms();
        std::mem::swap(&mut swapped.owner, &mut swapped.supporter);
        assert!(!secret.has_accepted(&swapped, &mac));
        let another = InvitationSecret::generate(&seeded(2)).unwrap();
        assert!(!another.has_accepted(&terms(), &mac));
        for bit in 0..256 {
            let mut altered = *mac.as_bytes();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(!secret.has_accepted(&terms(), &Hash::from_bytes(altered)));
        }
    }

    #[test]
    fn a_decline_is_for_one_bond_and_is_no_accept() {
        let secret = InvitationSecret::generate(&seeded(1)).unwrap();
        let (bond, other) = (SpaceId::from_bytes([1; 16]), SpaceId::from_bytes([2; 16]));
        let answer = secret.decline(bond);
        assert!(secret.has_declined(bond, &answer));
        assert!(!secret.has_declined(other, &answer));
        let accept = secret.accept_mac(&terms());
        let as_decline = Decline::from_bytes(*accept.as_bytes());
        assert!(!secret.has_declined(bond, &as_decline));
        let another = InvitationSecret::generate(&seeded(2)).unwrap();
        assert!(!another.has_declined(bond, &answer));
    }

    #[test]
    fn a4_the_token_gives_neither_the_secret_nor_an_answer() {
        let secret = InvitationSecret::generate(&seeded(1)).unwrap();
        let token = secret.token();
        let shown = [token.as_bytes(), token.hash().as_bytes()].map(|bytes| *bytes);
        for bytes in shown {
            assert_ne!(&bytes, secret.secret().expose());
            // A relay that takes what it saw for the secret makes no answer that holds.
            let guess = InvitationSecret(Secret::from_slice(&bytes).unwrap());
            let forged = guess.accept_mac(&terms());
            assert!(!secret.has_accepted(&terms(), &forged));
            // Nor one that takes it for the answer key itself.
            let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
            let mac = hmac::sign(&key, &terms().to_bytes());
            let forged = Hash::from_bytes(mac.as_ref().try_into().unwrap());
            assert!(!secret.has_accepted(&terms(), &forged));
        }
    }
}
