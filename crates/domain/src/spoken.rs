//! Times, dates and codes as they are said aloud, for a voice to read.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::code::ConfirmationCode;
use crate::language::Language;

impl Language {
    /// `3 PM`, `3:30 PM`, `noon`; `las 3 de la tarde`, `la 1:30 de la tarde`.
    pub fn spoken_time(self, time: NaiveTime) -> String {
        let (is_pm, hour) = time.hour12();
        let minute = time.minute();
        let clock = if minute == 0 { hour.to_string() } else { format!("{hour}:{minute:02}") };
        match (self, time.hour(), minute) {
            (Self::English, 12, 0) => "noon".to_owned(),
            (Self::English, 0, 0) => "midnight".to_owned(),
            (Self::English, ..) => format!("{clock} {}", if is_pm { "PM" } else { "AM" }),
            (Self::Spanish, 12, 0) => "las 12 del mediodía".to_owned(),
            (Self::Spanish, 0, 0) => "las 12 de la noche".to_owned(),
            (Self::Spanish, of_day, _) => {
                let part = match of_day {
                    0..=11 => "mañana",
                    12..=19 => "tarde",
                    _ => "noche",
                };
                let article = if hour == 1 { "la" } else { "las" };
                format!("{article} {clock} de la {part}")
            }
        }
    }

    /// `Tuesday, December first`; `martes primero de diciembre`. With the year
    /// only when it is not `this_year`.
    pub fn spoken_day(self, date: NaiveDate, this_year: i32) -> String {
        let is_this_year = date.year() == this_year;
        match self {
            Self::English => {
                let said = format!("{}, {} {}", date.format("%A"), date.format("%B"), ordinal(date.day()));
                if is_this_year { said } else { format!("{said}, {}", date.year()) }
            }
            Self::Spanish => {
                let (weekday, month) = crate::language::spanish(date);
                let day = if date.day() == 1 { "primero".to_owned() } else { date.day().to_string() };
                let said = format!("{weekday} {day} de {month}");
                if is_this_year { said } else { format!("{said} de {}", date.year()) }
            }
        }
    }

    /// `Tuesday, December first, at 3 PM`; `martes primero de diciembre a las 3
    /// de la tarde`.
    pub fn spoken_moment(self, at: NaiveDateTime, this_year: i32) -> String {
        let (day, time) = (self.spoken_day(at.date(), this_year), self.spoken_time(at.time()));
        match self {
            Self::English => format!("{day}, at {time}"),
            Self::Spanish => format!("{day} a {time}"),
        }
    }

    /// `9 AM, 10 AM or 3 PM`: things to choose from.
    pub fn spoken_choice(self, things: &[String]) -> String {
        self.listed(things, if self == Self::English { "or" } else { "o" })
    }

    /// `a haircut, a facial and a massage`.
    pub fn spoken_list(self, things: &[String]) -> String {
        self.listed(things, if self == Self::English { "and" } else { "y" })
    }

    fn listed(self, things: &[String], joint: &str) -> String {
        match things {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
        }
    }
}

/// A code letter by letter: `7, K, 3, M, 9, Q, 2, X`. A voice reads it slowly,
/// and as letters, because of the commas.
pub fn spelled(code: &ConfirmationCode) -> String {
    let letters: Vec<String> = code.as_str().chars().map(String::from).collect();
    letters.join(", ")
}

/// The text on one line, as long as that many words allow; it ends with a
/// whole sentence where one ends within them.
pub fn brief(text: &str, most_words: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= most_words {
        return words.join(" ");
    }
    let kept = &words[..most_words];
    let ends = kept.iter().rposition(|word| word.ends_with(['.', '?', '!'])).map_or(kept.len(), |last| last + 1);
    kept[..ends].join(" ")
}

fn ordinal(day: u32) -> &'static str {
    const DAYS: [&str; 31] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twenty-first",
        "twenty-second",
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
        "thirty-first",
    ];
    DAYS[(day as usize).clamp(1, DAYS.len()) - 1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Language::{English, Spanish};

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn moments_are_said_as_people_say_them() {
        for (when, english, spanish) in [
            (
                "2026-12-01T15:00:00",
                "Tuesday, December first, at 3 PM",
                "martes primero de diciembre a las 3 de la tarde",
            ),
            (
                "2026-11-25T09:05:00",
                "Wednesday, November twenty-fifth, at 9:05 AM",
                "miércoles 25 de noviembre a las 9:05 de la mañana",
            ),
            (
                "2026-12-31T13:30:00",
                "Thursday, December thirty-first, at 1:30 PM",
                "jueves 31 de diciembre a la 1:30 de la tarde",
            ),
            (
                "2026-11-22T12:00:00",
                "Sunday, November twenty-second, at noon",
                "domingo 22 de noviembre a las 12 del mediodía",
            ),
            (
                "2027-01-04T20:15:00",
                "Monday, January fourth, 2027, at 8:15 PM",
                "lunes 4 de enero de 2027 a las 8:15 de la noche",
            ),
            (
                "2026-11-21T00:00:00",
                "Saturday, November twenty-first, at midnight",
                "sábado 21 de noviembre a las 12 de la noche",
            ),
        ] {
            assert_eq!(English.spoken_moment(at(when), 2026), english);
            assert_eq!(Spanish.spoken_moment(at(when), 2026), spanish);
        }
        assert_eq!(English.spoken_time(NaiveTime::from_hms_opt(12, 30, 0).unwrap()), "12:30 PM");
        assert_eq!(English.spoken_time(NaiveTime::from_hms_opt(0, 30, 0).unwrap()), "12:30 AM");
    }

    #[test]
    fn a_code_is_spelled() {
        let code: ConfirmationCode = "7k3m9q2x".parse().unwrap();
        assert_eq!(spelled(&code), "7, K, 3, M, 9, Q, 2, X");
    }

    #[test]
    fn things_are_listed() {
        let things = ["one", "two", "three"].map(str::to_owned);
        let choice = |count| English.spoken_choice(&things[..count]);
        assert_eq!([choice(0), choice(1), choice(2), choice(3)], ["", "one", "one or two", "one, two or three"]);
        assert_eq!(Spanish.spoken_list(&things[..2]), "one y two");
    }

    #[test]
    fn what_is_too_long_ends_with_a_sentence() {
        assert_eq!(brief("One two.\nThree four.", 3), "One two.");
        assert_eq!(brief("One two three four", 3), "One two three");
        assert_eq!(brief(" One\r\n two.\t", 3), "One two.");
    }

    proptest! {
        #[test]
        fn nothing_said_breaks_its_line(text: String, most in 1_usize..80) {
            let said = brief(&text, most);
            let breaks = ['\n', '\r', '\u{2028}', '\u{85}'];
            prop_assert!(!said.contains(breaks));
            prop_assert!(said.split_whitespace().count() <= most);
        }
    }
}
