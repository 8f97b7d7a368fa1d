//! Everything that speaks HTTP, and the worker beside it.

// A release keeps the pages' types as they are, and they nest deeply.
#![recursion_limit = "512"]

pub mod access;
pub mod api;
pub mod auth;
pub mod booking_pages;
pub mod cli;
pub mod config;
pub mod database;
pub mod erasures;
pub mod fhir;
pub mod handoff;
pub mod limits;
mod metrics;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod realtime;
pub mod router;
pub mod run;
pub mod sms;
pub mod state;
pub mod store;
pub mod unsubscribe;
pub mod vapi;
pub mod webhooks;
pub mod widget;
pub mod worker;
