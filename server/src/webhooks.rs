//! What providers call when something happens at their end.

pub mod twilio;
pub mod twiml;
