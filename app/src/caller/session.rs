//! The session by which a clinic knows a browser again.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ClinicId, ConversationId};
use http::{HeaderMap, HeaderValue, header};
use services::Services;

/// A browser's conversation with one clinic.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    pub conversation: ConversationId,
    pub token: String,
    /// What has the browser remember it, unless it does already.
    pub cookie: Option<HeaderValue>,
}

impl BrowserSession {
    /// The session of the first good token that the browser `sent`, or a new
    /// one. The last of them is the cookie's.
    ///
    /// # Errors
    ///
    /// When a token cannot be signed, which does not happen.
    pub fn find_or_new(
        services: &Services,
        clinic: ClinicId,
        slug: &str,
        sent: [Option<&str>; 2],
        is_secure: bool,
    ) -> services::Result<Self> {
        let now = services.clock.now();
        let known = sent.into_iter().flatten().find_map(|token| {
            let conversation = known(services, clinic, token, now)?;
            Some((conversation, token.to_owned()))
        });
        let (conversation, token) = match known {
            Some(known) => known,
            None => {
                let conversation = ConversationId::new();
                (conversation, services.sessions.issue(clinic, conversation, now)?.token)
            }
        };
        let is_remembered = sent[1] == Some(token.as_str());
        let cookie = if is_remembered { None } else { remembering(slug, &token, services.sessions.lasts(), is_secure) };
        Ok(Self { conversation, token, cookie })
    }
}

fn known(services: &Services, clinic: ClinicId, token: &str, now: DateTime<Utc>) -> Option<ConversationId> {
    let session = services.sessions.read(token, now)?;
    (session.clinic == clinic).then_some(session.conversation)
}

/// Keeps the conversation across reloads. In a frame on a clinic's site the
/// cookie is a third party's, so it is partitioned by that site (CHIPS); where
/// a browser refuses even that, the page carries the token itself.
fn remembering(slug: &str, token: &str, lasts: TimeDelta, is_secure: bool) -> Option<HeaderValue> {
    kept(&session_cookie(slug), token, lasts, is_secure)
}

/// Says that the session is a patient's whom the clinic knows, and nothing more.
pub fn remembering_patient(slug: &str, lasts: TimeDelta, is_secure: bool) -> Option<HeaderValue> {
    kept(&patient_cookie(slug), "1", lasts, is_secure)
}

fn kept(name: &str, value: &str, lasts: TimeDelta, is_secure: bool) -> Option<HeaderValue> {
    let scope = if is_secure { "SameSite=None; Secure; Partitioned" } else { "SameSite=Lax" };
    let seconds = lasts.num_seconds();
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; {scope}")).ok()
}

/// The name of the cookie that keeps a session with the clinic called `slug`.
pub fn session_cookie(slug: &str) -> String {
    format!("fd_chat_{slug}")
}

/// The name of the cookie that says whether a patient of the clinic called
/// `slug` is known by its session.
pub fn patient_cookie(slug: &str) -> String {
    format!("fd_patient_{slug}")
}

/// The cookie called `name`, if the browser sent it.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split("; ")).filter_map(|cookie| cookie.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
