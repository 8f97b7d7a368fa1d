//! What patients want besides a time that is free: to wait for one, to tell the
//! team something, to be written to later, to know why a time is not to be had.

use chrono::{DateTime, Datelike, Days as Count, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use domain::language::Language;
use serde_json::{Value, json};

use super::super::model::{Step, ToolCall};
use super::answers;
use super::clock::TimeWish;
use super::dates::Days;
use super::draft::{Act, Draft, Made, Note, Turn};
use super::found;
use super::intent::Talk;
use super::questions;
use super::read::Understood;
use super::refusals;
use super::say::{self, said};

/// How long somebody waits who names no day.
const WAITS_DAYS: u64 = 30;

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// They want to wait for a time, and it is not stored yet.
    pub waits: bool,
    /// They were asked whether they mean a day so far ahead, and do.
    pub far_confirmed: bool,
    asked: Option<Asked>,
    /// What had no answer here, and may be left for the team.
    question: Option<String>,
}

/// What the last reply asked about it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    /// Whether they would wait.
    ToWait,
    /// Whether to leave their question for the team.
    ToLeaveIt,
    /// What to tell the team.
    Words,
    /// When to write to them.
    When,
    /// Whether they mean a day that is far ahead.
    Far,
}

/// How it is asked; what is asked is known by it again.
fn wording(asked: Asked, language: Language) -> &'static str {
    match (asked, language) {
        // As the tool itself asks it.
        (Asked::Far, Language::English) => refusals::IS_THAT_THE_DAY.0,
        (Asked::Far, Language::Spanish) => refusals::IS_THAT_THE_DAY.1,
        (Asked::ToWait, Language::English) => "Would you like to try another day, or join our waiting list?",
        (Asked::ToWait, Language::Spanish) => "¿Quiere probar otro día o esperar a que se libere una hora?",
        (Asked::ToLeaveIt, Language::English) => "Shall I leave your question for the team?",
        (Asked::ToLeaveIt, Language::Spanish) => "¿Dejo su pregunta para el equipo?",
        (Asked::Words, Language::English) => "What should the team know?",
        (Asked::Words, Language::Spanish) => "¿Qué debe saber el equipo?",
        (Asked::When, Language::English) => "On which day should we write to you?",
        (Asked::When, Language::Spanish) => "¿Qué día quiere que le escribamos?",
    }
}

/// Asks whether to look for another day or to wait.
pub fn another_day_or_wait(language: Language) -> String {
    wording(Asked::ToWait, language).to_owned()
}

/// Asks whether to pass on what has no answer here.
pub fn shall_i_leave_it(language: Language) -> String {
    wording(Asked::ToLeaveIt, language).to_owned()
}

impl Aside {
    pub fn said(&mut self, text: &str) {
        let all = [Asked::ToWait, Asked::ToLeaveIt, Asked::Words, Asked::When, Asked::Far];
        let is_asked = |asked: &Asked| Language::ALL.iter().any(|language| text.contains(wording(*asked, *language)));
        self.asked = all.into_iter().find(is_asked);
    }
}

impl Draft<'_> {
    /// What a message calls for, if it is about any of this.
    pub(super) fn take_aside(
        &mut self,
        text: &str,
        heard: &Understood,
        at: DateTime<Tz>,
        notes: &mut Vec<Note>,
    ) -> Option<Act> {
        let asked = self.aside.asked.take();
        let has_when = heard.days.is_some() || heard.time.is_some();
        let answers = heard.topic.is_none() && !heard.declines && !heard.starts_over;
        match (heard.talk, asked) {
            (Some(Talk::Waitlist), _) => self.aside.waits = true,
            (_, Some(Asked::ToWait)) if heard.agrees && !has_when => self.aside.waits = true,
            (_, Some(Asked::Far)) if heard.agrees && !has_when => {
                self.aside.far_confirmed = true;
                return Some(Act::Search);
            }
            (_, Some(Asked::Far)) if heard.declines && !has_when => {
                self.days = None;
                return Some(Act::Nothing);
            }
            (Some(Talk::Note), _) if heard.words > 5 => return Some(Act::Leave(text.to_owned())),
            (Some(Talk::Note), _) => return Some(Act::Ask(wording(Asked::Words, self.language))),
            (None | Some(Talk::Greeting | Talk::Medical | Talk::Prescription), Some(Asked::Words)) if answers => {
                return Some(Act::Leave(text.to_owned()));
            }
            (_, Some(Asked::ToLeaveIt)) if heard.agrees => return self.aside.question.take().map(Act::Leave),
            (Some(Talk::WriteLater), _) | (None, Some(Asked::When)) if has_when => {
                return Some(Act::WriteLater { at: self.when_to_write(heard, at), about: text.to_owned() });
            }
            (Some(Talk::WriteLater), _) => return Some(Act::Ask(wording(Asked::When, self.language))),
            (Some(Talk::WhyNot), _) => return self.why_not(heard),
            (Some(Talk::WhichDate), _) if heard.days.is_some() => return Some(Act::ReadBack(text.to_owned())),
            (Some(Talk::Insurance | Talk::Payment | Talk::Prescription | Talk::Medical), _) => {
                self.aside.question = Some(text.to_owned());
            }
            _ => {}
        }
        if self.aside.waits { self.take_wait(heard, at, notes) } else { None }
    }

    // Everything that is said until it is known what they wait for and who they
    // are.
    fn take_wait(&mut self, heard: &Understood, at: DateTime<Tz>, notes: &mut Vec<Note>) -> Option<Act> {
        let asks_again = heard.talk == Some(Talk::Waitlist) || heard.agrees;
        if heard.topic.is_some() {
            return None;
        }
        if !asks_again && (heard.wants_visit || heard.declines) {
            self.aside.waits = false;
            return None;
        }
        self.take_visit(heard, at, notes);
        self.hold = None;
        self.started = true;
        let reachable = self.email.is_some() || self.phone.is_some();
        let is_whole = self.offered.is_some() && self.name.is_some() && reachable && notes.iter().all(is_harmless);
        Some(if is_whole { Act::Wait } else { Act::Nothing })
    }

    // "Why not 3 PM?", of the day and the kind of visit that were spoken of.
    fn why_not(&mut self, heard: &Understood) -> Option<Act> {
        let day = heard.days.or(self.days);
        let (Some(Days::One(day)), Some(offered)) = (day, self.offered) else { return None };
        let Some(TimeWish::At(clock)) = heard.time.or(self.time) else { return None };
        self.facts.appointment_types.get(offered)?;
        (self.days, self.time) = (Some(Days::One(day)), Some(TimeWish::At(clock)));
        Some(Act::Explain(day.and_time(clock.resolve(self.facts, Some(day.weekday())))))
    }

    // In the morning of the day they name, unless they name a time; never in
    // the past.
    fn when_to_write(&self, heard: &Understood, at: DateTime<Tz>) -> NaiveDateTime {
        let today = at.date_naive();
        let named = match heard.days {
            Some(Days::One(day) | Days::Span(day, _)) => day.max(today),
            Some(Days::Soonest) | None => today,
        };
        let opens = |day: NaiveDate| {
            let opens = self.facts.open_on(day).first().map(|stretch| stretch.opens);
            opens.or_else(|| NaiveTime::from_hms_opt(10, 0, 0)).unwrap_or_default()
        };
        let time = match heard.time {
            Some(TimeWish::At(clock) | TimeWish::Between { from: Some(clock), .. }) => {
                clock.resolve(self.facts, Some(named.weekday()))
            }
            _ => opens(named),
        };
        let when = named.and_time(time);
        let next = || named.checked_add_days(Count::new(1)).unwrap_or(named).and_time(time);
        if when > at.naive_local() { when } else { next() }
    }
}

fn is_harmless(note: &Note) -> bool {
    matches!(note, Note::Introduced | Note::OneAtATime(_))
}

/// Asks for what is missing to be on the waiting list.
pub fn who_waits(draft: &Draft) -> String {
    let reachable = draft.email.is_some() || draft.phone.is_some();
    match (draft.name.is_none(), reachable) {
        (true, true) => {
            said!(draft.language, "What name should I put on the waiting list?", "¿Con qué nombre le apunto?",)
        }
        (true, false) => said!(
            draft.language,
            "What name, and which email or phone number, should I put on the waiting list?",
            "¿Con qué nombre, y con qué correo electrónico o teléfono, le apunto?",
        ),
        (false, _) => said!(
            draft.language,
            "Which email or phone number should I put on the waiting list?",
            "¿Con qué correo electrónico o teléfono le apunto?",
        ),
    }
}

/// The call that does what an aside asks for.
pub fn call(draft: &Draft, turn: &Turn) -> Option<ToolCall> {
    let (name, arguments) = match &turn.act {
        Act::Wait => ("join_waitlist", wait(draft, turn)?),
        Act::Leave(question) => ("create_inquiry", inquiry(draft, question)),
        Act::WriteLater { at, about } => {
            let about: String = about.chars().take(300).collect();
            ("schedule_contact_followup", json!({ "local": at.format("%Y-%m-%dT%H:%M").to_string(), "about": about }))
        }
        Act::Explain(local) => ("explain_time", explain(draft, *local)?),
        Act::ReadBack(words) => ("resolve_date", json!({ "words": words.chars().take(300).collect::<String>() })),
        _ => return None,
    };
    Some(ToolCall { name: name.into(), arguments })
}

/// Leaves a wish for a person where nobody can take over.
pub fn leave_for_team(draft: &Draft, summary: &str) -> ToolCall {
    ToolCall { name: "create_inquiry".into(), arguments: inquiry(draft, summary) }
}

fn inquiry(draft: &Draft, question: &str) -> Value {
    let question: String = question.chars().take(1_500).collect();
    json!({ "question": question, "name": draft.name, "reach": draft.phone.as_ref().or(draft.email.as_ref()) })
}

fn explain(draft: &Draft, local: NaiveDateTime) -> Option<Value> {
    let offered = draft.facts.appointment_types.get(draft.offered?)?;
    let practitioner = draft.who.and_then(|n| draft.facts.practitioners.get(n)).map(|p| p.id);
    let local = local.format("%Y-%m-%dT%H:%M").to_string();
    Some(json!({ "appointment_type": offered.slug, "practitioner": practitioner, "local": local }))
}

fn wait(draft: &Draft, turn: &Turn) -> Option<Value> {
    let offered = draft.facts.appointment_types.get(draft.offered?)?;
    let (from, to) = waited_for(draft, turn);
    let looks = draft.plan();
    let window = looks.first().filter(|_| matches!(draft.time, Some(TimeWish::Between { .. })));
    let time = |time: Option<NaiveTime>| time.map(|time| time.format("%H:%M").to_string());
    Some(json!({
        "appointment_type": offered.slug,
        "practitioner": draft.who.and_then(|n| draft.facts.practitioners.get(n)).map(|p| p.id),
        "from": from.to_string(),
        "to": to.to_string(),
        "earliest": time(window.and_then(|search| search.earliest)),
        "latest": time(window.and_then(|search| search.latest)),
        "name": draft.name,
        "email": draft.email,
        "phone": draft.phone,
    }))
}

fn waited_for(draft: &Draft, turn: &Turn) -> (NaiveDate, NaiveDate) {
    let today = turn.at.date_naive();
    let later = today.checked_add_days(Count::new(WAITS_DAYS)).unwrap_or(today);
    match draft.days {
        Some(Days::One(day)) => (day.max(today), day.max(today)),
        Some(Days::Span(from, to)) => (from.max(today), to.max(today)),
        Some(Days::Soonest) | None => (today, later),
    }
}

/// What is said once the tool has answered; none if it was no tool of these.
pub fn react(draft: &Draft, turn: &Turn, made: &Made) -> Option<Step> {
    let language = draft.language;
    let then_pending = |text: String| Step::Say(say::paragraphs(&[text, questions::pending(draft, turn)]));
    Some(match (made.call.name.as_str(), &made.refusal) {
        ("join_waitlist", None) => Step::Say(waiting(draft, turn)),
        ("create_inquiry", None) => {
            let left =
                said!(language, "I have left your message for the team.", "He dejado su mensaje para el equipo.");
            let asks_for_a_person = turn.heard.talk == Some(Talk::Human);
            let answer = answers::answer(draft, turn).filter(|_| asks_for_a_person).unwrap_or_default();
            let pending = if asks_for_a_person && draft.hold.is_none() && draft.offers.is_empty() {
                String::new()
            } else {
                questions::pending(draft, turn)
            };
            Step::Say(say::paragraphs(&[answer, left, pending]))
        }
        ("create_inquiry", Some(_)) if turn.heard.talk == Some(Talk::Human) => Step::Say(questions::reply(draft, turn)),
        ("schedule_contact_followup", None) => {
            let Act::WriteLater { at, .. } = &turn.act else { return None };
            let on = say::on(language, at.date(), turn.at.date_naive());
            then_pending(said!(
                language,
                "All right, we will write to you here {on}.",
                "De acuerdo, le escribiremos aquí {on}.",
            ))
        }
        ("explain_time", None) if made.result["offered"] == true => return None,
        ("explain_time", None) => then_pending(explained(draft, turn, &made.result)),
        ("resolve_date", None) => {
            let words = made.result["in_words"].as_str().unwrap_or_default();
            let the = if words.starts_with("del ") { words.to_owned() } else { format!("el {words}") };
            then_pending(said!(language, "That is {words}.", "Es {the}."))
        }
        ("resolve_date", Some(_)) => Step::Say(questions::reply(draft, turn)),
        ("join_waitlist" | "create_inquiry" | "schedule_contact_followup" | "explain_time", Some(refusal)) => {
            then_pending(refusals::sentence(language, refusal))
        }
        _ => return None,
    })
}

fn waiting(draft: &Draft, turn: &Turn) -> String {
    let language = draft.language;
    let Some(Value::Object(wish)) = turn.made.last().map(|made| &made.call.arguments) else { return String::new() };
    let text = |key: &str| wish.get(key).and_then(Value::as_str).unwrap_or_default();
    let named = draft.facts.appointment_types.iter().find(|offered| offered.slug == text("appointment_type"));
    let what = named.map(|offered| say::a(language, &offered.name)).unwrap_or_default();
    let who = draft.facts.practitioners.iter().find(|p| p.id.to_string() == text("practitioner")).map(|p| &p.name);
    let who = who.map(|who| said!(language, " with {who}", " con {who}")).unwrap_or_default();
    let days = text("from").parse().ok().zip(text("to").parse().ok());
    let days = days.map(|(from, to)| say::span(language, from, to, turn.at.date_naive())).unwrap_or_default();
    said!(
        language,
        "You are on the waiting list for {what}{who}. It is for {days}. Nothing is booked yet.",
        "Está en la lista de espera para {what}{who}. Es para {days}. Todavía no hay nada reservado.",
    )
}

fn explained(draft: &Draft, turn: &Turn, result: &Value) -> String {
    let language = draft.language;
    let Act::Explain(local) = &turn.act else { return String::new() };
    let moment = say::capitalised(&say::moment(language, *local, turn.at.date_naive()));
    let who = found::with_whom(draft);
    let reasons = result["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut parts = vec![said!(language, "{moment} is not free{who}.", "{moment} no está libre{who}.")];
    parts.extend(reasons.iter().take(3).filter_map(Value::as_str).map(|reason| refusals::reason(language, reason)));
    say::paragraphs(&parts)
}
