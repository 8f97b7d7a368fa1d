//! What every handler may ask for.

use std::sync::Arc;

use app::caller::PageLimits;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use services::Services;

use crate::config::Config;
use crate::limits::Limits;

/// Shared by all handlers; each takes the part it needs.
#[derive(Clone, Debug)]
pub struct AppState {
    pub services: Services,
    pub config: Arc<Config>,
    pub limits: Arc<Limits>,
    pub page_limits: Arc<PageLimits>,
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl FromRef<AppState> for Arc<Config> {
    fn from_ref(state: &AppState) -> Self {
        state.config.clone()
    }
}

impl FromRef<AppState> for Arc<Limits> {
    fn from_ref(state: &AppState) -> Self {
        state.limits.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
