//! Chat sessions: who a browser is from one request to the next.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::contact::{EmailAddress, PhoneNumber};
use domain::id::{ClinicId, ConversationId};
use domain::{Rejection, RejectionCode};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use services::booking::Channel;
use services::db::directory;
use services::{ClinicTx, Services, clinics, conversations};

use crate::api::once::{self, Answered, Once, Outcome};
use crate::auth::Address;
use crate::config::Config;
use crate::limits::Limits;
use crate::problem::{self, ApiResult, Problem};

#[derive(Clone, Deserialize)]
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
    State(config): State<Arc<Config>>,
    State(limits): State<Arc<Limits>>,
    Address(address): Address,
    headers: HeaderMap,
    once: Once<NewSession>,
) -> ApiResult<Answered> {
    limits.session(address)?;
    let (new, key) = once.apart();
    let clinic = new.clinic_id;
    if !directory::exists(&services.db, clinic).await? {
        return Err(Rejection::not_found().into());
    }
    let now = services.clock.now();
    check_origin(&services, &config, clinic, &headers).await?;
    // Nobody else's key is the same: what it stands for lets its sender in.
    let owner = format!("address:{address}");
    let answered = once::run_as(&services, clinic, &owner, key, move |tx| {
        let new = new.clone();
        Box::pin(async move {
            let conversation = open(tx, now, &new).await?;
            Ok(Outcome::Done(StatusCode::CREATED, json!(Opened { session_id: conversation, opened_at: now })))
        })
    });
    let answered = answered.await?;
    // The token is made again and not kept: it is a secret.
    let opened = Opened::deserialize(&answered.body).map_err(|_| Rejection::unavailable())?;
    let issued = services.sessions.issue(clinic, opened.session_id, opened.opened_at)?;
    let answer = SessionAnswer { token: issued.token, session_id: opened.session_id, expires_at: issued.expires_at };
    Ok(Answered { body: json!(answer), ..answered })
}

/// A session as it is kept under an Idempotency-Key.
#[derive(Serialize, Deserialize)]
struct Opened {
    session_id: ConversationId,
    opened_at: DateTime<Utc>,
}

async fn open(tx: &mut ClinicTx, now: DateTime<Utc>, new: &NewSession) -> services::Result<ConversationId> {
    let conversation = ConversationId::new();
    let country = clinics::profile(tx).await?.country;
    let email = new.email.as_deref().map(EmailAddress::parse).transpose();
    let email = email.map_err(|error| Rejection::invalid("email", error.to_string()))?;
    let phone = new.phone.as_deref().map(|text| PhoneNumber::parse(text, &country)).transpose();
    let phone = phone.map_err(|error| Rejection::invalid("phone", error.to_string()))?;
    let (email, phone) = (email.as_ref().map(EmailAddress::as_str), phone.as_ref().map(PhoneNumber::as_str));
    conversations::open(tx, conversation, Channel::Web, now).await?;
    conversations::hint(tx, conversation, email, phone).await?;
    Ok(conversation)
}

/// Whether the page that asks may: one of this server's, or of the clinic's
/// own. Programs that are no pages send no origin.
async fn check_origin(
    services: &Services,
    config: &Config,
    clinic: ClinicId,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(origin) = header(header::ORIGIN) else { return Ok(()) };
    let is_ours = is_origin_of(origin, &config.public_url)
        || header(header::HOST).is_some_and(|host| {
            origin.split_once("://").is_some_and(|(scheme, at)| scheme.starts_with("http") && at == host)
        });
    if is_ours {
        return Ok(());
    }
    let allowed = clinics::allowed_origins(&mut services.db.clinic(clinic).await?).await?;
    if allowed.iter().any(|allowed| is_origin_of(origin, allowed)) {
        return Ok(());
    }
    let message = "This site may not open a chat with the clinic. The clinic can allow it in its settings.";
    Err(Rejection::new(RejectionCode::OriginNotAllowed, message).into())
}

fn is_origin_of(origin: &str, address: &str) -> bool {
    origin.eq_ignore_ascii_case(address.trim_end_matches('/'))
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
