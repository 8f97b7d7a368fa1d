//! How the clinic reaches somebody: a new number, a new address.
//!
//! It takes proof. A code goes to what the clinic has until now, and once the
//! patient has read it out, what they asked for is changed. Where no code can
//! go anywhere, the team reads of it.

use chrono::DateTime;
use chrono_tz::Tz;
use domain::language::Language;
use serde_json::{Value, json};

use super::super::model::{ClinicFacts, Entry, Step, ToolCall};
use super::changing::proof::{self, Proof};
use super::changing::wording as asking;
use super::contact;
use super::intent::Talk;
use super::read::{self, Asked, Understood};
use super::refusals;
use super::say;
use super::slot::{self, Refusal};
use super::text::{self, says_any};

mod wording;

/// No turn uses more tools than this.
const MOST_CALLS: usize = 6;

/// What the last reply asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Question {
    /// The new number or address.
    What,
    /// What proves who they are.
    Who,
    /// Whose details are meant.
    Whose,
    /// The code that was sent.
    Digits,
}

/// By what a code goes, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Sms,
    Email,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// What is known of the wish.
#[derive(Clone, Debug)]
pub struct Reaching {
    language: Language,
    begun: bool,
    phone: Option<String>,
    email: Option<String>,
    whose: Option<String>,
    way: Way,
    /// Who they say they are, until both halves are known.
    person: Proof,
    asked: Option<Question>,
    /// About the newest message.
    turn: Option<Turn>,
}

#[derive(Clone, Debug)]
struct Turn {
    text: String,
    proof: Option<Value>,
    digits: Option<String>,
    /// They have no code, and want another.
    misses: bool,
    gives_up: bool,
    made: Vec<Made>,
}

#[derive(Clone, Debug)]
struct Made {
    call: ToolCall,
    result: Value,
    refusal: Option<Refusal>,
}

impl Reaching {
    /// Reads a transcript, oldest first, and takes out of it what is about this.
    pub fn fold(facts: &ClinicFacts, transcript: &[Entry], language: Language) -> (Self, Vec<Entry>) {
        let (mut reaching, mut rest) = (Self::new(language), Vec::with_capacity(transcript.len()));
        for entry in transcript {
            let mine = match entry {
                Entry::Caller { .. } => false,
                Entry::Patient { text, at } => reaching.hear(facts, text, at.with_timezone(&facts.time_zone)),
                Entry::Receptionist { text } | Entry::Member { text } => {
                    reaching.asked = wording::asked(text);
                    reaching.turn.is_some()
                }
                Entry::Tool { call, output } => reaching.note(call, output),
            };
            if !mine {
                rest.push(entry.clone());
            }
        }
        (reaching, rest)
    }

    /// What to do next, if the newest message is about this.
    pub fn next(&self) -> Option<Step> {
        let turn = self.turn.as_ref()?;
        let step = self.step(turn);
        let again = matches!(&step, Step::Call(call) if turn.made.iter().any(|made| made.call == *call));
        Some(if again || turn.made.len() >= MOST_CALLS { Step::Say(wording::stuck(self.language)) } else { step })
    }

    const fn new(language: Language) -> Self {
        Self {
            language,
            begun: false,
            phone: None,
            email: None,
            whose: None,
            way: Way::Sms,
            person: Proof { code: None, name: None, born: None },
            asked: None,
            turn: None,
        }
    }

    // Whether the message is about this.
    fn hear(&mut self, facts: &ClinicFacts, message: &str, at: DateTime<Tz>) -> bool {
        let asked = self.asked.take().filter(|_| self.begun);
        self.turn = None;
        let is_what = asked == Some(Question::What);
        let heard =
            read::read(facts, message, at, Asked { name: false, email: is_what, phone: is_what }, self.language);
        let language = Language::spoken_in(message).unwrap_or(self.language);
        let words = text::words(&text::clean(message));
        let line = text::joined(&words);
        let begins = heard.talk == Some(Talk::NewContact);
        if begins {
            *self = Self { begun: true, ..Self::new(self.language) };
        }
        let proof = match asked {
            Some(Question::Who) => proof::read(&words, true, at.date_naive(), language),
            _ => Proof::default(),
        };
        let digits = digits(&line).filter(|_| asked == Some(Question::Digits));
        let misses = asked == Some(Question::Digits) && says_any(&line, wording::misses(language));
        let gives_up = asked.is_some() && (heard.gives_up || heard.declines && digits.is_none() && !misses);
        let is_new = heard.phone.is_some() || heard.email.is_some();
        let whose = match asked {
            Some(Question::Whose) => contact::bare_name(message, true, language),
            _ => None,
        };
        let answers =
            !proof.is_empty() || digits.is_some() || misses || gives_up || whose.is_some() || is_what && is_new;
        // Something else was said, and this is left where it is.
        if !begins && (asked.is_none() || !answers && is_about_something_else(&heard)) {
            self.begun = self.begun && !heard.wants_visit;
            return false;
        }
        if begins || is_what {
            self.phone = heard.phone.or(self.phone.take());
            self.email = heard.email.or(self.email.take());
        }
        self.whose = whose.or(self.whose.take());
        let proof = self.person.with(proof);
        self.turn = Some(Turn { text: message.to_owned(), proof, digits, misses, gives_up, made: Vec::new() });
        self.begun = !gives_up;
        true
    }

    // Whether the call was made for this.
    fn note(&mut self, call: &ToolCall, output: &Value) -> bool {
        let Some(turn) = &mut self.turn else { return false };
        let result = slot::outcome(output);
        let refusal = result.clone().err();
        match (call.name.as_str(), &refusal) {
            ("change_contact" | "create_inquiry", None) => self.begun = false,
            ("send_code", _) => {
                self.way = if call.arguments["channel"] == Way::Email.as_str() { Way::Email } else { Way::Sms };
            }
            _ => {}
        }
        let result = result.cloned().unwrap_or_default();
        turn.made.push(Made { call: call.clone(), result, refusal });
        true
    }

    fn step(&self, turn: &Turn) -> Step {
        match turn.made.last() {
            Some(made) => self.react(turn, made),
            None => self.begin(turn),
        }
    }

    fn begin(&self, turn: &Turn) -> Step {
        let language = self.language;
        if turn.gives_up {
            return Step::Say(wording::unchanged(language));
        }
        if self.phone.is_none() && self.email.is_none() {
            return Step::Say(wording::ask(Question::What, language));
        }
        if let Some(arguments) = &turn.proof {
            return call("lookup_booking", arguments.clone());
        }
        if let Some(question) = self.person.question(language) {
            return Step::Say(question);
        }
        if let Some(digits) = &turn.digits {
            return call("confirm_code", json!({ "code": digits }));
        }
        if turn.misses {
            let other = if self.way == Way::Sms { Way::Email } else { Way::Sms };
            return self.send(other);
        }
        self.change()
    }

    fn react(&self, turn: &Turn, made: &Made) -> Step {
        let language = self.language;
        let refused = |refusal: &Refusal| Step::Say(refusals::sentence(language, refusal));
        match (made.call.name.as_str(), &made.refusal) {
            ("change_contact", None) => Step::Say(self.changed()),
            ("lookup_booking" | "change_contact", refusal) if may_send(made, refusal.as_ref()) => self.send(self.way),
            ("send_code", None) => {
                let to = made.result["code_sent_to"].as_str().unwrap_or_default();
                Step::Say(say::paragraphs(&[wording::sent(to, language), wording::ask(Question::Digits, language)]))
            }
            ("send_code", Some(refusal)) if refusal.code == "verification_required" => {
                let looked = turn.made.iter().any(|made| made.call.name == "lookup_booking");
                let nobody = if looked { asking::no_visits(language) } else { String::new() };
                Step::Say(say::paragraphs(&[nobody, asking::ask_for_code(language)]))
            }
            ("send_code", Some(refusal)) if refusal.code == "forbidden" => {
                let tried = turn.made.iter().filter(|made| made.call.name == "send_code").count();
                match (tried, self.way) {
                    (1, Way::Sms) => self.send(Way::Email),
                    (1, Way::Email) => self.send(Way::Sms),
                    _ => self.leave(turn),
                }
            }
            ("send_code" | "change_contact", Some(refusal)) if asks_whose(refusal) => {
                Step::Say(wording::ask(Question::Whose, language))
            }
            ("confirm_code", None) => self.change(),
            ("confirm_code", Some(refusal)) => {
                let again = if refusal.code == "invalid" {
                    wording::ask(Question::Digits, language)
                } else {
                    wording::send_again(language)
                };
                Step::Say(say::paragraphs(&[wording::not_the_code(language), again]))
            }
            ("create_inquiry", None) => Step::Say(wording::left(language)),
            ("change_contact", Some(refusal)) if refusal.code == "invalid" => Step::Say(say::paragraphs(&[
                refusals::sentence(language, refusal),
                wording::ask(Question::What, language),
            ])),
            (_, Some(refusal)) => refused(refusal),
            _ => Step::Say(wording::stuck(language)),
        }
    }

    fn change(&self) -> Step {
        call("change_contact", json!({ "phone": self.phone, "email": self.email, "name": self.whose }))
    }

    fn send(&self, way: Way) -> Step {
        call("send_code", json!({ "channel": way.as_str(), "name": self.whose }))
    }

    fn leave(&self, turn: &Turn) -> Step {
        let reach = self.phone.as_ref().or(self.email.as_ref());
        call(
            "create_inquiry",
            json!({ "question": wording::for_the_team(&turn.text, reach), "name": self.whose, "reach": reach }),
        )
    }

    fn changed(&self) -> String {
        let new: Vec<String> = [&self.phone, &self.email].into_iter().flatten().cloned().collect();
        wording::changed(&say::and(self.language, &new), self.language)
    }
}

fn call(name: &str, arguments: Value) -> Step {
    Step::Call(ToolCall { name: name.into(), arguments })
}

/// Whether a code is the next thing: they were found, or have to be proved.
fn may_send(made: &Made, refusal: Option<&Refusal>) -> bool {
    match refusal {
        None => made.call.name == "lookup_booking",
        Some(refusal) => made.call.name == "change_contact" && refusal.code == "verification_required",
    }
}

fn asks_whose(refusal: &Refusal) -> bool {
    refusal.code == "invalid" && refusal.message.starts_with("Whose")
}

fn is_about_something_else(heard: &Understood) -> bool {
    heard.topic.is_some() || heard.talk.is_some() || heard.wants_visit || heard.starts_over
}

/// Six digits, however they are grouped.
fn digits(line: &str) -> Option<String> {
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 6).then_some(digits)
}
