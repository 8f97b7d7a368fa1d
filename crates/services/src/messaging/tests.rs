//! What is sent, to whom, and how often.

mod bounces;
mod connecting;
mod faults;
mod inbound;
mod leftover;
mod mail;
mod mailed;
mod reminders;
mod sent;
mod signing;
mod stops;
pub mod support;
mod templates;
