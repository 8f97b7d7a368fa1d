//! Chat sessions: who a browser is from one request to the next.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::contact::EmailAddress;
use domain::id::{ClinicId, ConversationId};
use domain::{Rejection, RejectionCode};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use services::booking::Channel;
use services::db::directory;
use services::{Services, conversations};

use crate::auth::Address;
use crate::limits::Limits;
use crate::problem::{self, ApiResult};

#[derive(Deserialize)]
pub struct NewSession {
    clinic_id: ClinicId,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

#[derive(Serialize)]
pub struct SessionAnswer {
    token: String,
    session_id: ConversationId,
    expires_at: DateTime<Utc>,
}

/// `POST /auth/session`: starts a conversation. Contact given here is a hint,
/// never proof of who someone is.
pub async fn create(
    State(services): State<Services>,
    State(limits): State<Arc<Limits>>,
    Address(address): Address,
    problem::Json(new): problem::Json<NewSession>,
) -> ApiResult<(StatusCode, Json<SessionAnswer>)> {
    limits.session(address)?;
    if !directory::exists(&services.db, new.clinic_id).await? {
        return Err(Rejection::not_found().into());
    }
    let email = new.email.as_deref().map(EmailAddress::parse).transpose();
    let email = email.map_err(|error| Rejection::invalid("email", error.to_string()))?;
    let now = services.clock.now();
    let conversation = ConversationId::new();
    let mut tx = services.db.clinic(new.clinic_id).await?;
    let country = services::clinics::profile(&mut tx).await?.country;
    let phone = new.phone.as_deref().map(|text| domain::contact::PhoneNumber::parse(text, &country)).transpose();
    let phone = phone.map_err(|error| Rejection::invalid("phone", error.to_string()))?;
    conversations::open(&mut tx, conversation, Channel::Web, now).await?;
    conversations::hint(
        &mut tx,
        conversation,
        email.as_ref().map(EmailAddress::as_str),
        phone.as_ref().map(domain::contact::PhoneNumber::as_str),
    )
    .await?;
    tx.commit().await?;
    let issued = services.sessions.issue(new.clinic_id, conversation, now)?;
    let answer = SessionAnswer { token: issued.token, session_id: conversation, expires_at: issued.expires_at };
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
pub struct OldToken {
    token: String,
}

#[derive(Serialize)]
pub struct Refreshed {
    token: String,
    expires_at: DateTime<Utc>,
}

/// `POST /auth/refresh`: the same session for longer.
pub async fn refresh(
    State(services): State<Services>,
    problem::Json(old): problem::Json<OldToken>,
) -> ApiResult<Json<Refreshed>> {
    let now = services.clock.now();
    let session = services.sessions.read(&old.token, now).ok_or_else(|| {
        Rejection::new(RejectionCode::Unauthenticated, "That session has ended. Please start a new one.")
    })?;
    let issued = services.sessions.issue(session.clinic, session.conversation, now)?;
    Ok(Json(Refreshed { token: issued.token, expires_at: issued.expires_at }))
}
