//! The authorization endpoint (RFC 6749 §4.1, OpenID Connect Core §3.1.2).
//!
//! Three values follow each other, and each exists only after its checks: a [`Redirection`] (the client and where to send the
//! user back are certain), an [`AuthorizationRequest`] (what is asked for is allowed), and the [`Step`] that [`decide()`] names.
//! `decide` runs again after every step. What it needs to remember between two runs are [`Notes`], sealed, in the address of the
//! request that waits ([`Pending`]).

mod decide;
mod notes;
mod object;
mod redirection;
mod request;
mod source;
mod step;

pub use decide::{Situation, decide, judge_consent};
pub use notes::{Demand, Notes, Pending};
pub use object::{RequestObject, backchannel_refusal};
pub use redirection::{
    AuthorizationResponse, Delivery, Granted, GrantedToken, Redirection, ResponseMode, find_client_id,
};
pub use request::{AuthorizationRequest, Prompt, PromptSet};
pub use source::{Asked, PUSHED_REQUEST_LIFETIME, PUSHED_REQUEST_TIME, Source, pushed_request_uri};
pub use step::{Approval, AskedBecause, Consented, LoginReason, Step};
