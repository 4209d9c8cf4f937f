//! Codes and tokens: issued, exchanged, looked up, revoked.

mod approve;
mod assertion;
mod authorize;
pub(crate) mod ciba;
mod code;
pub(crate) mod device;
mod exchange;
mod find;
mod grounds;
mod issue;
mod list;
mod machine;
mod poll;
mod redeem;
mod refresh;
mod replay;
mod revoke;
mod revoke_chosen;
mod row;
pub(crate) mod together;
mod trial;

pub use approve::Answered;
pub use authorize::Issued;
pub(crate) use find::is_live;
pub use list::{GrantFilter, GrantRow};
pub use refresh::Caller;
pub use replay::{Replay, TokenUse};
pub(crate) use revoke::revoke_grants;
pub use revoke_chosen::ChosenGrants;
pub(crate) use row::{read_resources, write_grant};
pub use trial::{Trial, TrialRequest};
