//! Trying the receptionist out under the draft of what it is told.
//!
//! Tools do what they would do for a patient, in a transaction that is always
//! rolled back. So that a hold can be confirmed a message later, what was done
//! before is done again first; ids are new each time, and are read as the ones
//! that were told. What a language model takes is paid for all the same, and
//! stored.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::chat::Card;
use domain::emergency;
use domain::id::{ClinicId, ConversationId, MessageId};
use domain::truth::Fact;
use domain::{Rejection, RejectionCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::model::{Entry, ToolCall};
use super::openai::{Fault, Tokens};
use super::speech::Speech;
use super::turns::Turn;
use super::{Line, Receptionist, facts, settings, tools, usage};
use crate::booking::Channel;
use crate::conversations::{self, ToolUse};
use crate::{ClinicTx, Error, Result, clinics};

/// The most messages of one trial.
const MOST_MESSAGES: usize = 40;

/// Tries of one tool, where PostgreSQL breaks off a conflict with others.
const TRIES: u32 = 5;

/// A conversation with nobody, kept by whoever tries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    conversation: ConversationId,
    entries: Vec<Entry>,
    /// What is shown with the last answer.
    pub cards: Vec<Card>,
    /// Why there is no more to try: a person would answer from here on.
    pub ended: Option<Ended>,
    pub tokens: i64,
    pub cost_micros: i64,
    /// Why the built-in receptionist gave the last answer, if there is a
    /// language model.
    pub fell_over: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    HandedOver,
    Emergency,
}

/// Something that was said, and the tools it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    pub by_patient: bool,
    pub text: &'a str,
    pub tools: Vec<&'a str>,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            conversation: ConversationId::new(),
            entries: Vec::new(),
            cards: Vec::new(),
            ended: None,
            tokens: 0,
            cost_micros: 0,
            fell_over: None,
        }
    }
}

impl Trial {
    /// The conversation, oldest first.
    pub fn said(&self) -> Vec<Said<'_>> {
        let (mut said, mut tools) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            match entry {
                Entry::Patient { text, .. } => said.push(Said { by_patient: true, text, tools: Vec::new() }),
                Entry::Tool { call, .. } => tools.push(call.name.as_str()),
                Entry::Receptionist { text } | Entry::Member { text } => {
                    said.push(Said { by_patient: false, text, tools: std::mem::take(&mut tools) });
                }
                Entry::Caller { .. } => {}
            }
        }
        said
    }

    fn messages(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry, Entry::Patient { .. })).count()
    }
}

impl Receptionist {
    /// Answers a message as if a patient had written it, by the draft of what the
    /// clinic has it told. Nothing of it is kept but in `trial`, and what it took
    /// of a language model.
    ///
    /// # Errors
    ///
    /// Rejected with `invalid` or `too_large` for what cannot be a message, and
    /// with `forbidden` once the trial is over.
    pub async fn try_out(&self, clinic: ClinicId, trial: &mut Trial, text: &str) -> Result<()> {
        let text = conversations::readable(text)?;
        if trial.ended.is_some() || trial.messages() >= MOST_MESSAGES {
            return Err(Rejection::new(RejectionCode::Forbidden, "This trial is over. Please begin another.").into());
        }
        trial.entries.push(Entry::Patient { text: text.clone(), at: self.clock.now() });
        trial.cards.clear();
        trial.fell_over = None;
        if let Some(danger) = emergency::check(&text) {
            let country = clinics::profile(&mut self.db.clinic(clinic).await?).await?.country;
            trial.entries.push(Entry::Receptionist { text: emergency::answer(&danger, Some(&country)) });
            trial.ended = Some(Ended::Emergency);
            return Ok(());
        }
        let line = Line { clinic, conversation: trial.conversation, channel: Channel::Web };
        let mut turn = self.begin_trial(line, trial).await?;
        turn.committed = self.again(&turn, None).await?.1;
        let mut speech = Speech::new(&self.feed, line, turn.gate(self.clock.now()));
        let thought = self.think(&mut turn, &mut speech).await;
        let mut tx = self.db.clinic(clinic).await?;
        self.note_usage(&mut tx, &turn).await?;
        tx.commit().await?;
        thought?;
        trial.note(self, &turn, speech.into_text())
    }

    async fn begin_trial(&self, line: Line, trial: &Trial) -> Result<Turn> {
        // Dropped with what reading the settings may have begun in it.
        let mut tx = self.db.clinic(line.clinic).await?;
        let now = self.clock.now();
        let mut settings = settings::read(&mut tx).await?;
        settings.published = settings.draft.clone();
        let has_tokens = trial.tokens < settings.tokens_per_conversation
            && usage::may_ask(&mut tx, now, line.conversation, &settings).await?;
        let fell_over = self.not_asked(&settings, has_tokens);
        Ok(Turn {
            line,
            question: MessageId::new(),
            facts: clinics::facts(&mut tx, now, line.channel).await?,
            settings,
            transcript: trial.entries.clone(),
            used: Vec::new(),
            committed: Vec::new(),
            asks_language_model: self.model.language_model().is_some() && fell_over.is_none(),
            deadline: Instant::now() + self.model.patience(),
            tokens: Tokens::default(),
            reminded: None,
            misused: false,
            fell_over,
            calls_before: 0,
            trial: Some(trial.entries.clone()),
        })
    }

    /// Runs a tool for a trial, and undoes what it did.
    pub(super) async fn try_tool(&self, turn: &mut Turn, call: ToolCall) -> Result<ToolUse> {
        let (output, committed) = self.again(turn, Some(&call)).await?;
        turn.committed = committed;
        Ok(ToolUse { message_id: turn.question, call, output })
    }

    /// Does again what was done before, and then this; what came of it, and what
    /// is so then.
    async fn again(&self, turn: &Turn, call: Option<&ToolCall>) -> Result<(Value, Vec<Fact>)> {
        let mut pause = Duration::from_millis(5);
        for _ in 1..TRIES {
            match self.again_once(turn, call).await {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
            pause *= 3;
        }
        self.again_once(turn, call).await
    }

    async fn again_once(&self, turn: &Turn, call: Option<&ToolCall>) -> Result<(Value, Vec<Fact>)> {
        // Never committed.
        let mut tx = self.db.clinic(turn.line.clinic).await?;
        let mut again = Again::begin(self, turn, &mut tx).await?;
        for entry in turn.trial.iter().flatten() {
            again.entry(entry).await?;
        }
        for used in &turn.used {
            again.tool(&used.call, &used.output).await?;
        }
        let output = match call {
            Some(call) => match again.run(call, self.clock.now()).await {
                Ok(output) => again.names.told(&output),
                Err(Error::Rejected(rejection)) => tools::rejected(&rejection),
                Err(error) => return Err(error),
            },
            None => Value::Null,
        };
        Ok((output, again.facts().await?))
    }
}

impl Trial {
    fn note(&mut self, receptionist: &Receptionist, turn: &Turn, said: String) -> Result<()> {
        if turn.used.iter().any(tools::handed_over) {
            self.ended = Some(Ended::HandedOver);
        }
        self.cards = receptionist.cards(turn.line.clinic, &turn.used)?;
        let Tokens { prompt, completion } = turn.tokens;
        self.tokens += prompt + completion;
        self.cost_micros += turn.settings.cost(receptionist.model.name(&turn.settings), prompt, completion);
        self.fell_over = turn.fell_over.map(Fault::as_str).map(str::to_owned);
        let tools = turn.used.iter().map(|used| Entry::Tool { call: used.call.clone(), output: used.output.clone() });
        self.entries.extend(tools);
        self.entries.push(Entry::Receptionist { text: said });
        Ok(())
    }
}

/// What was done so far, done again in a transaction that is dropped.
struct Again<'t> {
    receptionist: &'t Receptionist,
    turn: &'t Turn,
    tx: &'t mut ClinicTx,
    question: MessageId,
    at: DateTime<Utc>,
    names: Names,
}

impl<'t> Again<'t> {
    async fn begin(receptionist: &'t Receptionist, turn: &'t Turn, tx: &'t mut ClinicTx) -> Result<Self> {
        let at = receptionist.clock.now();
        conversations::open(tx, turn.line.conversation, turn.line.channel, at).await?;
        Ok(Self { receptionist, turn, tx, question: turn.question, at, names: Names::default() })
    }

    async fn entry(&mut self, entry: &Entry) -> Result<()> {
        match entry {
            Entry::Patient { text, at } => {
                let conversation = self.turn.line.conversation;
                let received = conversations::receive(self.tx, *at, conversation, text, None, None).await?;
                (self.question, self.at) = (received.message_id, *at);
                Ok(())
            }
            Entry::Tool { call, output } => self.tool(call, output).await,
            _ => Ok(()),
        }
    }

    /// A tool that may have changed something, as it was used before.
    async fn tool(&mut self, call: &ToolCall, told: &Value) -> Result<()> {
        if tools::only_looks(&call.name) {
            return Ok(());
        }
        match self.run(call, self.at).await {
            Ok(now) => {
                self.names.learn(told, &now);
                Ok(())
            }
            // It was refused then, or somebody else was quicker meanwhile.
            Err(Error::Rejected(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn run(&mut self, call: &ToolCall, now: DateTime<Utc>) -> Result<Value> {
        let turn = self.turn;
        let bench = tools::Bench {
            now,
            line: turn.line,
            question: self.question,
            slots: self.receptionist.slots.clone(),
            facts: turn.facts.clone(),
            far_days: turn.settings.far_days,
            most_followups: turn.settings.most_followups,
            language: turn.language(),
        };
        let call = ToolCall { name: call.name.clone(), arguments: self.names.now(&call.arguments) };
        // What the database refuses must not end the whole transaction.
        sqlx::query("savepoint tool").execute(self.tx.conn()).await?;
        let output = tools::run(self.tx, &bench, &call).await;
        let end = if output.is_ok() { "release savepoint tool" } else { "rollback to savepoint tool" };
        sqlx::query(end).execute(self.tx.conn()).await?;
        output
    }
}

impl Again<'_> {
    /// What a sentence may claim.
    async fn facts(&mut self) -> Result<Vec<Fact>> {
        let conversation = self.turn.line.conversation;
        let mut known = facts::committed(self.tx, self.receptionist.clock.now(), conversation).await?;
        for fact in &mut known {
            let told = fact.code.as_ref().and_then(|code| self.names.told_as(code.as_str()));
            fact.code = told.and_then(|told| told.parse().ok()).or_else(|| fact.code.take());
        }
        Ok(known)
    }
}

/// What things are called now that were told by another id or code.
#[derive(Debug, Default)]
struct Names(Vec<(String, String)>);

impl Names {
    /// Pairs what stands at the same place.
    fn learn(&mut self, told: &Value, now: &Value) {
        match (told, now) {
            (Value::String(told), Value::String(now)) if told != now => self.0.push((told.clone(), now.clone())),
            (Value::Array(told), Value::Array(now)) => {
                told.iter().zip(now).for_each(|(told, now)| self.learn(told, now))
            }
            (Value::Object(told), Value::Object(now)) => {
                for (field, told) in told {
                    if let Some(now) = now.get(field) {
                        self.learn(told, now);
                    }
                }
            }
            _ => {}
        }
    }

    fn now(&self, told: &Value) -> Value {
        let is = |name: &str, text: &str| name.eq_ignore_ascii_case(&text.replace([' ', '-'], "")) || name == text;
        replaced(told, &|text| self.0.iter().find(|(told, _)| is(told, text)).map(|(_, now)| now.clone()))
    }

    fn told(&self, now: &Value) -> Value {
        replaced(now, &|text| self.told_as(text).map(str::to_owned))
    }

    fn told_as(&self, now: &str) -> Option<&str> {
        self.0.iter().find(|(_, known)| known == now).map(|(told, _)| told.as_str())
    }
}

fn replaced(value: &Value, other: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(other(text).unwrap_or_else(|| text.clone())),
        Value::Array(some) => some.iter().map(|value| replaced(value, other)).collect(),
        Value::Object(fields) => fields.iter().map(|(field, value)| (field.clone(), replaced(value, other))).collect(),
        other => other.clone(),
    }
}
