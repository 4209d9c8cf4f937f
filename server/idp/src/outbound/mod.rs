//! The one door for outgoing requests.
//!
//! Whatever is fetched here stands in something that a stranger sent: a URL in the place of a client ID, or one in a document of
//! a client. So a name is resolved once, every address of it is judged, and a judged one is dialled; nothing is redirected, no
//! proxy of the environment is taken, no cookie and no credential of this server's is sent; sizes are counted after decompression; and an answer
//! is there within five seconds, or not at all.

mod address;
mod body;
mod dial;
mod error;
mod places;
mod target;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, WeakShared};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use oauth::destination::Destination;
use oauth::form::Form;
use oauth::id::Issuer;
use oauth::jwe::MAX_JWE;
use oauth::picture::PICTURE_TYPES;
use oauth::secret::Secret;
use tokio::task::JoinSet;

pub use dial::Authorities;
pub(crate) use dial::Resolve;
use dial::{Dialler, SystemResolver};
pub use error::{Announced, FetchError};
use places::Places;
pub use target::AllowedHosts;
use target::Target;

use crate::error::Error;

/// The time that a request has, from the first thought of it to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time that a message to a client may wait for its place.
const MOST_PATIENCE: Duration = Duration::from_secs(15);

/// Header lines of an answer, and bytes of all of them.
const MOST_HEADERS: usize = 100;
const MOST_HEADER_BYTES: usize = 64 << 10;

/// The bounds of one kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// The most bytes of content, decompressed.
    pub bytes: usize,
    /// The header `Accept`. JSON is taken under any `application/…+json`, too.
    pub accept: &'static str,
}

impl Limits {
    /// A client's metadata document, or that of a protected resource.
    pub const DOCUMENT: Self = Self { bytes: 16 << 10, accept: "application/json" };
    /// The metadata of an issuer that an administrator trusts: some list all that they can do.
    pub const ISSUER_METADATA: Self = Self { bytes: 64 << 10, accept: "application/json" };
    /// The redirect URIs of a sector (OpenID Connect Registration §5).
    pub const SECTOR: Self = Self { bytes: 64 << 10, accept: "application/json" };
    /// The logo of a client.
    pub const PICTURE: Self = Self { bytes: 128 << 10, accept: PICTURE_TYPES };
    /// A request object (RFC 9101 §5.2.3): of whatever type, for its signature says what it is.
    pub const REQUEST_OBJECT: Self = Self { bytes: MAX_JWE, accept: "*/*" };
    /// A JWK Set (RFC 7517 §8.5.2).
    pub const JWK_SET: Self = Self { bytes: 64 << 10, accept: "application/jwk-set+json, application/json" };
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub status: u16,
    /// The media type, in lower case and without parameters.
    pub content_type: Option<String>,
    /// Names in lower case, in their order. Values beyond ASCII are left out.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Fetched {
    /// The values of a header, as they came, line by line.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.headers.iter().filter(move |(line, _)| line.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_str())
    }
}

/// The operator's settings of the door.
#[derive(Debug, Clone, Default)]
pub struct OutboundOptions {
    pub allowed_hosts: AllowedHosts,
    pub authorities: Authorities,
}

type Outcome = Result<Fetched, FetchError>;

/// A request: two that are the same share an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Flight {
    url: String,
    /// None: the answer's status and headers are all that is wanted.
    limits: Option<Limits>,
}

/// The door; a handle that is cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound(Arc<Door>);

#[derive(Debug)]
struct Door {
    dialler: Dialler,
    places: Places,
    /// Those of what this server sends to clients: no stranger can take them.
    places_to_send: Places,
    patience: Duration,
    flights: Mutex<Flights>,
}

/// Requests on their way.
#[derive(Debug, Default)]
struct Flights {
    begun: u64,
    /// Each with its number.
    in_the_air: HashMap<Flight, (u64, WeakShared<BoxFuture<'static, Outcome>>)>,
}

impl Outbound {
    /// The door of the server with this issuer.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(issuer: &Issuer, options: &OutboundOptions) -> Result<Self, Error> {
        Self::build(issuer, options, Arc::new(SystemResolver::default()), PATIENCE)
    }

    pub(crate) fn build(
        issuer: &Issuer,
        options: &OutboundOptions,
        resolver: Arc<dyn Resolve>,
        patience: Duration,
    ) -> Result<Self, Error> {
        let local = matches!(Destination::of(issuer.as_str()), Destination::Loopback(_));
        let allowed = options.allowed_hosts.clone();
        let dialler = Dialler::new(local, allowed, &options.authorities, resolver).map_err(Error::internal)?;
        Ok(Self(Arc::new(Door {
            dialler,
            places: Places::default(),
            places_to_send: Places::default(),
            patience,
            flights: Mutex::default(),
        })))
    }

    /// Fetches a document: status 200, of the media type that was asked for, within the limits. Whoever asks for the same URL
    /// meanwhile gets the same answer.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, limits: Limits) -> Outcome {
        self.fly(Flight { url: url.to_owned(), limits: Some(limits) }).await
    }

    /// Asks for a URL and reads status and headers of the answer, whatever they are; the body is empty.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn look(&self, url: &str) -> Outcome {
        self.fly(Flight { url: url.to_owned(), limits: None }).await
    }

    /// Sends a form, once for each call. Returns the status of the answer, whatever it is; its body is not read.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post(&self, url: &str, form: &Form) -> Result<u16, FetchError> {
        self.send(url, "application/x-www-form-urlencoded", None, form.encode().into()).await
    }

    /// Sends JSON with a bearer token of the receiver's own (RFC 6750 §2.1), once for each call; as [`Outbound::post`] for the rest.
    ///
    /// # Errors
    /// See [`FetchError`]; a token that cannot stand in a header is one that is broken.
    pub async fn post_json(&self, url: &str, bearer: &Secret, json: String) -> Result<u16, FetchError> {
        let bearer = HeaderValue::try_from(format!("Bearer {}", bearer.expose()));
        let mut bearer = bearer.map_err(|error| FetchError::Broken(error.to_string()))?;
        bearer.set_sensitive(true);
        self.send(url, "application/json", Some(bearer), json.into()).await
    }

    async fn send(
        &self,
        url: &str,
        content_type: &'static str,
        authorization: Option<HeaderValue>,
        content: Bytes,
    ) -> Result<u16, FetchError> {
        let target = Target::parse(url)?;
        // Nobody waits for it, so its time begins when there is a place.
        let place = tokio::time::timeout(MOST_PATIENCE, self.0.places_to_send.take(&target.host)).await;
        let _place = place.unwrap_or(Err(FetchError::Busy))?;
        let sent = self.0.patiently(async {
            let mut request = target.request(Method::POST, "*/*").header(CONTENT_TYPE, content_type);
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization);
            }
            self.0.exchange(&target, request, content, None).await
        });
        sent.await.map(|answer| answer.status)
    }

    async fn fly(&self, flight: Flight) -> Outcome {
        let shared = {
            let mut flights = self.0.flights.lock().unwrap_or_else(PoisonError::into_inner);
            match flights.in_the_air.get(&flight).and_then(|(_, shared)| shared.upgrade()) {
                Some(shared) => shared,
                None => {
                    flights.begun += 1;
                    let number = flights.begun;
                    let landing = Landing { door: self.0.clone(), flight: flight.clone(), number };
                    let shared = async move { landing.door.fetch(&landing.flight).await }.boxed().shared();
                    shared.downgrade().map(|weak| flights.in_the_air.insert(flight, (number, weak)));
                    shared
                }
            }
        };
        shared.await
    }
}

/// A flight that is in the air. When it lands, or nobody waits for it any more, it is forgotten.
struct Landing {
    door: Arc<Door>,
    flight: Flight,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flights = self.door.flights.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have set out anew under the same name.
        if flights.in_the_air.get(&self.flight).is_some_and(|(number, _)| *number == self.number) {
            flights.in_the_air.remove(&self.flight);
        }
    }
}

impl Door {
    async fn fetch(&self, flight: &Flight) -> Outcome {
        let outcome = self.patiently(async {
            let target = Target::parse(&flight.url)?;
            let request = target.request(Method::GET, flight.limits.map_or("*/*", |limits| limits.accept));
            let _place = self.places.take(&target.host).await?;
            self.exchange(&target, request, Bytes::new(), flight.limits).await
        });
        let outcome = outcome.await;
        if let Err(error) = &outcome {
            tracing::warn!(url = flight.url, %error, "a URL of somebody else's was not fetched");
        }
        outcome
    }

    async fn patiently(&self, outcome: impl Future<Output = Outcome>) -> Outcome {
        let outcome = tokio::time::timeout(self.patience, outcome).await;
        outcome.unwrap_or(Err(FetchError::Timeout(self.patience.as_secs_f32())))
    }

    async fn exchange(&self, target: &Target, request: Builder, content: Bytes, limits: Option<Limits>) -> Outcome {
        let request = request.body(Full::new(content)).map_err(|error| FetchError::Broken(error.to_string()))?;
        let connection = TokioIo::new(self.dialler.connect(target).await?);
        let broken = |error: hyper::Error| FetchError::Broken(error.to_string());
        let builder = &mut http1::Builder::new();
        let builder = builder.max_headers(MOST_HEADERS).max_buf_size(MOST_HEADER_BYTES);
        let (mut sender, driver) = builder.handshake(connection).await.map_err(broken)?;
        // Dropped with this exchange, and the connection with it.
        let mut drivers = JoinSet::new();
        drivers.spawn(driver);
        let response = sender.send_request(request).await.map_err(broken)?;
        let mut fetched = head(&response);
        if let Some(limits) = limits {
            judge(&fetched, limits)?;
            fetched.body = body::read(response, limits.bytes).await?;
        }
        Ok(fetched)
    }
}

impl Target {
    fn request(&self, method: Method, accept: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(&self.path)
            .header(HOST, &self.authority)
            .header(ACCEPT, accept)
            .header(ACCEPT_ENCODING, "gzip")
            .header(USER_AGENT, concat!("Signet/", env!("CARGO_PKG_VERSION")))
            .header(CONNECTION, "close")
    }
}

fn head(response: &Response<Incoming>) -> Fetched {
    let line = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Fetched {
        status: response.status().as_u16(),
        content_type: content_type.map(media_type),
        headers: response.headers().iter().filter_map(line).collect(),
        body: Bytes::new(),
    }
}

/// Makes sure that the answer is the document that was asked for.
fn judge(fetched: &Fetched, limits: Limits) -> Result<(), FetchError> {
    match fetched.status {
        200 => {}
        status @ 300..=399 => return Err(FetchError::Redirect(status)),
        status => return Err(FetchError::Status(status)),
    }
    if limits.accept == "*/*" {
        return Ok(());
    }
    let media_type = fetched.content_type.as_deref();
    let is_json = |media_type: &str| media_type.starts_with("application/") && media_type.ends_with("+json");
    let fits = |media_type: &str| {
        let mut accepted = limits.accept.split(',').map(str::trim);
        accepted.any(|accepted| accepted == media_type || (accepted == "application/json" && is_json(media_type)))
    };
    if media_type.is_some_and(fits) {
        return Ok(());
    }
    Err(FetchError::ContentType(media_type.map(|media_type| media_type.chars().take(80).collect())))
}
