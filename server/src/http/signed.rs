//! Signed requests (rule Q1): who asks, checked in an order in which each step costs a stranger nothing.

use crate::{
    accounts::{Account, key_of},
    append,
    nonces::NotTaken,
    problem::Problem,
    service::Service,
};
use axum::http::{HeaderMap, Method, Uri, header};
use daymark_wire::{
    VerifyingKey,
    authorization::{Authorization, Request},
    limits,
    logs::TravelLink,
    problem::Code,
};
use std::sync::Arc;

/// The authorization header, if there is one that can be read.
pub(super) fn authorization(headers: &HeaderMap) -> Option<Authorization> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Authorization::from_header(value).ok()
}

/// A request as it came, to be checked against its signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) authorization: &'a Authorization,
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
}

/// What is known of the one who asks before the body is read.
#[derive(Debug)]
pub(super) struct Claim {
    account: Option<Arc<Account>>,
    key: Option<VerifyingKey>,
}

impl Claim {
    /// Whether it is of a device, or root, that may speak for the account.
    pub(super) const fn is_known(&self) -> bool {
        self.key.is_some()
    }
}

impl Asked<'_> {
    /// Time, then account and key, if the account is known.
    pub(super) async fn claim(&self, service: &Service) -> Result<Claim, Problem> {
        let now = service.clock.now();
        if now.abs_diff(self.authorization.time) > limits::REQUEST_WINDOW_SECONDS {
            return Err(Problem::clock_skew(now));
        }
        let account = service.accounts.load(self.authorization.account).await?;
        let author = self.authorization.author;
        let key = account.as_ref().and_then(|account| account.key_of(author));
        Ok(Claim { account, key })
    }

    /// The signature, where the key is known; `false` where the request itself has to bring it.
    pub(super) fn verify(
        &self,
        service: &Service,
        claim: &Claim,
        body: &[u8],
    ) -> Result<bool, Problem> {
        let Some(key) = claim.key else {
            return Ok(false);
        };
        self.verify_with(service, &key, body)?;
        Ok(true)
    }

    /// The signature of a device, or root, that the request's own links bring in: a registration, or a whole
    /// log offered again.
    pub(super) fn verify_newcomer(
        &self,
        service: &Service,
        claim: &Claim,
        links: &[TravelLink],
        body: &[u8],
    ) -> Result<(), Problem> {
        let id = self.authorization.account;
        let account = append::preview(id, claim.account.as_deref(), links);
        let Some(account) = account else {
            return Err(if claim.account.is_some() {
                Problem::unauthorized()
            } else {
                Problem::unknown_account()
            });
        };
        let key = key_of(&account, self.authorization.author).ok_or_else(Problem::unauthorized)?;
        self.verify_with(service, &key, body)
    }

    fn verify_with(
        &self,
        service: &Service,
        key: &VerifyingKey,
        body: &[u8],
    ) -> Result<(), Problem> {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request {
            relay: service.identity.public(),
            method: self.method.as_str(),
            path,
            body,
        };
        self.authorization
            .verify(&request, key)
            .map_err(|_| Problem::unauthorized())
    }

    /// The nonce: last, so that only those who hold a key can fill the memory of nonces.
    pub(super) fn take_nonce(&self, service: &Service) -> Result<(), Problem> {
        let taken = service.nonces.take(
            self.authorization.nonce,
            self.authorization.account,
            service.clock.now(),
        );
        taken.map_err(|not_taken| match not_taken {
            NotTaken::Seen => Problem::new(Code::Replayed, "This request came before."),
            NotTaken::TooMany => Problem::new(
                Code::RateLimited,
                "The relay has more requests than it can take; try again later.",
            ),
        })
    }
}
