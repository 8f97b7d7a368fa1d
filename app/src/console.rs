//! What staff see.

pub mod acting;
pub mod appointment;
pub mod conversation;
mod day;
mod fresh;
mod keys;
pub mod layout;
mod loaded;
pub mod messages;
mod moving;
mod person;
mod queue;
mod repeating;
pub mod settings;
pub mod sign_in;
#[cfg(feature = "ssr")]
mod staff;
mod status;
mod timeline;
pub mod today;
pub mod told;
pub mod trying;
