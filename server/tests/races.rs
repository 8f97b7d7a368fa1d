//! Patients who want the same thing at once, at two servers on one PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

#[path = "process/http.rs"]
mod http;
#[path = "process/running.rs"]
mod running;

#[path = "races/again.rs"]
mod again;
#[path = "races/at_once.rs"]
mod at_once;
#[path = "races/book.rs"]
mod book;
#[path = "races/caller.rs"]
mod caller;
#[path = "races/changing.rs"]
mod changing;
#[path = "races/checker.rs"]
mod checker;
#[path = "races/closing.rs"]
mod closing;
#[path = "races/crash.rs"]
mod crash;
#[path = "races/damage.rs"]
mod damage;
#[path = "races/desks.rs"]
mod desks;
#[path = "races/groups.rs"]
mod groups;
#[path = "races/guards.rs"]
mod guards;
#[path = "races/ledger.rs"]
mod ledger;
#[path = "races/postgres.rs"]
mod postgres;
#[path = "races/requests.rs"]
mod requests;
#[path = "races/rooms.rs"]
mod rooms;
#[path = "races/slots.rs"]
mod slots;
