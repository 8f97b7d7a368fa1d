//! What is sent, to whom, and how often.

mod faults;
mod reminders;
mod sent;
mod stops;
pub mod support;
mod templates;
