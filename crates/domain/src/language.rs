//! The languages that patients are written to in, and how times read in them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

mod spoken;

pub use spoken::Spoken;

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "en")]
    English,
    /// As it is written to patients in the Americas: usted, "p. m.".
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// ISO 639-1, as it stands in a clinic's settings.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language of a tag (BCP 47), such as `es` or `es-MX`; none if nothing
    /// is written in it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(language))
    }

    /// `2:00 PM`; `2:00 p. m.`
    pub fn time(self, time: NaiveTime) -> String {
        match self {
            Self::English => time.format("%-I:%M %p").to_string(),
            Self::Spanish => {
                let half = if time < NaiveTime::MIN + chrono::Duration::hours(12) { "a. m." } else { "p. m." };
                format!("{} {half}", time.format("%-I:%M"))
            }
        }
    }

    /// `Tue 24 Nov`; `mar 24 nov`.
    pub fn day(self, date: NaiveDate) -> String {
        match self {
            Self::English => date.format("%a %-d %b").to_string(),
            Self::Spanish => {
                let (weekday, month) = spanish(date);
                format!("{} {} {}", short(weekday), date.day(), short(month))
            }
        }
    }

    /// `Tue 24 Nov, 2:00 PM`; `mar 24 nov, 2:00 p. m.`
    pub fn moment(self, at: NaiveDateTime) -> String {
        format!("{}, {}", self.day(at.date()), self.time(at.time()))
    }

    /// `Tue 24 Nov, 2:00 PM with Mia Lin`; `mar 24 nov, 2:00 p. m. con Mia Lin`.
    pub fn moment_with(self, at: NaiveDateTime, who: &str) -> String {
        let with = match self {
            Self::English => "with",
            Self::Spanish => "con",
        };
        format!("{} {with} {who}", self.moment(at))
    }

    /// That a message is about `count` visits, and when some of the others are:
    /// `3 visits in all, also Tue 1 Dec, 2:00 PM, and 1 more.`
    pub fn in_all(self, count: usize, others: &[NaiveDateTime]) -> String {
        let when: Vec<String> = others.iter().map(|at| self.moment(*at)).collect();
        let more = count.saturating_sub(1 + others.len());
        let (visits, also, and) = match self {
            Self::English => (format!("{count} visits in all"), "also", format!("and {more} more")),
            Self::Spanish => (format!("Son {count} citas en total"), "también", format!("y {more} más")),
        };
        let mut words = visits;
        if !when.is_empty() {
            words += &format!(", {also} {}", when.join("; "));
            if more > 0 {
                words += &format!("; {and}");
            }
        }
        // "p. m." ends a sentence by itself.
        if words.ends_with('.') { words } else { words + "." }
    }

    /// `Tuesday 24 November 2026`; `martes 24 de noviembre de 2026`.
    pub fn date(self, date: NaiveDate) -> String {
        match self {
            Self::English => date.format("%A %-d %B %Y").to_string(),
            Self::Spanish => {
                let (weekday, month) = spanish(date);
                format!("{weekday} {} de {month} de {}", date.day(), date.year())
            }
        }
    }
}

/// The names of a date's weekday and month, which Spanish writes small.
pub(crate) fn spanish(date: NaiveDate) -> (&'static str, &'static str) {
    let weekdays = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
    let months = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    (weekdays[date.weekday().num_days_from_monday() as usize], months[date.month0() as usize])
}

/// Three letters, without a full stop: `mié`, `sep`.
fn short(name: &str) -> &str {
    name.char_indices().nth(3).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn visits_booked_together_are_counted_and_named_as_far_as_there_is_room() {
        use Language::{English, Spanish};
        let others = ["2026-12-01T14:00:00", "2026-12-08T14:00:00"].map(|at| at.parse::<NaiveDateTime>().unwrap());
        assert_eq!(English.in_all(3, &others), "3 visits in all, also Tue 1 Dec, 2:00 PM; Tue 8 Dec, 2:00 PM.");
        assert_eq!(English.in_all(5, &others[..1]), "5 visits in all, also Tue 1 Dec, 2:00 PM; and 3 more.");
        assert_eq!(English.in_all(5, &[]), "5 visits in all.");
        assert_eq!(Spanish.in_all(2, &others[..1]), "Son 2 citas en total, también mar 1 dic, 2:00 p. m.");
        assert_eq!(Spanish.in_all(3, &others[..1]), "Son 3 citas en total, también mar 1 dic, 2:00 p. m.; y 1 más.");
    }

    #[test]
    fn times_read_as_they_are_said() {
        use Language::{English, Spanish};
        for (at, english, spanish) in [
            ("14:00:00", "2:00 PM", "2:00 p. m."),
            ("00:05:00", "12:05 AM", "12:05 a. m."),
            ("11:59:59", "11:59 AM", "11:59 a. m."),
            ("12:00:00", "12:00 PM", "12:00 p. m."),
        ] {
            assert_eq!(English.time(time(at)), english);
            assert_eq!(Spanish.time(time(at)), spanish);
        }
        assert_eq!(English.day(date("2026-11-24")), "Tue 24 Nov");
        assert_eq!(Spanish.day(date("2026-11-24")), "mar 24 nov");
        assert_eq!(Spanish.day(date("2026-09-30")), "mié 30 sep");
        assert_eq!(Spanish.day(date("2026-08-01")), "sáb 1 ago");
        assert_eq!(English.date(date("2026-11-24")), "Tuesday 24 November 2026");
        assert_eq!(Spanish.date(date("2026-09-30")), "miércoles 30 de septiembre de 2026");
    }

    #[test]
    fn a_tag_is_known_by_its_language() {
        assert_eq!(Language::of_tag("es-MX"), Some(Language::Spanish));
        assert_eq!(Language::of_tag("EN_us"), Some(Language::English));
        assert_eq!(Language::of_tag("fr"), None);
        assert_eq!(Language::of_tag(""), None);
    }
}
