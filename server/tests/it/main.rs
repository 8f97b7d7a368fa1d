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
mod fhir;
mod fhir_appointments;
mod fhir_find;
mod fhir_rules;
mod fhir_schedules;
mod fhir_slots;
mod frames;
mod handing_over;
mod handoff;
mod health;
mod history;
mod limits;
mod messages_console;
mod model;
mod month;
mod odd_input;
mod once;
mod patients;
mod problems;
mod remembered;
mod remembered_changes;
mod requests;
mod schedule_pages;
mod searching;
mod series;
mod settings;
mod sign_in;
mod slots;
mod support;
mod sweeping;
mod telephone;
mod texts;
mod tokens;
mod vapi;
mod vapi_messages;
