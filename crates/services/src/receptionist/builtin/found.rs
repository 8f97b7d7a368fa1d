//! What a look for free times found, in words.

use chrono::{NaiveDate, NaiveTime};
use domain::language::Language;

use super::answers;
use super::aside;
use super::clock::TimeWish;
use super::dates::Days;
use super::draft::{Act, Draft, Turn};
use super::questions;
use super::refusals;
use super::say::{self, said};
use super::search::{self, Search};
use super::slot::Slot;

/// Names up to three of the times found and asks which suits.
pub fn times(draft: &Draft, turn: &Turn) -> String {
    let answer = answers::answer(draft, turn).unwrap_or_default();
    let opening = [answer, questions::remarks(draft, turn), fell_through(draft, turn)];
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
    let language = draft.language;
    let offered = draft.offered.and_then(|n| draft.facts.appointment_types.get(n));
    let name = offered.map(|offered| say::a(language, &offered.name)).unwrap_or_default();
    let (who, from) = (with_whom(draft), from(draft, turn));
    say::paragraphs(&[
        questions::remarks(draft, turn),
        fell_through(draft, turn),
        said!(
            language,
            "I find no free time for {name}{who} from {from} on.",
            "No encuentro ninguna hora libre para {name}{who} a partir del {from}.",
        ),
        answers::reach(language, draft.facts),
        aside::another_day_or_wait(language),
    ])
}

/// Asks which of the times on offer it shall be.
pub fn which(draft: &Draft, turn: &Turn) -> String {
    let language = draft.language;
    match draft.proposal() {
        Some(slot) => {
            let moment = say::moment(language, slot.visit.local, turn.at.date_naive());
            let who = &slot.visit.practitioner;
            said!(language, "Shall I hold {moment} with {who} for you?", "¿Le aparto {moment} con {who}?")
        }
        None => which_of_these(draft),
    }
}

fn as_asked(draft: &Draft, turn: &Turn, search: &Search) -> String {
    let (language, today) = (draft.language, turn.at.date_naive());
    match (draft.days, draft.time) {
        (Some(Days::One(day)), Some(TimeWish::At(_))) => at_a_time(draft, turn, day, search.near),
        (Some(Days::Soonest), _) => match draft.offers.first() {
            Some(slot) => {
                let (moment, who) = (say::moment(language, slot.visit.local, today), &slot.visit.practitioner);
                said!(
                    language,
                    "The first free time is {moment} with {who}. Shall I hold it, or would another time suit you better?",
                    "La primera hora libre es {moment} con {who}. ¿Se la aparto, o le conviene más otra?",
                )
            }
            None => String::new(),
        },
        _ => {
            // The bounds themselves may not be free, and are not named beside
            // what is.
            let within = match draft.time {
                Some(TimeWish::Between { .. }) => said!(language, " at that time of day", " en esa franja"),
                _ => String::new(),
            };
            let (when, ask) = (days(draft, turn) + &within, ask(draft));
            let named = named(draft, today, said_day(draft));
            said!(
                language,
                "Here is what is free {when}: {named}. {ask}",
                "Esto es lo que hay libre {when}: {named}. {ask}"
            )
        }
    }
}

fn at_a_time(draft: &Draft, turn: &Turn, day: NaiveDate, near: Option<NaiveTime>) -> String {
    let (language, today) = (draft.language, turn.at.date_naive());
    let time = near.unwrap_or_default();
    let free: Vec<&Slot> = draft.offers.iter().filter(|slot| slot.visit.local == day.and_time(time)).collect();
    let moment = say::capitalised(&say::moment(language, day.and_time(time), today));
    let (named, ask) = (named(draft, today, None), ask(draft));
    match free[..] {
        [] if is_outside_hours(draft, day, time) => {
            let hours = say::hours(language, &draft.facts.open_on(day)).unwrap_or_default();
            said!(
                language,
                "{moment} is outside our opening hours ({hours}). The closest I have is {named}. {ask}",
                "{moment} está fuera de nuestro horario ({hours}). Lo más cercano que tengo es {named}. {ask}",
            )
        }
        [] => {
            let who = with_whom(draft);
            said!(
                language,
                "{moment} is not free{who}. The closest I have is {named}. {ask}",
                "{moment} no está libre{who}. Lo más cercano que tengo es {named}. {ask}",
            )
        }
        [only] => {
            let who = &only.visit.practitioner;
            said!(
                language,
                "{moment} is free with {who}. Shall I hold it for you?",
                "{moment} está libre con {who}. ¿Se lo aparto?",
            )
        }
        [first, ..] => {
            let others: Vec<String> = free.iter().skip(1).map(|slot| slot.visit.practitioner.clone()).collect();
            let (who, others) = (&first.visit.practitioner, say::or(language, &others));
            said!(
                language,
                "{moment} is free with {who}. Shall I hold that, or would you rather see {others}?",
                "{moment} está libre con {who}. ¿Se lo aparto, o prefiere con {others}?",
            )
        }
    }
}

// Why it is not what was asked for, then what there is.
fn further_off(draft: &Draft, turn: &Turn) -> String {
    let (language, today) = (draft.language, turn.at.date_naive());
    let who = with_whom(draft);
    let why = match draft.days {
        Some(Days::One(day)) if search::is_over(draft.facts, Days::One(day), turn.at.naive_local()) => {
            if day == today && !draft.facts.open_on(day).is_empty() {
                said!(language, "We are closed for the rest of today.", "Por hoy ya cerramos.")
            } else {
                let date = say::the_date(language, day, today);
                said!(language, "We are closed on {date}.", "Cerramos {date}.")
            }
        }
        Some(Days::One(day)) if !matches!(draft.time, Some(TimeWish::Between { .. })) && draft.who.is_none() => {
            let date = say::date(language, day, today);
            said!(language, "{date} is full.", "El {date} ya está lleno.")
        }
        Some(Days::Soonest) | None => said!(
            language,
            "Nothing is free{who} in the next two weeks.",
            "No hay nada libre{who} en las próximas dos semanas.",
        ),
        _ => {
            let when = when(draft, turn);
            said!(language, "Nothing is free{who} {when}.", "No hay nada libre{who} {when}.")
        }
    };
    let (named, ask) = (named(draft, today, None), ask(draft));
    let what = match (draft.offers.len(), is_any_time(draft, turn)) {
        (_, true) => {
            said!(language, "At other times of day there is {named}.", "A otras horas del día hay libre {named}.")
        }
        (1, _) => said!(language, "The next free time is {named}.", "La próxima hora libre es {named}."),
        _ => said!(language, "The next free times are {named}.", "Las próximas horas libres son {named}."),
    };
    say::paragraphs(&[why, what, ask])
}

fn ask(draft: &Draft) -> String {
    if draft.offers.len() == 1 {
        said!(draft.language, "Shall I hold it for you?", "¿Se la aparto?")
    } else {
        which_of_these(draft)
    }
}

fn which_of_these(draft: &Draft) -> String {
    said!(draft.language, "Which of these times suits you?", "¿Cuál de estas horas le conviene?")
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
    let (language, days) = (draft.language, days(draft, turn));
    let Some(TimeWish::Between { .. }) = draft.time else { return days };
    let Some(asked) = draft.plan().into_iter().find(|search| search.earliest.is_some() || search.latest.is_some())
    else {
        return days;
    };
    let the = |time| say::the_time(language, time);
    match (asked.earliest.map(the), asked.latest.map(rounded).map(the)) {
        (Some(from), Some(to)) => said!(language, "{days} between {from} and {to}", "{days} entre {from} y {to}"),
        (Some(from), None) => said!(language, "{days} from {from}", "{days} a partir de {from}"),
        (None, Some(to)) => said!(language, "{days} before {to}", "{days} antes de {to}"),
        (None, None) => days,
    }
}

// "on Friday 27 November"
fn days(draft: &Draft, turn: &Turn) -> String {
    let (language, today) = (draft.language, turn.at.date_naive());
    match draft.days {
        Some(Days::One(day)) => say::on(language, day, today),
        Some(Days::Span(from, to)) => {
            let span = say::span(language, from.max(today), to.max(today), today);
            said!(language, "from {span}", "{span}")
        }
        Some(Days::Soonest) | None => said!(language, "in the next two weeks", "en las próximas dos semanas"),
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
fn named(draft: &Draft, today: NaiveDate, already_said: Option<NaiveDate>) -> String {
    let (offers, language) = (&draft.offers, draft.language);
    let some = &offers[..offers.len().min(3)];
    let Some(first) = some.first() else { return String::new() };
    let one_day = some.iter().all(|slot| slot.visit.local.date() == first.visit.local.date());
    let one_person = some.iter().all(|slot| slot.visit.practitioner == first.visit.practitioner);
    let names: Vec<String> = some
        .iter()
        .enumerate()
        .map(|(i, slot)| {
            let when = if one_day && (i > 0 || already_said == Some(first.visit.local.date())) {
                let time = slot.visit.local.time();
                if language == Language::Spanish { say::at(language, time) } else { say::time(language, time) }
            } else {
                say::moment(language, slot.visit.local, today)
            };
            let who = &slot.visit.practitioner;
            if one_person { when } else { format!("{when} ({who})") }
        })
        .collect();
    let (list, who) = (say::or(language, &names), &first.visit.practitioner);
    match (one_person, names.len()) {
        (true, 1) => said!(language, "{list} with {who}", "{list} con {who}"),
        (true, _) => said!(language, "{list}, with {who}", "{list}, con {who}"),
        (false, _) => list,
    }
}

fn said_day(draft: &Draft) -> Option<NaiveDate> {
    match draft.days {
        Some(Days::One(day)) => Some(day),
        _ => None,
    }
}

/// ` with Mia Lin`, if it matters with whom.
pub fn with_whom(draft: &Draft) -> String {
    let who = draft.who.and_then(|n| draft.facts.practitioners.get(n));
    who.map(|who| &who.name).map(|who| said!(draft.language, " with {who}", " con {who}")).unwrap_or_default()
}

fn from(draft: &Draft, turn: &Turn) -> String {
    let today = turn.at.date_naive();
    let day = match draft.days {
        Some(Days::One(day) | Days::Span(day, _)) => day.max(today),
        _ => today,
    };
    say::date(draft.language, day, today)
}

fn is_outside_hours(draft: &Draft, day: NaiveDate, time: NaiveTime) -> bool {
    let open = draft.facts.open_on(day);
    !open.is_empty() && !open.iter().any(|stretch| stretch.opens <= time && time < stretch.closes)
}

// An apology, when a hold or a confirmation was refused this turn.
fn fell_through(draft: &Draft, turn: &Turn) -> String {
    let language = draft.language;
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
        Some((made, refusal)) if made.call.name == "confirm_booking" && refusal.code == "hold_expired" => said!(
            language,
            "I am sorry, the hold ran out before I could book it.",
            "Lo siento, el tiempo apartado se agotó antes de poder reservarlo.",
        ),
        Some((_, refusal)) if refusal.code == "slot_taken" && !label.is_empty() => {
            said!(language, "I am sorry, that time was just taken.", "Lo siento, esa hora ya no está libre.")
        }
        Some((made, refusal)) if made.call.name != "clinic_facts" => {
            let why = refusals::sentence(language, refusal);
            said!(language, "I am sorry. {why}", "Lo siento. {why}")
        }
        _ => String::new(),
    }
}
