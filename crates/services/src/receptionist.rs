//! Answering patients: one durable turn per message.
//!
//! A message is stored before anything is done about it. The turn then asks
//! the model what to do, runs the tools it calls and stores its answer, of which
//! every sentence was held against the rows. A turn that broke off is finished
//! by whoever looks at the conversation next, and a message is answered once
//! whoever asks and however often.

mod alarm;
pub mod brief;
mod builtin;
mod facts;
mod gate;
mod hours;
pub mod model;
mod openai;
mod prompt;
pub mod settings;
mod speech;
pub mod spending;
mod thinking;
mod tools;
pub mod trial;
mod turns;
mod usage;

#[cfg(feature = "testing")]
use std::sync::Arc;
use std::time::Duration;

use domain::chat::Message;
use domain::id::{ClinicId, ConversationId, MessageId};
use tokio::time::Instant;
use uuid::Uuid;

pub use self::openai::Account;
use self::openai::{Fault, OpenAi, Tokens};
use self::speech::Speech;
use self::turns::Next;
use crate::booking::{Channel, SlotSigner};
use crate::feed::{Feed, Signal, Topic};
#[cfg(feature = "testing")]
use crate::receptionist::model::Entry;
use crate::receptionist::model::Step;
use crate::receptionist::settings::Settings;
use crate::visit_token::VisitSigner;
use crate::{Clock, Db, Error, Result, conversations, handover};

/// How long a language model has for a turn, all its steps and tries together:
/// less than whoever asked waits for the request.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// Decides what the receptionist does next.
#[derive(Clone, Debug)]
pub struct Model(Backend);

#[cfg(feature = "testing")]
type Script = Arc<dyn Fn(&[Entry]) -> Step + Send + Sync>;

#[derive(Clone)]
enum Backend {
    /// Deterministic, without key or network.
    BuiltIn,
    OpenAi(OpenAi),
    /// Whatever a test makes of the transcript.
    #[cfg(feature = "testing")]
    Scripted(Script),
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::BuiltIn => "BuiltIn",
            Self::OpenAi(_) => "OpenAi(…)",
            #[cfg(feature = "testing")]
            Self::Scripted(_) => "Scripted(…)",
        })
    }
}

impl Model {
    pub fn built_in() -> Self {
        Self(Backend::BuiltIn)
    }

    /// A language model; the built-in one goes on wherever it fails.
    pub fn open_ai(account: &Account) -> Self {
        Self(Backend::OpenAi(OpenAi::new(account)))
    }

    /// A model as a test imagines it, watched like a language model.
    #[cfg(feature = "testing")]
    pub fn scripted(script: impl Fn(&[Entry]) -> Step + Send + Sync + 'static) -> Self {
        Self(Backend::Scripted(Arc::new(script)))
    }

    /// The language model of clinics that chose none, if there is one at all.
    pub fn language_model(&self) -> Option<&str> {
        match &self.0 {
            Backend::BuiltIn => None,
            Backend::OpenAi(model) => Some(model.model()),
            #[cfg(feature = "testing")]
            Backend::Scripted(_) => Some("built-in"),
        }
    }

    /// How long it has for a turn.
    fn patience(&self) -> Duration {
        match &self.0 {
            Backend::OpenAi(model) => model.patience(),
            _ => PATIENCE,
        }
    }

    fn is_resting(&self, name: &str) -> bool {
        matches!(&self.0, Backend::OpenAi(model) if model.is_resting(name))
    }

    /// The name of the language model a clinic uses.
    fn name<'n>(&'n self, settings: &'n Settings) -> &'n str {
        settings.model.as_deref().or_else(|| self.language_model()).unwrap_or("built-in")
    }

    async fn step(
        &self,
        asked: &prompt::Asked<'_>,
        speech: &mut Speech<'_>,
        deadline: Instant,
    ) -> (Result<Step, Fault>, Tokens) {
        match &self.0 {
            Backend::BuiltIn => (Ok(builtin::next(asked.facts, asked.transcript)), Tokens::default()),
            Backend::OpenAi(model) => model.step(&prompt::request(asked), speech, deadline).await,
            #[cfg(feature = "testing")]
            Backend::Scripted(script) => {
                let step = script(asked.transcript);
                if let Step::Say(text) = &step {
                    for words in text.split_inclusive(' ') {
                        speech.hear(words);
                    }
                }
                (Ok(step), Tokens::default())
            }
        }
    }
}

/// The receptionist at work.
#[derive(Clone, Debug)]
pub struct Receptionist {
    pub db: Db,
    pub clock: Clock,
    pub slots: SlotSigner,
    pub visits: VisitSigner,
    pub feed: Feed,
    pub model: Model,
}

/// Where a message came from.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub clinic: ClinicId,
    pub conversation: ConversationId,
    pub channel: Channel,
}

/// A patient's message and the answer to it; none where a person answers, in
/// their own time.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub question: MessageId,
    pub answer: Option<Message>,
    /// What is said there meanwhile, in their language.
    pub notice: Option<&'static str>,
}

/// What came of storing a message.
struct Stored {
    question: MessageId,
    /// What was said at once, if it sounded like an emergency.
    alarm: Option<MessageId>,
    /// What the turn that took the conversation is to do.
    next: Option<Next>,
}

impl Receptionist {
    /// Takes a patient's message and answers it. The same `client_message_id`
    /// again gets the same answer, and nothing is done twice.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid` or `too_large` for what cannot be a message,
    /// and `unavailable` if the messages before it take too long; it is stored
    /// then, and answered later.
    pub async fn reply(&self, line: Line, text: &str, client_message_id: Option<&str>) -> Result<Exchange> {
        let turn = turns::new_turn();
        let stored = match self.take(line, text, client_message_id, Some(turn)).await {
            // What keeps a turn from beginning keeps no message from being
            // stored. By its id it is one, whatever became of the first try.
            Err(error) if client_message_id.is_some() && !matches!(error, Error::Rejected(_)) => {
                tracing::warn!(%error, "a turn did not begin");
                self.take(line, text, client_message_id, None).await?
            }
            stored => stored?,
        };
        let Stored { question, alarm, next } = stored;
        let answer = match next {
            Some(next) => self.answer_with(line, turn, next, question).await?,
            None => self.answer(line, question).await?,
        };
        if answer.is_some() {
            return Ok(Exchange { question, answer, notice: None });
        }
        let mut tx = self.db.clinic(line.clinic).await?;
        // Whoever may be in danger is told whom to call, also where a person answers.
        let answer = match alarm {
            Some(said) => conversations::message(&mut tx, line.conversation, said).await?,
            None => None,
        };
        let notice = match &answer {
            Some(_) => None,
            None => Some(handover::notice(conversations::language(&mut tx, line.conversation).await?)),
        };
        Ok(Exchange { question, answer, notice })
    }

    /// Stores a patient's message without answering it yet.
    ///
    /// # Errors
    ///
    /// As [`reply`](Self::reply).
    pub async fn receive(&self, line: Line, text: &str, client_message_id: Option<&str>) -> Result<MessageId> {
        Ok(self.take(line, text, client_message_id, None).await?.question)
    }

    /// Stores a message, and says at once what an emergency asks for. Where the
    /// receptionist is free, `turn` begins in the same transaction.
    async fn take(
        &self,
        line: Line,
        text: &str,
        client_message_id: Option<&str>,
        turn: Option<Uuid>,
    ) -> Result<Stored> {
        let now = self.clock.now();
        let mut tx = self.db.passing(line.clinic).await?;
        conversations::open(&mut tx, line.conversation, line.channel, now).await?;
        let received = conversations::receive(&mut tx, now, line.conversation, text, client_message_id, turn).await?;
        let question = received.message_id;
        if !received.is_new {
            let alarm = alarm::raised(&mut tx, line, question, text).await?;
            // The first time may not be safe yet.
            tx.keep_for_good().await?;
            tx.commit().await?;
            return Ok(Stored { question, alarm, next: None });
        }
        // Not behind a turn that is under way, and whoever answers there.
        let alarm = alarm::raise(&mut tx, now, line, question, text).await?;
        let next = match alarm {
            _ if !received.is_taken => None,
            Some(_) => Some(Next::Settled(None)),
            None => {
                let heard = turns::heard(&mut tx, line, question).await?;
                Some(Next::Turn(Box::new(self.prepare(&mut tx, line, question, heard).await?)))
            }
        };
        // Whoever wrote hears of it with the answer, which is kept for good, and
        // this with it. Where no answer follows at once, this is what they hear.
        if next.is_none() || alarm.is_some() {
            tx.keep_for_good().await?;
        }
        tx.commit().await?;
        if alarm.is_some() || received.is_for_staff {
            self.feed.committed();
        }
        let said = [Some(question), alarm].into_iter().flatten();
        self.signal_all(line, said.map(|message_id| Signal::Message { message_id }));
        Ok(Stored { question, alarm, next })
    }

    /// Tells whoever has the conversation open that something was written in it
    /// by another than the receptionist.
    pub fn announce(&self, conversation: ConversationId, message_id: MessageId) {
        self.feed.committed();
        self.feed.send(Topic::Conversation(conversation), Signal::Message { message_id });
    }

    fn signal(&self, line: Line, signal: Signal) {
        self.signal_all(line, [signal]);
    }

    fn signal_all(&self, line: Line, signals: impl IntoIterator<Item = Signal>) {
        self.feed.send_all(Topic::Conversation(line.conversation), signals);
    }
}

#[cfg(test)]
mod tests;
