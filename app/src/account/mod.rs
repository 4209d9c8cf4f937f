//! The pages of a person's own account: what they allowed, and how to take it back. Forms and links only, like the other pages for
//! people.

pub mod consents;
