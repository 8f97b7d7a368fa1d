//! A clinic's opening hours, in a model's words and in ours.

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime};
use domain::language::Language;
use domain::truth;

use super::model::OpenHours;

/// How far ahead a day that is named may be.
const AHEAD: u64 = 14;

/// Whether the clinic is open at every hour that `sentence` says it is, or
/// opens or closes then.
pub fn are_so(hours: &[OpenHours], sentence: &str, today: NaiveDate) -> bool {
    truth::opening_hours(sentence, today).into_iter().all(|(day, time)| {
        let is_day = |open: &OpenHours| {
            day.as_ref().is_none_or(|day| days(today).any(|date| date.weekday() == open.weekday && day.is(date, today)))
        };
        hours.iter().filter(|open| is_day(open)).any(|open| moments(open).any(|at| time.is(at)))
    })
}

fn days(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..=AHEAD).filter_map(move |ahead| today.checked_add_days(Days::new(ahead)))
}

/// Every minute from when it opens until it closes.
fn moments(open: &OpenHours) -> impl Iterator<Item = NaiveTime> {
    let minutes = (open.closes - open.opens).num_minutes();
    let opens = open.opens;
    (0..=minutes).map(move |minute| opens + Duration::minutes(minute))
}

/// `We are open on Monday 9:00 AM to 5:00 PM, …`
pub fn in_words(hours: &[OpenHours], language: Language, today: NaiveDate) -> String {
    let (open_on, to) = match language {
        Language::English => ("We are open on", "to"),
        Language::Spanish => ("Abrimos:", "a"),
    };
    let stretch = |open: &OpenHours| {
        let day = days(today).find(|date| date.weekday() == open.weekday)?;
        let day = language.date(day).split(' ').next()?.trim_end_matches(',').to_owned();
        Some(format!("{day} {} {to} {}", language.time(open.opens), language.time(open.closes)))
    };
    let all: Vec<String> = hours.iter().filter_map(stretch).collect();
    match (all.is_empty(), language) {
        (true, Language::English) => "Please ask at the front desk when we are open.".to_owned(),
        (true, Language::Spanish) => "Por favor, pregunte en recepción por el horario.".to_owned(),
        (false, _) => format!("{open_on} {}.", all.join(", ").trim_end_matches('.')),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;

    fn week() -> Vec<OpenHours> {
        let hours = |weekday, opens: &str, closes: &str| OpenHours {
            weekday,
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        };
        vec![
            hours(Weekday::Mon, "09:00:00", "17:00:00"),
            hours(Weekday::Fri, "09:00:00", "12:30:00"),
            hours(Weekday::Sat, "10:00:00", "14:00:00"),
        ]
    }

    #[test]
    fn hours_that_are_the_clinics_may_be_said() {
        let today = "2026-11-20".parse().unwrap();
        for text in [
            "We are open on Monday from 9:00 AM to 5:00 PM.",
            "We open at 9 and close at 5.",
            "On Fridays we are open until 12:30 PM.",
            "We are not open at 8 PM.",
            "8:00 PM is outside our opening hours.",
            "Las 8:00 p. m. está fuera de nuestro horario.",
            "We are open on Mondays from 9:00 AM.",
            "We are open on Saturdays from 10:00 AM.",
            "Los sábados abrimos desde las 10:00 a. m.",
            "Our opening hours are 9:00 AM to 5:00 PM.",
            "I have Monday at 3:00 PM free.",
            "Abrimos el lunes a las 9.",
        ] {
            assert!(are_so(&week(), text, today), "{text}");
        }
        for text in [
            "We are open on Saturdays from 9:00 AM.",
            "Los sábados abrimos a las 9:00 a. m.",
            "Our opening hours are 9:00 AM to 11:00 PM.",
            "Outside the holidays we are open until 10 PM.",
            "We are open until 10 PM.",
            "We are open on Friday until 5:00 PM.",
            "On Monday we open at 7:30 AM.",
        ] {
            assert!(!are_so(&week(), text, today), "{text}");
        }
        for language in Language::ALL {
            let words = in_words(&week(), language, today);
            assert!(are_so(&week(), &words, today), "{words}");
        }
    }
}
