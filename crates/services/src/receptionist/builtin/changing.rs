//! Visits that exist already: seeing them, moving them, calling them off.
//!
//! What is said about them is kept apart from the visit being booked, which
//! [`Draft`](super::draft::Draft) follows: the two would take each other's
//! days and times for their own.

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;
use domain::language::Language;
use serde_json::{Value, json};

use super::super::model::{ClinicFacts, Entry, Step, ToolCall};
use super::catalogue::TypeMention;
use super::choice::Pick;
use super::clock::TimeWish;
use super::dates::Days;
use super::read::{self, Asked, Understood};
use super::refusals;
use super::say::{self, said};
use super::search::{self, Search, Wish as Looking};
use super::slot::{self, Existing, Refusal, Slot};
use super::text::{self, says_any};

mod english;
pub mod proof;
mod spanish;
pub mod wording;

use self::proof::Proof;

/// How one language speaks of a visit that exists.
struct Lists {
    cancel: &'static [&'static str],
    /// Beside a code.
    cancel_at_all: &'static [&'static str],
    /// Said of a visit that was just spoken of.
    cancel_it: &'static [&'static str],
    move_: &'static [&'static str],
    move_it: &'static [&'static str],
    see: &'static [&'static str],
    /// What announces a code.
    code: &'static [&'static str],
    /// Words as long as a code.
    no_codes: &'static [&'static str],
    /// What stands around a birth date.
    born: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    }
}

/// What a patient wants done with a visit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    See,
    Cancel,
    Move,
}

/// What is known about the visit to be changed.
#[derive(Clone, Debug)]
pub struct Changing {
    language: Language,
    wish: Option<Wish>,
    visits: Vec<Existing>,
    chosen: Option<usize>,
    days: Option<Days>,
    time: Option<TimeWish>,
    offers: Vec<Slot>,
    /// A visit was spoken of last, not times to book another.
    visit_in_mind: bool,
    asked_for_code: bool,
    /// Who they say they are, until both halves are known.
    person: Proof,
    asked_to_go_on: bool,
    asked_about_far: bool,
    far_confirmed: bool,
    /// About the newest message.
    turn: Option<Turn>,
}

#[derive(Clone, Debug)]
struct Turn {
    at: DateTime<Tz>,
    proof: Option<Value>,
    /// They have no code.
    lacks_proof: bool,
    agrees: bool,
    picked: Option<Slot>,
    made: Vec<Made>,
}

#[derive(Clone, Debug)]
struct Made {
    call: ToolCall,
    refusal: Option<Refusal>,
}

impl Turn {
    fn is_done(&self) -> bool {
        let last = self.made.last();
        last.is_some_and(|made| made.refusal.is_none() && slot::changes(&made.call))
    }
}

impl Changing {
    /// Reads a transcript, oldest first, and takes out of it what is about
    /// visits that exist.
    pub fn fold(facts: &ClinicFacts, transcript: &[Entry], language: Language) -> (Self, Vec<Entry>) {
        let (mut changing, mut rest) = (Self::new(language), Vec::with_capacity(transcript.len()));
        for entry in transcript {
            let mine = match entry {
                Entry::Caller { .. } => false,
                Entry::Patient { text, at } => changing.hear(facts, text, at.with_timezone(&facts.time_zone)),
                Entry::Receptionist { text } | Entry::Member { text } => {
                    changing.said(text);
                    changing.turn.is_some()
                }
                Entry::Tool { call, output } => {
                    changing.note(call, output);
                    changing.turn.is_some()
                }
            };
            // Whoever speaks of what was booked has to know what became of it.
            let is_change = matches!(entry, Entry::Tool { call, .. } if slot::changes(call));
            if !mine || is_change {
                rest.push(entry.clone());
            }
        }
        (changing, rest)
    }

    /// What to do next, if the newest message is about a visit that exists.
    pub fn next(&self, facts: &ClinicFacts) -> Option<Step> {
        let turn = self.turn.as_ref()?;
        let step = self.step(facts, turn);
        let again = matches!(&step, Step::Call(call) if turn.made.iter().any(|made| made.call == *call));
        Some(if again || turn.made.len() >= 6 { Step::Say(wording::ask_for_code(self.language)) } else { step })
    }

    fn new(language: Language) -> Self {
        Self {
            language,
            wish: None,
            visits: Vec::new(),
            chosen: None,
            days: None,
            time: None,
            offers: Vec::new(),
            visit_in_mind: false,
            asked_for_code: false,
            person: Proof::default(),
            asked_to_go_on: false,
            asked_about_far: false,
            far_confirmed: false,
            turn: None,
        }
    }

    // Whether the message is about visits that exist.
    fn hear(&mut self, facts: &ClinicFacts, message: &str, at: DateTime<Tz>) -> bool {
        let heard = read::read(facts, message, at, Asked::default(), self.language);
        let words = text::words(&text::clean(message));
        let language = Language::spoken_in(message).unwrap_or(self.language);
        let proof = proof::read(&words, self.asked_for_code, at.date_naive(), language);
        let has_proof = !proof.is_empty();
        let wish = self.wish_in(&text::joined(&words), &heard, proof.code.is_some(), language);
        if self.turn.take().is_some_and(|turn| turn.is_done()) {
            // What is wished next is about whatever is found then.
            (self.wish, self.chosen) = (None, None);
            self.visits.clear();
        }
        if !self.goes_on(wish, &heard, has_proof, message) {
            self.wish = self.wish.filter(|_| !heard.wants_visit);
            return false;
        }
        if wish.is_some() && wish != self.wish {
            (self.wish, self.days, self.time) = (wish, None, None);
            self.offers.clear();
        }
        let picked = self.picked(message, &heard);
        // A birth date is no day to move to.
        if picked.is_none() && self.wish == Some(Wish::Move) && proof.born.is_none() {
            self.take_when(&heard);
        }
        let lacks_proof = self.asked_for_code && heard.declines && !has_proof;
        let mut turn =
            Turn { at, proof: self.person.with(proof), lacks_proof, agrees: false, picked, made: Vec::new() };
        if turn.proof.is_some() {
            self.visits.clear();
            self.chosen = None;
        } else if self.chosen.is_none() {
            self.chosen = self.pointed_at(&heard);
        }
        turn.agrees = heard.agrees && self.asked_to_go_on;
        self.far_confirmed |= heard.agrees && self.asked_about_far;
        if turn.agrees && turn.picked.is_none() && self.wish == Some(Wish::Move) {
            turn.picked = self.proposal().cloned();
        }
        if heard.declines && self.asked_to_go_on && heard.days.is_none() && heard.time.is_none() {
            self.wish = None;
        }
        self.turn = Some(turn);
        true
    }

    fn wish_in(&self, line: &str, heard: &Understood, has_code: bool, language: Language) -> Option<Wish> {
        let lists = lists(language);
        let timed = heard.days.is_some() || heard.time.is_some();
        if says_any(line, lists.cancel) || has_code && says_any(line, lists.cancel_at_all) {
            Some(Wish::Cancel)
        } else if says_any(line, lists.move_)
            || (self.visit_in_mind || has_code) && says_any(line, lists.move_it) && (timed || has_code)
        {
            Some(Wish::Move)
        } else if self.visit_in_mind && says_any(line, lists.cancel_it) {
            Some(Wish::Cancel)
        } else if says_any(line, lists.see) && (has_code || !self.visit_in_mind) {
            Some(Wish::See)
        } else {
            None
        }
    }

    // A question of another kind, or a new visit, is not about the one there is.
    fn goes_on(&self, wish: Option<Wish>, heard: &Understood, has_proof: bool, message: &str) -> bool {
        if wish.is_some() {
            return true;
        }
        let another = heard.wants_visit && heard.offered != TypeMention::None;
        if self.wish.is_none() || another {
            return false;
        }
        let labelled = self.offers.iter().any(|slot| is_label(slot, message));
        let answers = has_proof
            || heard.agrees
            || heard.declines
            || heard.days.is_some()
            || heard.time.is_some()
            || heard.pick.is_some()
            || heard.lone_number.is_some();
        labelled
            || (answers && heard.topic.is_none() && !heard.starts_over)
            || (self.asked_for_code && heard.topic.is_none() && heard.talk.is_none() && !heard.wants_visit)
    }

    fn take_when(&mut self, heard: &Understood) {
        if heard.days.is_some() || heard.time.is_some() {
            self.far_confirmed &= heard.days.is_none();
            self.days = heard.days.or(self.days);
            self.time = heard.time.or(self.time.filter(|_| heard.days.is_none()));
            self.offers.clear();
        }
    }

    fn picked(&self, message: &str, heard: &Understood) -> Option<Slot> {
        if let Some(slot) = self.offers.iter().find(|slot| is_label(slot, message)) {
            return Some(slot.clone());
        }
        let by_place = match heard.pick {
            Some(Pick::Nth(n)) => self.offers.get(n),
            Some(Pick::Any) => self.offers.first(),
            Some(Pick::Last) => self.offers.last(),
            _ => heard.lone_number.and_then(|n| self.offers.get(n.checked_sub(1)?)),
        };
        let Some(TimeWish::At(clock)) = heard.time else { return by_place.cloned() };
        let day = match heard.days {
            Some(Days::One(day)) => Some(day),
            _ => None,
        };
        self.offers
            .iter()
            .find(|slot| {
                clock.both().contains(&slot.visit.local.time()) && day.is_none_or(|day| slot.visit.local.date() == day)
            })
            .cloned()
    }

    // Which of several visits, by its day or its time.
    fn pointed_at(&self, heard: &Understood) -> Option<usize> {
        if let [_] = self.visits[..] {
            return Some(0);
        }
        if self.wish == Some(Wish::Move) {
            return heard.pick.and_then(|pick| match pick {
                Pick::Nth(n) if n < self.visits.len() => Some(n),
                _ => None,
            });
        }
        let fits = |visit: &&Existing| {
            let on_day = match heard.days {
                Some(Days::One(day)) => visit.visit.local.date() == day,
                _ => heard.time.is_some(),
            };
            let at_time = match heard.time {
                Some(TimeWish::At(clock)) => clock.both().contains(&visit.visit.local.time()),
                _ => true,
            };
            on_day && at_time
        };
        let fitting: Vec<usize> =
            self.visits.iter().enumerate().filter(|(_, visit)| fits(visit)).map(|(n, _)| n).collect();
        match (&fitting[..], heard.pick) {
            ([only], _) => Some(*only),
            (_, Some(Pick::Nth(n))) if n < self.visits.len() => Some(n),
            _ => None,
        }
    }

    fn said(&mut self, text: &str) {
        self.asked_for_code = wording::asks_for_code(text);
        self.asked_to_go_on = wording::asks_to_go_on(text);
        let (english, spanish) = refusals::IS_THAT_THE_DAY;
        self.asked_about_far = text.contains(english) || text.contains(spanish);
    }

    fn note(&mut self, call: &ToolCall, output: &Value) {
        let result = slot::outcome(output);
        let refusal = result.clone().err();
        match (call.name.as_str(), result) {
            ("lookup_booking", Ok(result)) => {
                self.visits = slot::existing(result);
                self.chosen = (self.visits.len() == 1).then_some(0);
                self.visit_in_mind = !self.visits.is_empty();
            }
            ("lookup_booking", Err(_)) => (self.visits, self.chosen) = (Vec::new(), None),
            ("reschedule_booking" | "cancel_booking", Ok(_)) => {
                let done = std::mem::replace(self, Self::new(self.language));
                let last = slot::existing_of(result_of(output)).into_iter().collect();
                *self = Self {
                    visits: last,
                    turn: done.turn,
                    wish: done.wish,
                    visit_in_mind: true,
                    ..Self::new(done.language)
                };
            }
            ("reschedule_booking", Err(_)) => self.offers.clear(),
            ("check_availability", Ok(result)) if self.turn.is_some() => self.offers = slot::slots(result),
            ("check_availability" | "hold_slot", _) if self.turn.is_none() => self.visit_in_mind = false,
            ("confirm_booking", Ok(_)) => {
                *self = Self { visit_in_mind: true, ..Self::new(self.language) };
            }
            _ => {}
        }
        if let Some(turn) = &mut self.turn {
            turn.made.push(Made { call: call.clone(), refusal });
        }
    }

    fn step(&self, facts: &ClinicFacts, turn: &Turn) -> Step {
        let language = self.language;
        let last = turn.made.last();
        match last.map(|made| (made.call.name.as_str(), &made.refusal)) {
            Some(("cancel_booking", None)) => return Step::Say(self.cancelled(turn)),
            Some(("reschedule_booking", None)) => return Step::Say(self.moved(turn)),
            Some(("lookup_booking", None)) if self.visits.is_empty() => {
                return Step::Say(wording::no_visits(language));
            }
            Some(("lookup_booking", Some(refusal))) if refusal.code == "verification_required" => {
                return Step::Say(wording::ask_for_code(language));
            }
            Some(("lookup_booking" | "cancel_booking", Some(refusal))) => {
                return Step::Say(refusals::sentence(language, refusal));
            }
            Some(("reschedule_booking", Some(refusal))) if refusal.code != "slot_taken" => {
                return Step::Say(refusals::sentence(language, refusal));
            }
            Some(("check_availability", Some(refusal))) if refusals::is_far(refusal) => {
                return Step::Say(refusals::sentence(language, refusal));
            }
            Some(("check_availability", Some(refusal))) => {
                return Step::Say(say::paragraphs(&[
                    refusals::sentence(language, refusal),
                    said!(language, "Which other day would you like?", "¿Qué otro día desea?"),
                ]));
            }
            _ => {}
        }
        if self.wish.is_none() {
            return Step::Say(said!(
                language,
                "All right, your visit stays as it is.",
                "De acuerdo, su cita no cambia.",
            ));
        }
        if let (None, Some(question)) = (&turn.proof, self.person.question(language)) {
            return Step::Say(question);
        }
        if self.visits.is_empty() && turn.lacks_proof {
            return Step::Say(wording::ask_for_person(language, facts));
        }
        if self.visits.is_empty() {
            let arguments = turn.proof.clone().unwrap_or_else(|| json!({}));
            return Step::Call(ToolCall { name: "lookup_booking".into(), arguments });
        }
        let Some(visit) = self.chosen.and_then(|n| self.visits.get(n)) else { return Step::Say(self.which(turn)) };
        match self.wish {
            Some(Wish::Cancel) if turn.agrees => {
                Step::Call(ToolCall { name: "cancel_booking".into(), arguments: json!({ "appointment_id": visit.id }) })
            }
            Some(Wish::Cancel) => Step::Say(self.found(turn, visit, Wish::Cancel)),
            Some(Wish::Move) => self.shift(facts, turn, visit),
            _ => Step::Say(self.seen(turn, visit)),
        }
    }

    fn shift(&self, facts: &ClinicFacts, turn: &Turn, visit: &Existing) -> Step {
        let tried = turn.made.iter().any(|made| made.call.name == "reschedule_booking");
        if let Some(slot) = turn.picked.as_ref().filter(|_| !tried) {
            let arguments = json!({ "appointment_id": visit.id, "slot": slot.token });
            return Step::Call(ToolCall { name: "reschedule_booking".into(), arguments });
        }
        if self.days.is_none() && self.time.is_none() {
            return Step::Say(self.found(turn, visit, Wish::Move));
        }
        if self.offers.is_empty() {
            let call = self.plan(facts, turn, visit).into_iter().map(|search| search.call());
            let mut left = call.filter(|call| !turn.made.iter().any(|made| made.call == *call));
            return match left.next() {
                Some(call) => Step::Call(call),
                None => Step::Say(wording::nothing_then(self.language)),
            };
        }
        let went = if tried { wording::just_taken(self.language) } else { String::new() };
        Step::Say(say::paragraphs(&[went, self.instead(turn, visit)]))
    }

    /// The very time asked for, or the only one.
    fn proposal(&self) -> Option<&Slot> {
        if let [only] = &self.offers[..] {
            return Some(only);
        }
        let Some(TimeWish::At(clock)) = self.time else { return None };
        let mut fitting = self.offers.iter().filter(|slot| {
            let on_day = match self.days {
                Some(Days::One(day)) => slot.visit.local.date() == day,
                _ => true,
            };
            on_day && clock.both().contains(&slot.visit.local.time())
        });
        fitting.next()
    }

    // With whom it is first, then with anyone.
    fn plan(&self, facts: &ClinicFacts, turn: &Turn, visit: &Existing) -> Vec<Search> {
        let same_day = Days::One(visit.visit.local.date());
        let (days, now) = (self.days.unwrap_or(same_day), turn.at.naive_local());
        let who = visit.visit.practitioner_id.parse().ok();
        let slug = &visit.slug;
        let weekday = match days {
            Days::One(day) => Some(day.weekday()),
            _ => None,
        };
        // The exact time with anyone matters more than another with the same.
        let at = match self.time {
            Some(TimeWish::At(clock)) => Some(clock.resolve(facts, weekday)),
            _ => None,
        };
        let far_confirmed = self.far_confirmed;
        let looking = Looking { days, time: self.time, practitioner: None, far_confirmed };
        let mut plan: Vec<Search> = [who, None]
            .into_iter()
            .filter_map(|practitioner| {
                let looking = Looking { practitioner, ..looking };
                let mut search = search::plan(facts, slug, looking, now).into_iter().next()?;
                (search.earliest, search.latest) = (search.earliest.or(at), search.latest.or(at));
                Some(search)
            })
            .collect();
        plan.extend(search::plan(facts, slug, looking, now));
        plan
    }
}

fn result_of(output: &Value) -> &Value {
    output.get("result").unwrap_or(&Value::Null)
}

fn is_label(slot: &Slot, message: &str) -> bool {
    let same =
        |a: &str, b: &str| a.split_whitespace().map(str::to_lowercase).eq(b.split_whitespace().map(str::to_lowercase));
    !slot.label.is_empty() && message.len() <= 400 && same(&slot.label, message)
}
