//! What a look for free times found, in words.

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::answers;
use super::clock::TimeWish;
use super::dates::Days;
use super::draft::{Act, Draft, Turn};
use super::questions;
use super::say;
use super::search::{self, Search};
use super::slot::Slot;

/// Names up to three of the times found and asks which suits.
pub fn times(draft: &Draft, turn: &Turn) -> String {
    let answer = answers::answer(draft, turn).unwrap_or_default();
    let opening = [answer, questions::remarks(draft, turn), fell_through(turn)];
    let plan = draft.plan();
    let asked = plan.first().filter(|first| turn.made.last().is_some_and(|made| made.call == first.call()));
    let body = match asked {
        Some(search) if !search::is_over(draft.facts, draft.days.unwrap_or(Days::Soonest), turn.at.naive_local()) => {
            as_asked(draft, turn, search)
        }
        _ => further_off(draft, turn),
    };
    say::paragraphs(&[say::paragraphs(&opening), body])
}

/// Nothing is free at all.
pub fn nothing(draft: &Draft, turn: &Turn) -> String {
    let name = draft
        .offered
        .and_then(|n| draft.facts.appointment_types.get(n))
        .map(|offered| say::a(&offered.name))
        .unwrap_or_default();
    let who = with_whom(draft);
    let none = format!("I find no free time for {name}{who} from {} on.", from(draft, turn));
    say::paragraphs(&[
        questions::remarks(draft, turn),
        fell_through(turn),
        none,
        "Would you like to try another day?".into(),
        answers::reach(draft.facts),
    ])
}

/// Asks which of the times on offer it shall be.
pub fn which(draft: &Draft, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    match draft.proposal() {
        Some(slot) => {
            format!("Shall I hold {} with {} for you?", say::moment(slot.visit.local, today), slot.visit.practitioner)
        }
        None => "Which of these times suits you?".into(),
    }
}

fn as_asked(draft: &Draft, turn: &Turn, search: &Search) -> String {
    let today = turn.at.date_naive();
    match (draft.days, draft.time) {
        (Some(Days::One(day)), Some(TimeWish::At(_))) => at_a_time(draft, turn, day, search.near),
        (Some(Days::Soonest), _) => match draft.offers.first() {
            Some(slot) => format!(
                "The first free time is {} with {}. Shall I hold it, or would another time suit you better?",
                say::moment(slot.visit.local, today),
                slot.visit.practitioner
            ),
            None => String::new(),
        },
        _ => format!(
            "Here is what is free {}: {}. {}",
            when(draft, turn),
            named(&draft.offers, today, said_day(draft)),
            ask(draft)
        ),
    }
}

fn at_a_time(draft: &Draft, turn: &Turn, day: NaiveDate, near: Option<NaiveTime>) -> String {
    let today = turn.at.date_naive();
    let time = near.unwrap_or_default();
    let free: Vec<&Slot> = draft.offers.iter().filter(|slot| slot.visit.local == day.and_time(time)).collect();
    let moment = say::moment(day.and_time(time), today);
    match free[..] {
        [] if is_outside_hours(draft, day, time) => {
            let hours = say::hours_on(draft.facts, day.weekday()).unwrap_or_default();
            format!(
                "{moment} is outside our opening hours ({hours}). The closest I have is {}. {}",
                named(&draft.offers, today, None),
                ask(draft)
            )
        }
        [] => format!(
            "{moment} is not free{}. The closest I have is {}. {}",
            with_whom(draft),
            named(&draft.offers, today, None),
            ask(draft)
        ),
        [only] => format!("{moment} is free with {}. Shall I hold it for you?", only.visit.practitioner),
        [first, ..] => {
            let others: Vec<String> = free.iter().skip(1).map(|slot| slot.visit.practitioner.clone()).collect();
            format!(
                "{moment} is free with {}. Shall I hold that, or would you rather see {}?",
                first.visit.practitioner,
                say::list(&others, "or")
            )
        }
    }
}

// Why it is not what was asked for, then what there is.
fn further_off(draft: &Draft, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    let why = match draft.days {
        Some(Days::One(day)) if search::is_over(draft.facts, Days::One(day), turn.at.naive_local()) => {
            if day == today && say::hours_on(draft.facts, day.weekday()).is_some() {
                "We are closed for the rest of today.".into()
            } else {
                format!("We are closed on {}.", say::date(day, today))
            }
        }
        Some(Days::One(day)) if !matches!(draft.time, Some(TimeWish::Between { .. })) && draft.who.is_none() => {
            format!("{} is full.", say::date(day, today))
        }
        Some(Days::Soonest) | None => format!("Nothing is free{} in the next two weeks.", with_whom(draft)),
        _ => format!("Nothing is free{} {}.", with_whom(draft), when(draft, turn)),
    };
    let named = named(&draft.offers, today, None);
    match (draft.offers.len(), is_any_time(draft, turn)) {
        (_, true) => format!("{why} At other times of day there is {named}. {}", ask(draft)),
        (1, _) => format!("{why} The next free time is {named}. {}", ask(draft)),
        _ => format!("{why} The next free times are {named}. {}", ask(draft)),
    }
}

fn ask(draft: &Draft) -> &'static str {
    if draft.offers.len() == 1 { "Shall I hold it for you?" } else { "Which of these times suits you?" }
}

// The last look gave up the time of day asked for.
fn is_any_time(draft: &Draft, turn: &Turn) -> bool {
    let bounded = matches!(draft.time, Some(TimeWish::Between { .. }));
    let last = turn.made.iter().rfind(|made| made.call.name == "check_availability");
    bounded
        && last.is_some_and(|made| made.call.arguments["earliest"].is_null() && made.call.arguments["latest"].is_null())
}

// "on Friday 27 November after 3:00 PM"
fn when(draft: &Draft, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    let days = match draft.days {
        Some(Days::One(day)) => format!("on {}", say::date(day, today)),
        Some(Days::Span(from, to)) => format!("from {}", say::span(from.max(today), to.max(today), today)),
        Some(Days::Soonest) | None => "in the next two weeks".into(),
    };
    let Some(TimeWish::Between { .. }) = draft.time else { return days };
    let Some(asked) = draft.plan().into_iter().find(|search| search.earliest.is_some() || search.latest.is_some())
    else {
        return days;
    };
    match (asked.earliest, asked.latest) {
        (Some(from), Some(to)) => format!("{days} between {} and {}", say::time(from), say::time(rounded(to))),
        (Some(from), None) => format!("{days} from {}", say::time(from)),
        (None, Some(to)) => format!("{days} before {}", say::time(rounded(to))),
        (None, None) => days,
    }
}

// The last minute before an hour is said as the hour.
fn rounded(time: NaiveTime) -> NaiveTime {
    if chrono::Timelike::minute(&time) == 59 {
        time.overflowing_add_signed(chrono::TimeDelta::minutes(1)).0
    } else {
        time
    }
}

// Up to three times, each day and person said once.
fn named(offers: &[Slot], today: NaiveDate, said: Option<NaiveDate>) -> String {
    let some = &offers[..offers.len().min(3)];
    let Some(first) = some.first() else { return String::new() };
    let one_day = some.iter().all(|slot| slot.visit.local.date() == first.visit.local.date());
    let one_person = some.iter().all(|slot| slot.visit.practitioner == first.visit.practitioner);
    let names: Vec<String> = some
        .iter()
        .enumerate()
        .map(|(i, slot)| {
            let when = if one_day && (i > 0 || said == Some(first.visit.local.date())) {
                say::time(slot.visit.local.time())
            } else {
                say::moment(slot.visit.local, today)
            };
            if one_person { when } else { format!("{when} with {}", slot.visit.practitioner) }
        })
        .collect();
    let list = say::list(&names, "or");
    match (one_person, names.len()) {
        (true, 1) => format!("{list} with {}", first.visit.practitioner),
        (true, _) => format!("{list}, with {}", first.visit.practitioner),
        (false, _) => list,
    }
}

fn said_day(draft: &Draft) -> Option<NaiveDate> {
    match draft.days {
        Some(Days::One(day)) => Some(day),
        _ => None,
    }
}

fn with_whom(draft: &Draft) -> String {
    draft.who.and_then(|n| draft.facts.practitioners.get(n)).map(|p| format!(" with {}", p.name)).unwrap_or_default()
}

fn from(draft: &Draft, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    let day = match draft.days {
        Some(Days::One(day) | Days::Span(day, _)) => day.max(today),
        _ => today,
    };
    say::date(day, today)
}

fn is_outside_hours(draft: &Draft, day: NaiveDate, time: NaiveTime) -> bool {
    let mut rows = draft.facts.hours.iter().filter(|hours| hours.weekday == day.weekday()).peekable();
    rows.peek().is_some() && !rows.any(|hours| hours.opens <= time && time < hours.closes)
}

// An apology, when a hold or a confirmation was refused this turn.
fn fell_through(turn: &Turn) -> String {
    let refusal = turn
        .made
        .iter()
        .rfind(|made| made.call.name != "check_availability")
        .and_then(|made| Some((made, made.refusal.as_ref()?)));
    let label = match &turn.act {
        Act::Hold(slot) => slot.label.as_str(),
        _ => "",
    };
    match refusal {
        Some((made, refusal)) if made.call.name == "confirm_booking" && refusal.code == "hold_expired" => {
            "I am sorry, the hold ran out before I could book it.".into()
        }
        Some((_, refusal)) if refusal.code == "slot_taken" && !label.is_empty() => {
            "I am sorry, that time was just taken.".into()
        }
        Some((made, refusal)) if made.call.name != "clinic_facts" => {
            format!("I am sorry. {}", say::sentence(&refusal.message))
        }
        _ => String::new(),
    }
}
