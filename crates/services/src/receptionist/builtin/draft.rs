//! The conversation so far, folded into what is known about the visit.

use chrono::{DateTime, Days as Count, NaiveDateTime, NaiveTime, Timelike};
use chrono_tz::Tz;
use domain::language::Language;
use serde_json::Value;

use super::super::model::{ClinicFacts, Entry, ToolCall};
use super::aside::Aside;
use super::catalogue::{TypeMention, Who, does};
use super::choice::{More, Pick};
use super::clock::{Clock, Half, TimeWish};
use super::dates::Days;
use super::intent::{Talk, Topic};
use super::read::{self, Asked, Understood};
use super::search::{self, Search, Wish};
use super::slot::{self, Booked, Hold, Refusal, Slot, Visit};

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
        search::plan(self.facts, &offered.slug, Wish { days, time: self.time, practitioner }, turn.at.naive_local())
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

    // A button sends the label of its slot.
    fn labelled(&self, text: &str) -> Option<Slot> {
        let same = |a: &str, b: &str| {
            a.split_whitespace().map(str::to_lowercase).eq(b.split_whitespace().map(str::to_lowercase))
        };
        let text: String = text.chars().take(200).collect();
        self.offers
            .iter()
            .chain(&self.older_offers)
            .find(|slot| !slot.label.is_empty() && same(&slot.label, &text))
            .cloned()
    }

    fn is_under_way(&self) -> bool {
        self.started || !self.offers.is_empty() || self.hold.is_some()
    }

    fn take_contact(&mut self, heard: &Understood, notes: &mut Vec<Note>) -> Gave {
        let mut gave = Gave::Nothing;
        if let Some(email) = &heard.email {
            self.email = Some(email.clone());
            gave = Gave::Something;
        }
        if let Some(phone) = &heard.phone {
            self.phone = Some(phone.clone());
            gave = Gave::Something;
        }
        if let Some(name) = &heard.name {
            self.name = Some(name.clone());
            gave = Gave::Something;
        } else if let Some(name) =
            heard.bare_name.as_ref().filter(|_| self.asked.name && self.name.is_none() && heard.topic.is_none())
        {
            let alone = heard.words <= name.split([' ', '-']).count() + 1;
            self.name = Some(name.clone());
            gave = if alone && gave == Gave::Nothing { Gave::NameAlone } else { Gave::Something };
        }
        if self.hold.is_none() && gave != Gave::Nothing {
            notes.push(Note::Introduced);
        }
        if heard.bad_email {
            notes.push(Note::BadEmail);
        }
        if heard.bad_phone && heard.email.is_none() {
            notes.push(Note::BadPhone);
        }
        gave
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

    pub(super) fn take_visit(&mut self, heard: &Understood, at: DateTime<Tz>, notes: &mut Vec<Note>) -> Option<Act> {
        let was = (self.offered, self.who);
        self.started |= heard.wants_visit
            || heard.offered != TypeMention::None
            || !matches!(heard.who, Who::Unsaid)
            || heard.days.is_some()
            || heard.time.is_some();
        let listed = !self.offers.is_empty();
        let new_type = self.take_type(heard, notes);
        self.take_who(heard, notes);
        if listed
            && !new_type
            && let Some(slot) = self.pointed_at(heard, notes)
        {
            let held = self.hold.as_ref().is_some_and(|hold| {
                hold.visit == slot.visit
                    || (hold.visit.local == slot.visit.local && hold.visit.practitioner == slot.visit.practitioner)
            });
            return if held { None } else { Some(self.choose(slot)) };
        }
        if let Some(more) = heard.more.filter(|_| listed && heard.days.is_none() && heard.time.is_none()) {
            return self.look_further(more, notes);
        }
        let unlistable = listed
            && (heard.lone_number.is_some() && heard.time.is_none()
                || heard.pick.is_some() && heard.days.is_none() && heard.time.is_none());
        if unlistable {
            notes.push(Note::NoSuchChoice);
        }
        let dated = self.take_when(heard, at, notes);
        let fresh = !listed && self.hold.is_none() && heard.wants_visit;
        let changed = dated || fresh || was != (self.offered, self.who);
        if !changed {
            if listed
                && self.hold.is_none()
                && heard.declines
                && heard.topic.is_none()
                && !notes.contains(&Note::NoSuchChoice)
            {
                return self.look_further(More::Others, notes);
            }
            return None;
        }
        if self.facts.appointment_types.len() == 1 {
            self.offered = Some(0);
        }
        self.shelve_offers();
        self.hold = None;
        (self.offered.is_some() && self.days.is_some()).then_some(Act::Search)
    }

    fn take_type(&mut self, heard: &Understood, notes: &mut Vec<Note>) -> bool {
        let before = self.offered;
        match &heard.offered {
            TypeMention::None => {}
            TypeMention::One(n) => self.set_type(*n),
            TypeMention::OneOf(some) if self.offered.is_some_and(|n| some.contains(&n)) => {}
            TypeMention::OneOf(some) => {
                let left: Vec<usize> = some.iter().copied().filter(|n| self.types_meant.contains(n)).collect();
                match left[..] {
                    [only] => self.set_type(only),
                    _ => (self.offered, self.types_meant) = (None, some.clone()),
                }
            }
            TypeMention::Each(some) => {
                if let Some(first) = some.first() {
                    self.set_type(*first);
                    notes.push(Note::OneAtATime(*first));
                }
            }
        }
        before.is_some() && before != self.offered
    }

    fn set_type(&mut self, n: usize) {
        self.offered = Some(n);
        self.types_meant.clear();
        let does_it = |who: usize| {
            self.facts.practitioners.get(who).zip(self.facts.appointment_types.get(n)).is_some_and(|(p, t)| does(p, t))
        };
        if self.who.is_some_and(|who| !does_it(who)) {
            self.who = None;
        }
    }

    fn take_who(&mut self, heard: &Understood, notes: &mut Vec<Note>) {
        match &heard.who {
            Who::Unsaid => {}
            Who::Anyone => self.who = None,
            Who::Stranger(name) => notes.push(Note::Stranger(name.clone())),
            Who::One(n) => {
                let Some(practitioner) = self.facts.practitioners.get(*n) else { return };
                let offered: Vec<usize> = (0..self.facts.appointment_types.len())
                    .filter(|t| does(practitioner, &self.facts.appointment_types[*t]))
                    .collect();
                match self.offered {
                    Some(wanted) if !offered.contains(&wanted) => {
                        notes.push(Note::DoesNotDo { practitioner: *n, offered: wanted })
                    }
                    Some(_) => self.who = Some(*n),
                    None => {
                        self.who = Some(*n);
                        match offered[..] {
                            [only] => self.offered = Some(only),
                            _ => self.types_meant = offered,
                        }
                    }
                }
            }
        }
    }

    // The one offered time a message points at, by its time or its place.
    fn pointed_at(&self, heard: &Understood, notes: &[Note]) -> Option<Slot> {
        if notes.iter().any(|note| *note != Note::Introduced) {
            return None;
        }
        if let Some(slot) = self.by_ordinal(heard) {
            return Some(slot.clone());
        }
        let day = match heard.days {
            Some(Days::One(day)) => Some(day),
            Some(_) if heard.pick.is_none() => return None,
            _ => None,
        };
        let times = match heard.time {
            Some(TimeWish::At(clock)) => Some(clock.both()),
            Some(_) => return None,
            None => None,
        };
        let who = match heard.who {
            Who::One(n) => self.facts.practitioners.get(n).map(|p| p.id.to_string()),
            _ => None,
        };
        let fits = |slot: &&Slot| {
            day.is_none_or(|day| slot.visit.local.date() == day)
                && times.is_none_or(|times| times.contains(&slot.visit.local.time()))
                && who.as_ref().is_none_or(|who| slot.visit.practitioner_id == *who)
        };
        let fitting: Vec<&Slot> = self.offers.iter().filter(fits).collect();
        if times.is_some() {
            let preferred =
                fitting.iter().find(|slot| self.days == Some(Days::One(slot.visit.local.date()))).or(fitting.first());
            return preferred.copied().or_else(|| self.by_number(heard)).cloned();
        }
        if let Some(slot) = heard.pick.and_then(|pick| self.picked(pick, &fitting)) {
            return Some(slot.clone());
        }
        if let (None, Some(who)) = (day, &who) {
            let proposed = self.proposal().and_then(|p| {
                fitting.iter().find(|slot| slot.visit.local == p.visit.local && slot.visit.practitioner_id == *who)
            });
            if let Some(slot) = proposed {
                return Some((*slot).clone());
            }
        }
        if day.is_some() || who.is_some() {
            return match fitting[..] {
                [only] => Some(only.clone()),
                _ => None,
            };
        }
        if heard.agrees && self.hold.is_none() { self.proposal().cloned() } else { self.by_number(heard).cloned() }
    }

    // "The 2nd" is the second of a list sooner than the second of the month,
    // if the list has no such day.
    fn by_ordinal(&self, heard: &Understood) -> Option<&Slot> {
        let n = usize::try_from(heard.ordinal?).ok()?;
        let Some(Days::One(day)) = heard.days else { return None };
        let on_that_day = self.offers.iter().any(|slot| slot.visit.local.date() == day);
        (heard.words <= 4 && !on_that_day && heard.time.is_none()).then(|| self.offers.get(n.checked_sub(1)?)).flatten()
    }

    fn by_number(&self, heard: &Understood) -> Option<&Slot> {
        if self.hold.is_some() {
            return None;
        }
        self.offers.get(heard.lone_number?.checked_sub(1)?)
    }

    fn picked<'s>(&self, pick: Pick, fitting: &[&'s Slot]) -> Option<&'s Slot> {
        let anchor =
            self.hold.as_ref().map(|hold| hold.visit.local).or_else(|| self.proposal().map(|slot| slot.visit.local));
        let named = fitting.iter().take(3).copied();
        match (pick, anchor) {
            (Pick::Nth(n), _) => fitting.get(n).copied(),
            (Pick::Last, _) => fitting.iter().copied().max_by_key(|slot| slot.visit.local),
            (Pick::Later, Some(anchor)) => {
                fitting.iter().copied().filter(|slot| slot.visit.local > anchor).min_by_key(|slot| slot.visit.local)
            }
            (Pick::Earlier, Some(anchor)) => {
                fitting.iter().copied().filter(|slot| slot.visit.local < anchor).max_by_key(|slot| slot.visit.local)
            }
            (Pick::Later, None) => named.max_by_key(|slot| slot.visit.local),
            (Pick::Earlier, None) => named.min_by_key(|slot| slot.visit.local),
            (Pick::Any, _) => self
                .proposal()
                .and_then(|p| fitting.iter().copied().find(|slot| slot.token == p.token))
                .or_else(|| fitting.first().copied()),
        }
    }

    fn choose(&mut self, slot: Slot) -> Act {
        let time = slot.visit.local.time();
        self.started = true;
        self.days = Some(Days::One(slot.visit.local.date()));
        self.time = Some(TimeWish::At(exactly(time)));
        if let Some(n) = self.facts.appointment_types.iter().position(|offered| offered.name == slot.visit.offered) {
            self.offered = Some(n);
        }
        Act::Hold(slot)
    }

    // "Anything later?", "another day"
    fn look_further(&mut self, more: More, notes: &mut Vec<Note>) -> Option<Act> {
        let locals: Vec<_> = self.offers.iter().map(|slot| slot.visit.local).collect();
        let (first, last) = (*locals.iter().min()?, *locals.iter().max()?);
        let minute = chrono::TimeDelta::minutes(1);
        self.shelve_offers();
        self.hold = None;
        match more {
            More::Others => {
                (self.days, self.time) = (None, None);
                notes.push(Note::Others);
                return None;
            }
            More::Later if first.date() == last.date() => {
                self.days = Some(Days::One(last.date()));
                self.time = Some(TimeWish::Between { from: Some(exactly(last.overflowing_add(minute))), to: None });
            }
            More::Later => {
                let day = |n| last.date().checked_add_days(Count::new(n)).unwrap_or(last.date());
                self.days = Some(Days::Span(day(1), day(14)));
            }
            More::Earlier if first.date() == last.date() => {
                self.days = Some(Days::One(first.date()));
                self.time = Some(TimeWish::Between { from: None, to: Some(exactly(first.overflowing_add(-minute))) });
            }
            More::Earlier => (self.days, self.time) = (Some(Days::Soonest), None),
        }
        Some(Act::Search)
    }

    // Whether the day or time asked for is now another.
    fn take_when(&mut self, heard: &Understood, at: DateTime<Tz>, notes: &mut Vec<Note>) -> bool {
        let now = at.naive_local();
        if heard.impossible_date {
            notes.push(Note::ImpossibleDate);
        }
        if heard.mismatch.is_some() {
            notes.push(Note::Mismatch);
        }
        let days = heard.days.filter(|days| !(*days == Days::Soonest && self.days.is_some() && heard.time.is_some()));
        match days {
            Some(Days::One(day)) if day < now.date() => {
                notes.push(Note::Past(Days::One(day)));
                self.days = None;
                self.time = heard.time.or(self.time);
                return true;
            }
            Some(days) => {
                if days == Days::Soonest {
                    self.time = None;
                }
                self.days = Some(days);
            }
            None => {}
        }
        if let Some(time) = heard.time {
            self.time = Some(time).filter(|time| *time != TimeWish::Any);
        }
        if let (Some(Days::One(day)), Some(TimeWish::At(clock))) = (self.days, self.time) {
            let time = clock.resolve(self.facts, Some(chrono::Datelike::weekday(&day)));
            if day == now.date() && time <= now.time() && heard.time.is_some() {
                notes.push(Note::PassedToday(time));
                self.time = None;
            }
        }
        days.is_some() || heard.time.is_some()
    }

    fn shelve_offers(&mut self) {
        let offers = std::mem::take(&mut self.offers);
        self.older_offers.splice(0..0, offers);
        self.older_offers.truncate(40);
    }

    fn is_ready_to_confirm(&mut self, heard: &Understood, gave: Gave, notes: &mut Vec<Note>) -> bool {
        if self.hold.is_none() {
            return false;
        }
        let refused = self.take_refusal(heard, gave, notes);
        if !notes.is_empty() {
            return false;
        }
        let proceeds = gave != Gave::Nothing || refused || heard.agrees;
        if heard.declines && self.contact_is_complete() && !refused && gave == Gave::Nothing {
            notes.push(Note::NotAgreed);
        }
        self.contact_is_complete() && proceeds && notes.is_empty()
    }

    // Each piece is asked for once; not giving it then means going without.
    fn take_refusal(&mut self, heard: &Understood, gave: Gave, notes: &mut Vec<Note>) -> bool {
        let refuses = heard.declines && gave == Gave::Nothing;
        let ignores = !heard.asks && !heard.agrees && heard.talk.is_none() && heard.topic.is_none() && heard.words > 0;
        let alone = self.asked.email != self.asked.phone && !self.asked.name;
        let no_email = heard.no_email || (self.asked.email && alone && self.email.is_none() && (refuses || ignores));
        let no_phone = heard.no_phone
            || (self.asked.phone && alone && self.phone.is_none() && (refuses || ignores) && !heard.bad_phone);
        self.no_email |= no_email && self.email.is_none() && !heard.bad_email;
        self.no_phone |= no_phone && self.phone.is_none();
        let both_refused = refuses && self.asked.email && self.asked.phone && !self.asked.name;
        if (self.no_email && self.no_phone || both_refused) && self.email.is_none() && self.phone.is_none() {
            (self.no_email, self.no_phone) = (false, false);
            notes.push(Note::NeedContact);
        }
        no_email || no_phone
    }

    fn said(&mut self, text: &str) {
        let question = text
            .split_inclusive(['.', '?'])
            .rfind(|sentence| sentence.trim_end().ends_with('?'))
            .unwrap_or_default()
            .to_lowercase();
        self.aside.said(text);
        let contact = self.hold.is_some() || self.aside.waits;
        let asks_for = |names: &[&str]| names.iter().any(|name| question.contains(name));
        self.asked = Asked {
            name: contact && asks_for(&["name", "nombre"]),
            email: contact && asks_for(&["email", "correo electrónico"]),
            phone: contact && asks_for(&["phone", "teléfono"]),
        };
    }

    fn note(&mut self, call: &ToolCall, output: &Value) {
        let result = slot::outcome(output);
        // What a language model did in this turn before it failed.
        if !KNOWN.contains(&call.name.as_str()) || result.as_ref().is_err_and(|refusal| refusal.code == "malformed") {
            return;
        }
        let mut made = Made { call: call.clone(), refusal: result.clone().err(), found: 0, result: Value::Null };
        match (call.name.as_str(), result) {
            ("check_availability", Ok(result)) => {
                self.shelve_offers();
                self.offers = slot::slots(result);
                made.found = self.offers.len();
            }
            ("hold_slot", Ok(result)) => match slot::hold(result) {
                Some(hold) => self.hold = Some(hold),
                None => made.refusal = Some(garbled()),
            },
            ("hold_slot", Err(_)) => {
                let token = slot::text(&call.arguments, "/slot").unwrap_or_default();
                self.offers.retain(|slot| slot.token != token);
                self.older_offers.retain(|slot| slot.token != token);
                self.hold = None;
            }
            ("confirm_booking", Ok(result)) => match slot::booked(&call.arguments, result) {
                Some(booked) => {
                    self.booked.push(booked);
                    self.forget_visit();
                }
                None => made.refusal = Some(garbled()),
            },
            ("confirm_booking", Err(refusal)) => self.confirm_failed(&refusal),
            ("join_waitlist", Ok(_)) => self.forget_visit(),
            ("join_waitlist", Err(refusal)) if refusal.code == "invalid" => self.confirm_failed(&refusal),
            ("join_waitlist", Err(_)) => self.aside.waits = false,
            ("explain_time" | "resolve_date", Ok(result)) => made.result = result.clone(),
            _ => {}
        }
        if let Some(turn) = &mut self.turn {
            turn.made.push(made);
        }
    }

    fn confirm_failed(&mut self, refusal: &Refusal) {
        if refusal.code != "invalid" {
            self.hold = None;
            self.agreed_before = true;
            return;
        }
        let message = refusal.message.to_lowercase();
        if message.contains("phone") || message.contains("number") {
            (self.phone, self.no_phone) = (None, false);
        } else if message.contains("mail") {
            (self.email, self.no_email) = (None, false);
        } else if message.contains("name") {
            self.name = None;
        } else if self.phone.take().is_none() {
            self.email = None;
        }
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

trait OverflowingAdd {
    fn overflowing_add(self, more: chrono::TimeDelta) -> NaiveTime;
}

impl OverflowingAdd for chrono::NaiveDateTime {
    fn overflowing_add(self, more: chrono::TimeDelta) -> NaiveTime {
        self.time().overflowing_add_signed(more).0
    }
}

fn exactly(time: NaiveTime) -> Clock {
    Clock { hour: time.hour(), minute: time.minute(), half: Some(if time.hour() < 12 { Half::Am } else { Half::Pm }) }
}

fn garbled() -> Refusal {
    Refusal { code: "unavailable".into(), message: "Something went wrong on our side.".into() }
}

/// Whether two visits are the same time with the same person.
pub fn same_visit(a: &Visit, b: &Visit) -> bool {
    a.local == b.local && a.practitioner == b.practitioner
}
