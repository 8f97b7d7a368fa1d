//! What a message says about the visit that is wanted.

use chrono::{DateTime, Days as Count, NaiveTime, Timelike};
use chrono_tz::Tz;

use super::super::catalogue::{TypeMention, Who, does};
use super::super::choice::More;
use super::super::clock::{Clock, Half, TimeWish};
use super::super::dates::Days;
use super::super::read::Understood;
use super::super::slot::Slot;
use super::{Act, Draft, Note};

impl Draft<'_> {
    pub(in super::super) fn take_visit(
        &mut self,
        heard: &Understood,
        at: DateTime<Tz>,
        notes: &mut Vec<Note>,
    ) -> Option<Act> {
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
                self.aside.far_confirmed = false;
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

    pub(super) fn choose(&mut self, slot: Slot) -> Act {
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

    pub(super) fn shelve_offers(&mut self) {
        let offers = std::mem::take(&mut self.offers);
        self.older_offers.splice(0..0, offers);
        self.older_offers.truncate(40);
    }
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
