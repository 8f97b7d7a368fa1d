//! Socket.IO on `/ws`, for the SDK and whoever else speaks it.
//!
//! A socket is told what the feed says about its conversation. Everything it
//! must not miss is stored first, so a client that comes back gets it on join.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::chat::Role;
use domain::id::{EventId, MessageId};
use domain::{Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use services::booking::Channel;
use services::events::Push;
use services::feed::{Signal, Topic};
use services::receptionist::{Exchange, Line};
use services::{Services, conversations, events};
use socketioxide::SocketIo;
use socketioxide::extract::{SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::AbortHandle;
use tokio::time::Instant;

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
    socket.on("ack", acknowledge);
    socket.on_disconnect(left);
    Ok(())
}

async fn connected(_: SocketRef) {}

#[derive(Deserialize)]
struct Join {
    token: String,
    /// What the client was told before, where it was told something.
    #[serde(default)]
    last_event_id: Option<EventId>,
    #[serde(default)]
    last_message_id: Option<MessageId>,
}

/// The token by which a socket has joined a conversation.
#[derive(Clone)]
struct Joined {
    token: Arc<str>,
}

/// What passes signals on to a socket: ended when it closes, or joins again.
#[derive(Clone)]
struct Forwarding(AbortHandle);

/// The conversation that a token opens now.
fn line(services: &Services, token: &str) -> Result<Line, Rejection> {
    let session = services.sessions.read(token, services.clock.now()).ok_or_else(Rejection::unauthenticated)?;
    Ok(Line { clinic: session.clinic, conversation: session.conversation, channel: Channel::Web })
}

async fn join(socket: SocketRef, TryData(join): TryData<Join>, State(desk): State<Desk>) {
    let Ok(join) = join else {
        return refuse(&socket, &Rejection::new(RejectionCode::Malformed, "Please join with a token."));
    };
    let line = match line(&desk.services, &join.token) {
        Ok(line) => line,
        Err(rejection) => return refuse(&socket, &rejection),
    };
    let joined = Joined { token: join.token.as_str().into() };
    socket.extensions.insert(joined.clone());
    // Listening starts before what is stored is read, so that nothing falls in
    // between.
    let signals = desk.services.feed.subscribe(Topic::Conversation(line.conversation));
    let newest = match Newest::read(&desk.services, line).await {
        Ok(newest) => newest,
        Err(error) => return refuse(&socket, &error.into_rejection()),
    };
    let _ = socket.emit(
        "joined",
        &json!({
            "session_id": line.conversation,
            "last_event_id": newest.event,
            "last_message_id": newest.message,
        }),
    );
    let mut told = Told::until(join.last_event_id, join.last_message_id.or(newest.message));
    if let Err(error) = told.catch_up_to(&newest, &socket, &desk.services, line).await {
        return refuse(&socket, &error.into_rejection());
    }
    if newest.is_waiting {
        let services = desk.services.clone();
        tokio::spawn(async move {
            if let Err(error) = services.receptionist.resume(line).await {
                tracing::warn!(%error, "a turn was not resumed");
            }
        });
    }
    let forwarding = tokio::spawn(forward(socket.clone(), desk.services, joined, signals, told));
    if let Some(Forwarding(earlier)) = socket.extensions.insert(Forwarding(forwarding.abort_handle())) {
        earlier.abort();
    }
    // It may have closed while this was under way.
    if !socket.connected() {
        forwarding.abort();
    }
}

async fn left(socket: SocketRef) {
    if let Some(Forwarding(forwarding)) = socket.extensions.remove::<Forwarding>() {
        forwarding.abort();
    }
}

/// The newest of what a conversation has.
struct Newest {
    event: Option<EventId>,
    message: Option<MessageId>,
    /// A message has no answer yet.
    is_waiting: bool,
}

impl Newest {
    async fn read(services: &Services, line: Line) -> services::Result<Self> {
        let mut tx = services.db.clinic(line.clinic).await?;
        let event = events::newest(&mut tx, line.conversation).await?;
        let message = conversations::newest(&mut tx, line.conversation).await?;
        let is_waiting = !conversations::unanswered(&mut tx, line.conversation).await?.is_empty();
        Ok(Self { event, message, is_waiting })
    }
}

#[derive(Deserialize)]
struct Said {
    text: String,
    #[serde(default)]
    client_message_id: Option<String>,
}

async fn message(socket: SocketRef, TryData(said): TryData<Said>, State(desk): State<Desk>) {
    let Some(joined) = socket.extensions.get::<Joined>() else {
        return refuse(&socket, &Rejection::unauthenticated());
    };
    // A token may have run out since.
    let line = match line(&desk.services, &joined.token) {
        Ok(line) => line,
        Err(rejection) => return refuse(&socket, &rejection),
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
        match desk.services.receptionist.reply(line, &said.text, said.client_message_id.as_deref()).await {
            Ok(Exchange { answer: Some(_), .. }) => {}
            // Where a person answers, in their own time, the reply says so.
            Ok(Exchange { question, answer: None, notice }) => {
                let notice = json!({ "message_id": question, "text": notice, "cards": [] });
                let _ = socket.emit("response", &notice);
            }
            Err(error) => refuse(&socket, &error.into_rejection()),
        }
    });
}

#[derive(Deserialize)]
struct Acknowledged {
    id: EventId,
}

/// A push was shown; it is not replayed.
async fn acknowledge(socket: SocketRef, TryData(shown): TryData<Acknowledged>, State(desk): State<Desk>) {
    let Some(joined) = socket.extensions.get::<Joined>() else {
        return refuse(&socket, &Rejection::unauthenticated());
    };
    let Ok(Acknowledged { id }) = shown else {
        return refuse(&socket, &Rejection::new(RejectionCode::Malformed, "Please name the id of a push."));
    };
    let noted = async {
        let line = line(&desk.services, &joined.token)?;
        let mut tx = desk.services.db.clinic(line.clinic).await?;
        events::acknowledge(&mut tx, desk.services.clock.now(), line.conversation, id).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        refuse(&socket, &error.into_rejection());
    }
}

fn refuse(socket: &SocketRef, rejection: &Rejection) {
    let _ = socket.emit("error", &json!({ "code": rejection.code, "message": rejection.message }));
}

fn refuse_problem(socket: &SocketRef, problem: &Problem) {
    refuse(socket, problem.rejection());
}

/// How long pushes of one kind leave a patient alone after one of them. What
/// comes meanwhile is stored and told then, with whatever comes after it.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// How many stored things are read at a time.
const PAGE: usize = 100;

/// What a socket has been told so far.
struct Told {
    event: Option<EventId>,
    message: Option<MessageId>,
    /// When a push of each kind was last told as it happened.
    pushed: HashMap<String, Instant>,
    /// When those that were held back are due.
    due: Option<Instant>,
}

impl Told {
    fn until(event: Option<EventId>, message: Option<MessageId>) -> Self {
        Self { event, message, pushed: HashMap::new(), due: None }
    }

    /// Waits for when what was held back is due; forever if nothing is.
    async fn is_due(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }
}

/// Passes on what the feed says, for as long as the token is good.
async fn forward(
    socket: SocketRef,
    services: Services,
    joined: Joined,
    mut signals: broadcast::Receiver<Signal>,
    mut told: Told,
) {
    loop {
        let signal = tokio::select! {
            signal = signals.recv() => match signal {
                Ok(signal) => Some(signal),
                Err(RecvError::Lagged(_)) => Some(Signal::Resync),
                Err(RecvError::Closed) => return,
            },
            () = told.is_due() => None,
        };
        let line = match line(&services, &joined.token) {
            Ok(line) => line,
            Err(rejection) => return refuse(&socket, &rejection),
        };
        let passed = match signal {
            None => told.push(&socket, &services, line).await,
            Some(Signal::Typing { active }) => emit(&socket, "typing", &json!({ "active": active })),
            Some(Signal::Status { text, tool }) => emit(&socket, "status", &json!({ "text": text, "tool": tool })),
            Some(Signal::Delta { message_id, text }) => {
                emit(&socket, "delta", &json!({ "message_id": message_id, "text": text }))
            }
            // The answer may be stored by now, and its words be yet to come.
            Some(Signal::Message { message_id }) => {
                told.catch_up_messages(&socket, &services, line, Some(message_id)).await
            }
            Some(Signal::Event { .. }) => told.push(&socket, &services, line).await,
            Some(Signal::Resync) => told.catch_up(&socket, &services, line).await,
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
    /// What was missed, if anything was: thousands may come back at once.
    async fn catch_up_to(
        &mut self,
        newest: &Newest,
        socket: &SocketRef,
        services: &Services,
        line: Line,
    ) -> services::Result<()> {
        if self.message != newest.message {
            self.catch_up_messages(socket, services, line, None).await?;
        }
        if self.event != newest.event {
            self.catch_up_events(socket, services, line).await?;
        }
        Ok(())
    }

    async fn catch_up(&mut self, socket: &SocketRef, services: &Services, line: Line) -> services::Result<()> {
        self.catch_up_messages(socket, services, line, None).await?;
        self.catch_up_events(socket, services, line).await
    }

    /// Everything said to the patient since what was told last, up to `until`
    /// if that is given.
    async fn catch_up_messages(
        &mut self,
        socket: &SocketRef,
        services: &Services,
        line: Line,
        until: Option<MessageId>,
    ) -> services::Result<()> {
        loop {
            let mut tx = services.db.clinic(line.clinic).await?;
            let missed = conversations::messages(&mut tx, line.conversation, self.message, PAGE as i64).await?;
            drop(tx);
            let is_all = missed.len() < PAGE;
            for message in missed {
                if until.is_some_and(|until| message.id.uuid() > until.uuid()) {
                    return Ok(());
                }
                self.message = Some(message.id);
                if message.role != Role::Patient {
                    let response = json!({ "message_id": message.id, "text": message.text, "cards": message.cards });
                    emit(socket, "response", &response)?;
                }
            }
            if is_all {
                return Ok(());
            }
        }
    }

    /// Every event that was missed while nobody listened.
    async fn catch_up_events(&mut self, socket: &SocketRef, services: &Services, line: Line) -> services::Result<()> {
        loop {
            let missed = self.missed(services, line).await?;
            for push in &missed {
                self.tell(socket, push)?;
            }
            if missed.len() < PAGE {
                self.due = None;
                return Ok(());
            }
        }
    }

    /// What happened just now, in order, up to a push whose kind still cools
    /// down.
    async fn push(&mut self, socket: &SocketRef, services: &Services, line: Line) -> services::Result<()> {
        let now = Instant::now();
        self.due = None;
        for push in self.missed(services, line).await? {
            let cool = self.pushed.get(&push.kind).map(|last| *last + COOL_DOWN).filter(|cool| *cool > now);
            if cool.is_some() {
                self.due = cool;
                return Ok(());
            }
            self.tell(socket, &push)?;
            self.pushed.insert(push.kind, now);
        }
        Ok(())
    }

    async fn missed(&self, services: &Services, line: Line) -> services::Result<Vec<Push>> {
        let mut tx = services.db.clinic(line.clinic).await?;
        events::after(&mut tx, line.conversation, self.event, PAGE as i64).await
    }

    fn tell(&mut self, socket: &SocketRef, push: &Push) -> services::Result<()> {
        self.event = Some(push.id);
        emit(socket, "push", &json!({ "id": push.id, "kind": push.kind, "payload": push.payload }))
    }
}
