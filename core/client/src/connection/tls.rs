//! TLS through rustls with ring, the system's certificates, and no second crypto provider.

use super::RelayError;
use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// The TLS configuration for requests and live sockets.
pub(super) fn config() -> Result<ClientConfig, RelayError> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|_| RelayError::Unreachable)?
        .with_no_client_auth();
    Ok(config)
}

/// For plain HTTP: trusts no certificate, so that no machine's store needs to be read for nothing.
pub(super) fn without_roots() -> Result<ClientConfig, RelayError> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| RelayError::Unreachable)?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}
