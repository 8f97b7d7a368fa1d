//! Who is calling a server function. The only door from one to a service.

mod session;
mod template;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum_login::{AuthSession, AuthUser, AuthnBackend, UserId};
use chrono::{DateTime, Utc};
use domain::id::{ClinicId, ConversationId, MemberId, PractitionerId};
use domain::{Rejection, RejectionCode};
use governor::{DefaultKeyedRateLimiter, Quota};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use services::booking::{Channel, Owner, SlotClaim, availability};
use services::db::directory;
use services::members::{self, Member};
use services::receptionist::Line;
use services::{ClinicTx, Db, Services};

use crate::error::ServerError;
pub use session::{BrowserSession, cookie, patient_cookie, session_cookie};
pub use template::{Hole, Noted, Template};

/// What the server tells the pages about itself and the request.
#[derive(Clone, Debug)]
pub struct Edge {
    pub services: Services,
    pub limits: Arc<PageLimits>,
    /// Whether browsers reach this server over TLS.
    pub is_secure: bool,
    /// Where the outside world finds this server, without a trailing slash.
    pub public_url: Arc<str>,
    /// Where the request came from.
    pub address: IpAddr,
    /// Stands in for the visitor while a page is made for everyone.
    pub template: Option<Arc<Template>>,
}

/// How often anyone may try to sign in or write, in this process.
#[derive(Debug)]
pub struct PageLimits {
    sign_in_by_address: DefaultKeyedRateLimiter<IpAddr>,
    sign_in_by_email: DefaultKeyedRateLimiter<String>,
    messages: DefaultKeyedRateLimiter<ConversationId>,
}

impl PageLimits {
    /// `sign_ins` tries a minute from an address and to an e-mail address, and
    /// `messages` a minute in a conversation.
    pub fn new(sign_ins: u32, messages: u32) -> Self {
        let per_minute = |count| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            sign_in_by_address: DefaultKeyedRateLimiter::keyed(per_minute(sign_ins)),
            sign_in_by_email: DefaultKeyedRateLimiter::keyed(per_minute(sign_ins)),
            messages: DefaultKeyedRateLimiter::keyed(per_minute(messages)),
        }
    }
}

/// Staff's sign-in, as axum-login wants it.
#[derive(Clone, Debug)]
pub struct StaffBackend(pub Db);

/// What somebody typed to sign in.
#[derive(Clone)]
pub struct Credentials {
    pub email: String,
    pub password: String,
}

/// A member who has signed in.
#[derive(Clone, Debug)]
pub struct StaffUser(pub Member);

/// Which member a session belongs to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StaffId {
    clinic: ClinicId,
    member: MemberId,
}

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.clinic, self.member)
    }
}

impl AuthUser for StaffUser {
    type Id = StaffId;

    fn id(&self) -> StaffId {
        StaffId { clinic: self.0.clinic_id, member: self.0.id }
    }

    /// A new password ends every session made under the old one.
    fn session_auth_hash(&self) -> &[u8] {
        self.0.password_hash.as_bytes()
    }
}

impl AuthnBackend for StaffBackend {
    type User = StaffUser;
    type Credentials = Credentials;
    type Error = services::Error;

    async fn authenticate(&self, credentials: Credentials) -> Result<Option<StaffUser>, services::Error> {
        let member = members::authenticate(&self.0, &credentials.email, &credentials.password).await?;
        Ok(member.map(StaffUser))
    }

    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<StaffUser>, services::Error> {
        Ok(members::find(&self.0, id.clinic, id.member).await?.map(StaffUser))
    }
}

/// A member of staff at work.
#[derive(Clone, Debug)]
pub struct Staff {
    pub services: Services,
    pub member: Member,
}

impl Staff {
    /// A transaction for the member's own clinic.
    pub async fn tx(&self) -> Result<ClinicTx, ServerError> {
        Ok(self.services.db.clinic(self.member.clinic_id).await?)
    }
}

/// The member who is calling.
///
/// # Errors
///
/// `unauthenticated` if nobody has signed in.
pub async fn member() -> Result<Staff, ServerError> {
    let session = sign_in_session().await?;
    let user = session.user.ok_or_else(Rejection::unauthenticated)?;
    Ok(Staff { services: edge()?.services, member: user.0 })
}

/// The browser's sign-in, whether or not anybody has.
pub async fn sign_in_session() -> Result<AuthSession<StaffBackend>, ServerError> {
    leptos_axum::extract::<AuthSession<StaffBackend>>().await.map_err(|_| Rejection::unavailable().into())
}

/// Counts a try to sign in.
///
/// # Errors
///
/// `rate_limited` when there were too many.
pub fn count_sign_in(email: &str) -> Result<(), ServerError> {
    let edge = edge()?;
    let email = email.trim().to_lowercase().chars().take(254).collect::<String>();
    let allowed = edge.limits.sign_in_by_address.check_key(&edge.address).is_ok()
        && edge.limits.sign_in_by_email.check_key(&email).is_ok();
    if allowed {
        return Ok(());
    }
    Err(Rejection::new(RejectionCode::RateLimited, "Too many tries. Please wait a minute and try again.").into())
}

/// A patient's browser, talking to one clinic.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub services: Services,
    pub clinic: ClinicId,
    pub conversation: ConversationId,
    /// The session's token, which the page sends back.
    pub token: String,
    template: Option<Arc<Template>>,
}

impl Visitor {
    pub async fn tx(&self) -> Result<ClinicTx, ServerError> {
        Ok(self.services.db.clinic(self.clinic).await?)
    }

    pub fn owner(&self) -> Owner {
        Owner::Session(self.conversation)
    }

    /// The token by which this visitor, and nobody else, may hold a time that
    /// is shown to them now.
    pub fn offer(&self, claim: &SlotClaim, now: DateTime<Utc>) -> String {
        match &self.template {
            Some(template) => template.offer(*claim),
            None => self.services.slots.sign(self.clinic, self.owner(), claim, now),
        }
    }

    /// Notes that what was read stops being so at `until`, though nobody does
    /// anything: a hold runs out.
    pub fn good_until(&self, until: Option<DateTime<Utc>>) {
        if let (Some(template), Some(until)) = (&self.template, until) {
            template.good_until(until);
        }
    }

    /// Whom the visitor, who booked here before, saw last or is to see. Nobody
    /// knows that of a page made for everyone.
    pub async fn usual(&self, tx: &mut ClinicTx) -> services::Result<Option<PractitionerId>> {
        match &self.template {
            Some(_) => Ok(None),
            None => availability::usual_in(tx, self.conversation).await,
        }
    }

    pub fn line(&self) -> Line {
        Line { clinic: self.clinic, conversation: self.conversation, channel: Channel::Web }
    }

    /// Counts a message in this conversation.
    ///
    /// # Errors
    ///
    /// `rate_limited` when there were too many.
    pub fn count_message(&self) -> Result<(), ServerError> {
        if edge()?.limits.messages.check_key(&self.conversation).is_ok() {
            return Ok(());
        }
        Err(Rejection::new(RejectionCode::RateLimited, "That is a lot of messages at once. Please wait a moment.")
            .into())
    }
}

/// The visitor whose browser sent `token`, or the cookie of an earlier visit
/// to this clinic, or else somebody new.
///
/// # Errors
///
/// `not_found` if there is no such clinic.
pub async fn visitor(slug: &str, token: Option<&str>) -> Result<Visitor, ServerError> {
    let edge = edge()?;
    let services = edge.services.clone();
    let listing = directory::by_slug(&services.db, slug)
        .await?
        .ok_or_else(|| Rejection::new(RejectionCode::NotFound, "There is no clinic at this address."))?;
    if let Some(template) = edge.template {
        let token = template.token();
        let conversation = ConversationId::new();
        return Ok(Visitor { services, clinic: listing.clinic_id, conversation, token, template: Some(template) });
    }
    let sent = sent_cookie(slug);
    let sent = [token, sent.as_deref()];
    let session = BrowserSession::find_or_new(&services, listing.clinic_id, slug, sent, edge.is_secure)?;
    if let (Some(response), Some(cookie)) = (use_context::<ResponseOptions>(), session.cookie) {
        response.append_header(header::SET_COOKIE, cookie);
    }
    let BrowserSession { conversation, token, .. } = session;
    Ok(Visitor { services, clinic: listing.clinic_id, conversation, token, template: None })
}

/// Sends a form posted without JavaScript back to a chat page that still knows
/// the conversation, where the browser keeps no cookie: in a frame on another
/// site, many do not.
pub fn return_to_chat(slug: &str, token: &str) {
    let Some(parts) = use_context::<Parts>() else { return };
    let header = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let is_form = header(header::ACCEPT).contains("text/html");
    if !is_form || sent_cookie(slug).is_some() {
        return;
    }
    let page = if header(header::REFERER).contains("/embed/") { "embed" } else { "c" };
    leptos_axum::redirect(&format!("/{page}/{slug}?session={token}"));
}

/// Has the browser say, for as long as it keeps the session, that a patient of
/// this clinic is known by it: then pages are made for them.
pub fn remember_patient(slug: &str) {
    let Ok(edge) = edge() else { return };
    if let (Some(response), Some(cookie)) = (
        use_context::<ResponseOptions>(),
        session::remembering_patient(slug, edge.services.sessions.lasts(), edge.is_secure),
    ) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// The session that the browser kept of an earlier visit to this clinic.
fn sent_cookie(slug: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    cookie(&parts.headers, &session_cookie(slug)).map(str::to_owned)
}

/// What the server told the pages.
///
/// # Errors
///
/// `unavailable` if it told them nothing, which is a mistake in the router.
pub fn edge() -> Result<Edge, ServerError> {
    use_context::<Edge>().ok_or_else(|| Rejection::unavailable().into())
}

/// Whether a form was sent without JavaScript: its answer sends the browser to
/// a page.
pub fn is_plain_form() -> bool {
    let Some(parts) = use_context::<Parts>() else { return false };
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The page that a form was sent from, without the site it is on.
pub fn sent_from() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let page = parts.headers.get(header::REFERER)?.to_str().ok()?;
    let path = page.split_once("://").map_or(page, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    Some(format!("/{}", path.trim_start_matches('/')))
}

/// Sets the status of the page or answer being made.
pub fn respond_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Lets the page run the scripts it was rendered with and no others. The nonce
/// is new for every page.
pub fn only_own_scripts() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), leptos::nonce::use_nonce()) else { return };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.append_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
