//! The content of an answer, read up to a bound that is counted after it is decompressed.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};

use super::error::{Announced, FetchError};

/// Reads the content.
///
/// # Errors
/// When it is larger than `most` bytes, coded in another way than gzip, or broken off.
pub(super) async fn read(mut response: Response<Incoming>, most: usize) -> Result<Bytes, FetchError> {
    let bound = u64::try_from(most).unwrap_or(u64::MAX);
    let coding = response.headers().get(hyper::header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap_or("?"));
    let mut content = match coding.map(str::to_ascii_lowercase).as_deref() {
        None | Some("identity" | "") => Content::Plain(Bounded::new(most)),
        Some("gzip" | "x-gzip") => Content::Gzip(Box::new(MultiGzDecoder::new(Bounded::new(most)))),
        Some(coding) => return Err(FetchError::Coding(coding.chars().take(40).collect())),
    };
    if let Some(announced) = response.body().size_hint().exact().filter(|announced| *announced > bound) {
        return Err(FetchError::TooLarge(announced, bound, Announced::Whole));
    }
    let broken = |error: &dyn std::error::Error| FetchError::Broken(error.to_string());
    let too_large = FetchError::TooLarge(bound, bound, Announced::AtLeast);
    while let Some(frame) = response.body_mut().frame().await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else {
            continue;
        };
        content.write(&data).map_err(|error| if content.is_full() { too_large.clone() } else { broken(&error) })?;
    }
    match content.finish() {
        Ok(sink) if sink.overflown => Err(too_large),
        Ok(sink) => Ok(sink.bytes.into()),
        Err(error) => Err(broken(&error)),
    }
}

enum Content {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Content {
    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(sink) => sink.write_all(data),
            Self::Gzip(decoder) => decoder.write_all(data),
        }
    }

    fn is_full(&self) -> bool {
        match self {
            Self::Plain(sink) => sink.overflown,
            Self::Gzip(decoder) => decoder.get_ref().overflown,
        }
    }

    fn finish(self) -> io::Result<Bounded> {
        match self {
            Self::Plain(sink) => Ok(sink),
            Self::Gzip(decoder) => decoder.finish(),
        }
    }
}

/// Bytes up to a bound; what does not fit is an error.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
    overflown: bool,
}

impl Bounded {
    fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most, overflown: false }
    }
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.len() > self.most - self.bytes.len() {
            self.overflown = true;
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
