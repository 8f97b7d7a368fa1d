//! Whose Vapi is calling: the clinic in the path, if the request proves to be
//! that clinic's; without one, the clinic whose secret it carries.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use domain::id::ClinicId;
use domain::{Rejection, RejectionCode};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use services::Services;
use services::clinics::vapi::{Signed, VapiAccount, digest, same_secret};
use services::db::directory;

use crate::auth::address;
use crate::problem::Problem;
use crate::state::AppState;

/// A request of a clinic's own Vapi, and what it says.
#[derive(Debug)]
pub struct VapiRequest {
    pub clinic: ClinicId,
    pub body: Value,
}

impl FromRequest<AppState> for VapiRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let known = account(&mut parts, state).await?;
        // A wrong secret is refused before anything is read.
        if let Some((_, VapiAccount::Secret(secret))) = &known
            && !presented(&parts.headers).is_some_and(|given| same_secret(given, secret))
        {
            return Err(refuse(&parts, state));
        }
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let body = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Rejection::new(RejectionCode::TooLarge, "That is too large."),
            _ => Rejection::new(RejectionCode::Malformed, "That could not be read."),
        })?;
        let clinic = match known {
            Some((clinic, VapiAccount::Secret(_))) => clinic,
            Some((clinic, VapiAccount::Hmac(hmac))) => {
                let url = format!("{}{}", state.config.public_url, parts.uri);
                let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
                let request = Signed { header: &header, method: parts.method.as_str(), url: &url, body: &body };
                if !hmac.is_signed(state.services.clock.now(), &request) {
                    return Err(refuse(&parts, state));
                }
                clinic
            }
            None => return Err(refuse(&parts, state)),
        };
        state.limits.key(clinic.uuid())?;
        let body = serde_json::from_slice(&body)
            .map_err(|_| Rejection::new(RejectionCode::Malformed, "That is not valid JSON."))?;
        Ok(Self { clinic, body })
    }
}

/// The clinic that the address names, or else the secret, and how it proves
/// itself.
async fn account(parts: &mut Parts, state: &AppState) -> Result<Option<(ClinicId, VapiAccount)>, Problem> {
    let services = &state.services;
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Rejection::not_found())?;
    let in_path = params.iter().find(|(name, _)| *name == "clinic_id").map(|(_, value)| value.to_owned());
    let clinic = match in_path.or_else(|| in_query(parts)) {
        Some(named) => named.parse().ok(),
        None => match presented(&parts.headers) {
            Some(secret) => directory::by_voice_key(&services.db, &digest(secret)).await?,
            None => None,
        },
    };
    let Some(clinic) = clinic else { return Ok(None) };
    Ok(kept(services, clinic).await?.map(|account| (clinic, account)))
}

/// A signature does not say whose it is, so its clinic stands in the address.
fn in_query(parts: &Parts) -> Option<String> {
    let pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(name, _)| *name == "clinic").map(|(_, value)| value.to_owned())
}

async fn kept(services: &Services, clinic: ClinicId) -> services::Result<Option<VapiAccount>> {
    let Some(vault) = &services.vault else { return Ok(None) };
    let mut tx = services.db.clinic(clinic).await?;
    vault.get(&mut tx, "vapi").await
}

/// The secret a request carries. Where both headers stand, the one of Vapi's
/// own counts.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text("x-vapi-secret").or_else(|| {
        let value = text(header::AUTHORIZATION.as_str())?;
        // Vapi may be told to leave the word out.
        match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            _ => Some(value),
        }
    })
}

/// Counts against the address, so that nobody guesses at leisure.
fn refuse(parts: &Parts, state: &AppState) -> Problem {
    match state.limits.request(address(parts, state.config.trust_forwarded_for)) {
        Ok(()) => Rejection::new(RejectionCode::Unauthenticated, "The secret is missing or wrong.").into(),
        Err(problem) => problem,
    }
}
