//! What a clinic is and offers.

use axum::Json;
use axum::extract::State;
use domain::Rejection;
use domain::id::ClinicId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::booking::Owner;
use services::clinics::settings::{self, ClinicFields, ClinicSettings};
use services::db::directory;
use services::{Services, clinics};
use uuid::Uuid;

use crate::api::once::{self, Answered, Once, Outcome};
use crate::auth::{Caller, KeyHolder, PlatformKey};
use crate::problem::{self, ApiResult, Query};

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

/// How many clinics one answer holds.
const PAGE: i64 = 100;

#[derive(Deserialize)]
pub struct After {
    after: Option<ClinicId>,
}

/// `GET /clinics`: every clinic, in the order they were made.
pub async fn list(
    _: PlatformKey,
    State(services): State<Services>,
    Query(page): Query<After>,
) -> ApiResult<Json<Value>> {
    let clinics = directory::list(&services.db, page.after, PAGE).await?;
    let next = (clinics.len() == PAGE as usize).then(|| clinics.last().map(|clinic| clinic.id)).flatten();
    Ok(Json(json!({ "clinics": clinics, "next": next })))
}

/// `POST /clinics`: makes a clinic, which is then set up by its schedule.
pub async fn create(_: PlatformKey, State(services): State<Services>, once: Once<ClinicFields>) -> ApiResult<Answered> {
    let (fields, key) = once.apart();
    let (now, vault) = (services.clock.now(), services.vault.clone());
    // Under a key the clinic's id follows from it, so that of two requests at
    // once the second finds the answer to the first.
    let clinic = key.as_ref().map_or_else(ClinicId::new, |key| key.id().into());
    let platform = Owner::Key(Uuid::nil()).to_string();
    once::run_as(&services, clinic, &platform, key, move |tx| {
        let (fields, vault) = (fields.clone(), vault.clone());
        Box::pin(async move {
            let made = settings::create(tx, vault.as_ref(), now, &fields).await?;
            Ok(Outcome::Done(StatusCode::CREATED, json!(made)))
        })
    })
    .await
}

/// `GET /clinics/{clinic_id}`: its settings, secrets only as far as that there
/// are some.
pub async fn read(KeyHolder(caller): KeyHolder, State(services): State<Services>) -> ApiResult<Json<ClinicSettings>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    Ok(Json(settings::read(&mut tx).await?))
}

/// `PATCH /clinics/{clinic_id}`: sets what is given.
pub async fn update(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    problem::Json(fields): problem::Json<ClinicFields>,
) -> ApiResult<Json<ClinicSettings>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let updated = settings::update(&mut tx, services.vault.as_ref(), services.clock.now(), &fields).await?;
    tx.commit().await?;
    Ok(Json(updated))
}
