//! Who looks, and at what address: another system, with an API key.

use std::fmt;

use axum::extract::FromRequestParts;
use domain::id::ClinicId;
use domain::{Rejection, RejectionCode};
use http::request::Parts;
use serde_json::{Value, json};
use services::booking::Owner;

use super::outcome::Outcome;
use crate::auth::Caller;
use crate::state::AppState;

/// Another system, with a key to this clinic.
#[derive(Clone, Debug)]
pub struct System {
    pub clinic: ClinicId,
    pub base: Base,
}

/// Where the clinic's resources are, as the outside world finds it.
#[derive(Clone, Debug)]
pub struct Base(String);

impl FromRequestParts<AppState> for System {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Outcome> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Owner::Key(_) = caller.owner else {
            return Err(Rejection::new(RejectionCode::Forbidden, "This is for systems with an API key.").into());
        };
        let base = Base(format!("{}/fhir/r4/{}", state.config.public_url, caller.clinic));
        Ok(Self { clinic: caller.clinic, base })
    }
}

impl Base {
    /// The address of a resource, or of anything else below the base.
    pub fn url(&self, path: impl fmt::Display) -> String {
        format!("{}/{path}", self.0)
    }

    /// What names the clinic's own appointment types; their codes are ids.
    pub fn appointment_types(&self) -> String {
        self.url("CodeSystem/appointment-type")
    }

    /// What names the codes patients are given for their visits.
    pub fn confirmation_codes(&self) -> String {
        self.url("NamingSystem/confirmation-code")
    }

    /// What names the words appointment types go by in addresses.
    pub fn slugs(&self) -> String {
        self.url("NamingSystem/appointment-type-slug")
    }
}

/// A reference to a resource of this clinic.
pub fn reference(kind: &str, id: impl fmt::Display) -> Value {
    json!({ "reference": format!("{kind}/{id}") })
}

/// A reference, and what people call it.
pub fn named_reference(kind: &str, id: impl fmt::Display, name: &str) -> Value {
    json!({ "reference": format!("{kind}/{id}"), "display": super::resource::text(name) })
}
