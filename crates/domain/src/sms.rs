//! What a text message costs, what a reply means and how far one has got.

pub mod keywords;
pub mod revocation;
pub mod segments;
pub mod status;
pub(crate) mod words;
