//! Patients, by whoever keeps the clinic's records: who they are, who they were
//! found to be, who speaks for them, and forgetting them.

use axum::Json;
use axum::extract::State;
use domain::Rejection;
use domain::id::PatientId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::identity::erasing;
use services::identity::merging::{self, By};
use services::identity::patients::{self, PatientChange};
use services::identity::relating::{self, Relation};
use services::{ClinicTx, Services};
use uuid::Uuid;

use crate::auth::{Caller, KeyHolder};
use crate::problem::{self, ApiResult, Path};

/// `GET /patients/{patient_id}`: a patient, with whoever was found to be them,
/// may be, or speaks for them.
pub async fn read(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(id): Path<PatientId>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    Ok(Json(told(&mut tx, id).await?))
}

async fn told(tx: &mut ClinicTx, id: PatientId) -> services::Result<Value> {
    let patient = patients::find(tx, id).await?.ok_or_else(Rejection::not_found)?;
    let mut told = json!(patient);
    told["merges"] = json!(merging::history(tx, id).await?);
    told["alike"] = json!(merging::alike(tx, id).await?);
    told["proxies"] = json!(relating::proxies(tx, id).await?);
    Ok(told)
}

/// `PATCH /patients/{patient_id}`: sets what is given; null clears.
pub async fn update(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(id): Path<PatientId>,
    problem::Json(change): problem::Json<PatientChange>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    patients::change(&mut tx, services.clock.now(), id, &change).await?;
    let told = told(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(told))
}

/// `DELETE /patients/{patient_id}`: erases them, wherever they are. Visits stay
/// without a name. Erasing again changes nothing.
pub async fn erase(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(id): Path<PatientId>,
) -> ApiResult<StatusCode> {
    let now = services.clock.now();
    within(&services, caller, move |tx| Box::pin(async move { erasing::erase(tx, now, id, None).await })).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Same {
    /// Who turned out to be this patient.
    from: PatientId,
}

/// `POST /patients/{patient_id}/merges`: notes that another is this patient.
pub async fn merge(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(into): Path<PatientId>,
    problem::Json(Same { from }): problem::Json<Same>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let now = services.clock.now();
    let merged = within(&services, caller, move |tx| {
        Box::pin(async move {
            let id = merging::merge(tx, now, from, into, By::Key).await?;
            Ok(json!({ "id": id, "from": from, "into": into, "merged_at": now }))
        })
    });
    Ok((StatusCode::CREATED, Json(merged.await?)))
}

/// `DELETE /patients/{patient_id}/merges/{merge_id}`: they were two after all.
pub async fn undo(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, merge)): Path<(PatientId, Uuid)>,
) -> ApiResult<StatusCode> {
    let now = services.clock.now();
    within(&services, caller, move |tx| Box::pin(async move { merging::undo(tx, now, merge, By::Key).await })).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Speaker {
    proxy: PatientId,
    relation: String,
}

/// `POST /patients/{patient_id}/relations`: lets another speak for this
/// patient.
pub async fn relate(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path(patient): Path<PatientId>,
    problem::Json(Speaker { proxy, relation }): problem::Json<Speaker>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let known = Relation::of_name(&relation)
        .ok_or_else(|| Rejection::invalid("relation", "Please give parent, guardian, partner, child or carer."))?;
    let now = services.clock.now();
    within(&services, caller, move |tx| {
        Box::pin(async move { relating::relate(tx, now, proxy, patient, known, None).await })
    })
    .await?;
    Ok((StatusCode::CREATED, Json(json!({ "proxy": proxy, "patient": patient, "relation": known }))))
}

/// `DELETE /patients/{patient_id}/relations/{proxy_id}`.
pub async fn part(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((patient, proxy)): Path<(PatientId, PatientId)>,
) -> ApiResult<StatusCode> {
    within(&services, caller, move |tx| Box::pin(async move { relating::part(tx, proxy, patient).await })).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn within<T, F>(services: &Services, caller: Caller, work: F) -> ApiResult<T>
where
    T: Send,
    F: for<'t> FnMut(&'t mut ClinicTx) -> futures::future::BoxFuture<'t, services::Result<T>> + Send,
{
    Ok(services.db.transaction(caller.clinic, work).await?)
}
