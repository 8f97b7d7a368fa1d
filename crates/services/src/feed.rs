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
use tokio::sync::{Notify, broadcast, mpsc};
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
    /// Among those sent together. PostgreSQL passes on one of two that are the
    /// same.
    #[serde(default)]
    place: usize,
    #[serde(flatten)]
    signal: Signal,
}

/// How many signals a listener may be behind before it looks at what is stored
/// instead. Every open topic keeps room for so many.
const BEHIND: usize = 16;

/// How many signals are sent together at most, and wait to be sent. Beyond
/// that they are forgotten: PostgreSQL has not answered for a while.
const TOGETHER: usize = 200;
const WAITING: usize = 20_000;

/// The longest words that are joined, in bytes. A notification has room for
/// 8,000 with all that is around them.
const MOST_WORDS: usize = 2_000;

/// Sends and receives signals. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    /// None once closed.
    topics: Mutex<Option<HashMap<Topic, broadcast::Sender<Signal>>>>,
    outgoing: mpsc::Sender<(Topic, Signal)>,
    committed: Notify,
    /// Nothing more is to be sent.
    ending: Notify,
}

/// The tasks behind a feed. Dropping it ends them.
#[derive(Debug)]
pub struct FeedTasks {
    feed: Feed,
    hearing: [JoinHandle<()>; 2],
    sending: JoinHandle<()>,
}

impl FeedTasks {
    /// Ends them once what was signalled so far has been sent, or two seconds
    /// later.
    pub async fn finish(mut self) {
        self.feed.0.ending.notify_one();
        let _ = tokio::time::timeout(Duration::from_secs(2), &mut self.sending).await;
    }
}

impl Drop for FeedTasks {
    fn drop(&mut self) {
        self.hearing.iter().chain([&self.sending]).for_each(JoinHandle::abort);
    }
}

impl Feed {
    /// Starts listening, and announcing what this or another process commits.
    pub fn start(db: Db, clock: Clock) -> (Self, FeedTasks) {
        let (outgoing, waiting) = mpsc::channel(WAITING);
        let topics = Mutex::new(Some(HashMap::new()));
        let feed =
            Self(Arc::new(Inner { db, clock, topics, outgoing, committed: Notify::new(), ending: Notify::new() }));
        let tasks = FeedTasks {
            feed: feed.clone(),
            hearing: [tokio::spawn(feed.clone().listen()), tokio::spawn(feed.clone().announce())],
            sending: tokio::spawn(feed.clone().send_waiting(waiting)),
        };
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

    /// Tells every process, soon. Best effort: a failure is logged and
    /// forgotten.
    pub fn send(&self, topic: Topic, signal: Signal) {
        self.send_all(topic, [signal]);
    }

    /// Tells every process all of it, in order. Nobody waits for that: whoever
    /// signals goes on at once, and what piles up meanwhile leaves together.
    pub fn send_all(&self, topic: Topic, signals: impl IntoIterator<Item = Signal>) {
        for signal in signals {
            if self.0.outgoing.try_send((topic, signal)).is_err() {
                return tracing::debug!("a signal was not sent");
            }
        }
    }

    async fn send_waiting(self, mut waiting: mpsc::Receiver<(Topic, Signal)>) {
        let mut some = Vec::with_capacity(TOGETHER);
        loop {
            let received = tokio::select! {
                received = waiting.recv_many(&mut some, TOGETHER) => received,
                () = self.0.ending.notified() => {
                    waiting.close();
                    continue;
                }
            };
            if received == 0 {
                return;
            }
            let signals: Vec<String> = joined(some.drain(..))
                .into_iter()
                .enumerate()
                .filter_map(|(place, (topic, signal))| serde_json::to_string(&Envelope { topic, place, signal }).ok())
                .collect();
            // The first connection may be one that broke a moment ago.
            let sent = match directory::notify(&self.0.db, CHANNEL, &signals).await {
                Err(_) => directory::notify(&self.0.db, CHANNEL, &signals).await,
                sent => sent,
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "signals not sent");
                self.resync();
            }
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

/// Words of one answer that wait together are sent as one, so that they are no
/// burst to whoever listens.
fn joined(signals: impl IntoIterator<Item = (Topic, Signal)>) -> Vec<(Topic, Signal)> {
    let mut all: Vec<(Topic, Signal)> = Vec::new();
    for (topic, signal) in signals {
        let before = all.iter_mut().rfind(|(other, _)| *other == topic).map(|(_, before)| before);
        match (before, &signal) {
            (Some(Signal::Delta { message_id: of, text: words }), Signal::Delta { message_id, text })
                if of == message_id && words.len() + text.len() <= MOST_WORDS =>
            {
                words.push_str(text);
            }
            _ => all.push((topic, signal)),
        }
    }
    all
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_words_of_one_answer_are_joined_in_order() {
        let [one, other] = [(); 2].map(|()| Topic::Conversation(ConversationId::new()));
        let [answer, next] = [(); 2].map(|()| MessageId::new());
        let delta = |message_id, text: &str| Signal::Delta { message_id, text: text.to_owned() };
        let long = "a".repeat(MOST_WORDS);
        let sent = joined([
            (one, Signal::Typing { active: true }),
            (one, delta(answer, "We are ")),
            (other, delta(next, "Good ")),
            (one, delta(answer, "open.")),
            (one, delta(next, "Yes.")),
            (one, Signal::Message { message_id: answer }),
            (one, delta(next, " No.")),
            (other, delta(next, &long)),
        ]);
        let expected = vec![
            (one, Signal::Typing { active: true }),
            (one, delta(answer, "We are open.")),
            (other, delta(next, "Good ")),
            (one, delta(next, "Yes.")),
            (one, Signal::Message { message_id: answer }),
            (one, delta(next, " No.")),
            (other, delta(next, &long)),
        ];
        assert_eq!(sent, expected);
    }
}
