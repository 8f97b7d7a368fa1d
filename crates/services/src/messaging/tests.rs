//! What is sent, to whom, and how often.

mod accounts;
mod bounces;
mod connecting;
mod faults;
mod handed_over;
mod inbound;
mod leftover;
pub mod mail;
mod mailed;
mod nights;
mod reminders;
mod sent;
mod signing;
mod stops;
pub mod support;
mod templates;
