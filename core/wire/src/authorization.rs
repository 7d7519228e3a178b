//! Signed requests and signed replies (rule Q1): no session, no token, nothing to steal.
//!
//! A request carries `Authorization: Daymark <base64url of a CBOR array>`; the signature covers the relay's
//! key, account, device, method, path with query, hash of the body, time and nonce. The relay signs each
//! answer to such a request over the request's own signature, the status and the body: header
//! `Daymark-Reply: <base64url of 64 bytes>`.

use crate::{
    AccountId, DeviceId, Hash, Nonce, cbor,
    hash::Domain,
    logs::Author,
    signing::{BadSignature, Context, Signature, SigningKey, VerifyingKey},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// The scheme's name in the `Authorization` header.
pub const SCHEME: &str = "Daymark";

/// The header in which a relay signs its answer.
pub const REPLY_HEADER: &str = "daymark-reply";

/// Who asks, and the proof.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Authorization {
    /// The account.
    #[n(0)]
    pub account: AccountId,
    /// The device or root.
    #[n(1)]
    pub author: Author,
    /// Seconds since 1970 on the client's clock.
    #[n(2)]
    pub time: u64,
    /// Random; the relay refuses one that it has seen within twice the window.
    #[n(3)]
    pub nonce: Nonce,
    /// Over [`Request`].
    #[n(4)]
    pub signature: Signature,
}

/// What a request is, for its signature. The body enters by its hash.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The key of the relay that is asked: a request never holds at another.
    pub relay: &'a VerifyingKey,
    /// `POST`, `GET` …
    pub method: &'a str,
    /// The path with its query, as in the request line.
    pub path: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

/// The header is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the Authorization header is not one of this protocol")]
pub struct BadHeader;

impl Authorization {
    /// Signs a request.
    #[must_use]
    pub fn sign(
        request: &Request<'_>,
        account: AccountId,
        device: DeviceId,
        time: u64,
        nonce: Nonce,
        key: &SigningKey,
    ) -> Self {
        let author = Author::Device(device);
        let message = message(request, account, author, time, nonce);
        Self {
            account,
            author,
            time,
            nonce,
            signature: key.sign(Context::Request, &message),
        }
    }

    /// Checks the signature. Time and nonce are for the relay to judge.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, request: &Request<'_>, key: &VerifyingKey) -> Result<(), BadSignature> {
        let message = message(request, self.account, self.author, self.time, self.nonce);
        key.verify(Context::Request, &message, &self.signature)
    }

    /// The header's value.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("{SCHEME} {}", URL_SAFE_NO_PAD.encode(cbor::to_vec(self)))
    }

    /// Reads the header's value.
    ///
    /// # Errors
    /// [`BadHeader`].
    pub fn from_header(value: &str) -> Result<Self, BadHeader> {
        let (scheme, encoded) = value.split_once(' ').ok_or(BadHeader)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(BadHeader);
        }
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| BadHeader)?;
        cbor::exactly("authorization", &bytes, 512).map_err(|_| BadHeader)
    }

    /// The relay signs its answer to this request.
    #[must_use]
    pub fn sign_reply(&self, status: u16, body: &[u8], key: &SigningKey) -> String {
        let signature = key.sign(Context::Reply, &self.reply_message(status, body));
        URL_SAFE_NO_PAD.encode(signature.as_bytes())
    }

    /// The client checks the relay's answer to this request.
    ///
    /// # Errors
    /// [`BadSignature`], also when the header is not one.
    pub fn verify_reply(
        &self,
        status: u16,
        body: &[u8],
        header: &str,
        relay: &VerifyingKey,
    ) -> Result<(), BadSignature> {
        let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadSignature)?;
        let bytes = <[u8; 64]>::try_from(bytes.as_slice()).map_err(|_| BadSignature)?;
        let message = self.reply_message(status, body);
        relay.verify(Context::Reply, &message, &Signature::from_bytes(bytes))
    }

    fn reply_message(&self, status: u16, body: &[u8]) -> Vec<u8> {
        let hash = Hash::of(Domain::Message, &[body]);
        [
            self.signature.as_bytes().as_slice(),
            &status.to_be_bytes(),
            hash.as_bytes(),
        ]
        .concat()
    }
}

fn message(
    request: &Request<'_>,
    account: AccountId,
    author: Author,
    time: u64,
    nonce: Nonce,
) -> Vec<u8> {
    let body = Hash::of(Domain::Message, &[request.body]);
    cbor::to_vec(&(
        request.relay,
        account,
        author,
        request.method,
        request.path,
        body,
        time,
        nonce,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn l4_a_request_holds_only_as_it_was_signed_and_where() {
        let device = SigningKey::from_seed(&Zeroizing::new([1; 32]));
        let relay = SigningKey::from_seed(&Zeroizing::new([2; 32])).verifying_key();
        let other = SigningKey::from_seed(&Zeroizing::new([3; 32])).verifying_key();
        let asked = Request {
            relay: &relay,
            method: "POST",
            path: "/v1/sync",
            body: b"body",
        };
        let id = device.verifying_key().device_id();
        let made = Authorization::sign(&asked, AccountId::ZERO, id, 1000, Nonce::ZERO, &device);
        let key = device.verifying_key();
        let made = Authorization::from_header(&made.to_header()).unwrap();
        assert!(made.verify(&asked, &key).is_ok());
        assert!(
            made.verify(
                &Request {
                    relay: &other,
                    ..asked
                },
                &key
            )
            .is_err()
        );
        assert!(
            made.verify(
                &Request {
                    method: "GET",
                    ..asked
                },
                &key
            )
            .is_err()
        );
        assert!(
            made.verify(
                &Request {
                    path: "/v1/sync?a",
                    ..asked
                },
                &key
            )
            .is_err()
        );
        assert!(
            made.verify(
                &Request {
                    body: b"other",
                    ..asked
                },
                &key
            )
            .is_err()
        );
        let later = Authorization {
            time: 1001,
            ..made.clone()
        };
        assert!(later.verify(&asked, &key).is_err());
    }

    #[test]
    fn a_reply_holds_only_for_its_request() {
        let key = SigningKey::from_seed(&Zeroizing::new([2; 32]));
        let relay = key.verifying_key();
        let asked = Request {
            relay: &relay,
            method: "POST",
            path: "/v1/sync",
            body: b"body",
        };
        let id = relay.device_id();
        let one = Authorization::sign(&asked, AccountId::ZERO, id, 1, Nonce::ZERO, &key);
        let two = Authorization::sign(&asked, AccountId::ZERO, id, 2, Nonce::ZERO, &key);
        let header = one.sign_reply(200, b"reply", &key);
        assert!(one.verify_reply(200, b"reply", &header, &relay).is_ok());
        assert!(one.verify_reply(409, b"reply", &header, &relay).is_err());
        assert!(two.verify_reply(200, b"reply", &header, &relay).is_err());
    }
}
