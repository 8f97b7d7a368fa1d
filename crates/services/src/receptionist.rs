//! Answering patients: one durable turn per message.
//!
//! A message is stored before anything is done about it. The turn then asks
//! the model what to do, runs the tools it calls and stores its answer. A turn
//! that broke off is finished by whoever looks at the conversation next, and a
//! message is answered once whoever asks and however often.

mod builtin;
pub mod model;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::chat::{Card, Message};
use domain::id::{ClinicId, ConversationId, MessageId};
use uuid::Uuid;

use crate::booking::{Channel, SlotSigner};
use crate::conversations::{self, ToolUse};
use crate::feed::{Feed, Signal, Topic};
use crate::receptionist::model::{ClinicFacts, Entry, Step, ToolCall};
use crate::visit_token::VisitSigner;
use crate::{Clock, Db, Error, Result, clinics};

/// Tool calls in one turn, beyond which the model is going round in circles.
const MOST_CALLS: usize = 8;

/// Entries of a conversation a model is given.
const TRANSCRIPT: i64 = 80;

/// How long a message waits for the ones before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Decides what the receptionist does next.
#[derive(Clone, Debug)]
pub struct Model(Backend);

#[derive(Clone, Debug)]
enum Backend {
    /// Deterministic, without key or network.
    BuiltIn,
}

impl Model {
    pub fn built_in() -> Self {
        Self(Backend::BuiltIn)
    }

    async fn next(&self, facts: &ClinicFacts, transcript: &[Entry]) -> Step {
        match self.0 {
            Backend::BuiltIn => builtin::next(facts, transcript),
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

/// A patient's message and the answer to it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub question: MessageId,
    pub answer: Message,
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
        let question = self.receive(line, text, client_message_id).await?;
        let answer = self.answer(line, question).await?;
        Ok(Exchange { question, answer })
    }

    /// Stores a patient's message without answering it yet.
    ///
    /// # Errors
    ///
    /// As [`reply`](Self::reply).
    pub async fn receive(&self, line: Line, text: &str, client_message_id: Option<&str>) -> Result<MessageId> {
        let now = self.clock.now();
        let mut tx = self.db.clinic(line.clinic).await?;
        conversations::open(&mut tx, line.conversation, line.channel, now).await?;
        let received = conversations::receive(&mut tx, now, line.conversation, text, client_message_id).await?;
        tx.commit().await?;
        if received.is_new {
            self.signal(line, Signal::Message { message_id: received.message_id }).await;
        }
        Ok(received.message_id)
    }

    /// The answer to a stored message, now or when its turn has come.
    ///
    /// # Errors
    ///
    /// Rejected with `unavailable` if that takes too long.
    pub async fn answer(&self, line: Line, question: MessageId) -> Result<Message> {
        let turn = domain::Id::<Line>::new().uuid();
        let wait = async {
            let mut pause = Duration::from_millis(10);
            loop {
                if let Some(answer) = self.answered(line, question).await? {
                    return Ok(Some(answer));
                }
                if self.take_turn(line, turn).await? {
                    return Ok(None);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(200));
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(Ok(Some(answer))) => return Ok(answer),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(Rejection::unavailable().into()),
        }
        let worked = self.work(line).await;
        self.end_turn(line, turn).await;
        worked?;
        self.answered(line, question).await?.ok_or_else(|| Rejection::not_found().into())
    }

    /// Finishes what a turn that broke off left unanswered.
    pub async fn resume(&self, line: Line) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let waiting = conversations::unanswered(&mut tx, line.conversation).await?;
        drop(tx);
        match waiting.last() {
            Some(last) => self.answer(line, *last).await.map(drop),
            None => Ok(()),
        }
    }

    async fn answered(&self, line: Line, question: MessageId) -> Result<Option<Message>> {
        let mut tx = self.db.clinic(line.clinic).await?;
        conversations::answer_to(&mut tx, question).await
    }

    async fn take_turn(&self, line: Line, turn: Uuid) -> Result<bool> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let taken = conversations::take_turn(&mut tx, self.clock.now(), line.conversation, turn).await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn end_turn(&self, line: Line, turn: Uuid) {
        let ended = async {
            let mut tx = self.db.clinic(line.clinic).await?;
            conversations::end_turn(&mut tx, line.conversation, turn).await?;
            tx.commit().await
        };
        // Otherwise the lease runs out by itself.
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a turn was not given back");
        }
    }

    /// Answers everything that waits, in order.
    async fn work(&self, line: Line) -> Result<()> {
        loop {
            let mut tx = self.db.clinic(line.clinic).await?;
            let waiting = conversations::unanswered(&mut tx, line.conversation).await?;
            drop(tx);
            let Some(question) = waiting.first() else { return Ok(()) };
            self.signal(line, Signal::Typing { active: true }).await;
            let answered = self.answer_one(line, *question).await;
            self.signal(line, Signal::Typing { active: false }).await;
            answered?;
        }
    }

    async fn answer_one(&self, line: Line, question: MessageId) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let facts = Arc::new(clinics::facts(&mut tx, self.clock.now(), line.channel).await?);
        let mut transcript = conversations::transcript(&mut tx, line.conversation, question, TRANSCRIPT).await?;
        let mut used = conversations::tools_for(&mut tx, question).await?;
        drop(tx);
        let text = loop {
            match self.model.next(&facts, &transcript).await {
                Step::Say(text) => break text,
                Step::Call(_) if used.len() >= MOST_CALLS => break gone_in_circles(&facts),
                Step::Call(call) => {
                    let done = self.use_tool(line, question, &facts, call).await?;
                    transcript.push(Entry::Tool { call: done.call.clone(), output: done.output.clone() });
                    used.push(done);
                }
            }
        };
        let cards = self.cards(line.clinic, &used)?;
        self.say(line, question, &text, &cards).await
    }

    async fn use_tool(
        &self,
        line: Line,
        question: MessageId,
        facts: &Arc<ClinicFacts>,
        call: ToolCall,
    ) -> Result<ToolUse> {
        let status = Signal::Status { text: tools::status(&call.name).to_owned(), tool: Some(call.name.clone()) };
        self.signal(line, status).await;
        let now = self.clock.now();
        let bench = Arc::new(tools::Bench { now, line, slots: self.slots.clone(), facts: facts.clone() });
        let wanted = call.clone();
        let done = self
            .db
            .transaction(line.clinic, move |tx| {
                let (bench, call) = (bench.clone(), wanted.clone());
                Box::pin(async move {
                    let output = tools::done(tools::run(tx, &bench, &call).await?);
                    let used = ToolUse { message_id: question, call, output };
                    conversations::record_tool(tx, now, line.conversation, &used).await?;
                    Ok(used)
                })
            })
            .await;
        match done {
            Ok(used) => {
                self.feed.committed();
                Ok(used)
            }
            Err(Error::Rejected(rejection)) => self.note_rejection(line, question, call, &rejection, now).await,
            Err(error) => Err(error),
        }
    }

    async fn note_rejection(
        &self,
        line: Line,
        question: MessageId,
        call: ToolCall,
        rejection: &Rejection,
        now: DateTime<Utc>,
    ) -> Result<ToolUse> {
        let used = ToolUse { message_id: question, call, output: tools::rejected(rejection) };
        let mut tx = self.db.clinic(line.clinic).await?;
        conversations::record_tool(&mut tx, now, line.conversation, &used).await?;
        tx.commit().await?;
        Ok(used)
    }

    /// What is shown with the answer: the outcome that went furthest.
    fn cards(&self, clinic: ClinicId, used: &[ToolUse]) -> Result<Vec<Card>> {
        let cards: Vec<Card> = used.iter().filter_map(|used| tools::card(used, clinic, &self.visits)).collect();
        let furthest = cards.into_iter().enumerate().max_by_key(|(position, card)| {
            let distance = match card {
                Card::Slots { .. } => 0,
                Card::Hold { .. } => 1,
                Card::Confirmation { .. } => 2,
            };
            (distance, *position)
        });
        Ok(furthest.map(|(_, card)| card).into_iter().collect())
    }

    async fn say(&self, line: Line, question: MessageId, text: &str, cards: &[Card]) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let answer = conversations::answer(&mut tx, self.clock.now(), line.conversation, question, text, cards).await?;
        tx.commit().await?;
        for words in in_pieces(&answer.text) {
            self.signal(line, Signal::Delta { message_id: answer.id, text: words }).await;
        }
        self.signal(line, Signal::Message { message_id: answer.id }).await;
        Ok(())
    }

    async fn signal(&self, line: Line, signal: Signal) {
        self.feed.send(Topic::Conversation(line.conversation), signal).await;
    }
}

/// A text as it is streamed: a few words at a time, nothing added or lost.
fn in_pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(6).map(<[&str]>::concat).collect()
}

fn gone_in_circles(facts: &ClinicFacts) -> String {
    let reach = facts.phone.as_ref().map(|phone| format!(" You can also call {phone}.")).unwrap_or_default();
    format!("I could not work that out, and nothing has been booked. Please tell me again what you need.{reach}")
}

#[cfg(test)]
mod tests;
