//! Handing a conversation from the telephone to the browser.

use std::sync::Arc;

use app::caller::{StaffBackend, StaffUser, session_cookie};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_login::AuthSession;
use domain::id::{ClinicId, ConversationId};
use domain::{Rejection, RejectionCode};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use services::db::directory;
use services::{Services, clinics, handoff};

use crate::access;
use crate::auth::Holder;
use crate::config::Config;
use crate::problem::{self, ApiResult, Problem, Query};
use crate::state::AppState;

/// Whoever may send a patient a link: a member or a key, for their own clinic,
/// or the platform's key, for all.
pub enum Sender {
    Clinic(ClinicId),
    Platform,
}

impl FromRequestParts<AppState> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let session = AuthSession::<StaffBackend>::from_request_parts(parts, state).await;
        if let Some(StaffUser(member)) = session.ok().and_then(|session| session.user) {
            // Whoever may only look writes to nobody.
            if member.role == "viewer" {
                return Err(Rejection::new(RejectionCode::Forbidden, "Your role does not allow this.").into());
            }
            return Ok(Self::Clinic(member.clinic_id));
        }
        let holder = Holder::of(parts, state).await?.ok_or_else(Rejection::unauthenticated)?;
        holder.check(access::scope_of(parts)?)?;
        Ok(match holder {
            Holder::Platform => Self::Platform,
            Holder::Clinic(known) => Self::Clinic(known.clinic),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    session_id: ConversationId,
    phone: String,
}

/// `POST /handoff/sms`: texts a link that goes on with a conversation.
pub async fn text(
    sender: Sender,
    State(services): State<Services>,
    problem::Json(wanted): problem::Json<Wanted>,
) -> ApiResult<impl IntoResponse> {
    let clinic = match sender {
        Sender::Clinic(clinic) => Some(clinic),
        Sender::Platform => directory::clinic_of_conversation(&services.db, wanted.session_id).await?,
    };
    let mut tx = services.db.clinic(clinic.ok_or_else(Rejection::not_found)?).await?;
    let offered = handoff::offer(&mut tx, &services.post, wanted.session_id, &wanted.phone).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(offered)))
}

#[derive(Deserialize)]
pub struct Resumed {
    #[serde(default)]
    token: String,
}

/// `GET /handoff/resume?token=`: goes on with the conversation, in this
/// browser, once.
pub async fn resume(
    State(services): State<Services>,
    State(config): State<Arc<Config>>,
    Query(resumed): Query<Resumed>,
) -> Response {
    match go_on(&services, &config, &resumed.token).await {
        Ok(response) => response,
        Err(error) => {
            let rejection = error.into_rejection();
            let (status, said) = if rejection.code == RejectionCode::NotFound {
                (StatusCode::GONE, "This link has been used, or is too old. Please ask for another.")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "That did not work just now. Please try again in a minute.")
            };
            (status, said).into_response()
        }
    }
}

async fn go_on(services: &Services, config: &Config, token: &str) -> services::Result<Response> {
    let now = services.clock.now();
    let (clinic, conversation) = handoff::resume(&services.db, now, token).await?;
    let slug = clinics::profile(&mut services.db.clinic(clinic).await?).await?.slug;
    let issued = services.sessions.issue(clinic, conversation, now)?;
    let scope = if config.is_secure() { "SameSite=Lax; Secure" } else { "SameSite=Lax" };
    let seconds = services.sessions.lasts().num_seconds();
    let cookie = format!("{}={}; Path=/; Max-Age={seconds}; HttpOnly; {scope}", session_cookie(&slug), issued.token);
    let mut response = Redirect::to(&format!("/c/{slug}")).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
