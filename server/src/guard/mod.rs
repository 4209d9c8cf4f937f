//! The guard against guessing and flooding: limits per caller, and the address of the caller that they and the delays count.
//!
//! Limits are kept in memory by each process and looked at before anything else is done. Delays after wrong passwords and
//! tokens belong to the provider and are shared by all processes; here is only how their end is told.

mod address;
mod config;
mod limit;
mod refusal;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use idp::clock::Clock;
use oauth::certificate::ClientCertificate;

use address::FORWARDED_FOR;
pub(crate) use address::{CallerAddress, TrustedProxies};
use config::CertificateHeaders;
pub use config::GuardConfig;
pub(crate) use config::{
    CLIENT_CERT_HEADER, CLIENT_CERT_VERIFY_HEADER, RATE_LIMIT_ADMIN_LOGIN, RATE_LIMIT_AUTHORIZE, RATE_LIMIT_DEVICE,
    RATE_LIMIT_INTROSPECT, RATE_LIMIT_LOGIN, RATE_LIMIT_REGISTER, RATE_LIMIT_SETUP, RATE_LIMIT_TOKEN, RATE_LIMITS,
    TRUSTED_PROXIES,
};
use limit::Limits;
pub(crate) use refusal::{TooSoon, busy_answer, delayed_answer};

use crate::endpoints::Endpoint;
use crate::http::access::X_REQUEST_ID;
use crate::http::headers::single;

/// The guard of one process.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    proxies: TrustedProxies,
    /// None: neither limits nor delays.
    limits: Option<Limits>,
    /// None: certificates of clients are not looked at.
    certificates: Option<CertificateHeaders>,
    /// True once somebody was told of a proxy that is not trusted.
    told: AtomicBool,
    /// The same of a certificate from one.
    told_of_certificate: AtomicBool,
}

impl Guard {
    pub(crate) fn new(config: &GuardConfig, clock: &Clock) -> Self {
        let limits = config.rates.as_ref().map(|rates| Limits::new(rates, clock));
        if limits.is_none() {
            tracing::warn!("RATE_LIMITS is off: nothing slows down who guesses passwords or floods this server");
        }
        Self {
            proxies: config.trusted_proxies.clone(),
            limits,
            certificates: config.certificates.clone(),
            told: AtomicBool::new(false),
            told_of_certificate: AtomicBool::new(false),
        }
    }

    /// The address for which wrong passwords and tokens of this caller are counted; none where delays are off.
    pub(crate) fn counts(&self, caller: CallerAddress) -> Option<IpAddr> {
        self.limits.is_some().then(|| caller.address())
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When the caller asks too often.
    pub(crate) fn check(&self, endpoint: &Endpoint, request: &Request) -> Result<(), TooSoon> {
        let caller = request.extensions().get().copied().unwrap_or(CallerAddress::UNKNOWN);
        self.limits.as_ref().map_or(Ok(()), |limits| limits.check(request.method(), endpoint, caller))
    }

    /// The proxies whose word about a caller counts.
    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.proxies
    }

    /// Finds out who calls, for everything behind it. What only a proxy may say is heard from no one else.
    pub(crate) fn identify_caller(&self, request: &mut Request) {
        let caller = self.find_caller(request);
        request.extensions_mut().insert(caller);
        if !peer(request).is_some_and(|peer| self.proxies.trust(peer)) {
            request.headers_mut().remove(X_REQUEST_ID);
            self.drop_certificate(caller, request.headers_mut());
        }
    }

    /// Drops a certificate that nobody showed as far as is known.
    fn drop_certificate(&self, caller: CallerAddress, headers: &mut HeaderMap) {
        let Some(names) = &self.certificates else { return };
        if let Some(verify) = &names.verify {
            headers.remove(verify);
        }
        if headers.remove(&names.certificate).is_some() && is_first(&self.told_of_certificate) {
            tracing::warn!(address = %caller, "a certificate came in a header from an address that is not in TRUSTED_PROXIES: it is ignored");
        }
    }

    /// The certificate that a client showed to a proxy that is trusted. [`Guard::identify_caller`] left no other. One that cannot be read is
    /// none: whoever needs it is refused, and nobody else.
    pub(crate) fn certificate(&self, headers: &HeaderMap) -> Option<Arc<ClientCertificate>> {
        let names = self.certificates.as_ref()?;
        let mut values = headers.get_all(&names.certificate).iter().filter(|value| !value.is_empty());
        let text = values.next()?.to_str().ok().filter(|_| values.next().is_none());
        let said = names.verify.as_ref().and_then(|name| single(headers, name));
        // As nginx says it, and HAProxy.
        let is_verified = matches!(said, Some("SUCCESS" | "0"));
        let read = text.and_then(|text| idp::read_certificate(text, is_verified));
        if read.is_none() {
            tracing::warn!(header = %names.certificate, "the proxy handed on no certificate, or more than one, or one that cannot be read");
        }
        read.map(Arc::new)
    }

    fn find_caller(&self, request: &Request) -> CallerAddress {
        let Some(peer) = peer(request) else {
            return CallerAddress::UNKNOWN;
        };
        if request.headers().contains_key(FORWARDED_FOR) && !self.proxies.trust(peer) && is_first(&self.told) {
            tracing::warn!(
                address = %peer,
                "a request came with X-Forwarded-For from an address that is not in TRUSTED_PROXIES: if that is your proxy, \
                 all its callers are taken for one and share its limits"
            );
        }
        self.proxies.find_caller(peer, request.headers())
    }
}

/// True the first time.
fn is_first(told: &AtomicBool) -> bool {
    !told.load(Ordering::Relaxed) && !told.swap(true, Ordering::Relaxed)
}

/// The other end of the connection; none where there is no connection.
fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}
