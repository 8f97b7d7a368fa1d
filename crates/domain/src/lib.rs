//! What a clinic means by its words.
//!
//! Values that are valid by construction and rules that are pure: no I/O, no
//! clock, no SQL. Everything here also compiles for the browser; what needs a
//! time-zone or phone database is behind the `server` feature, so that pages
//! stay small and every local time is rendered in one place.

pub mod advice;
pub mod appointment;
pub mod asked;
#[cfg(feature = "server")]
pub mod book;
pub mod chat;
pub mod code;
pub mod colour;
#[cfg(feature = "server")]
pub mod contact;
pub mod disclosure;
pub mod emergency;
#[cfg(feature = "server")]
pub mod explain;
pub mod id;
pub mod language;
pub mod money;
mod pattern;
#[cfg(feature = "server")]
pub mod quiet;
pub mod quoted;
pub mod rejection;
#[cfg(feature = "server")]
pub mod say;
#[cfg(feature = "server")]
pub mod schedule;
pub mod sms;
pub mod spoken;
pub mod template;
pub mod terms;
pub mod truth;

pub use id::Id;
pub use rejection::{FieldError, Rejection, RejectionCode};
