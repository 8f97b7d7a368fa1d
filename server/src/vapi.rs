//! Vapi, which talks with a clinic's callers and asks this server to act.
//!
//! <https://docs.vapi.ai/server-url/events>

mod assistant;
mod auth;
mod message;
mod tools;
mod webhook;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::state::AppState;

/// The largest message taken, in bytes: the report of a long call carries all
/// that was said, several times over.
const LARGEST_MESSAGE: usize = 2 * 1024 * 1024;

/// Every route that Vapi calls, with the secret of a clinic.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/vapi/{clinic_id}/webhook", post(webhook::receive))
        .route("/api/vapi/tools/{tool}", post(tools::run))
        .layer(DefaultBodyLimit::max(LARGEST_MESSAGE))
}
