//! Clients that describe themselves: by a document at the URL that is their ID (draft-ietf-oauth-client-id-metadata-document-02),
//! or by registration (RFC 7591). What they say is narrowed to what this server can do, never taken as a demand (RFC 7591 §2).

mod authentication;
mod ciba;
mod decided;
mod description;
mod document;
mod hosts;
mod known;
mod people;
mod policy;
mod programs;
mod request;
mod requests;
mod response;
#[cfg(test)]
mod tests;
mod url;

pub use authentication::{Authentication, Methods};
pub use decided::Redescribed;
pub use description::{Description, MetadataError, narrow};
pub use document::{DocumentSource, read_document, same_answers, same_proof};
pub use hosts::{HostMode, HostPolicy, HostPolicyDraft, HostVerdict, check_host};
pub use known::{KNOWN_DOCUMENTS, KNOWN_SINCE, KnownDocument, find_known};
pub use policy::{
    MAX_INITIAL_TOKEN_NAME, RegistrationAccess, RegistrationMode, RegistrationPolicy, RegistrationPolicyDraft,
    check_initial_token_name,
};
pub use programs::Program;
pub use request::{MAX_REGISTRATION, MOST_REDIRECT_URIS, Registration, is_registered_id};
pub use requests::{AnswerAlgs, RequestWays};
pub use response::{Management, RegistrationResponse};
pub use url::{ClientUrl, ClientUrlError, MAX_CLIENT_URL};
