//! What proves that a visit is theirs: its code, or a name and a birth date.

use chrono::{Datelike, NaiveDate};
use domain::code::ConfirmationCode;
use domain::language::Language;
use serde_json::{Value, json};

use super::super::text::Word;
use super::super::{contact, dates, spanish};
use super::{Lists, lists, wording};

/// What a message, or several, say to prove it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    pub code: Option<String>,
    pub name: Option<String>,
    pub born: Option<NaiveDate>,
}

impl Proof {
    pub const fn is_empty(&self) -> bool {
        self.code.is_none() && self.name.is_none() && self.born.is_none()
    }

    /// Adds what was said now; what `lookup_booking` takes, once it is whole.
    pub fn with(&mut self, said: Self) -> Option<Value> {
        if let Some(code) = said.code {
            *self = Self::default();
            return Some(json!({ "confirmation_code": code }));
        }
        self.name = said.name.or(self.name.take());
        self.born = said.born.or(self.born);
        if let (Some(name), Some(born)) = (&self.name, self.born) {
            let whole = json!({ "name": name, "birth_date": born });
            *self = Self::default();
            return Some(whole);
        }
        None
    }

    /// Asks for the other half, once there is one.
    pub fn question(&self, language: Language) -> Option<String> {
        match (&self.name, self.born) {
            (Some(_), None) => Some(wording::ask_for_birth_date(language)),
            (None, Some(_)) => Some(wording::ask_for_name(language)),
            _ => None,
        }
    }
}

/// What the words of a message prove, where it was asked for or stands out.
pub fn read(words: &[Word], is_asked_for: bool, today: NaiveDate, language: Language) -> Proof {
    let lists = lists(language);
    let born = born(words, language).filter(|(born, ..)| *born < today && (is_asked_for || born.year() < today.year()));
    if let Some((born, start, end)) = born {
        let name = contact::introduced(words, true, language)
            .or_else(|| name(&words[..start], lists, language))
            .or_else(|| name(&words[end..], lists, language));
        return Proof { code: None, name, born: Some(born) };
    }
    if let Some(code) = code(words, is_asked_for, lists) {
        return Proof { code: Some(code), ..Proof::default() };
    }
    let name = if is_asked_for { full_name(words, language) } else { None };
    Proof { name, ..Proof::default() }
}

/// A confirmation code, in one piece or two. A word without a digit is one only
/// where a code was announced or asked for.
fn code(words: &[Word], is_asked_for: bool, lists: &Lists) -> Option<String> {
    let announced = |i: usize| words[..i].iter().rev().take(3).any(|word| lists.code.contains(&word.text.as_str()));
    // A name may be as long as a code, and is not written in capitals alone.
    let is_shouted = |i: usize| words[i].raw.chars().all(|letter| !letter.is_lowercase());
    let read = |text: String, i: usize| {
        let has_digit = text.chars().any(|letter| letter.is_ascii_digit());
        let has_letter = text.chars().any(char::is_alphabetic);
        let is_word = lists.no_codes.contains(&text.as_str());
        let is_alone = is_asked_for && (words.len() <= 2 && !looks_like_a_name(words) || is_shouted(i));
        (!is_word && (is_alone || announced(i)) || has_digit && (has_letter || is_asked_for))
            .then(|| text.parse::<ConfirmationCode>().ok())
            .flatten()
            .map(String::from)
    };
    let at = |i: usize| {
        let one = words[i].text.clone();
        // What announces a code may be as long as half of one.
        if lists.code.contains(&one.as_str()) {
            return None;
        }
        let two = words.get(i + 1).map(|next| format!("{one}{}", next.text));
        let halves = one.chars().count() == 4;
        if one.chars().count() == 8 { read(one, i) } else { two.filter(|_| halves).and_then(|two| read(two, i)) }
    };
    // "Appt k7q2 x9ab" begins with the half that has a digit.
    let has_digit = |i: &usize| words[*i].text.chars().any(|letter| letter.is_ascii_digit());
    let first = (0..words.len()).filter(has_digit).find_map(at);
    first.or_else(|| (0..words.len()).find_map(at))
}

fn looks_like_a_name(words: &[Word]) -> bool {
    words.len() > 1
        && words
            .iter()
            .all(|word| word.raw.starts_with(char::is_uppercase) && word.raw.chars().skip(1).any(char::is_lowercase))
}

/// A date with its year, and which words it takes.
fn born(words: &[Word], language: Language) -> Option<(NaiveDate, usize, usize)> {
    let (first, last) = (words.iter().position(|word| is_of_a_date(word, language))?, {
        words.iter().rposition(|word| is_of_a_date(word, language))? + 1
    });
    let dated = &words[first..last];
    let english = match language {
        Language::English => dated.to_vec(),
        Language::Spanish => spanish::in_english(dated),
    };
    dates::in_full(&english).map(|date| (date, first, last))
}

fn is_of_a_date(word: &Word, language: Language) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit())
        || match language {
            Language::English => dates::month(&word.text).is_some() && word.text.len() > 3,
            Language::Spanish => spanish::month(&word.text).is_some(),
        }
}

// "Ada Lovelace, born on the", without what leads to the date.
fn name(words: &[Word], lists: &Lists, language: Language) -> Option<String> {
    let is_lead = |word: &Word| lists.born.contains(&word.text.as_str());
    let start = words.iter().take_while(|word| is_lead(word)).count();
    let rest = &words[start..];
    let end = rest.len() - rest.iter().rev().take_while(|word| is_lead(word)).count();
    let name: Vec<&str> = rest[..end].iter().map(|word| word.raw.as_str()).collect();
    contact::bare_name(&name.join(" "), true, language)
}

fn full_name(words: &[Word], language: Language) -> Option<String> {
    let raw: Vec<&str> = words.iter().map(|word| word.raw.as_str()).collect();
    contact::introduced(words, false, language).or_else(|| contact::bare_name(&raw.join(" "), false, language))
}

#[cfg(test)]
mod tests {
    use Language::{English, Spanish};

    use super::super::super::text::{clean, words};
    use super::*;

    fn read(text: &str, is_asked_for: bool, language: Language) -> String {
        let today = "2026-11-20".parse().unwrap();
        let Proof { code, name, born } = super::read(&words(&clean(text)), is_asked_for, today, language);
        let born = born.map(|date| date.to_string());
        [code, name, born].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn codes_names_and_birth_dates_are_read() {
        for (text, asked, proof) in [
            ("my code is abcd-efgh", false, "ABCDEFGH"),
            ("K7Q2 X9AB", false, "K7Q2X9AB"),
            ("ABCDEFGH", true, "ABCDEFGH"),
            ("ABCDEFGH", false, ""),
            ("Ada Lovelace, 12/10/1985", true, "Ada Lovelace 1985-12-10"),
            ("ada lovelace born 10 december 1985", true, "Ada Lovelace 1985-12-10"),
            ("December 10, 1985, Ada Lovelace", true, "Ada Lovelace 1985-12-10"),
            ("my name is Ada Lovelace, born on 1985-12-10", false, "Ada Lovelace 1985-12-10"),
            ("Ada Lovelace", true, "Ada Lovelace"),
            ("Mary Lace", true, "Mary Lace"),
            ("10 December 1985", true, "1985-12-10"),
            ("I forgot it", true, ""),
            ("tuesday 24 november", true, ""),
            ("move it to 24 november 2026", false, ""),
        ] {
            assert_eq!(read(text, asked, English), proof, "{text}");
        }
        for (text, asked, proof) in [
            ("mi código es abcd efgh", false, "ABCDEFGH"),
            ("Ada López, 10 de diciembre de 1985", true, "Ada López 1985-12-10"),
            ("ada lópez nacida el 10/12/1985", true, "Ada López 1985-12-10"),
            ("me llamo Ada López, nací el 10 de diciembre de 1985", true, "Ada López 1985-12-10"),
            ("Ada López", true, "Ada López"),
            ("no lo tengo", true, ""),
            ("quiero cancelar", true, ""),
        ] {
            assert_eq!(read(text, asked, Spanish), proof, "{text}");
        }
    }
}
