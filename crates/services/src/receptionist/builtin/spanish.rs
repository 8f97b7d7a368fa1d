//! Days and times as Spanish says them, put into the words that the readers of
//! days and times know.
//!
//! "El martes 24 a las dos y media de la tarde" becomes "el tuesday the 24th at
//! 2:30 pm". What means neither stays as it is, so that places among the words
//! still tell what belongs together.

use super::fuzzy::resembles;
use super::text::Word;

mod phrases;

/// The words of a message, with its days and times in English.
pub fn in_english(words: &[Word]) -> Vec<Word> {
    let mut said: Vec<Word> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let here = Here { words: &words[at..], said: &said };
        let Some((english, length)) = here.read() else {
            said.push(words[at].clone());
            at += 1;
            continue;
        };
        let raw: Vec<&str> = words[at..at + length].iter().map(|word| word.raw.as_str()).collect();
        let raw = raw.join(" ");
        for (n, text) in english.split(' ').filter(|text| !text.is_empty()).enumerate() {
            let (after_break, hyphenated) = (n == 0 && words[at].after_break, n == 0 && words[at].hyphenated);
            said.push(Word { text: text.into(), raw: raw.clone(), after_break, hyphenated });
        }
        at += length;
    }
    said
}

/// A number up to fifty-nine in words, from two on: "una" is an article.
pub fn number(word: &str) -> Option<u32> {
    const SMALL: &[&str] = &[
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciseis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
        "veintiuno",
        "veintidos",
        "veintitres",
        "veinticuatro",
        "veinticinco",
        "veintiseis",
        "veintisiete",
        "veintiocho",
        "veintinueve",
        "treinta",
    ];
    match word {
        "veintiun" | "veintiuna" => return Some(21),
        "cuarenta" => return Some(40),
        "cincuenta" => return Some(50),
        _ => {}
    }
    SMALL.iter().position(|small| *small == word).and_then(|n| u32::try_from(n + 2).ok())
}

/// The weekday `word` names, in English.
pub fn weekday(word: &str) -> Option<&'static str> {
    const DAYS: &[(&str, &str, &[&str])] = &[
        ("lunes", "monday", &["lun"]),
        ("martes", "tuesday", &[]),
        ("miercoles", "wednesday", &["mie", "mier", "miercole"]),
        ("jueves", "thursday", &["jue"]),
        ("viernes", "friday", &["vie"]),
        ("sabado", "saturday", &["sab", "sabados"]),
        ("domingo", "sunday", &["dom", "domingos"]),
    ];
    let exact = DAYS.iter().find(|(name, _, short)| *name == word || short.contains(&word));
    let close = || {
        // "Lunas" and "tardes" are no slips.
        let is_other = matches!(word, "lunas" | "marte" | "partes" | "artes" | "viene" | "vienes" | "jueces");
        DAYS.iter().find(|(name, ..)| !is_other && word.len() >= 5 && resembles(word, name))
    };
    exact.or_else(close).map(|(_, english, _)| *english)
}

/// The month `word` names, in English.
pub fn month(word: &str) -> Option<&'static str> {
    Some(match word {
        "enero" => "january",
        "febrero" => "february",
        "marzo" => "march",
        "abril" => "april",
        "mayo" => "may",
        "junio" => "june",
        "julio" => "july",
        "agosto" => "august",
        "septiembre" | "setiembre" => "september",
        "octubre" => "october",
        "noviembre" => "november",
        "diciembre" => "december",
        _ if word.len() >= 7 && resembles(word, "noviembre") => "november",
        _ if word.len() >= 7 && resembles(word, "diciembre") => "december",
        _ => return None,
    })
}

// Only beside a number: "mar" and "dic" are words, too.
fn short_month(word: &str) -> Option<&'static str> {
    Some(match word {
        "ene" => "january",
        "feb" => "february",
        "mar" => "march",
        "abr" => "april",
        "may" => "may",
        "jun" => "june",
        "jul" => "july",
        "ago" => "august",
        "sep" | "sept" => "september",
        "oct" => "october",
        "nov" => "november",
        "dic" => "december",
        _ => return None,
    })
}

type Read = Option<(String, usize)>;

/// The words from here on, and what was made of those before.
struct Here<'w> {
    words: &'w [Word],
    said: &'w [Word],
}

impl Here<'_> {
    fn read(&self) -> Read {
        self.numeric()
            .or_else(|| self.ahead())
            .or_else(|| self.days_of_month())
            .or_else(|| self.ranked_weekday())
            .or_else(|| self.day_of_month())
            .or_else(|| self.weekday())
            .or_else(|| self.part_of_month())
            .or_else(|| self.range())
            .or_else(|| self.minutes_to())
            .or_else(|| self.clock())
            .or_else(|| phrases::read(self.words))
            .or_else(|| number(self.text(0)).map(|n| (n.to_string(), 1)))
    }

    fn text(&self, n: usize) -> &str {
        self.words.get(n).map_or("", |word| word.text.as_str())
    }

    fn before(&self, n: usize) -> &str {
        self.said.len().checked_sub(n).and_then(|at| self.said.get(at)).map_or("", |word| word.text.as_str())
    }

    // Whether the words from `n` on are these.
    fn are(&self, n: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.text(n + i) == *word)
    }

    // "24/11": the day first.
    fn numeric(&self) -> Read {
        let text = self.text(0);
        let separator = ['/', '-'].into_iter().find(|separator| text.contains(*separator))?;
        let parts: Vec<&str> = text.split(separator).collect();
        let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
        let (day, month) = (number(parts[0])?, number(parts.get(1)?)?);
        let fits = (1..=31).contains(&day) && (1..=12).contains(&month);
        match parts[2..] {
            [] if fits && separator == '/' => Some((format!("{month}/{day}"), 1)),
            [year] if fits => Some((format!("{month}/{day}/{year}"), 1)),
            _ => None,
        }
    }

    // "Dentro de dos semanas", "en tres días".
    fn ahead(&self) -> Read {
        let lead = match (self.text(0), self.text(1)) {
            ("dentro", "de") => 2,
            ("en", _) => 1,
            ("de", "aqui") if self.text(2) == "a" => 3,
            _ => return None,
        };
        if self.are(lead, &["media", "hora"]) {
            return Some(("in half an hour".into(), lead + 2));
        }
        if self.are(lead, &["un", "par", "de"]) {
            let unit = unit(self.text(lead + 3))?;
            return Some((format!("in a couple of {unit}"), lead + 4));
        }
        if self.are(lead, &["unos", "dias"]) || self.are(lead, &["algunos", "dias"]) {
            return Some(("in a few days".into(), lead + 2));
        }
        let count = match self.text(lead) {
            "un" | "una" => "a".to_owned(),
            word => digits(word).or_else(|| number(word))?.to_string(),
        };
        let unit = unit(self.text(lead + 1))?;
        let unit = if count == "a" { unit.trim_end_matches('s') } else { unit };
        // A fortnight is counted with both its ends.
        let (count, unit) = if count == "15" && unit == "days" { ("2".to_owned(), "weeks") } else { (count, unit) };
        Some((format!("in {count} {unit}"), lead + 2))
    }

    // "El tercer martes de diciembre", "el último viernes del mes".
    fn ranked_weekday(&self) -> Read {
        let rank = match self.text(0) {
            "primer" | "primero" => "first",
            "segundo" => "second",
            "tercer" | "tercero" => "third",
            "cuarto" => "fourth",
            "ultimo" => "last",
            _ => return None,
        };
        let day = weekday(self.text(1))?;
        match (self.text(2), self.text(3)) {
            ("del", "mes") => Some((format!("the {rank} {day} of this month"), 4)),
            ("de", name) => Some((format!("the {rank} {day} of {}", month(name)?), 4)),
            _ => None,
        }
    }

    // "Del 24 al 30 de noviembre".
    fn days_of_month(&self) -> Read {
        if self.text(0) != "del" {
            return None;
        }
        let (from, at) = self.day_at(1).map(|(day, length)| (day, 1 + length))?;
        let (to, length) = self.day_at(at + 1).filter(|_| self.text(at) == "al")?;
        let end = at + 1 + length;
        let month = month(self.text(end + 1)).filter(|_| self.text(end) == "de");
        match month {
            Some(month) => Some((format!("{from} of {month} to {to} of {month}"), end + 2)),
            None => Some((format!("the {from}th to the {to}th"), end)),
        }
    }

    // "24 de noviembre", "el día 24", "el 24", "lunes 30".
    fn day_of_month(&self) -> Read {
        let (mut led, mut at) = (self.said.last().is_some_and(|word| is_weekday_in_english(&word.text)), 0);
        if self.text(at) == "el" && (self.text(at + 1) == "dia" || self.day_at(at + 1).is_some()) {
            (led, at) = (true, at + 1);
        }
        if self.text(at) == "dia" {
            (led, at) = (true, at + 1);
        }
        led |= at == 0 && self.before(1) == "of";
        let (day, length) = self.day_at(at)?;
        at += length;
        let of = usize::from(self.text(at) == "de");
        if let Some(month) = month(self.text(at + of)).or_else(|| short_month(self.text(at + of))) {
            at += of + 1;
            let of = usize::from(matches!(self.text(at), "de" | "del"));
            let year = Some(self.text(at + of)).filter(|year| year.len() == 4 && digits(year).is_some());
            let end = at + year.map_or(0, |_| of + 1);
            let year = year.map(|year| format!(" {year}")).unwrap_or_default();
            return Some((format!("{day} of {month}{year}"), end));
        }
        if self.are(at, &["de", "este", "mes"]) {
            return Some((format!("the {day}th"), at + 3));
        }
        // "Lunes 2 de la tarde" is a time.
        let is_time = self.are(at, &["de", "la"]) || matches!(self.text(at), "pm" | "am" | "horas");
        (led && !is_time).then(|| (format!("the {day}th"), at))
    }

    fn day_at(&self, n: usize) -> Option<(u32, usize)> {
        let text = self.text(n);
        match text {
            "primero" | "1ro" | "1ero" | "1o" if n > 0 || self.text(n + 1) == "de" => return Some((1, 1)),
            "uno" if self.text(n + 1) == "de" => return Some((1, 1)),
            "treinta" if self.are(n + 1, &["y", "uno"]) => return Some((31, 3)),
            _ => {}
        }
        digits(text)
            .filter(|_| text.len() <= 2)
            .or_else(|| number(text))
            .filter(|day| (1..=31).contains(day))
            .map(|d| (d, 1))
    }

    fn weekday(&self) -> Read {
        let (lead, skip) = match (self.text(0), self.text(1)) {
            ("no" | "menos" | "excepto" | "salvo", "el" | "los") => ("not ", 2),
            ("no" | "menos" | "excepto" | "salvo", _) => ("not ", 1),
            ("este", _) => ("this ", 1),
            ("proximo" | "siguiente", _) => ("", 1),
            _ => ("", 0),
        };
        // "No, el martes" takes back something else.
        let is_broken = lead == "not " && self.words.get(1).is_some_and(|word| word.after_break);
        let day = weekday(self.text(skip)).filter(|_| !is_broken && !self.is_in_a_name(skip))?;
        let next = skip + 1;
        let is_to_be = |n| {
            self.are(n, &["que", "viene"])
                || self.are(n, &["que", "entra"])
                || matches!(self.text(n), "proximo" | "siguiente" | "entrante")
        };
        if is_to_be(next) {
            let length = if self.text(next) == "que" { 2 } else { 1 };
            return Some((format!("{lead}{day}"), next + length));
        }
        if self.text(next) == "pasado" && self.text(next + 1) != "manana" {
            return Some((format!("last {day}"), next + 1));
        }
        if self.are(next, &["en", "ocho"]) {
            return Some((format!("{day} week"), next + 2));
        }
        // "El martes no puedo", without a comma: another day is meant.
        let denied = self.text(next) == "no" && self.words.get(next).is_some_and(|word| !word.after_break);
        if denied {
            return Some((format!("not {day}"), next + 1));
        }
        Some((format!("{lead}{day}"), next))
    }

    // Nobody is called Lunes, but "Domingo" is a name beside another.
    fn is_in_a_name(&self, n: usize) -> bool {
        let Some(word) = self.words.get(n).filter(|word| word.raw.starts_with("Domingo")) else { return false };
        let is_name = |word: &Word| word.raw.starts_with(char::is_uppercase);
        let before = if n > 0 { self.words.get(n - 1) } else { self.said.last() };
        let after = self.words.get(n + 1).filter(|after| !after.after_break);
        after.is_some_and(is_name) || !word.after_break && before.is_some_and(is_name)
    }

    // "A principios de diciembre", "en diciembre".
    fn part_of_month(&self) -> Read {
        let a = usize::from(self.text(0) == "a");
        let part = match (self.text(a), self.text(a + 1)) {
            ("principios" | "comienzos" | "inicios", "de") => Some("early"),
            ("mediados", "de") => Some("mid"),
            ("finales" | "fines", "de") => Some("late"),
            _ => None,
        };
        if let Some(part) = part {
            let name = month(self.text(a + 2))?;
            return Some((format!("{part} {name}"), a + 3));
        }
        if matches!(self.text(0), "en" | "durante") {
            return Some((format!("in {}", month(self.text(1))?), 2));
        }
        month(self.text(0)).map(|name| (name.to_owned(), 1))
    }

    // "De 2 a 4", "desde las dos hasta las cuatro".
    fn range(&self) -> Read {
        if !matches!(self.text(0), "de" | "desde") {
            return None;
        }
        let (from, at) = self.hour_at(1)?;
        if !matches!(self.text(at), "a" | "hasta") {
            return None;
        }
        let (to, end) = self.hour_at(at + 1)?;
        Some((format!("from {from} to {to}"), end))
    }

    // "Cuarto para las tres", "diez para las 3".
    fn minutes_to(&self) -> Read {
        let minutes = match self.text(0) {
            "cuarto" => 15,
            word => number(word).or_else(|| digits(word)).filter(|n| matches!(n, 5 | 10 | 15 | 20 | 25))?,
        };
        if !(self.text(1) == "para" && matches!(self.text(2), "las" | "la")) {
            return None;
        }
        let (hour, end) = self.plain_hour(3)?;
        let (half, end) = self.half_at(end, hour);
        Some((format!("at {}{half}", earlier(hour, minutes)), end))
    }

    // "A las tres y media de la tarde", "las 14:30", "2 de la tarde".
    fn clock(&self) -> Read {
        let a = usize::from(self.text(0) == "a");
        let led = a + usize::from(matches!(self.text(a), "las" | "la"));
        let is_led = led > a;
        if a == 1 && !is_led {
            return None;
        }
        let is_one = matches!(self.text(led), "una" | "1" | "1pm") || self.text(led).starts_with("1:");
        if is_led && self.text(a) == "la" && !is_one {
            return None;
        }
        // "La 1" may be a place in a list.
        if is_led && a == 0 && self.text(0) == "la" && self.text(1) == "1" && !self.follows_time_lead() {
            return None;
        }
        let (time, end) = if is_led { self.hour_at(led)? } else { self.marked_hour()? };
        let at = if is_led && !self.follows_time_lead() { "at " } else { "" };
        Some((format!("{at}{time}"), end))
    }

    fn follows_time_lead(&self) -> bool {
        let is_time =
            |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) || matches!(word, "am" | "pm" | "noon");
        match self.before(1) {
            "after" | "before" | "between" | "from" | "until" | "by" | "around" | "since" | "than" | "past" | "at" => {
                true
            }
            "and" | "or" | "to" => is_time(self.before(2)),
            _ => false,
        }
    }

    // Without an article it takes more to be a time.
    fn marked_hour(&self) -> Read {
        let (hour, at) = self.plain_hour(0).filter(|_| self.text(0) != "una")?;
        let marked = self.are(at, &["y", "media"])
            || self.are(at, &["y", "cuarto"])
            || self.are(at, &["menos", "cuarto"])
            || self.are(at, &["en", "punto"])
            || !self.half_at(at, hour).0.is_empty();
        if marked { self.hour_at(0) } else { None }
    }

    // An hour with its minutes and its half of the day, with or without "las".
    fn hour_at(&self, n: usize) -> Read {
        let n = n + usize::from(matches!(self.text(n), "las" | "la"));
        let text = self.text(n);
        if text.contains(':')
            || text.ends_with("pm")
            || text.ends_with("am")
            || text.ends_with('h')
            || text.contains('.')
        {
            let starts = text.starts_with(|c: char| c.is_ascii_digit());
            let hour = digits(text.split([':', '.']).next().unwrap_or_default()).unwrap_or_default();
            let (half, end) = self.half_at(n + 1, hour);
            return starts.then(|| (format!("{text}{half}"), end));
        }
        let (hour, at) = self.plain_hour(n)?;
        let (minutes, before, at) = self.minutes_at(at);
        let time = match (before, minutes) {
            (true, minutes) => earlier(hour, minutes),
            (false, 0) => hour.to_string(),
            (false, minutes) => format!("{hour}:{minutes:02}"),
        };
        let (half, end) = self.half_at(at, hour);
        // "Las 12 de la noche" are midnight, which no half of noon is.
        if hour == 12 && self.are(at, &["de", "la", "noche"]) {
            return Some(("midnight".into(), end));
        }
        Some((format!("{time}{half}"), end))
    }

    fn plain_hour(&self, n: usize) -> Option<(u32, usize)> {
        let text = self.text(n);
        let hour = match text {
            "una" => 1,
            _ => digits(text).filter(|_| text.len() <= 2).or_else(|| number(text))?,
        };
        (hour <= 24).then_some((hour, n + 1))
    }

    // Minutes past the hour, or before it.
    fn minutes_at(&self, n: usize) -> (u32, bool, usize) {
        let minutes = |word: &str| match word {
            "media" => Some(30),
            "cuarto" => Some(15),
            word => number(word)
                .or_else(|| digits(word).filter(|_| word.len() == 2))
                .filter(|minutes| *minutes < 60 && minutes.is_multiple_of(5)),
        };
        let between = self.before(1) == "between";
        match (self.text(n), self.text(n + 1)) {
            ("en", "punto") => (0, false, n + 2),
            ("y", word) if !between => match minutes(word) {
                Some(minutes) => (minutes, false, n + 2),
                None => (0, false, n),
            },
            ("menos", word) => match minutes(word) {
                Some(minutes) => (minutes, true, n + 2),
                None => (0, false, n),
            },
            (word, _) => match number(word).filter(|minutes| matches!(minutes, 15 | 30 | 45)) {
                Some(minutes) => (minutes, false, n + 1),
                None => (0, false, n),
            },
        }
    }

    fn half_at(&self, n: usize, hour: u32) -> (&'static str, usize) {
        let hours = usize::from(matches!(self.text(n), "horas" | "hrs" | "hs"));
        let half = match (self.text(n), self.text(n + 1), self.text(n + 2)) {
            ("de" | "por" | "en", "la", "tarde" | "noche") => (" pm", n + 3),
            ("de" | "por" | "en", "la", "manana" | "madrugada") => (" am", n + 3),
            ("del", "mediodia", _) => (" pm", n + 2),
            ("del", "dia", _) if hour == 12 => (" pm", n + 2),
            _ => return ("", n + hours),
        };
        if hour > 12 { ("", half.1) } else { half }
    }
}

fn earlier(hour: u32, minutes: u32) -> String {
    let hour = if hour <= 1 { 12 } else { hour - 1 };
    format!("{hour}:{:02}", 60 - minutes.min(59))
}

fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "dia" | "dias" => "days",
        "semana" | "semanas" => "weeks",
        "mes" | "meses" => "months",
        "hora" | "horas" => "hours",
        "minuto" | "minutos" => "minutes",
        _ => return None,
    })
}

fn digits(text: &str) -> Option<u32> {
    (text.len() <= 4 && text.chars().all(|c| c.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn is_weekday_in_english(word: &str) -> bool {
    matches!(word, "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, joined, words};
    use super::*;

    #[test]
    fn days_and_times_are_put_into_english() {
        for (spanish, english) in [
            ("mañana por la mañana", "tomorrow in the morning"),
            ("pasado mañana", "day after tomorrow"),
            ("el lunes que viene", "el monday"),
            ("el próximo martes a las 3 de la tarde", "el tuesday at 3 pm"),
            ("la semana que viene", "next week"),
            ("el martes de la próxima semana", "el tuesday next week"),
            ("dentro de dos semanas", "in 2 weeks"),
            ("en quince días", "in 2 weeks"),
            ("el 3 de diciembre de 2026", "3 of december 2026"),
            ("el treinta y uno de diciembre", "31 of december"),
            ("el martes 24", "el tuesday the 24th"),
            ("el día 24", "the 24th"),
            ("3/12", "12/3"),
            ("a las dos y media", "at 2:30"),
            ("a las tres menos cuarto de la tarde", "at 2:45 pm"),
            ("un cuarto para las tres", "un at 2:45"),
            ("a la una", "at 1"),
            ("después de las cinco", "after 5"),
            ("entre las 2 y las 4 de la tarde", "between 2 and 4 pm"),
            ("de 2 a 4", "from 2 to 4"),
            ("antes del mediodía", "before noon"),
            ("a las 14:30 horas", "at 14:30"),
            ("el martes no puedo, el jueves", "el not tuesday puedo el thursday"),
            ("de lunes a miércoles", "de monday to wednesday"),
            ("el tercer martes de diciembre", "el the third tuesday of december"),
            ("soy Ada López", "soy ada lopez"),
        ] {
            let said = joined(&in_english(&words(&clean(spanish))));
            assert_eq!(said.trim(), english, "{spanish}");
        }
    }
}
