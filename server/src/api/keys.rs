//! The clinic's API keys.

use axum::Json;
use axum::extract::State;
use domain::id::ClinicId;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use services::Services;
use services::booking::Owner;
use services::keys::{self, Maker, NewKey};
use uuid::Uuid;

use crate::auth::KeyHolder;
use crate::problem::{self, ApiResult, Path};

/// `GET /keys`: every key there is or was, none of them to be read.
pub async fn list(KeyHolder(caller): KeyHolder, State(services): State<Services>) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    Ok(Json(json!({ "keys": keys::list(&mut tx).await?, "next": null })))
}

/// `POST /keys`: makes a key, and shows it this once.
pub async fn create(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    problem::Json(new): problem::Json<NewKey>,
) -> ApiResult<(StatusCode, [(header::HeaderName, HeaderValue); 1], Json<Value>)> {
    let maker = match caller.owner {
        Owner::Key(id) if !id.is_nil() => Maker::Key(id),
        _ => Maker::Platform,
    };
    let mut tx = services.db.clinic(caller.clinic).await?;
    let made = keys::create(&mut tx, services.clock.now(), maker, &new).await?;
    tx.commit().await?;
    let unkept = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, unkept, Json(json!(made))))
}

/// `DELETE /keys/{key_id}`: from now on the key opens nothing.
pub async fn revoke(
    KeyHolder(caller): KeyHolder,
    State(services): State<Services>,
    Path((_, id)): Path<(ClinicId, Uuid)>,
) -> ApiResult<StatusCode> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    keys::revoke(&mut tx, services.clock.now(), id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
