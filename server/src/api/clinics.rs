//! What a clinic is and offers.

use axum::Json;
use axum::extract::State;
use domain::Rejection;
use serde::Deserialize;
use serde_json::{Value, json};
use services::db::directory;
use services::{Services, clinics};

use crate::auth::Caller;
use crate::problem::{ApiResult, Query};

#[derive(Deserialize)]
pub struct Which {
    clinic: String,
}

/// `GET /config`: what a widget shows before anyone has said anything.
pub async fn config(State(services): State<Services>, Query(which): Query<Which>) -> ApiResult<Json<Value>> {
    let listing = directory::by_slug(&services.db, &which.clinic).await?.ok_or_else(Rejection::not_found)?;
    let mut tx = services.db.clinic(listing.clinic_id).await?;
    let profile = clinics::profile(&mut tx).await?;
    Ok(Json(json!({
        "clinic_id": profile.clinic_id,
        "name": profile.name,
        "slug": profile.slug,
        "time_zone": profile.time_zone,
        "languages": profile.languages,
        "greeting": profile.greeting,
        "theme": { "accent": profile.accent },
        "features": { "chat": true, "booking": true },
    })))
}

/// `GET /appointment-types`: what can be booked.
pub async fn appointment_types(caller: Caller, State(services): State<Services>) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let mut types = clinics::appointment_types(&mut tx, caller.channel()).await?;
    types.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(json!({ "appointment_types": types, "next": null })))
}

/// `GET /practitioners`: who can be booked, and for what.
pub async fn practitioners(caller: Caller, State(services): State<Services>) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let mut practitioners = clinics::practitioners(&mut tx).await?;
    practitioners.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(json!({ "practitioners": practitioners, "next": null })))
}
