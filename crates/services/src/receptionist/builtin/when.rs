//! What words for a day or a time mean, in words that can be read back.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use domain::language::Language;

use super::super::model::ClinicFacts;
use super::clock::TimeWish;
use super::dates::Days;
use super::read::{self, Asked};
use super::say::{self, said};

/// A day or days, and a time or times of day.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub at: Option<NaiveTime>,
    pub earliest: Option<NaiveTime>,
    pub latest: Option<NaiveTime>,
    pub is_past: bool,
    /// `Tuesday 24 November at 2:00 PM`.
    pub in_words: String,
}

/// What `words` mean, said at `now`; none if they name neither day nor time. A
/// time without a day is today's.
pub fn when(facts: &ClinicFacts, words: &str, now: DateTime<Tz>) -> Option<When> {
    let language = Language::spoken_in(words).unwrap_or(facts.language);
    let heard = read::read(facts, words, now, Asked::default(), language);
    let today = now.date_naive();
    let (from, to) = match (heard.days, heard.time) {
        _ if heard.impossible_date => return None,
        (Some(Days::One(day)), _) => (day, day),
        (Some(Days::Span(from, to)), _) => (from, to),
        (Some(Days::Soonest), _) | (None, Some(TimeWish::At(_) | TimeWish::Between { .. })) => (today, today),
        (None, _) => return None,
    };
    let weekday = (from == to).then(|| from.weekday());
    let (at, earliest, latest) = match heard.time {
        Some(TimeWish::At(clock)) => (Some(clock.resolve(facts, weekday)), None, None),
        Some(TimeWish::Between { from, to }) => {
            let resolve = |clock: super::clock::Clock| clock.resolve(facts, weekday);
            (None, from.map(resolve), to.map(resolve))
        }
        Some(TimeWish::Any) | None => (None, None, None),
    };
    let is_past = to < today || to == today && at.is_some_and(|at| at <= now.time());
    let days = match language {
        Language::English => say::span(language, from, to, today),
        Language::Spanish if from == to => say::date(language, from, today),
        Language::Spanish => say::span(language, from, to, today),
    };
    let the = |time| say::the_time(language, time);
    let in_words = match (at, earliest.map(the), latest.map(the)) {
        (Some(time), ..) => format!("{days} {}", say::at(language, time)),
        (_, Some(earliest), Some(latest)) => {
            said!(language, "{days} from {earliest} to {latest}", "{days} de {earliest} a {latest}")
        }
        (_, Some(earliest), None) => said!(language, "{days} from {earliest}", "{days} a partir de {earliest}"),
        (_, None, Some(latest)) => said!(language, "{days} until {latest}", "{days} hasta {latest}"),
        _ => days,
    };
    Some(When { from, to, at, earliest, latest, is_past, in_words })
}

#[cfg(test)]
mod tests {
    use super::super::world::{bloom, now};
    use super::*;

    fn said(words: &str) -> String {
        let facts = bloom();
        let at = now().with_timezone(&facts.time_zone);
        when(&facts, words, at).map(|when| when.in_words).unwrap_or_default()
    }

    #[test]
    fn relative_days_are_read_back_as_dates() {
        for (words, read_back) in [
            ("tomorrow", "Saturday 21 November"),
            ("next Tuesday at 2pm", "Tuesday 24 November at 2:00 PM"),
            ("next Tuesday at 2", "Tuesday 24 November at 2:00 PM"),
            ("on the 30th after 3pm", "Monday 30 November from 3:00 PM"),
            ("next week", "Monday 23 to Sunday 29 November"),
            ("in two weeks", "Friday 4 December"),
            ("2026-12-01", "Tuesday 1 December"),
            ("mañana", "sábado 21 de noviembre"),
            ("el martes que viene a las dos y media de la tarde", "martes 24 de noviembre a las 2:30 p. m."),
            ("la próxima semana", "del lunes 23 al domingo 29 de noviembre"),
            ("el día 30 después de las 3 de la tarde", "lunes 30 de noviembre a partir de las 3:00 p. m."),
            ("dentro de dos semanas", "viernes 4 de diciembre"),
            ("el 3 de diciembre", "jueves 3 de diciembre"),
            ("hello there", ""),
            ("31 February", ""),
        ] {
            assert_eq!(said(words), read_back, "{words}");
        }
    }

    #[test]
    fn what_is_over_is_called_past() {
        let facts = bloom();
        let at = now().with_timezone(&facts.time_zone);
        let is_past = |words: &str| when(&facts, words, at).is_some_and(|when| when.is_past);
        assert!(is_past("yesterday") && is_past("today at 7am"));
        assert!(!is_past("tomorrow at 9am") && !is_past("today at 4pm"));
    }
}
