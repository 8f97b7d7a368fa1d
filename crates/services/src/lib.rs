//! What the clinic does, and the only crate with SQL.
//!
//! A service is a module of functions over a [`db::ClinicTx`]: the caller opens
//! the transaction and commits it, so several services can act in one.

pub mod audit;
pub mod booking;
pub mod clinics;
pub mod clock;
pub mod console;
pub mod conversations;
pub mod db;
pub mod demo;
pub mod error;
pub mod events;
pub mod feed;
pub mod followups;
pub mod handoff;
pub mod handover;
pub mod idempotency;
pub mod identity;
pub mod inventory;
pub mod jobs;
pub mod keys;
mod link_token;
pub mod members;
mod memory;
pub mod messaging;
pub mod receptionist;
pub mod secrets;
pub mod services;
pub mod session_token;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
pub mod vault;
pub mod visit_token;
pub mod voice;
pub mod waitlist;

pub use clock::Clock;
pub use db::{ClinicTx, Db};
pub use error::{Error, Result};
pub use schema::MIGRATOR;
pub use services::Services;
pub use vault::Vault;
