//! Connections: a name is resolved once, every address is judged, and the judged ones are dialled.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use native_tls::{Certificate, Protocol, TlsConnector};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::address::{is_loopback, is_public};
use super::error::FetchError;
use super::target::{AllowedHosts, Target};

/// Addresses of a host that are tried.
const MOST_ADDRESSES: usize = 4;

/// The time that one of several addresses has.
const CONNECT: Duration = Duration::from_millis(1_500);

/// Names that are looked up at once. A look-up holds a thread, and goes on when nobody waits for it any more.
const MOST_LOOKUPS: usize = 16;

/// The addresses of a name.
pub(crate) trait Resolve: Debug + Send + Sync {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the system.
#[derive(Debug)]
pub(super) struct SystemResolver(Arc<Semaphore>);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_LOOKUPS)))
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async move {
            let place = self.0.clone().acquire_owned().await.map_err(io::Error::other)?;
            let name = host.to_owned();
            let lookup = move || {
                let _place = place;
                Ok((name.as_str(), 0).to_socket_addrs()?.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(lookup).await.map_err(io::Error::other)?
        }
        .boxed()
    }
}

/// `EXTRA_CA_FILE`: authorities that are trusted besides those of the system.
#[derive(Clone, Default)]
pub struct Authorities(Vec<Certificate>);

impl Debug for Authorities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

impl Authorities {
    /// The certificates of a PEM file.
    ///
    /// # Errors
    /// When there is none, or one cannot be read.
    pub fn parse(pem: &[u8]) -> Result<Self, String> {
        match Certificate::stack_from_pem(pem) {
            Ok(certificates) if certificates.is_empty() => Err("it holds no certificate in PEM form".to_owned()),
            Ok(certificates) => Ok(Self(certificates)),
            Err(error) => Err(format!("a certificate in it cannot be read: {error}")),
        }
    }
}

/// A connection, encrypted or not.
pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Whatever connects.
#[derive(Debug)]
pub(super) struct Dialler {
    /// True where this server itself is on loopback, so that programs beside it may be asked.
    local: bool,
    allowed: AllowedHosts,
    tls: tokio_native_tls::TlsConnector,
    resolver: Arc<dyn Resolve>,
}

impl Dialler {
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn new(
        local: bool,
        allowed: AllowedHosts,
        authorities: &Authorities,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, native_tls::Error> {
        let mut builder = TlsConnector::builder();
        builder.min_protocol_version(Some(Protocol::Tlsv12));
        for certificate in &authorities.0 {
            builder.add_root_certificate(certificate.clone());
        }
        Ok(Self { local, allowed, tls: builder.build()?.into(), resolver })
    }

    /// Connects to an address of the host that may be spoken to.
    ///
    /// # Errors
    /// When one of its addresses may not, or none answers.
    pub(super) async fn connect(&self, target: &Target) -> Result<Box<dyn Connection>, FetchError> {
        let addresses = self.judged_addresses(target).await?;
        let stream = connect_to_any(target, &addresses).await?;
        if !target.encrypted {
            return Ok(Box::new(stream));
        }
        let refused =
            |error: native_tls::Error| FetchError::Tls { host: target.host.clone(), reason: error.to_string() };
        Ok(Box::new(self.tls.connect(&target.host, stream).await.map_err(refused)?))
    }

    /// The addresses of the host, all of which may be spoken to.
    async fn judged_addresses(&self, target: &Target) -> Result<Vec<IpAddr>, FetchError> {
        let unresolved = || FetchError::Unresolved(target.host.clone());
        let addresses = match target.literal() {
            Some(address) => vec![address],
            None => self.resolver.resolve(&target.host).await.map_err(|_| unresolved())?,
        };
        if addresses.is_empty() {
            return Err(unresolved());
        }
        let may_be_clear = self.local && addresses.iter().all(|address| is_loopback(*address));
        if !target.encrypted && !may_be_clear {
            return Err(FetchError::NotEncrypted(target.host.clone()));
        }
        if self.allowed.holds(target) {
            return Ok(addresses);
        }
        // One that is not public is enough: a name that points into a network and out of it is not honest.
        let fits = |address: IpAddr| is_public(address) || (self.local && is_loopback(address));
        match addresses.iter().find(|address| !fits(**address)) {
            Some(address) => Err(FetchError::NotPublic { host: target.host.clone(), address: *address }),
            None => Ok(addresses),
        }
    }
}

async fn connect_to_any(target: &Target, addresses: &[IpAddr]) -> Result<TcpStream, FetchError> {
    let mut reason = String::new();
    for address in addresses.iter().take(MOST_ADDRESSES) {
        match tokio::time::timeout(CONNECT, TcpStream::connect(SocketAddr::new(*address, target.port))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => reason = error.to_string(),
            Err(_) => reason = format!("{address} does not answer"),
        }
    }
    Err(FetchError::Unreachable { host: target.host.clone(), reason })
}
