//! What a clinic writes to its patients, and to whom it may not.
//!
//! A message is a row of the outbox, written in the transaction that causes it
//! under a key that says what it is, so that it exists once. A job sends it:
//! whether it may still go, and what it says, is decided then, from the rows as
//! they are. Nobody is written to who said stop, which the database sees to.

pub mod inbound;
pub mod ledger;
pub mod letter;
pub mod links;
pub mod listing;
pub mod outbox;
pub mod post;
pub mod reminding;
pub mod reports;
pub mod senders;
pub mod sending;
pub mod settings;
pub mod signature;
pub mod smtp;
pub mod templates;
pub mod trying;
pub mod twilio;
pub mod unsubscribing;
pub mod writing;

#[cfg(test)]
pub(crate) mod tests;
