//! Socket.IO on `/ws`, for the SDK and whoever else speaks it.
//!
//! A socket is told what the feed says about its conversation. Everything it
//! must not miss is stored first, so a client that comes back gets it on join.

use std::convert::Infallible;
use std::sync::Arc;

use domain::chat::Role;
use domain::id::{EventId, MessageId};
use domain::{Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use services::booking::Channel;
use services::feed::{Signal, Topic};
use services::receptionist::Line;
use services::{Services, conversations, events};
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tokio::sync::broadcast::error::RecvError;

use crate::limits::Limits;
use crate::problem::Problem;

#[derive(Clone)]
struct Desk {
    services: Services,
    limits: Arc<Limits>,
}

/// The layer that answers `/ws`, and the handle that closes it.
pub fn layer(services: Services, limits: Arc<Limits>) -> (SocketIoLayer, SocketIo) {
    let (layer, io) =
        SocketIo::builder().req_path("/ws").max_payload(64 * 1024).with_state(Desk { services, limits }).build_layer();
    io.ns("/", connected.with(listening));
    (layer, io)
}

/// Listens before the client is told that it is connected; otherwise its first
/// `join` may arrive when nobody listens yet.
async fn listening(socket: SocketRef) -> Result<(), Infallible> {
    socket.on("join", join);
    socket.on("message", message);
    Ok(())
}

async fn connected(_: SocketRef) {}

#[derive(Deserialize)]
struct Join {
    token: String,
    #[serde(default)]
    last_event_id: Option<EventId>,
}

/// Which conversation a socket has joined.
#[derive(Clone, Copy)]
struct Joined(Line);

async fn join(socket: SocketRef, TryData(join): TryData<Join>, State(desk): State<Desk>) {
    let Ok(join) = join else {
        return refuse(&socket, &Rejection::new(RejectionCode::Malformed, "Please join with a token."));
    };
    let now = desk.services.clock.now();
    let Some(session) = desk.services.sessions.read(&join.token, now) else {
        return refuse(&socket, &Rejection::unauthenticated());
    };
    let line = Line { clinic: session.clinic, conversation: session.conversation, channel: Channel::Web };
    let rejoining = socket.extensions.get::<Joined>().is_some_and(|joined| joined.0.conversation == line.conversation);
    socket.extensions.insert(Joined(line));
    // Listening starts before the stored events are read, so that none falls
    // in between.
    let signals = desk.services.feed.subscribe(Topic::Conversation(line.conversation));
    let newest = match newest(&desk.services, line).await {
        Ok(newest) => newest,
        Err(error) => return refuse(&socket, &error.into_rejection()),
    };
    let _ = socket.emit("joined", &json!({ "session_id": line.conversation, "last_event_id": newest }));
    let mut told = Told { event: join.last_event_id, message: None };
    if let Err(error) = told.catch_up_events(&socket, &desk.services, line).await {
        return refuse(&socket, &error.into_rejection());
    }
    if !rejoining {
        tokio::spawn(forward(socket, desk.services, line, signals, told));
    }
}

async fn newest(services: &Services, line: Line) -> services::Result<Option<EventId>> {
    let mut tx = services.db.clinic(line.clinic).await?;
    events::newest(&mut tx, line.conversation).await
}

#[derive(Deserialize)]
struct Said {
    text: String,
    #[serde(default)]
    client_message_id: Option<String>,
}

async fn message(socket: SocketRef, TryData(said): TryData<Said>, State(desk): State<Desk>) {
    let Some(Joined(line)) = socket.extensions.get::<Joined>() else {
        return refuse(&socket, &Rejection::unauthenticated());
    };
    let Ok(said) = said else {
        return refuse(
            &socket,
            &Rejection::new(RejectionCode::Malformed, "Please send a text and a client_message_id."),
        );
    };
    if let Err(problem) = desk.limits.message(line.conversation) {
        return refuse_problem(&socket, &problem);
    }
    // Answered even if the socket goes; the answer is heard through the feed.
    tokio::spawn(async move {
        let replied = desk.services.receptionist.reply(line, &said.text, said.client_message_id.as_deref()).await;
        if let Err(error) = replied {
            refuse(&socket, &error.into_rejection());
        }
    });
}

fn refuse(socket: &SocketRef, rejection: &Rejection) {
    let _ = socket.emit("error", &json!({ "code": rejection.code, "message": rejection.message }));
}

fn refuse_problem(socket: &SocketRef, problem: &Problem) {
    refuse(socket, problem.rejection());
}

/// What a socket has been told so far.
struct Told {
    event: Option<EventId>,
    message: Option<MessageId>,
}

/// Passes on what the feed says until the socket closes.
async fn forward(
    socket: SocketRef,
    services: Services,
    line: Line,
    mut signals: tokio::sync::broadcast::Receiver<Signal>,
    mut told: Told,
) {
    while socket.connected() {
        let signal = match signals.recv().await {
            Ok(signal) => signal,
            Err(RecvError::Lagged(_)) => Signal::Resync,
            Err(RecvError::Closed) => return,
        };
        let passed = match signal {
            Signal::Typing { active } => emit(&socket, "typing", &json!({ "active": active })),
            Signal::Status { text, tool } => emit(&socket, "status", &json!({ "text": text, "tool": tool })),
            Signal::Delta { message_id, text } => {
                emit(&socket, "delta", &json!({ "message_id": message_id, "text": text }))
            }
            Signal::Message { message_id } => told.tell_message(&socket, &services, line, message_id).await,
            Signal::Event { .. } | Signal::Resync => told.catch_up_events(&socket, &services, line).await,
        };
        if let Err(error) = passed {
            tracing::warn!(%error, "a socket was not told something");
        }
    }
}

fn emit<T: Serialize>(socket: &SocketRef, event: &str, payload: &T) -> services::Result<()> {
    let _ = socket.emit(event, payload);
    Ok(())
}

impl Told {
    async fn tell_message(
        &mut self,
        socket: &SocketRef,
        services: &Services,
        line: Line,
        id: MessageId,
    ) -> services::Result<()> {
        if self.message.is_some_and(|told| told >= id) {
            return Ok(());
        }
        let mut tx = services.db.clinic(line.clinic).await?;
        let message = conversations::message(&mut tx, line.conversation, id).await?;
        if let Some(message) = message.filter(|message| message.role != Role::Patient) {
            self.message = Some(id);
            emit(socket, "response", &json!({ "message_id": id, "text": message.text, "cards": message.cards }))?;
        }
        Ok(())
    }

    async fn catch_up_events(&mut self, socket: &SocketRef, services: &Services, line: Line) -> services::Result<()> {
        loop {
            let mut tx = services.db.clinic(line.clinic).await?;
            let missed = events::after(&mut tx, line.conversation, self.event, 100).await?;
            drop(tx);
            for push in &missed {
                let payload: Value = json!({ "id": push.id, "kind": push.kind, "payload": push.payload });
                emit(socket, "push", &payload)?;
                self.event = Some(push.id);
            }
            if missed.len() < 100 {
                return Ok(());
            }
        }
    }
}
