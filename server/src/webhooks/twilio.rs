//! What Twilio tells: texts that come in, and what became of those that went
//! out.
//!
//! A request says whose it is and proves it with that clinic's own secret,
//! before anything is done about it. Whoever cannot is told nothing.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FormRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use domain::id::ClinicId;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use services::Services;
use services::db::directory;
use services::messaging::inbound::{self, Incoming, answering};
use services::messaging::outbox::OutboxId;
use services::messaging::signature::{Body, Signed, is_genuine};
use services::messaging::{senders, sending};

use super::twiml::Twiml;
use crate::config::Config;
use crate::state::AppState;

/// The largest body taken, in bytes. A text has 1,600 characters at most.
const LARGEST_BODY: usize = 64 * 1024;

/// The longest id of a message.
const LONGEST_ID: usize = 64;

/// `/twilio`. Where texts are not taken in, their address does not exist.
pub fn routes(config: &Config) -> Router<AppState> {
    let take = if config.sms_inbound_enabled { post(incoming) } else { any(nothing_here) };
    Router::new()
        .route("/twilio/sms/incoming", take)
        .route("/twilio/status", post(status))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// What Twilio posted, as a form or as JSON, not proven yet.
struct Posted {
    fields: Vec<(String, String)>,
    /// Of JSON, the bytes as they came: the URL carries their digest.
    json: Option<Bytes>,
    /// What Twilio asked for, as it knows this server.
    url: String,
    headers: HeaderMap,
}

impl FromRequest<AppState> for Posted {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, StatusCode> {
        // Neither Host nor X-Forwarded-* say what was signed.
        let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
        let url = format!("{}{asked}", state.config.public_url);
        let headers = request.headers().clone();
        let refused = |status: StatusCode| if status.is_server_error() { StatusCode::BAD_REQUEST } else { status };
        if is_json(&headers) {
            let json = Bytes::from_request(request, state)
                .await
                .map_err(|rejection: BytesRejection| refused(rejection.status()))?;
            let fields = fields(&json).ok_or(StatusCode::BAD_REQUEST)?;
            return Ok(Self { fields, json: Some(json), url, headers });
        }
        let Form(fields) =
            Form::from_request(request, state).await.map_err(|rejection: FormRejection| refused(rejection.status()))?;
        Ok(Self { fields, json: None, url, headers })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The members of a JSON object that a form could hold as well.
fn fields(json: &[u8]) -> Option<Vec<(String, String)>> {
    let members: serde_json::Map<String, Value> = serde_json::from_slice(json).ok()?;
    let fields = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    });
    Some(fields.collect())
}

impl Posted {
    fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The clinic that has one of these senders.
    async fn clinic_of(&self, services: &Services, senders: &[&str]) -> services::Result<Option<ClinicId>> {
        let senders: Vec<String> =
            senders.iter().filter_map(|name| self.field(name)).map(|sender| sender.trim().to_owned()).collect();
        directory::by_sender(&services.db, &senders).await
    }

    /// Whether it comes from this clinic's account.
    async fn is_from(&self, services: &Services, clinic: ClinicId) -> services::Result<bool> {
        let Some(vault) = &services.vault else { return Ok(false) };
        let mut tx = services.db.clinic(clinic).await?;
        let Some(account) = senders::account(&mut tx, vault).await? else { return Ok(false) };
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let request = Signed {
            url: &self.url,
            body: self.json.as_deref().map_or(Body::Form(&self.fields), Body::Json),
            signature: header("x-twilio-signature").unwrap_or_default(),
            settings: header("x-twilio-webhooks-signature-settings"),
        };
        let is_its = self.field("AccountSid") == Some(&account.account_sid);
        Ok(is_its && is_genuine(&account, services.clock.now(), &request))
    }

    fn text(&self) -> Option<Incoming> {
        let id = self.field("MessageSid").or_else(|| self.field("SmsMessageSid")).or_else(|| self.field("SmsSid"))?;
        Some(Incoming {
            provider_id: id.to_owned(),
            to: self.field("To")?.trim().to_owned(),
            from: self.field("From")?.trim().to_owned(),
            body: self.field("Body").unwrap_or_default().to_owned(),
            media: self.field("NumMedia").and_then(|count| count.parse().ok()).unwrap_or_default(),
            opt_out_type: self.field("OptOutType").map(str::to_owned),
        })
        .filter(|text| text.provider_id.len() <= LONGEST_ID)
    }
}

/// Why a request of Twilio's was not done. It is told the status, and no more.
struct Failure(StatusCode);

impl From<StatusCode> for Failure {
    fn from(status: StatusCode) -> Self {
        Self(status)
    }
}

impl From<services::Error> for Failure {
    fn from(error: services::Error) -> Self {
        // Logs it; a rejection of ours is nothing that Twilio could mend.
        let _ = error.into_rejection();
        Self(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// `POST /twilio/sms/incoming`: a patient's text.
async fn incoming(State(services): State<Services>, posted: Posted) -> Result<Twiml, Failure> {
    let Some(clinic) = posted.clinic_of(&services, &["To", "MessagingServiceSid"]).await? else {
        tracing::warn!("a text came to a number that no clinic has");
        return Ok(Twiml::default());
    };
    if !posted.is_from(&services, clinic).await? {
        tracing::warn!(%clinic, "a text was not signed by the clinic's account");
        return Err(StatusCode::FORBIDDEN.into());
    }
    let text = posted.text().ok_or(StatusCode::BAD_REQUEST)?;
    if !inbound::is_number(&text.from) {
        tracing::info!(%clinic, "a text came from a sender that cannot be written to");
        return Ok(Twiml::default());
    }
    let reply = services.inbound.take(clinic, &text).await?;
    Ok(Twiml::of(answering::parts(reply.as_deref().unwrap_or_default())))
}

#[derive(Deserialize)]
struct About {
    /// The text, where our own address for it names it.
    outbox: Option<OutboxId>,
}

/// `POST /twilio/status`: what became of a text.
async fn status(
    State(services): State<Services>,
    about: Result<Query<About>, QueryRejection>,
    posted: Posted,
) -> Result<StatusCode, Failure> {
    let about = about.ok().and_then(|Query(about)| about.outbox);
    let named = match about {
        Some(outbox) => directory::clinic_of_message(&services.db, outbox).await?,
        None => None,
    };
    let clinic = match named {
        Some(clinic) => Some(clinic),
        None => posted.clinic_of(&services, &["From", "MessagingServiceSid"]).await?,
    };
    // It may be about a text of another day, whose clinic is gone.
    let Some(clinic) = clinic else { return Ok(StatusCode::OK) };
    if !posted.is_from(&services, clinic).await? {
        tracing::warn!(%clinic, "news of a text was not signed by the clinic's account");
        return Err(StatusCode::FORBIDDEN.into());
    }
    let sid = posted.field("MessageSid").or_else(|| posted.field("SmsSid"));
    let word = posted.field("MessageStatus").or_else(|| posted.field("SmsStatus"));
    let (Some(sid), Some(word)) = (sid, word) else { return Err(StatusCode::BAD_REQUEST.into()) };
    let code = posted.field("ErrorCode").and_then(|code| code.parse().ok());
    let mut tx = services.db.clinic(clinic).await?;
    let is_known = sending::heard(&mut tx, services.clock.now(), about, sid, word, code).await?;
    tx.commit().await?;
    if !is_known {
        tracing::info!(%clinic, "news came of a text that was not sent from here");
    }
    Ok(StatusCode::OK)
}
