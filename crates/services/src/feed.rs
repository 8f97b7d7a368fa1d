//! What is happening now, in every process.
//!
//! PostgreSQL is what processes share: a signal is sent with NOTIFY and heard
//! by all of them. Nothing depends on a signal arriving. Whatever must not be
//! missed is stored before it is signalled, and a listener that lost its
//! connection tells everyone to look at what is stored ([`Signal::Resync`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::{ClinicId, ConversationId, EventId, MessageId};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;

use crate::db::directory::{self, Unannounced};
use crate::{Clock, Db};

const CHANNEL: &str = "frontdesk";

/// Something happening.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// The receptionist began or stopped working on an answer.
    Typing { active: bool },
    /// A tool is at work.
    Status { text: String, tool: Option<String> },
    /// Words of an answer that is being written.
    Delta { message_id: MessageId, text: String },
    /// A message was stored.
    Message { message_id: MessageId },
    /// An event was stored.
    Event { event_id: EventId },
    /// Signals may have been missed; look at what is stored.
    Resync,
}

/// Whom a signal concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Conversation(ConversationId),
    /// Everything in a clinic, for staff.
    Clinic(ClinicId),
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    topic: Topic,
    /// Of signals that are sent together. PostgreSQL passes on one of two that
    /// are the same.
    #[serde(default)]
    place: usize,
    #[serde(flatten)]
    signal: Signal,
}

/// How many signals a listener may be behind before it looks at what is stored
/// instead. Every open topic keeps room for so many.
const BEHIND: usize = 16;

/// Sends and receives signals. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    /// None once closed.
    topics: Mutex<Option<HashMap<Topic, broadcast::Sender<Signal>>>>,
    committed: Notify,
}

/// The tasks behind a feed. Dropping it ends them.
#[derive(Debug)]
pub struct FeedTasks(Vec<JoinHandle<()>>);

impl Drop for FeedTasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Feed {
    /// Starts listening, and announcing what this or another process commits.
    pub fn start(db: Db, clock: Clock) -> (Self, FeedTasks) {
        let feed =
            Self(Arc::new(Inner { db, clock, topics: Mutex::new(Some(HashMap::new())), committed: Notify::new() }));
        let tasks = FeedTasks(vec![tokio::spawn(feed.clone().listen()), tokio::spawn(feed.clone().announce())]);
        (feed, tasks)
    }

    /// Everything about `topic` from now on.
    pub fn subscribe(&self, topic: Topic) -> broadcast::Receiver<Signal> {
        let mut topics = self.topics();
        // After closing, a sender that is dropped at once: the end is heard
        // straight away.
        let Some(topics) = topics.as_mut() else { return broadcast::channel(1).1 };
        topics.retain(|_, sender| sender.receiver_count() > 0);
        topics.entry(topic).or_insert_with(|| broadcast::channel(BEHIND).0).subscribe()
    }

    /// How many listen to `topic` in this process.
    #[cfg(feature = "testing")]
    pub fn listeners(&self, topic: Topic) -> usize {
        self.topics().as_ref().and_then(|topics| topics.get(&topic)).map_or(0, broadcast::Sender::receiver_count)
    }

    /// Tells every subscriber of this process that there is no more.
    pub fn close(&self) {
        self.topics().take();
    }

    fn topics(&self) -> MutexGuard<'_, Option<HashMap<Topic, broadcast::Sender<Signal>>>> {
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells every process. Best effort: a failure is logged and forgotten.
    pub async fn send(&self, topic: Topic, signal: Signal) {
        self.send_all(topic, [signal]).await;
    }

    /// Tells every process all of it, in order.
    pub async fn send_all(&self, topic: Topic, signals: impl IntoIterator<Item = Signal>) {
        let signals: Vec<String> = signals
            .into_iter()
            .enumerate()
            .filter_map(|(place, signal)| serde_json::to_string(&Envelope { topic, place, signal }).ok())
            .collect();
        if signals.is_empty() {
            return;
        }
        if let Err(error) = directory::notify(&self.0.db, CHANNEL, &signals).await {
            tracing::debug!(%error, "signals not sent");
        }
    }

    /// Says that a transaction which recorded events has committed, so that
    /// they are announced at once instead of at the next look.
    pub fn committed(&self) {
        self.0.committed.notify_one();
    }

    /// Announces committed events, whoever committed them.
    async fn announce(self) {
        loop {
            match directory::announce(&self.0.db, self.0.clock.now(), 100, CHANNEL, event_signal).await {
                Ok(100) => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "events not announced, trying again"),
            }
            let _ = tokio::time::timeout(Duration::from_secs(2), self.0.committed.notified()).await;
        }
    }

    async fn listen(self) {
        loop {
            if let Err(error) = self.listen_once().await {
                tracing::warn!(%error, "lost the feed, connecting again");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn listen_once(&self) -> Result<(), sqlx::Error> {
        // A pool of its own: a listener keeps its connection, and the main
        // pool would wait for it forever when closing.
        let pool = PgPoolOptions::new().max_connections(1).connect_with(self.0.db.options().clone()).await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        self.resync();
        loop {
            match listener.try_recv().await? {
                Some(notification) => self.deliver(notification.payload()),
                None => self.resync(),
            }
        }
    }

    fn deliver(&self, payload: &str) {
        let Ok(Envelope { topic, signal, .. }) = serde_json::from_str(payload) else { return };
        if let Some(sender) = self.topics().as_ref().and_then(|topics| topics.get(&topic)) {
            let _ = sender.send(signal);
        }
    }

    fn resync(&self) {
        for sender in self.topics().iter().flat_map(HashMap::values) {
            let _ = sender.send(Signal::Resync);
        }
    }
}

/// An announced event concerns the clinic's staff and, where there is one, the
/// conversation; the relay sends one signal per line, so both are made here.
fn event_signal(event: Unannounced) -> Vec<String> {
    let topics = [Some(Topic::Clinic(event.clinic_id)), event.conversation_id.map(Topic::Conversation)];
    topics
        .into_iter()
        .flatten()
        .filter_map(|topic| {
            serde_json::to_string(&Envelope { topic, place: 0, signal: Signal::Event { event_id: event.event_id } })
                .ok()
        })
        .collect()
}
