//! What a turn does about a message: asks a model, and runs the tools it calls.

use std::sync::Arc;

use domain::Rejection;
use domain::chat::Card;
use domain::id::ClinicId;

use super::model::{Entry, Step, ToolCall};
use super::openai::Fault;
use super::speech::Speech;
use super::turns::Turn;
use super::{Receptionist, builtin, facts, prompt, tools};
use crate::conversations::{self, ToolUse};
use crate::db::Kept;
use crate::feed::Signal;
use crate::{Error, Result, handover};

/// Tool calls in one turn, beyond which the model is going round in circles.
pub(super) const MOST_CALLS: usize = 8;

impl Receptionist {
    /// Says what there is to say in the end, after the tools that takes; false
    /// once a person has taken over.
    pub(super) async fn think(&self, turn: &mut Turn, speech: &mut Speech<'_>) -> Result<bool> {
        loop {
            let step = if turn.used.iter().any(tools::handed_over) {
                Step::Say(handover::notice(turn.language()).to_owned())
            } else if turn.asks_language_model {
                match self.ask(turn, speech).await? {
                    Some(step) => step,
                    None => continue,
                }
            } else {
                match builtin::next(&turn.facts, &turn.transcript) {
                    Step::Call(_) if turn.used.len() >= turn.calls_before + MOST_CALLS => {
                        Step::Say(builtin::gone_in_circles(turn.language(), &turn.facts))
                    }
                    step => step,
                }
            };
            match step {
                Step::Say(text) => {
                    speech.say(&text);
                    return Ok(true);
                }
                Step::Call(call) => {
                    speech.forget_rest();
                    let Some(done) = self.use_tool(turn, call).await? else { return Ok(false) };
                    turn.transcript.push(Entry::Tool { call: done.call.clone(), output: done.output.clone() });
                    turn.used.push(done);
                    speech.gate.facts = turn.known();
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
        let (step, tokens) = self.model.step(&asked, speech, turn.deadline).await;
        turn.tokens += tokens;
        let fault = match step {
            Ok(Step::Say(text)) if turn.reminded.is_none() && asked.is_too_long(&text) => {
                turn.reminded = Some("Your last answer was too long for a text message. Say it shorter.");
                speech.begin_again();
                return Ok(None);
            }
            Ok(Step::Say(text)) => return Ok(Some(Step::Say(text))),
            Ok(Step::Call(_)) if !may_call => Fault::Confused,
            Ok(Step::Call(call)) => match tools::check(&call) {
                Ok(()) => return Ok(Some(Step::Call(call))),
                Err(_) if turn.misused => Fault::Confused,
                Err(rejection) => {
                    turn.misused = true;
                    speech.forget_rest();
                    let told = self.note_rejection(turn, call, &rejection).await?;
                    turn.transcript.push(Entry::Tool { call: told.call.clone(), output: told.output.clone() });
                    turn.used.push(told);
                    return Ok(None);
                }
            },
            Err(Fault::Empty) if turn.reminded.is_none() => {
                speech.forget_rest();
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
        speech.begin_again();
        speech.gate.manners = None;
        Ok(None)
    }

    /// Runs a tool and notes what it did; none once a person has taken over.
    pub(super) async fn use_tool(&self, turn: &mut Turn, call: ToolCall) -> Result<Option<ToolUse>> {
        if turn.trial.is_some() {
            return self.try_tool(turn, call).await.map(Some);
        }
        let (line, question, now) = (turn.line, turn.question, self.clock.now());
        let status = Signal::Status {
            text: tools::status(&call.name, turn.language()).to_owned(),
            tool: Some(call.name.clone()),
        };
        self.signal(line, status);
        let bench = Arc::new(tools::Bench {
            now,
            line,
            question,
            slots: self.slots.clone(),
            facts: turn.facts.clone(),
            far_days: turn.settings.far_days,
            most_followups: turn.settings.most_followups,
            language: turn.language(),
        });
        let (wanted, only_looks) = (call.clone(), tools::only_looks(&call.name));
        // Of what was only looked at, the answer's own commit is soon enough.
        let kept = if only_looks { Kept::Soon } else { Kept::ForGood };
        let done = self
            .db
            .transaction_kept(line.clinic, kept, move |tx| {
                let (bench, call) = (bench.clone(), wanted.clone());
                Box::pin(async move {
                    if handover::is_open(tx, line.conversation, Some(question)).await? {
                        return Ok(None);
                    }
                    let output = tools::run(tx, &bench, &call).await?;
                    let used = ToolUse { message_id: question, call, output };
                    conversations::record_tool(tx, now, line.conversation, &used).await?;
                    let committed =
                        if only_looks { None } else { Some(facts::committed(tx, now, line.conversation).await?) };
                    Ok(Some((used, committed)))
                })
            })
            .await;
        match done {
            Ok(Some((used, committed))) => {
                if !only_looks {
                    self.feed.committed();
                }
                turn.committed = committed.unwrap_or_else(|| std::mem::take(&mut turn.committed));
                Ok(Some(used))
            }
            Ok(None) => Ok(None),
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
    pub(super) fn cards(&self, clinic: ClinicId, used: &[ToolUse]) -> Result<Vec<Card>> {
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
}
