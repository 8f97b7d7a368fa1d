//! One turn at a time in a conversation, and each message answered once.
//!
//! Whoever answers holds the conversation for a few seconds and says again and
//! again that they are still at it. A turn that is not heard of any more has
//! broken off: its tools are stored, so another goes on after the last of them.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Rejection;
use domain::chat::{Card, Message};
use domain::id::MessageId;
use domain::language::Language;
use domain::truth::Fact;
use tokio::time::Instant;
use uuid::Uuid;

use super::gate::{Gate, Manners};
use super::model::{ClinicFacts, Entry};
use super::openai::{Fault, Tokens};
use super::settings::{self, Settings};
use super::speech::Speech;
use super::{Line, Receptionist, alarm, builtin, facts, prompt, usage};
use crate::conversations::{self, Answer, Standing, ToolUse};
use crate::feed::Signal;
use crate::{ClinicTx, Result, clinics, handover};

/// Entries of a conversation a model is given.
const TRANSCRIPT: i64 = 80;

/// How long a message waits for the ones before it: longer than a turn that
/// broke off holds them up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a turn says that it is still at work.
const BEAT: Duration = Duration::from_secs(3);

/// Everything about the message being answered.
pub(super) struct Turn {
    pub line: Line,
    pub question: MessageId,
    pub facts: Arc<ClinicFacts>,
    pub settings: Settings,
    pub transcript: Vec<Entry>,
    pub used: Vec<ToolUse>,
    /// What this conversation's rows say.
    pub committed: Vec<Fact>,
    /// A language model is asked, until it fails; then the built-in one.
    pub asks_language_model: bool,
    pub deadline: Instant,
    pub tokens: Tokens,
    pub reminded: Option<&'static str>,
    pub misused: bool,
    pub fell_over: Option<Fault>,
    /// How many calls the language model had made when it failed.
    pub calls_before: usize,
    /// What was said and done before, where nothing is to be kept.
    pub trial: Option<Vec<Entry>>,
}

/// What a conversation has for whoever may answer in it.
pub(super) enum Next {
    Turn(Box<Turn>),
    /// It was an emergency, or is for a person. There may be more.
    Settled(Option<MessageId>),
    /// Nothing waits, or another has the conversation by now.
    Nothing,
}

/// What was said, and the tools used for the last of it.
type Heard = (Vec<Entry>, Vec<ToolUse>);

/// What was said up to a message, and the tools used for it so far.
pub(super) async fn heard(tx: &mut ClinicTx, line: Line, question: MessageId) -> Result<Heard> {
    conversations::transcript(tx, line.conversation, line.channel, question, TRANSCRIPT).await
}

/// What a turn is known by.
pub(super) fn new_turn() -> Uuid {
    domain::Id::<Turn>::new().uuid()
}

/// What the receptionist said; nothing where a person answers.
fn said(standing: Standing) -> Result<Option<Message>> {
    match standing {
        Standing::Answered(answer) => Ok(Some(answer)),
        Standing::WithStaff => Ok(None),
        Standing::Waiting => Err(Rejection::not_found().into()),
    }
}

enum Taken {
    /// There is nothing to wait for.
    Settled(Standing),
    Mine(Next),
    /// Another is at it.
    Busy,
}

impl Receptionist {
    /// The answer to a stored message, now or when its turn has come; none if a
    /// person answers.
    ///
    /// # Errors
    ///
    /// Rejected with `unavailable` if that takes too long.
    pub async fn answer(&self, line: Line, question: MessageId) -> Result<Option<Message>> {
        let turn = new_turn();
        let waited = async {
            let mut pause = Duration::from_millis(10);
            loop {
                match self.take_turn(line, question, turn).await? {
                    Taken::Busy => tokio::time::sleep(pause).await,
                    taken => return Ok(taken),
                }
                pause = (pause * 2).min(Duration::from_millis(200));
            }
        };
        match tokio::time::timeout(PATIENCE, waited).await {
            Ok(Ok(Taken::Settled(standing))) => said(standing),
            Ok(Ok(Taken::Mine(next))) => self.answer_with(line, turn, next, question).await,
            Ok(Ok(Taken::Busy)) | Err(_) => Err(Rejection::unavailable().into()),
            Ok(Err(error)) => Err(error),
        }
    }

    /// The answer to a stored message by the turn that has the conversation.
    pub(super) async fn answer_with(
        &self,
        line: Line,
        turn: Uuid,
        next: Next,
        question: MessageId,
    ) -> Result<Option<Message>> {
        match self.work(line, turn, next, question).await? {
            Some(standing) => said(standing),
            None => said(conversations::standing(&mut self.db.clinic(line.clinic).await?, question).await?),
        }
    }

    /// Finishes what a turn that broke off left unanswered.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub async fn resume(&self, line: Line) -> Result<()> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let waiting = conversations::unanswered(&mut tx, line.conversation).await?;
        let Some(last) = waiting.last() else {
            conversations::note_answered(&mut tx, line.conversation).await?;
            return tx.commit().await;
        };
        drop(tx);
        self.answer(line, *last).await.map(drop)
    }

    async fn take_turn(&self, line: Line, question: MessageId, turn: Uuid) -> Result<Taken> {
        let mut tx = self.db.passing(line.clinic).await?;
        let taken = match conversations::standing(&mut tx, question).await? {
            Standing::Waiting if !conversations::take_turn(&mut tx, line.conversation, turn).await? => Taken::Busy,
            Standing::Waiting => Taken::Mine(self.next(&mut tx, line, turn).await?),
            settled => Taken::Settled(settled),
        };
        tx.commit().await?;
        Ok(taken)
    }

    /// Answers everything that waits, in order, for as long as the conversation
    /// is its own; what became of `question` if it saw that.
    async fn work(&self, line: Line, turn: Uuid, next: Next, question: MessageId) -> Result<Option<Standing>> {
        let worked = tokio::select! {
            worked = self.answer_all(line, turn, next, question) => worked,
            () = self.until_lost(line, turn) => return Ok(None),
        };
        if worked.is_err() {
            self.end_turn(line, turn).await;
        }
        worked
    }

    async fn answer_all(&self, line: Line, id: Uuid, next: Next, question: MessageId) -> Result<Option<Standing>> {
        let (mut next, mut seen) = (next, None);
        loop {
            let after = match next {
                Next::Nothing => return Ok(seen),
                Next::Settled(said) => {
                    self.feed.committed();
                    self.signal_all(line, said.map(|message_id| Signal::Message { message_id }));
                    self.look_again(line, id).await?
                }
                Next::Turn(turn) => {
                    self.signal(line, Signal::Typing { active: true });
                    let is_asked = turn.question == question;
                    let answered = self.answer_one(*turn, id).await;
                    let said = answered.as_ref().ok().and_then(|(standing, _)| match standing {
                        Standing::Answered(answer) => Some(Signal::Message { message_id: answer.id }),
                        _ => None,
                    });
                    self.signal_all(line, said.into_iter().chain([Signal::Typing { active: false }]));
                    let (standing, after) = answered?;
                    seen = if is_asked { Some(standing) } else { seen };
                    after
                }
            };
            next = after;
        }
    }

    /// Says again and again that the turn is at work; ends when another has it.
    async fn until_lost(&self, line: Line, turn: Uuid) {
        loop {
            tokio::time::sleep(BEAT).await;
            let kept = async {
                let mut tx = self.db.passing(line.clinic).await?;
                let kept = conversations::keep_turn(&mut tx, line.conversation, turn).await?;
                tx.commit().await.map(|()| kept)
            };
            match kept.await {
                Ok(true) => {}
                // It may have ended a moment ago, and be about to say so.
                Ok(false) => return tokio::time::sleep(BEAT).await,
                Err(error) => tracing::warn!(%error, "a turn was not kept"),
            }
        }
    }

    async fn end_turn(&self, line: Line, turn: Uuid) {
        let ended = async {
            let mut tx = self.db.passing(line.clinic).await?;
            conversations::end_turn(&mut tx, line.conversation, turn).await?;
            tx.commit().await
        };
        // Otherwise it runs out by itself.
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a turn was not given back");
        }
    }

    async fn look_again(&self, line: Line, turn: Uuid) -> Result<Next> {
        let mut tx = self.db.clinic(line.clinic).await?;
        let next = if conversations::keep_turn(&mut tx, line.conversation, turn).await? {
            self.next(&mut tx, line, turn).await?
        } else {
            Next::Nothing
        };
        tx.commit().await?;
        Ok(next)
    }

    /// The first message that waits, with all there is to know for answering it;
    /// gives the conversation back if none does. No transaction is open while a
    /// model thinks.
    async fn next(&self, tx: &mut ClinicTx, line: Line, turn: Uuid) -> Result<Next> {
        let waiting = conversations::unanswered(tx, line.conversation).await?;
        let Some(question) = waiting.first() else {
            conversations::note_answered(tx, line.conversation).await?;
            conversations::end_turn(tx, line.conversation, turn).await?;
            return Ok(Next::Nothing);
        };
        self.begin(tx, line, *question).await
    }

    pub(super) async fn begin(&self, tx: &mut ClinicTx, line: Line, question: MessageId) -> Result<Next> {
        let heard = heard(tx, line, question).await?;
        let words = heard.0.iter().rev().find_map(|entry| match entry {
            Entry::Patient { text, .. } => Some(text.as_str()),
            _ => None,
        });
        // Not every message comes in through this desk.
        if let Some(said) = alarm::raise(tx, self.clock.now(), line, question, words.unwrap_or_default()).await? {
            return Ok(Next::Settled(Some(said)));
        }
        if handover::is_open(tx, line.conversation, Some(question)).await? {
            conversations::lock(tx, line.conversation).await?;
            conversations::leave_to_staff(tx, line.conversation).await?;
            return Ok(Next::Settled(None));
        }
        Ok(Next::Turn(Box::new(self.prepare(tx, line, question, heard).await?)))
    }

    /// All there is to know for answering a message that is no emergency and
    /// for no person.
    pub(super) async fn prepare(
        &self,
        tx: &mut ClinicTx,
        line: Line,
        question: MessageId,
        (transcript, used): Heard,
    ) -> Result<Turn> {
        let now = self.clock.now();
        let settings = settings::read(tx).await?;
        let is_known = self.model.language_model().is_some();
        let has_tokens = !is_known || usage::may_ask(tx, now, line.conversation, &settings).await?;
        let fell_over = self.not_asked(&settings, has_tokens);
        Ok(Turn {
            line,
            question,
            facts: clinics::facts(tx, now, line.channel).await?,
            transcript,
            used,
            committed: facts::committed(tx, now, line.conversation).await?,
            asks_language_model: is_known && fell_over.is_none(),
            settings,
            deadline: Instant::now() + self.model.patience(),
            tokens: Tokens::default(),
            reminded: None,
            misused: false,
            fell_over,
            calls_before: 0,
            trial: None,
        })
    }

    /// Why the language model is not even asked, if there is one.
    pub(super) fn not_asked(&self, settings: &Settings, has_tokens: bool) -> Option<Fault> {
        self.model.language_model()?;
        match self.model.is_resting(self.model.name(settings)) {
            true => Some(Fault::Resting),
            false => (!has_tokens).then_some(Fault::Spent),
        }
    }

    async fn answer_one(&self, mut turn: Turn, id: Uuid) -> Result<(Standing, Next)> {
        let line = turn.line;
        let mut speech = Speech::new(&self.feed, line, turn.gate(self.clock.now()));
        let thought = self.think(&mut turn, &mut speech).await;
        let mut tx = self.db.clinic(line.clinic).await?;
        self.note_usage(&mut tx, &turn).await?;
        let has_answer = match thought {
            Ok(has_answer) => has_answer,
            Err(error) => {
                tx.commit().await?;
                return Err(error);
            }
        };
        let standing = if has_answer {
            let cards = self.cards(line.clinic, &turn.used)?;
            let (id, text) = (speech.id, speech.into_text());
            self.store(&mut tx, &turn, id, &text, &cards).await?
        } else {
            conversations::lock(&mut tx, line.conversation).await?;
            conversations::leave_to_staff(&mut tx, line.conversation).await?;
            Standing::WithStaff
        };
        // As a rule nothing more waits.
        let next = if conversations::finish_turn(&mut tx, line.conversation, id).await?
            || !conversations::keep_turn(&mut tx, line.conversation, id).await?
        {
            Next::Nothing
        } else {
            self.next(&mut tx, line, id).await?
        };
        tx.commit().await?;
        Ok((standing, next))
    }

    async fn store(
        &self,
        tx: &mut ClinicTx,
        turn: &Turn,
        id: MessageId,
        text: &str,
        cards: &[Card],
    ) -> Result<Standing> {
        let answer = Answer { id, question: turn.question, text, cards };
        conversations::answer(tx, self.clock.now(), turn.line.conversation, &answer).await
    }

    /// Stores what a turn took, if it took anything.
    pub(super) async fn note_usage(&self, tx: &mut ClinicTx, turn: &Turn) -> Result<()> {
        let Tokens { prompt, completion } = turn.tokens;
        if prompt == 0 && completion == 0 && turn.fell_over.is_none() {
            return Ok(());
        }
        let model = self.model.name(&turn.settings);
        let used = usage::Used {
            answered: turn.trial.is_none().then_some((turn.line.conversation, turn.question)),
            model: model.to_owned(),
            prompt: prompt::version(turn.trial.is_none().then_some(turn.settings.version)),
            prompt_tokens: prompt,
            completion_tokens: completion,
            cost_micros: turn.settings.cost(model, prompt, completion),
            fell_over: turn.fell_over.map(Fault::as_str),
        };
        usage::record(tx, self.clock.now(), &used).await
    }
}

impl Turn {
    /// What this turn's words are held against.
    pub(super) fn gate(&self, now: DateTime<Utc>) -> Gate {
        let today = now.with_timezone(&self.facts.time_zone).date_naive();
        let manners =
            self.asks_language_model.then(|| Manners::new(self.facts.clone(), &self.settings, &self.transcript));
        let language = builtin::language(&self.facts, &self.transcript);
        Gate { today, facts: self.known(), language, manners }
    }

    /// The language it is held in.
    pub fn language(&self) -> Language {
        builtin::language(&self.facts, &self.transcript)
    }

    /// What is committed, and what was shown.
    pub fn known(&self) -> Vec<Fact> {
        let mut known = facts::shown(&self.transcript);
        known.extend_from_slice(&self.committed);
        known
    }
}
