//! Codes and tokens: issued, exchanged, looked up, revoked.

mod assertion;
mod authorize;
mod code;
pub(crate) mod device;
mod exchange;
mod find;
mod grounds;
mod issue;
mod list;
mod machine;
mod redeem;
mod refresh;
mod replay;
mod revoke;
mod revoke_chosen;
mod row;
pub(crate) mod together;
mod trial;

pub use authorize::Issued;
pub(crate) use find::is_live;
pub use list::{GrantFilter, GrantRow};
pub use refresh::Caller;
pub use replay::{Replay, TokenUse};
pub(crate) use revoke::revoke_grants;
pub use revoke_chosen::ChosenGrants;
pub(crate) use row::{read_resources, write_grant};
pub use trial::{Trial, TrialRequest};
