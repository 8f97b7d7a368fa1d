//! Looking at and changing what a clinic offers and when, and what a person
//! there has to look at.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::id::ClinicId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::booking::changes::{self, Plan, ScheduleChange};
use services::booking::{Changer, appointments, catalogue, stranding};
use services::messaging::listing;
use services::{Services, clinics, events, tasks};
use uuid::Uuid;

use crate::api::once::{self, Once, Outcome};
use crate::auth::KeyHolder;
use crate::problem::{self, ApiResult, Path, Query};

/// How many tasks one answer holds.
const PAGE: i64 = 100;

/// `GET /schedule`: everything that is set.
pub async fn read(KeyHolder(caller): KeyHolder, State(services): State<Services>) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    Ok(Json(json!(catalogue::read(&mut tx, services.clock.now()).await?)))
}

#[derive(Deserialize)]
pub struct Previewed {
    change: ScheduleChange,
}

/// `POST /schedule/preview`: which visits a change would strand. Changes
/// nothing.
pub async fn preview(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    problem::Json(asked): problem::Json<Previewed>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let stranded = changes::preview(&mut tx, services.clock.now(), &asked.change).await?;
    drop(tx);
    let stranded: Vec<Value> = stranded.iter().map(|visit| visit.told(zone)).collect();
    Ok(Json(json!({ "stranded": stranded, "time_zone": zone })))
}

#[derive(Clone, Deserialize)]
pub struct Wanted {
    change: ScheduleChange,
    /// By appointment: `{"action":"keep"}`, `{"action":"move","practitioner","starts_at"}` or
    /// `{"action":"ask","message"?}`.
    #[serde(default)]
    plan: Plan,
}

/// `POST /schedule/changes`: makes a change and does what was decided about
/// every visit it strands, all or nothing.
pub async fn change(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    once: Once<Wanted>,
) -> ApiResult<Response> {
    let now = services.clock.now();
    let (wanted, key) = once.apart();
    once::run(&services, caller, key, move |tx| {
        let wanted = wanted.clone();
        Box::pin(async move {
            let changed = changes::change(tx, now, &wanted.change, &wanted.plan, Changer::staff_key()).await?;
            Ok(Outcome::Done(StatusCode::OK, json!(changed)))
        })
    })
    .await
}

/// `GET /schedule/stranded`: visits that do not fit and nobody decided about.
pub async fn stranded(KeyHolder(caller): KeyHolder, State(services): State<Services>) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let zone = clinics::time_zone(&mut tx).await?;
    let stranded = stranding::undecided(&mut tx, services.clock.now()).await?;
    let stranded: Vec<Value> = stranded.iter().map(|visit| visit.told(zone)).collect();
    Ok(Json(json!({ "stranded": stranded, "time_zone": zone })))
}

#[derive(Deserialize)]
pub struct After {
    after: Option<Uuid>,
}

/// `GET /tasks`: what a person has to look at, the oldest first.
pub async fn tasks(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Query(page): Query<After>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let tasks = tasks::list(&mut tx, page.after, PAGE).await?;
    let next = (tasks.len() == PAGE as usize).then(|| tasks.last().map(|task| task.id)).flatten();
    Ok(Json(json!({ "tasks": tasks, "next": next })))
}

/// `POST /tasks/{task_id}/done`: nobody has to look at it any more.
pub async fn finish_task(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, task)): Path<(ClinicId, Uuid)>,
) -> ApiResult<StatusCode> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    tasks::finish(&mut tx, services.clock.now(), task, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /appointments/{id}/messages`: what a patient was written about a visit
/// and what became of it, oldest first.
pub async fn messages(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, domain::id::AppointmentId)>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    if appointments::by_id(&mut tx, id).await?.is_none() {
        return Err(domain::Rejection::not_found().into());
    }
    let messages = listing::log(&mut tx, id).await?;
    Ok(Json(json!({ "messages": messages, "next": null })))
}

/// `GET /appointments/{id}/events`: what happened to a visit, oldest first.
pub async fn timeline(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, domain::id::AppointmentId)>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    let events = events::history(&mut tx, id).await?;
    if events.is_empty() {
        return Err(domain::Rejection::not_found().into());
    }
    Ok(Json(json!({ "events": events, "next": null })))
}
