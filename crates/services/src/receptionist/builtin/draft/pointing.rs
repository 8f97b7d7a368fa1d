//! Which of the times on offer a message points at.

use super::super::catalogue::Who;
use super::super::choice::Pick;
use super::super::clock::TimeWish;
use super::super::dates::Days;
use super::super::read::Understood;
use super::super::slot::Slot;
use super::{Draft, Note};

impl Draft<'_> {
    // A button sends the label of its slot.
    pub(super) fn labelled(&self, text: &str) -> Option<Slot> {
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

    // The one offered time a message points at, by its time or its place.
    pub(super) fn pointed_at(&self, heard: &Understood, notes: &[Note]) -> Option<Slot> {
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
}
