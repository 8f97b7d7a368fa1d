//! Every edge, over the real router and a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

mod access;
mod booking;
mod calendar;
mod chat;
mod clinics;
mod clocks;
mod console;
mod contract;
mod frames;
mod health;
mod history;
mod limits;
mod odd_input;
mod patients;
mod problems;
mod settings;
mod sign_in;
mod slots;
mod support;
mod tokens;
