//! The conversation so far, folded into what is known about the visit.

use chrono::{DateTime, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use domain::language::Language;
use serde_json::Value;

use super::super::model::{ClinicFacts, Entry, ToolCall};
use super::aside::Aside;
use super::catalogue::{TypeMention, Who};
use super::clock::TimeWish;
use super::dates::Days;
use super::intent::{Talk, Topic};
use super::read::{self, Asked, Understood};
use super::search::{self, Search, Wish};
use super::slot::{Booked, Hold, Refusal, Slot, Visit};

mod noting;
mod pointing;
mod visit;
mod who;

/// Older entries are not read again.
const REMEMBERED: usize = 60;

/// Nor is more than this many bytes of what the patient wrote.
const READ_AGAIN: usize = 12_000;

/// The tools it uses. Others are a language model's, which it follows when that
/// fails.
const KNOWN: &[&str] = &[
    "check_availability",
    "hold_slot",
    "confirm_booking",
    "clinic_facts",
    "hand_to_human",
    "join_waitlist",
    "create_inquiry",
    "schedule_contact_followup",
    "explain_time",
    "resolve_date",
];

/// What is known about the visit a patient wants.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    pub facts: &'a ClinicFacts,
    /// Of the conversation.
    pub language: Language,
    /// A visit is wanted; before that it is small talk.
    pub started: bool,
    pub offered: Option<usize>,
    /// The patient's words fit several appointment types: these.
    pub types_meant: Vec<usize>,
    pub who: Option<usize>,
    pub days: Option<Days>,
    pub time: Option<TimeWish>,
    /// The times shown last.
    pub offers: Vec<Slot>,
    /// Times shown before that, newest list first.
    pub older_offers: Vec<Slot>,
    pub hold: Option<Hold>,
    pub booked: Vec<Booked>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// They can be reached by the phone they write with, and need not be asked.
    pub has_called: bool,
    pub no_email: bool,
    pub no_phone: bool,
    /// Everything was agreed when the time fell through, so that a new hold
    /// needs no more questions.
    pub agreed_before: bool,
    pub asked: Asked,
    pub aside: Aside,
    pub turn: Option<Turn>,
}

/// The patient's newest message and what was done about it so far.
#[derive(Clone, Debug)]
pub struct Turn {
    pub at: DateTime<Tz>,
    pub heard: Understood,
    pub act: Act,
    pub notes: Vec<Note>,
    pub made: Vec<Made>,
}

/// A tool call of this turn and what came of it.
#[derive(Clone, Debug)]
pub struct Made {
    pub call: ToolCall,
    pub refusal: Option<Refusal>,
    /// How many slots a look for times found.
    pub found: usize,
    /// What an aside was answered.
    pub result: Value,
}

/// What the newest message calls for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Act {
    #[default]
    Nothing,
    Hold(Slot),
    Search,
    Confirm,
    StartOver,
    GiveUp,
    /// Put on the waiting list.
    Wait,
    /// Leave for the team what they wrote.
    Leave(String),
    /// Write to them again, later.
    WriteLater {
        at: NaiveDateTime,
        about: String,
    },
    /// Say why that time is not to be had.
    Explain(NaiveDateTime),
    /// Say which date their words mean.
    ReadBack(String),
    Ask(&'static str),
}

/// Something the patient should be told before the answer proper.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    Past(Days),
    PassedToday(NaiveTime),
    Mismatch,
    ImpossibleDate,
    Stranger(String),
    DoesNotDo {
        practitioner: usize,
        offered: usize,
    },
    OneAtATime(usize),
    /// Who they are came before it was asked.
    Introduced,
    BadEmail,
    BadPhone,
    NeedContact,
    CannotChangeBooked,
    NoSuchChoice,
    NotAgreed,
    Others,
}

impl<'a> Draft<'a> {
    /// Reads the newest part of a transcript, oldest first.
    pub fn fold(facts: &'a ClinicFacts, transcript: &[Entry], language: Language) -> Self {
        let mut draft = Self::empty(facts, language);
        if let Some(Entry::Caller { phone }) = transcript.first() {
            (draft.phone, draft.has_called, draft.no_email) = (Some(phone.clone()), true, true);
        }
        for entry in recent(transcript) {
            match entry {
                Entry::Caller { .. } => {}
                Entry::Patient { text, at } => draft.hear(text, at.with_timezone(&facts.time_zone)),
                Entry::Receptionist { text } | Entry::Member { text } => draft.said(text),
                Entry::Tool { call, output } => draft.note(call, output),
            }
        }
        draft
    }

    /// The single time that a "yes" would take: the very one asked for, the
    /// soonest, or the only one.
    pub fn proposal(&self) -> Option<&Slot> {
        if self.offers.len() == 1 || self.days == Some(Days::Soonest) && !matches!(self.time, Some(TimeWish::At(_))) {
            return self.offers.first();
        }
        let (Some(TimeWish::At(clock)), Some(Days::One(day))) = (self.time, self.days) else { return None };
        let time = clock.resolve(self.facts, Some(chrono::Datelike::weekday(&day)));
        self.offers.iter().find(|slot| slot.visit.local == day.and_time(time))
    }

    /// Where to look for times, first choice first.
    pub fn plan(&self) -> Vec<Search> {
        let (Some(offered), Some(days), Some(turn)) = (self.offered, self.days, &self.turn) else { return Vec::new() };
        let Some(offered) = self.facts.appointment_types.get(offered) else { return Vec::new() };
        let practitioner = self.who.and_then(|n| self.facts.practitioners.get(n)).map(|p| p.id);
        search::plan(
            self.facts,
            &offered.slug,
            Wish { days, time: self.time, practitioner, far_confirmed: self.aside.far_confirmed },
            turn.at.naive_local(),
        )
    }

    /// Whether there is enough to book under, and nothing left to ask for.
    pub fn contact_is_complete(&self) -> bool {
        let reachable = self.email.is_some() || self.phone.is_some();
        self.name.is_some()
            && reachable
            && (self.email.is_some() || self.no_email)
            && (self.phone.is_some() || self.no_phone)
    }

    fn empty(facts: &'a ClinicFacts, language: Language) -> Self {
        Self {
            facts,
            language,
            started: false,
            offered: None,
            types_meant: Vec::new(),
            who: None,
            days: None,
            time: None,
            offers: Vec::new(),
            older_offers: Vec::new(),
            hold: None,
            booked: Vec::new(),
            name: None,
            email: None,
            phone: None,
            has_called: false,
            no_email: false,
            no_phone: false,
            agreed_before: false,
            asked: Asked::default(),
            aside: Aside::default(),
            turn: None,
        }
    }

    // Everything about the visit, but not who the patient is.
    fn forget_visit(&mut self) {
        let old = std::mem::replace(self, Self::empty(self.facts, self.language));
        let older_offers = old.offers.into_iter().chain(old.older_offers).collect();
        *self = Self {
            older_offers,
            booked: old.booked,
            name: old.name,
            email: old.email,
            phone: old.phone,
            has_called: old.has_called,
            no_email: old.has_called,
            asked: old.asked,
            turn: old.turn,
            ..Self::empty(old.facts, old.language)
        };
    }

    fn hear(&mut self, text: &str, at: DateTime<Tz>) {
        let heard = read::read(self.facts, text, at, self.asked, self.language);
        let mut turn = Turn { at, heard: heard.clone(), act: Act::Nothing, notes: Vec::new(), made: Vec::new() };
        self.turn = None;
        turn.act = self.act_on(text, &heard, at, &mut turn.notes);
        self.turn = Some(turn);
    }

    fn act_on(&mut self, text: &str, heard: &Understood, at: DateTime<Tz>, notes: &mut Vec<Note>) -> Act {
        if let Some(slot) = self.labelled(text) {
            return self.choose(slot);
        }
        if heard.starts_over {
            self.forget_visit();
            self.started = true;
        } else if heard.gives_up && heard.days.is_none() && heard.time.is_none() && heard.offered == TypeMention::None {
            let something = self.is_under_way();
            self.forget_visit();
            return if something { Act::GiveUp } else { Act::Nothing };
        }
        let gave = self.take_contact(heard, notes);
        if let Some(act) = self.take_aside(text, heard, at, notes) {
            return act;
        }
        if self.is_about_booked(heard, gave) {
            notes.push(Note::CannotChangeBooked);
            return Act::Nothing;
        }
        if self.only_asks(heard) {
            return Act::Nothing;
        }
        let named_only = gave == Gave::NameAlone;
        let act = if named_only { None } else { self.take_visit(heard, at, notes) };
        match act {
            Some(act) => act,
            None if self.is_ready_to_confirm(heard, gave, notes) => Act::Confirm,
            None if heard.starts_over => Act::StartOver,
            None => Act::Nothing,
        }
    }

    fn is_under_way(&self) -> bool {
        self.started || !self.offers.is_empty() || self.hold.is_some()
    }

    // After a booking, a correction is about that booking unless another visit
    // is asked for.
    fn is_about_booked(&self, heard: &Understood, gave: Gave) -> bool {
        if self.booked.is_empty()
            || self.is_under_way()
            || heard.wants_visit
            || heard.topic.is_some()
            || heard.starts_over
        {
            return false;
        }
        let visit = heard.days.is_some() || heard.time.is_some() || heard.pick.is_some() || heard.who != Who::Unsaid;
        gave != Gave::Nothing || heard.more.is_some() || (visit && heard.offered == TypeMention::None)
    }

    // A question about the clinic is not a wish, even if it names a day.
    fn only_asks(&mut self, heard: &Understood) -> bool {
        let topical = heard.topic.is_some() && (!heard.wants_visit || heard.days.is_none() && heard.time.is_none());
        let other = matches!(
            heard.talk,
            Some(
                Talk::ChangeExisting
                    | Talk::Medical
                    | Talk::Prescription
                    | Talk::Insurance
                    | Talk::Payment
                    | Talk::Human
                    | Talk::Robot
                    | Talk::Contact
                    | Talk::Code
                    | Talk::Status
                    | Talk::Privacy
            )
        );
        let asks_only = topical
            || (other && !heard.wants_visit && heard.pick.is_none())
            || matches!(heard.talk, Some(Talk::ChangeExisting | Talk::Prescription | Talk::Code));
        if let (true, false, TypeMention::One(n), Some(topic)) =
            (asks_only, self.is_under_way(), &heard.offered, heard.topic)
        {
            // "How much is a massage?" and then "book it" is about a massage;
            // "A haircut please, are you open today?" is a wish already.
            self.offered = Some(*n);
            self.started = matches!(topic, Topic::Hours | Topic::Address);
        }
        asks_only
    }
}

// The newest entries, always with the newest message.
fn recent(transcript: &[Entry]) -> &[Entry] {
    let mut unread = READ_AGAIN;
    let mut length = 0;
    for entry in transcript.iter().rev().take(REMEMBERED) {
        if let Entry::Patient { text, .. } = entry {
            if unread == 0 {
                break;
            }
            unread = unread.saturating_sub(text.len());
        }
        length += 1;
    }
    &transcript[transcript.len() - length..]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Gave {
    Nothing,
    /// A name and no other word, which may look like a month or a haircut.
    NameAlone,
    Something,
}

/// Whether two visits are the same time with the same person.
pub fn same_visit(a: &Visit, b: &Visit) -> bool {
    a.local == b.local && a.practitioner == b.practitioner
}
