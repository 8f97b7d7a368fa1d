//! One remembered page.

use app::caller::{BrowserSession, Hole, Template};
use axum::body::{Body, to_bytes};
use axum::response::Response;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::id::ConversationId;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use services::booking::{Owner, SlotClaim};
use services::db::stamps::Stamp;
use services::{Services, secrets};

use super::asked::Asked;
use super::packed::Packed;
use super::stencil::{Stencil, Told};

/// The longest page remembered, in bytes.
const LONGEST: usize = 1024 * 1024;

const MINUTE: i64 = 60_000_000;

/// A page without its visitor.
#[derive(Debug)]
pub struct Page {
    stamp: Stamp,
    made_at: DateTime<Utc>,
    good_until: DateTime<Utc>,
    offers: Vec<SlotClaim>,
    /// Headers that say the same to everyone.
    headers: HeaderMap,
    /// Those that address the visitor.
    cut_headers: Vec<(HeaderName, Stencil)>,
    body: Stencil,
    packed: Option<Packed>,
}

impl Page {
    /// Cuts an answer that was made for nobody after `stamp` was read, at
    /// `made_at` or later. None if it is no page that everyone may see.
    pub async fn cut(
        response: Response,
        template: &Template,
        stamp: Stamp,
        made_at: DateTime<Utc>,
        services: &Services,
    ) -> Option<Self> {
        let (parts, body) = response.into_parts();
        if parts.status != StatusCode::OK || parts.headers.contains_key(header::SET_COOKIE) {
            return None;
        }
        let body = to_bytes(body, LONGEST).await.ok()?;
        let body = Stencil::cut(template, std::str::from_utf8(&body).ok()?)?;
        let (mut headers, mut cut_headers) = (HeaderMap::new(), Vec::new());
        for (name, value) in &parts.headers {
            let stencil = Stencil::cut(template, value.to_str().ok()?)?;
            if stencil.holes().next().is_none() {
                headers.append(name, value.clone());
            } else {
                cut_headers.push((name.clone(), stencil));
            }
        }
        let noted = template.noted();
        let good_until = minute_ends(made_at).min(noted.good_until.unwrap_or(DateTime::<Utc>::MAX_UTC));
        let mut page =
            Self { stamp, made_at, good_until, offers: noted.offers, headers, cut_headers, body, packed: None };
        if !page.is_whole() {
            return None;
        }
        let (token, conversation) = sample(services, stamp)?;
        page.packed = Packed::pack(&page.body, &page.told(services, token, conversation));
        Some(page)
    }

    /// Whether every hole is one that can be filled, and the visitor's session
    /// has its own.
    fn is_whole(&self) -> bool {
        let known = |hole| !matches!(hole, Hole::Offer(number) if number >= self.offers.len());
        self.body.holes().all(known) && self.body.holes().any(|hole| hole == Hole::Session)
    }

    /// Whether the page, made anew for somebody who read `stamp`, would be this
    /// one.
    pub fn is_good(&self, stamp: Stamp, now: DateTime<Utc>) -> bool {
        self.stamp.is_at_least(stamp) && self.made_at <= now && now < self.good_until
    }

    /// The page for whoever asked.
    pub fn show(&self, services: &Services, asked: &Asked, is_secure: bool) -> Option<Response> {
        let sent = [None, asked.session.as_deref()];
        let session = BrowserSession::find_or_new(services, self.stamp.clinic, &asked.slug, sent, is_secure).ok()?;
        let told = self.told(services, session.token, session.conversation);
        let packed =
            self.packed.as_ref().filter(|_| asked.takes_gzip).and_then(|packed| packed.fill(&self.body, &told));
        let is_packed = packed.is_some();
        let body = packed.unwrap_or_else(|| self.body.fill(&told));
        let length = HeaderValue::from(body.len());
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = self.headers.clone();
        let headers = response.headers_mut();
        for (name, value) in &self.cut_headers {
            headers.append(name, HeaderValue::try_from(value.fill(&told)).ok()?);
        }
        headers.insert(header::CONTENT_LENGTH, length);
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(cookie) = session.cookie {
            headers.append(header::SET_COOKIE, cookie);
        }
        Some(response)
    }

    fn told(&self, services: &Services, session: String, conversation: ConversationId) -> Told {
        let (now, owner) = (services.clock.now(), Owner::Session(conversation));
        let sign = |claim| services.slots.sign(self.stamp.clinic, owner, claim, now);
        Told {
            session,
            nonce: BASE64_URL_SAFE_NO_PAD.encode(secrets::random::<16>()),
            offers: self.offers.iter().map(sign).collect(),
        }
    }

    /// How much room it takes.
    pub fn bytes(&self) -> usize {
        let cut: usize = self.cut_headers.iter().map(|(_, value)| value.bytes()).sum();
        let headers = cut + self.headers.values().map(HeaderValue::len).sum::<usize>();
        let packed = self.packed.as_ref().map_or(0, Packed::bytes);
        size_of::<Self>() + size_of_val(self.offers.as_slice()) + headers + self.body.bytes() + packed
    }
}

/// A session as long as everyone's.
fn sample(services: &Services, stamp: Stamp) -> Option<(String, ConversationId)> {
    let conversation = ConversationId::new();
    let issued = services.sessions.issue(stamp.clinic, conversation, services.clock.now()).ok()?;
    Some((issued.token, conversation))
}

/// The end of the minute of `at`, in which no time begins or comes into reach,
/// and no clinic opens. All of that happens on a whole minute, which is
/// therefore neither of the minute before nor of the one it begins.
fn minute_ends(at: DateTime<Utc>) -> DateTime<Utc> {
    let micros = at.timestamp_micros();
    let end = if micros % MINUTE == 0 { micros + 1 } else { (micros.div_euclid(MINUTE) + 1) * MINUTE };
    DateTime::from_timestamp_micros(end).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_minute_is_a_moment_of_its_own() {
        let ends = |at: &str| minute_ends(at.parse().unwrap()).to_rfc3339();
        assert_eq!(ends("2026-11-20T15:00:00Z"), "2026-11-20T15:00:00.000001+00:00");
        assert_eq!(ends("2026-11-20T15:00:00.000001Z"), "2026-11-20T15:01:00+00:00");
        assert_eq!(ends("2026-11-20T15:00:59.999999Z"), "2026-11-20T15:01:00+00:00");
    }
}
