//! A sentence as words, with marks that mean something as words of their own.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longer sentences are not read, and not believed.
const LONGEST: usize = 4_000;

pub(super) fn is_too_long(sentence: &str) -> bool {
    sentence.len() > LONGEST && sentence.chars().count() > LONGEST
}

/// The words of a sentence, small and without accents.
pub(crate) fn words(sentence: &str) -> Vec<String> {
    Tokens::of(sentence).words
}

/// The words of a sentence, and which of them were capitalised.
pub(super) struct Tokens {
    pub(super) words: Vec<String>,
    pub(super) capitals: Vec<bool>,
}

impl Tokens {
    pub(super) fn of(sentence: &str) -> Self {
        let mut tokens = Self { words: Vec::new(), capitals: Vec::new() };
        let plain: Vec<char> = sentence
            .chars()
            .take(LONGEST)
            .filter(|letter| !shows_nothing(*letter))
            .nfkd()
            .collect::<String>()
            // "Sí" and "si" are two words.
            .replace("si\u{301}", "yes")
            .replace("Si\u{301}", "Yes")
            .chars()
            .filter(|letter| !is_combining_mark(*letter))
            .collect();
        let mut word = String::new();
        for (at, letter) in plain.iter().copied().chain([' ']).enumerate() {
            let next = plain.get(at + 1).copied().unwrap_or(' ');
            let is_number = word.chars().last().is_some_and(|last| last.is_ascii_digit()) && next.is_ascii_digit();
            if letter.is_alphanumeric() || letter == '$' || is_number && matches!(letter, ':' | '/' | '.' | '-') {
                word.push(letter);
                continue;
            }
            tokens.push(&std::mem::take(&mut word));
            tokens.mark(letter);
        }
        tokens
    }

    fn mark(&mut self, letter: char) {
        let is_title = |word: &String| matches!(word.as_str(), "dr" | "dra" | "mr" | "mrs" | "ms" | "sr" | "sra");
        if letter == '.' && self.words.last().is_some_and(is_title) {
            return;
        }
        let mark = match letter {
            '@' => "at",
            '&' => "and",
            '✅' | '✔' | '☑' => "✅",
            ',' | ';' | ':' | '—' | '(' | ')' | '!' | '.' | '…' | '|' | '•' => ",",
            '–' => "–",
            '?' => "?",
            '¿' => "¿",
            _ => return,
        };
        self.words.push(mark.to_owned());
        self.capitals.push(false);
    }

    fn push(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        let capital = word.starts_with(char::is_uppercase);
        let word = word.to_lowercase();
        // "p. m." and "e-mail" are one word.
        let last = self.words.len().checked_sub(1);
        if let Some(last) = last {
            let whole = match (self.words[last].as_str(), word.as_str()) {
                ("e", "mail" | "mails" | "mailed") => Some(format!("e{word}")),
                ("p" | "a", "m") => Some(format!("{}m", self.words[last])),
                ("re", "scheduled" | "booked") => Some(format!("re{word}")),
                (",", "m") if last > 0 && matches!(self.words[last - 1].as_str(), "a" | "p") => {
                    self.words.pop();
                    self.capitals.pop();
                    Some(format!("{}m", self.words[last - 1]))
                }
                _ => None,
            };
            if let Some(whole) = whole {
                self.words.pop();
                self.words.push(whole);
                return;
            }
        }
        self.words.push(word);
        self.capitals.push(capital);
    }
}

/// Apostrophes, emphasis, and what takes no room.
const fn shows_nothing(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '‘' | '’' | 'ʼ' | '´' | '`' | '*' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe0f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_however_they_are_dressed() {
        for (sentence, words) in [
            ("**You’re** booked, _Ada_!", "youre booked , ada ,"),
            ("a las 3:00 p. m.", "a las 3:00 pm ,"),
            ("Sí, el 24/11 @ 3.30 – $60", "yes , el 24/11 at 3.30 – $60"),
            ("bo**ok**ed ✅", "booked ✅"),
        ] {
            assert_eq!(Tokens::of(sentence).words.join(" "), words);
        }
    }
}
