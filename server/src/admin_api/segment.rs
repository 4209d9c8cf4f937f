//! The part of an address that names something.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::answer::ApiError;

/// The name in the path of a request. Nothing is called by what is not UTF-8: 404.
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Path::from_request_parts(parts, state).await.map(|Path(name)| Self(name)).map_err(|_| ApiError::NotFound)
    }
}

/// The two names in the path of a request for something that belongs to something.
pub(super) struct Segments(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let names = Path::from_request_parts(parts, state).await;
        names.map(|Path((outer, inner))| Self(outer, inner)).map_err(|_| ApiError::NotFound)
    }
}
