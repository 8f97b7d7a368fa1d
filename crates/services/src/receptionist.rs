//! Answering patients: one durable turn per message.
//!
//! A message is stored before anything is done about it. The turn then asks
//! the model what to do, runs the tools it calls and stores its answer. A turn
//! that broke off is finished by whoever looks at the conversation next, and a
//! message is answered once whoever asks and however often.

mod alarm;
mod builtin;
pub mod model;
mod openai;
mod prompt;
pub mod rules;
pub mod settings;
mod speech;
pub mod spending;
mod tools;
pub mod trial;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use domain::Rejection;
use domain::chat::{Card, Message};
use domain::id::{ClinicId, ConversationId, MessageId};
use tokio::time::Instant;
use uuid::Uuid;

pub use self::openai::Account;
use self::openai::{Fault, OpenAi, Tokens};
use self::speech::Speech;
use crate::booking::{Channel, SlotSigner};
use crate::conversations::{self, Answer, Standing, ToolUse};
use crate::feed::{Feed, Signal, Topic};
use crate::handover;
use crate::receptionist::model::{ClinicFacts, Entry, Step, ToolCall};
use crate::receptionist::settings::Settings;
use crate::visit_token::VisitSigner;
use crate::{Clock, Db, Error, Result, clinics};

/// Tool calls in one turn, beyond which the model is going round in circles.
const MOST_CALLS: usize = 8;

/// Entries of a conversation a model is given.
const TRANSCRIPT: i64 = 80;

/// How long a message waits for the ones before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a language model has for a turn, all its steps and tries together:
/// less than whoever asked waits for the request.
const THINKING: Duration = Duration::from_secs(25);

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

    fn is_resting(&self) -> bool {
        matches!(&self.0, Backend::OpenAi(model) if model.is_resting())
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
    ) -> Result<(Step, Tokens), Fault> {
        match &self.0 {
            Backend::BuiltIn => Ok((builtin::next(asked.facts, asked.transcript), Tokens::default())),
            Backend::OpenAi(model) => model.step(&prompt::request(asked), speech, deadline).await,
            #[cfg(feature = "testing")]
            Backend::Scripted(script) => Ok((script(asked.transcript), Tokens::default())),
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
}

/// Everything about the message being answered.
struct Turn {
    line: Line,
    question: MessageId,
    facts: Arc<ClinicFacts>,
    settings: Settings,
    transcript: Vec<Entry>,
    used: Vec<ToolUse>,
    /// A language model is asked, until it fails; then the built-in one.
    asks_language_model: bool,
    deadline: Instant,
    tokens: Tokens,
    reminded: Option<&'static str>,
    misused: bool,
    fell_over: Option<Fault>,
    /// How many calls the language model had made when it failed.
    calls_before: usize,
    /// What was said and done before, where nothing is to be kept.
    trial: Option<Vec<Entry>>,
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
        let with_staff = handover::is_open(&mut tx, line.conversation, None).await?;
        tx.commit().await?;
        if received.is_new {
            self.feed.committed();
            self.signal(line, Signal::Message { message_id: received.message_id }).await;
            // Nobody answers by themselves there, whatever is written.
            if with_staff {
                self.raise_alarm(line, received.message_id).await?;
            }
        }
        Ok(received.message_id)
    }

    /// The answer to a stored message, now or when its turn has come; none if a
    /// person answers.
    ///
    /// # Errors
    ///
    /// Rejected with `unavailable` if that takes too long.
    pub async fn answer(&self, line: Line, question: MessageId) -> Result<Option<Message>> {
        let turn = domain::Id::<Line>::new().uuid();
        let wait = async {
            let mut pause = Duration::from_millis(10);
            loop {
                let standing = self.standing(line, question).await?;
                if !matches!(standing, Standing::Waiting) || self.take_turn(line, turn).await? {
                    return Ok(standing);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(200));
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(Ok(Standing::Answered(answer))) => return Ok(Some(answer)),
            Ok(Ok(Standing::WithStaff)) => return Ok(None),
            Ok(Ok(Standing::Waiting)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(Rejection::unavailable().into()),
        }
        let worked = self.work(line, turn).await;
        self.end_turn(line, turn).await;
        worked?;
        match self.standing(line, question).await? {
            Standing::Answered(answer) => Ok(Some(answer)),
            Standing::WithStaff => Ok(None),
            Standing::Waiting => Err(Rejection::not_found().into()),
        }
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

    async fn standing(&self, line: Line, question: MessageId) -> Result<Standing> {
        let mut tx = self.db.clinic(line.clinic).await?;
        conversations::standing(&mut tx, question).await
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

    /// Answers everything that waits, in order, while the turn is its own.
    async fn work(&self, line: Line, turn: Uuid) -> Result<()> {
        loop {
            let mut tx = self.db.clinic(line.clinic).await?;
            if !conversations::keep_turn(&mut tx, self.clock.now(), line.conversation, turn).await? {
                return Ok(());
            }
            let waiting = conversations::unanswered(&mut tx, line.conversation).await?;
            tx.commit().await?;
            let Some(question) = waiting.first() else { return Ok(()) };
            self.signal(line, Signal::Typing { active: true }).await;
            let answered = self.answer_one(line, *question).await;
            self.signal(line, Signal::Typing { active: false }).await;
            answered?;
        }
    }

    async fn answer_one(&self, line: Line, question: MessageId) -> Result<()> {
        if self.raise_alarm(line, question).await? {
            return Ok(());
        }
        let Some(mut turn) = self.begin(line, question).await? else { return self.leave_to_staff(line).await };
        let mut speech = Speech::new(&self.feed, line);
        let thought = self.think(&mut turn, &mut speech).await;
        self.note_usage(&turn).await?;
        let Some(text) = thought? else { return self.leave_to_staff(line).await };
        let cards = self.cards(line.clinic, &turn.used)?;
        self.say(&turn, speech.id, &text, &cards).await
    }

    /// Reads what there is to know, and keeps no transaction open while a model
    /// thinks; none once a person has taken over.
    async fn begin(&self, line: Line, question: MessageId) -> Result<Option<Turn>> {
        let mut tx = self.db.clinic(line.clinic).await?;
        if handover::is_open(&mut tx, line.conversation, Some(question)).await? {
            return Ok(None);
        }
        let now = self.clock.now();
        let settings = settings::read(&mut tx).await?;
        let is_known = self.model.language_model().is_some();
        let has_tokens = !is_known || usage::may_ask(&mut tx, now, line.conversation, &settings).await?;
        let fell_over = self.not_asked(has_tokens);
        let turn = Turn {
            line,
            question,
            facts: Arc::new(clinics::facts(&mut tx, now, line.channel).await?),
            transcript: conversations::transcript(&mut tx, line.conversation, question, TRANSCRIPT).await?,
            used: conversations::tools_for(&mut tx, question).await?,
            asks_language_model: is_known && fell_over.is_none(),
            settings,
            deadline: Instant::now() + THINKING,
            tokens: Tokens::default(),
            reminded: None,
            misused: false,
            fell_over,
            calls_before: 0,
            trial: None,
        };
        tx.commit().await?;
        Ok(Some(turn))
    }

    /// Why the language model is not even asked, if there is one.
    fn not_asked(&self, has_tokens: bool) -> Option<Fault> {
        self.model.language_model()?;
        match self.model.is_resting() {
            true => Some(Fault::Resting),
            false => (!has_tokens).then_some(Fault::Spent),
        }
    }

    async fn leave_to_staff(&self, line: Line) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        conversations::lock(&mut tx, line.conversation).await?;
        conversations::leave_to_staff(&mut tx, line.conversation).await?;
        tx.commit().await
    }

    /// What to say in the end, after the tools that takes; none once a person
    /// has taken over.
    async fn think(&self, turn: &mut Turn, speech: &mut Speech<'_>) -> Result<Option<String>> {
        loop {
            let step = if turn.used.iter().any(tools::handed_over) {
                Step::Say(handover::NOTICE.to_owned())
            } else if turn.asks_language_model {
                match self.ask(turn, speech).await? {
                    Some(step) => step,
                    None => continue,
                }
            } else {
                match builtin::next(&turn.facts, &turn.transcript) {
                    Step::Call(_) if turn.used.len() >= turn.calls_before + MOST_CALLS => {
                        Step::Say(gone_in_circles(&turn.facts))
                    }
                    step => step,
                }
            };
            match step {
                Step::Say(text) => {
                    speech.say(&text).await;
                    return Ok(Some(text));
                }
                Step::Call(call) => {
                    speech.forget_rest();
                    let Some(done) = self.use_tool(turn, call).await? else { return Ok(None) };
                    turn.transcript.push(Entry::Tool { call: done.call.clone(), output: done.output.clone() });
                    turn.used.push(done);
                }
            }
        }
    }

    /// The language model's next step; none if it has to be asked again, or not
    /// any more. What it does wrong it is told once.
    async fn ask(&self, turn: &mut Turn, speech: &mut Speech<'_>) -> Result<Option<Step>> {
        let may_call = turn.used.len() < MOST_CALLS;
        let asked = prompt::Asked {
            model: self.model.name(&turn.settings),
            facts: &turn.facts,
            settings: &turn.settings,
            channel: turn.line.channel,
            now: self.clock.now(),
            transcript: &turn.transcript,
            reminder: turn.reminded,
            may_call,
        };
        let fault = match self.model.step(&asked, speech, turn.deadline).await {
            Ok((step, tokens)) => {
                turn.tokens.prompt += tokens.prompt;
                turn.tokens.completion += tokens.completion;
                match step {
                    Step::Say(text) if turn.reminded.is_none() && asked.is_too_long(&text) => {
                        turn.reminded = Some("Your last answer was too long for a text message. Say it shorter.");
                        speech.mute_if_begun();
                        return Ok(None);
                    }
                    Step::Say(_) => return Ok(Some(step)),
                    Step::Call(_) if !may_call => Fault::Confused,
                    Step::Call(call) => match tools::check(&call) {
                        Ok(()) => return Ok(Some(Step::Call(call))),
                        Err(_) if turn.misused => Fault::Confused,
                        Err(rejection) => {
                            turn.misused = true;
                            let told = self.note_rejection(turn, call, &rejection).await?;
                            turn.transcript.push(Entry::Tool { call: told.call.clone(), output: told.output.clone() });
                            turn.used.push(told);
                            return Ok(None);
                        }
                    },
                }
            }
            Err(Fault::Empty) if turn.reminded.is_none() => {
                turn.reminded = Some("Your last answer was empty. Answer the patient, or call a tool.");
                return Ok(None);
            }
            Err(fault) => fault,
        };
        tracing::warn!(reason = fault.as_str(), "the built-in receptionist goes on for the language model");
        (turn.asks_language_model, turn.fell_over) = (false, Some(fault));
        turn.calls_before = turn.used.len();
        // Of a call made over and over, the built-in receptionist sees one.
        turn.transcript.dedup();
        speech.mute_if_begun();
        Ok(None)
    }

    async fn note_usage(&self, turn: &Turn) -> Result<()> {
        let Tokens { prompt, completion } = turn.tokens;
        if prompt == 0 && completion == 0 && turn.fell_over.is_none() {
            return Ok(());
        }
        let model = self.model.name(&turn.settings);
        let used = usage::Used {
            conversation: turn.line.conversation,
            question: turn.question,
            model: model.to_owned(),
            prompt: prompt::version(&turn.settings),
            prompt_tokens: prompt,
            completion_tokens: completion,
            cost_micros: turn.settings.cost(model, prompt, completion),
            fell_over: turn.fell_over.map(Fault::as_str),
        };
        let mut tx = self.db.clinic(turn.line.clinic).await?;
        usage::record(&mut tx, self.clock.now(), &used).await?;
        tx.commit().await
    }

    /// Runs a tool and notes what it did; none once a person has taken over.
    async fn use_tool(&self, turn: &Turn, call: ToolCall) -> Result<Option<ToolUse>> {
        if let Some(before) = &turn.trial {
            return self.try_tool(turn, before, call).await.map(Some);
        }
        let (line, question, now) = (turn.line, turn.question, self.clock.now());
        let status = Signal::Status { text: tools::status(&call.name).to_owned(), tool: Some(call.name.clone()) };
        self.signal(line, status).await;
        let bench = Arc::new(tools::Bench {
            now,
            line,
            question,
            slots: self.slots.clone(),
            facts: turn.facts.clone(),
            far_days: turn.settings.far_days,
            most_followups: turn.settings.most_followups,
        });
        let wanted = call.clone();
        let done = self
            .db
            .transaction(line.clinic, move |tx| {
                let (bench, call) = (bench.clone(), wanted.clone());
                Box::pin(async move {
                    if handover::is_open(tx, line.conversation, Some(question)).await? {
                        return Ok(None);
                    }
                    let output = tools::run(tx, &bench, &call).await?;
                    let used = ToolUse { message_id: question, call, output };
                    conversations::record_tool(tx, now, line.conversation, &used).await?;
                    Ok(Some(used))
                })
            })
            .await;
        match done {
            Ok(used) => {
                self.feed.committed();
                Ok(used)
            }
            Err(Error::Rejected(rejection)) => self.note_rejection(turn, call, &rejection).await.map(Some),
            Err(error) => Err(error),
        }
    }

    async fn note_rejection(&self, turn: &Turn, call: ToolCall, rejection: &Rejection) -> Result<ToolUse> {
        let used = ToolUse { message_id: turn.question, call, output: tools::rejected(rejection) };
        if turn.trial.is_none() {
            let mut tx = self.db.clinic(turn.line.clinic).await?;
            conversations::record_tool(&mut tx, self.clock.now(), turn.line.conversation, &used).await?;
            tx.commit().await?;
        }
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

    async fn say(&self, turn: &Turn, id: MessageId, text: &str, cards: &[Card]) -> Result<()> {
        let (line, question) = (turn.line, turn.question);
        let answer = Answer { id, question, text, cards };
        let mut tx = self.db.clinic(line.clinic).await?;
        let standing = conversations::answer(&mut tx, self.clock.now(), line.conversation, &answer).await?;
        tx.commit().await?;
        let Standing::Answered(answer) = standing else { return Ok(()) };
        self.signal(line, Signal::Message { message_id: answer.id }).await;
        Ok(())
    }

    /// Tells whoever has the conversation open that something was written in it
    /// by another than the receptionist.
    pub async fn announce(&self, conversation: ConversationId, message_id: MessageId) {
        self.feed.committed();
        self.feed.send(Topic::Conversation(conversation), Signal::Message { message_id }).await;
    }

    async fn signal(&self, line: Line, signal: Signal) {
        self.feed.send(Topic::Conversation(line.conversation), signal).await;
    }
}

fn gone_in_circles(facts: &ClinicFacts) -> String {
    let reach = facts.phone.as_ref().map(|phone| format!(" You can also call {phone}.")).unwrap_or_default();
    format!("I could not work that out, and nothing has been booked. Please tell me again what you need.{reach}")
}

#[cfg(test)]
mod tests;
