//! What is sent, to whom, and how often.

mod reminders;
mod sent;
mod stops;
pub mod support;
mod templates;
