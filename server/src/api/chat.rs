//! Talking to the receptionist over plain requests.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::Rejection;
use domain::chat::Message;
use domain::id::{ClinicId, ConversationId, EventId, MessageId};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use services::booking::Channel;
use services::receptionist::Line;
use services::{Services, conversations, events};

use crate::auth::{Caller, ChatSession, check_conversation};
use crate::limits::Limits;
use crate::problem::{self, ApiResult, Path, Query};

const PAGE: i64 = 100;

#[derive(Deserialize)]
pub struct Said {
    message: String,
    #[serde(default)]
    client_message_id: Option<String>,
}

/// `POST /clinics/{clinic_id}/chat`: a message and its answer.
pub async fn send(
    session: ChatSession,
    Path(clinic): Path<ClinicId>,
    State(services): State<Services>,
    State(limits): State<Arc<Limits>>,
    problem::Json(said): problem::Json<Said>,
) -> ApiResult<Json<Value>> {
    if session.clinic != clinic {
        return Err(Rejection::not_found().into());
    }
    limits.message(session.conversation)?;
    let line = Line { clinic, conversation: session.conversation, channel: Channel::Web };
    // Once taken, a message is answered even if the caller hangs up.
    let answering = tokio::spawn(async move {
        services.receptionist.reply(line, &said.message, said.client_message_id.as_deref()).await
    });
    let exchange = answering.await.map_err(|_| Rejection::unavailable())??;
    // Where a person answers, in their own time, the reply says so.
    let (message_id, reply) = match exchange.answer {
        Some(answer) => (answer.id, json!({ "text": answer.text, "cards": answer.cards })),
        None => (exchange.question, json!({ "text": exchange.notice, "cards": [] })),
    };
    Ok(Json(json!({ "session_id": session.conversation, "message_id": message_id, "reply": reply })))
}

#[derive(Deserialize)]
pub struct After<T> {
    after: Option<T>,
}

/// `GET /sessions/{session_id}/messages`: what was said, oldest first.
pub async fn messages(
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    State(services): State<Services>,
    Query(After { after }): Query<After<MessageId>>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    check_conversation(&mut tx, caller, conversation).await?;
    let messages = conversations::messages(&mut tx, conversation, after, PAGE).await?;
    let next = (i64::try_from(messages.len()) == Ok(PAGE)).then(|| messages.last().map(|last: &Message| last.id));
    Ok(Json(json!({ "messages": messages, "next": next.flatten() })))
}

/// `GET /sessions/{session_id}/push-events`: what happened, oldest first.
pub async fn push_events(
    caller: Caller,
    Path(conversation): Path<ConversationId>,
    State(services): State<Services>,
    Query(After { after }): Query<After<EventId>>,
) -> ApiResult<Json<Value>> {
    let mut tx = services.db.clinic(caller.clinic).await?;
    check_conversation(&mut tx, caller, conversation).await?;
    let events = events::after(&mut tx, conversation, after, PAGE).await?;
    Ok(Json(json!({ "events": events })))
}

/// `POST /sessions/{session_id}/push-events/{event_id}/ack`: it was shown, and
/// is not told again.
pub async fn acknowledge(
    session: ChatSession,
    Path((conversation, event)): Path<(ConversationId, EventId)>,
    State(services): State<Services>,
) -> ApiResult<StatusCode> {
    if session.conversation != conversation {
        return Err(Rejection::not_found().into());
    }
    let mut tx = services.db.clinic(session.clinic).await?;
    events::acknowledge(&mut tx, services.clock.now(), conversation, event).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
