//! The parts that the demo applications share.

pub(crate) mod browser;
pub(crate) mod failure;
pub(crate) mod page;
pub(crate) mod relying_party;
pub(crate) mod site;
