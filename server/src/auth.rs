//! Who is calling `/api`. Each extractor yields a clinic; there is no other
//! way to get one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts, RawPathParams};
use domain::id::{ClinicId, ConversationId};
use domain::{Rejection, RejectionCode};
use http::request::Parts;
use http::{HeaderMap, header};
use secrecy::ExposeSecret;
use services::booking::{Channel, Owner};
use services::db::directory;
use services::secrets::same;
use uuid::Uuid;

use crate::config::Config;
use crate::problem::Problem;
use crate::state::AppState;

/// A chat session or an API key, on a path that names a clinic: the two agree,
/// or the extractor refuses.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    pub clinic: ClinicId,
    pub owner: Owner,
}

impl Caller {
    /// The channel this caller books through.
    pub fn channel(&self) -> Channel {
        match self.owner {
            Owner::Session(_) => Channel::Web,
            Owner::Key(_) => Channel::Api,
        }
    }

    pub fn conversation(&self) -> Option<ConversationId> {
        match self.owner {
            Owner::Session(conversation) => Some(conversation),
            Owner::Key(_) => None,
        }
    }
}

/// An API key, where a chat session is refused.
#[derive(Clone, Copy, Debug)]
pub struct KeyHolder(pub Caller);

/// The platform's own key, which is for all clinics.
#[derive(Clone, Copy, Debug)]
pub struct PlatformKey;

/// A chat session, whatever the path.
#[derive(Clone, Copy, Debug)]
pub struct ChatSession {
    pub clinic: ClinicId,
    pub conversation: ConversationId,
}

/// The address a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub IpAddr);

impl FromRequestParts<AppState> for ChatSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(Rejection::unauthenticated)?;
        let now = state.services.clock.now();
        let session = state.services.sessions.read(token, now).ok_or_else(Rejection::unauthenticated)?;
        Ok(Self { clinic: session.clinic, conversation: session.conversation })
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let clinic = clinic_in_path(parts, state).await?;
        if let Some(key) = key(&parts.headers) {
            return platform_key(key, clinic, state).await;
        }
        let session = ChatSession::from_request_parts(parts, state).await?;
        if clinic.is_some_and(|clinic| clinic != session.clinic) {
            return Err(Rejection::not_found().into());
        }
        Ok(Self { clinic: session.clinic, owner: Owner::Session(session.conversation) })
    }
}

impl FromRequestParts<AppState> for KeyHolder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.owner {
            Owner::Key(_) => Ok(Self(caller)),
            Owner::Session(_) => Err(Rejection::new(RejectionCode::Forbidden, "Only the clinic may do that.").into()),
        }
    }
}

impl FromRequestParts<AppState> for PlatformKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        check_key(key(&parts.headers).ok_or_else(Rejection::unauthenticated)?, state)?;
        Ok(Self)
    }
}

async fn clinic_in_path(parts: &mut Parts, state: &AppState) -> Result<Option<ClinicId>, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Rejection::not_found())?;
    let named = params.iter().find(|(name, _)| *name == "clinic_id").map(|(_, value)| value.parse::<ClinicId>());
    named.transpose().map_err(|_| Rejection::not_found().into())
}

fn check_key(key: &str, state: &AppState) -> Result<(), Problem> {
    state.limits.key(key)?;
    let right =
        state.config.admin_api_key.as_ref().is_some_and(|admin| same(admin.expose_secret().as_bytes(), key.as_bytes()));
    if right { Ok(()) } else { Err(Rejection::unauthenticated().into()) }
}

async fn platform_key(key: &str, clinic: Option<ClinicId>, state: &AppState) -> Result<Caller, Problem> {
    check_key(key, state)?;
    let clinic = clinic.ok_or_else(Rejection::not_found)?;
    if !directory::exists(&state.services.db, clinic).await? {
        return Err(Rejection::not_found().into());
    }
    Ok(Caller { clinic, owner: Owner::Key(Uuid::nil()) })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn key(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("x-admin-key").and_then(|value| value.to_str().ok());
    header.or_else(|| bearer(headers).and_then(|token| token.strip_prefix("admin.")))
}

impl<S: Send + Sync> FromRequestParts<S> for Address
where
    Arc<Config>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let config = Arc::<Config>::from_ref(state);
        Ok(Self(address(parts, config.trust_forwarded_for)))
    }
}

/// Where a request came from: the peer, or what a trusted proxy wrote last.
pub fn address(parts: &Parts, trust_forwarded_for: bool) -> IpAddr {
    let forwarded = || {
        let header = parts.headers.get("x-forwarded-for")?.to_str().ok()?;
        header.rsplit(',').next()?.trim().parse().ok()
    };
    let peer =
        parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip());
    if trust_forwarded_for { forwarded().unwrap_or(peer) } else { peer }
}

/// Whether this caller may act on this conversation.
///
/// # Errors
///
/// `not_found` if it is somebody else's.
pub fn owns(session: &ChatSession, conversation: ConversationId) -> Result<(), Problem> {
    if session.conversation == conversation {
        Ok(())
    } else {
        Err(Rejection::new(RejectionCode::NotFound, "There is no such session.").into())
    }
}
