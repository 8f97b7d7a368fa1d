//! What only the real binary shows: starting, refusing to start, and rude ends.

#![allow(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

#[path = "process/breaking_off.rs"]
mod breaking_off;
#[path = "process/desk.rs"]
mod desk;
#[path = "process/dying.rs"]
mod dying;
#[path = "process/emulated.rs"]
mod emulated;
#[path = "process/http.rs"]
mod http;
#[path = "process/outage.rs"]
mod outage;
#[path = "process/refusing.rs"]
mod refusing;
#[path = "process/rotating.rs"]
mod rotating;
#[path = "process/running.rs"]
mod running;
#[path = "process/stopping.rs"]
mod stopping;
#[path = "process/texting.rs"]
mod texting;
