//! Where a relay is and which key it must have; invites as operators hand them out.

use super::RelayError;
use daymark_wire::{VerifyingKey, limits, logs::Home};
use std::net::IpAddr;
use url::{Host, Url};

/// A relay's base address with the key that this vault pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayAddress {
    /// Without a path, or with the path under which a proxy shows the relay.
    pub url: Url,
    /// The relay's key: answers that it did not sign are refused.
    pub key: VerifyingKey,
}

impl RelayAddress {
    /// Reads a base address.
    ///
    /// # Errors
    /// [`RelayError::BadAddress`].
    pub fn parse_url(text: &str) -> Result<Url, RelayError> {
        if text.len() > limits::MAX_URL_BYTES {
            return Err(RelayError::BadAddress);
        }
        let mut url = Url::parse(text).map_err(|_| RelayError::BadAddress)?;
        let web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        if !web || url.query().is_some() || url.fragment().is_some() {
            return Err(RelayError::BadAddress);
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// The form in which it stands in account links and pairing links.
    #[must_use]
    pub fn to_home(&self) -> Home {
        Home {
            relay: self.key,
            url: self.url.as_str().trim_end_matches('/').to_owned(),
        }
    }

    /// From an account link or a pairing link.
    ///
    /// # Errors
    /// [`RelayError::BadAddress`].
    pub fn from_home(home: &Home) -> Result<Self, RelayError> {
        Ok(Self {
            url: Self::parse_url(&home.url)?,
            key: home.relay,
        })
    }
}

/// Whether nobody on the way can put another key in a first answer: TLS, or this machine itself.
#[must_use]
pub(super) fn is_protected(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    };
    url.scheme() == "https" || loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_bases() {
        let url = RelayAddress::parse_url("http://localhost:8490").unwrap();
        assert_eq!(
            url.join("v1/sync").unwrap().as_str(),
            "http://localhost:8490/v1/sync"
        );
        let url = RelayAddress::parse_url("https://relay.example/daymark").unwrap();
        assert_eq!(url.join("v1/sync").unwrap().path(), "/daymark/v1/sync");
        for bad in [
            "relay.example",
            "ftp://relay.example",
            "http://a/?b",
            "http://a/#b",
            "",
        ] {
            assert!(RelayAddress::parse_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_tls_and_this_machine_are_protected() {
        let protected = |text| is_protected(&Url::parse(text).unwrap());
        assert!(protected("https://relay.example") && protected("http://127.0.0.1:1"));
        assert!(protected("http://[::1]:1") && protected("http://localhost"));
        assert!(!protected("http://relay.example") && !protected("http://10.0.0.1"));
    }
}
