//! The pages' own routes: rendering, what they listen to, calendar files.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use app::caller::{Edge, StaffBackend, Template};
use app::patient::chat::Said;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum_login::AuthSession;
use domain::chat::{Message, Role};
use domain::id::MessageId;
use futures::Stream;
use futures::stream::{self, StreamExt};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use services::booking::{Channel, calendar_file};
use services::feed::{Signal, Topic};
use services::receptionist::Line;
use services::{Services, clinics, conversations};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::state::AppState;

#[derive(Deserialize)]
pub struct Following {
    token: String,
    #[serde(default)]
    after: String,
}

/// `GET /c/{slug}/feed`: what happens in a conversation, for the chat page.
/// Begins with whatever was said after the message the page last saw.
pub async fn conversation_feed(
    State(services): State<Services>,
    Query(following): Query<Following>,
    headers: HeaderMap,
) -> Response {
    let now = services.clock.now();
    let Some(session) = services.sessions.read(&following.token, now) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let line = Line { clinic: session.clinic, conversation: session.conversation, channel: Channel::Web };
    // A browser that connects again says itself how far it got.
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()).unwrap_or(&following.after);
    let signals = services.feed.subscribe(Topic::Conversation(line.conversation));
    let follower = Follower { services: services.clone(), line, seen: seen.parse().ok() };
    tokio::spawn(async move {
        if let Err(error) = services.receptionist.resume(line).await {
            tracing::warn!(%error, "a turn was not resumed");
        }
    });
    sse(follower.run(signals)).into_response()
}

fn sse<S>(events: S) -> impl IntoResponse
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    // Proxies that gather answers before passing them on would hold a stream
    // back forever.
    let unbuffered = [("x-accel-buffering", "no"), ("cache-control", "no-store")];
    (unbuffered, Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

struct Follower {
    services: Services,
    line: Line,
    seen: Option<MessageId>,
}

impl Follower {
    fn run(self, signals: broadcast::Receiver<Signal>) -> impl Stream<Item = Result<Event, Infallible>> {
        let state = (self, signals, true);
        stream::unfold(state, |(mut follower, mut signals, is_first)| async move {
            let events = if is_first {
                follower.said(None).await
            } else {
                match signals.recv().await {
                    Ok(signal) => follower.hear(signal).await,
                    Err(RecvError::Lagged(_)) => follower.said(None).await,
                    Err(RecvError::Closed) => return None,
                }
            };
            Some((stream::iter(events.into_iter().map(Ok)), (follower, signals, false)))
        })
        .flatten()
    }

    async fn hear(&mut self, signal: Signal) -> Vec<Event> {
        let one = |name: &str, data: serde_json::Value| vec![Event::default().event(name).data(data.to_string())];
        match signal {
            Signal::Typing { active } => one("typing", json!({ "active": active })),
            Signal::Status { text, .. } => one("status", json!({ "text": text })),
            Signal::Delta { text, .. } => one("delta", json!({ "text": text })),
            // The answer may be stored by now, and its words be yet to come.
            Signal::Message { message_id } => self.said(Some(message_id)).await,
            Signal::Resync => self.said(None).await,
            Signal::Event { .. } => Vec::new(),
        }
    }

    /// Everything said since what was last seen, up to `until` if that is given.
    async fn said(&mut self, until: Option<MessageId>) -> Vec<Event> {
        match self.read(until).await {
            Ok(events) => events,
            Err(error) => {
                tracing::warn!(%error, "a conversation could not be read");
                Vec::new()
            }
        }
    }

    async fn read(&mut self, until: Option<MessageId>) -> services::Result<Vec<Event>> {
        let mut tx = self.services.db.clinic(self.line.clinic).await?;
        let zone = clinics::time_zone(&mut tx).await?;
        let messages = conversations::messages(&mut tx, self.line.conversation, self.seen, 200).await?;
        let mut events = Vec::with_capacity(messages.len());
        let is_due = |message: &Message| until.is_none_or(|until| message.id.uuid() <= until.uuid());
        for message in messages.into_iter().filter(is_due) {
            let id = message.id;
            // An answer may be stored after a question that came later, so
            // only what cannot be overtaken moves the mark.
            if message.role != Role::Patient {
                self.seen = Some(id);
            }
            let data = serde_json::to_string(&Said::new(message, zone)).unwrap_or_default();
            events.push(Event::default().event("message").id(id.to_string()).data(data));
        }
        Ok(events)
    }
}

/// `GET /console/feed`: that something happened in the member's clinic.
pub async fn clinic_feed(State(services): State<Services>, auth: AuthSession<StaffBackend>) -> Response {
    let Some(user) = auth.user else { return StatusCode::UNAUTHORIZED.into_response() };
    let signals = services.feed.subscribe(Topic::Clinic(user.0.clinic_id));
    let events = stream::unfold(signals, |mut signals| async move {
        let name = match signals.recv().await {
            Ok(Signal::Event { .. }) => "event",
            Ok(_) | Err(RecvError::Lagged(_)) => "resync",
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(Event::default().event(name).data("{}")), signals))
    });
    sse(events).into_response()
}

/// `GET /m/{token}/calendar.ics`: the visit for the patient's own calendar.
pub async fn calendar(State(services): State<Services>, Path(token): Path<String>) -> Response {
    match calendar_text(&services, &token).await {
        Ok(Some(text)) => {
            let headers = [
                (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, text).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, "This link does not open a visit.").into_response(),
        Err(error) => {
            let rejection = error.into_rejection();
            (StatusCode::SERVICE_UNAVAILABLE, rejection.message).into_response()
        }
    }
}

async fn calendar_text(services: &Services, token: &str) -> services::Result<Option<String>> {
    let Some((clinic, id)) = services.visits.verify(token) else { return Ok(None) };
    let mut tx = services.db.clinic(clinic).await?;
    calendar_file::calendar_file(&mut tx, services.clock.now(), id).await
}

/// What pages are told about the server and the request.
pub fn edge(state: &AppState, address: IpAddr, template: Option<Arc<Template>>) -> Edge {
    Edge {
        services: state.services.clone(),
        limits: state.page_limits.clone(),
        is_secure: state.config.is_secure(),
        public_url: state.config.public_url.as_str().into(),
        address,
        template,
    }
}
