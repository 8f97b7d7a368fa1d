//! Who is calling `/api`. Each extractor yields a clinic; there is no other
//! way to get one.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts, RawPathParams};
use domain::id::{ClinicId, ConversationId, PatientId};
use domain::{Rejection, RejectionCode};
use http::request::Parts;
use http::{HeaderMap, header};
use secrecy::ExposeSecret;
use services::booking::{Channel, Owner};
use services::db::directory::{self, KnownKey};
use services::keys::{self, Scope};
use services::secrets::same;
use services::{ClinicTx, conversations};
use uuid::Uuid;

use crate::access;
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
        if let Some(holder) = Holder::of(parts, state).await? {
            let scope = access::scope_of(parts)?;
            return holder.admitted(parts, state, scope).await;
        }
        let session = ChatSession::from_request_parts(parts, state).await?;
        let named = named_in_path(parts, state).await?;
        if matches!(named, Named::Clinic(clinic) if clinic != session.clinic) {
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
        match Holder::of(parts, state).await? {
            Some(Holder::Platform) => Ok(Self),
            Some(Holder::Clinic(_)) => Err(access::out_of_scope().into()),
            None => Err(Rejection::unauthenticated().into()),
        }
    }
}

/// Whoever showed a good key.
#[derive(Clone, Debug)]
pub enum Holder {
    /// The platform's key, which is for all clinics and for everything.
    Platform,
    Clinic(KnownKey),
}

impl Holder {
    /// The key's holder, if one was shown. It is counted once for a request.
    ///
    /// # Errors
    ///
    /// `unauthenticated` if the key is wrong, and `rate_limited`.
    pub async fn of(parts: &Parts, state: &AppState) -> Result<Option<Self>, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(Some(known.clone()));
        }
        let Some(key) = key(&parts.headers) else { return Ok(None) };
        let Some(holder) = Self::of_key(key, state).await? else {
            // By address: what is guessed is a new key every time.
            state.limits.request(address(parts, state.config.trust_forwarded_for))?;
            return Err(Rejection::unauthenticated().into());
        };
        state.limits.key(holder.id())?;
        Ok(Some(holder))
    }

    async fn of_key(key: &str, state: &AppState) -> Result<Option<Self>, Problem> {
        let admin = state.config.admin_api_key.as_ref();
        if admin.is_some_and(|admin| same(admin.expose_secret().as_bytes(), key.as_bytes())) {
            return Ok(Some(Self::Platform));
        }
        if !keys::is_one(key) {
            return Ok(None);
        }
        let now = state.services.clock.now();
        Ok(directory::by_api_key(&state.services.db, now, &keys::digest(key)).await?.map(Self::Clinic))
    }

    /// By which it is counted, and what it holds and books is known.
    fn id(&self) -> Uuid {
        match self {
            Self::Platform => Uuid::nil(),
            Self::Clinic(known) => known.id,
        }
    }

    /// Whether the key is good for this.
    ///
    /// # Errors
    ///
    /// `forbidden` if not.
    pub fn check(&self, scope: Scope) -> Result<(), Rejection> {
        match self {
            Self::Clinic(known) if !known.scopes.contains(&scope) => Err(access::out_of_scope()),
            _ => Ok(()),
        }
    }

    /// The holder as a caller of the clinic that the path names, or whose
    /// conversation or patient it names.
    async fn admitted(&self, parts: &mut Parts, state: &AppState, scope: Scope) -> Result<Caller, Problem> {
        let db = &state.services.db;
        let named = named_in_path(parts, state).await?;
        let clinic = match (self, named) {
            (Self::Clinic(known), Named::Clinic(clinic)) => (clinic == known.clinic).then_some(clinic),
            (Self::Clinic(known), _) => Some(known.clinic),
            (Self::Platform, Named::Clinic(clinic)) => directory::exists(db, clinic).await?.then_some(clinic),
            (Self::Platform, Named::Conversation(conversation)) => {
                directory::clinic_of_conversation(db, conversation).await?
            }
            (Self::Platform, Named::Patient(patient)) => directory::clinic_of_patient(db, patient).await?,
            (Self::Platform, Named::Nothing) => None,
        };
        let clinic = clinic.ok_or_else(Rejection::not_found)?;
        self.check(scope)?;
        Ok(Caller { clinic, owner: Owner::Key(self.id()) })
    }
}

/// What a path is about.
#[derive(Clone, Copy, Debug)]
enum Named {
    Clinic(ClinicId),
    Conversation(ConversationId),
    Patient(PatientId),
    Nothing,
}

async fn named_in_path(parts: &mut Parts, state: &AppState) -> Result<Named, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Rejection::not_found())?;
    let named = params.iter().find_map(|(name, value)| match name {
        "clinic_id" => Some(value.parse().map(Named::Clinic)),
        "session_id" => Some(value.parse().map(Named::Conversation)),
        "patient_id" => Some(value.parse().map(Named::Patient)),
        _ => None,
    });
    named.unwrap_or(Ok(Named::Nothing)).map_err(|_| Rejection::not_found().into())
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

/// Whether this caller may look into this conversation: a session into its
/// own, a key into those of its clinic.
///
/// # Errors
///
/// `not_found` if it is somebody else's.
pub async fn check_conversation(
    tx: &mut ClinicTx,
    caller: Caller,
    conversation: ConversationId,
) -> Result<(), Problem> {
    let is_theirs = match caller.owner {
        Owner::Session(own) => own == conversation,
        Owner::Key(_) => conversations::exists(tx, conversation).await?,
    };
    if is_theirs { Ok(()) } else { Err(Rejection::new(RejectionCode::NotFound, "There is no such session.").into()) }
}
