//! A message as words: capped, cleaned and lower-cased, nothing decided yet.

/// Longer messages are read up to here; nobody books a visit in an essay.
const LONGEST: usize = 2_000;

/// Nor are more words than this.
const MOST_WORDS: usize = 300;

/// One word of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// Lower case, without apostrophes and accents.
    pub text: String,
    /// As the patient wrote it.
    pub raw: String,
    /// A comma, full stop or line break stands before it.
    pub after_break: bool,
    /// A hyphen joins it to the word before.
    pub hyphenated: bool,
}

/// The first part of a message, with typographic quotes, dashes and spaces
/// made plain.
pub fn clean(text: &str) -> String {
    text.chars().take(LONGEST).map(plain).filter(|c| !is_invisible(*c)).collect()
}

/// The words of a cleaned message.
pub fn words(text: &str) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut current = String::new();
    let (mut after_break, mut hyphenated) = (false, false);
    for (i, &c) in chars.iter().enumerate() {
        if words.len() >= MOST_WORDS {
            return meridiems(words);
        }
        let before = i.checked_sub(1).and_then(|j| chars.get(j)).copied();
        if belongs(c, before, chars.get(i + 1).copied()) {
            current.push(c);
            continue;
        }
        finish(&mut words, &mut current, &mut after_break, &mut hyphenated);
        match c {
            '-' if before.is_some_and(char::is_alphanumeric) => hyphenated = true,
            ',' | '.' | ';' | '\n' | '?' | '!' | '¿' | '¡' | '(' | ')' => after_break = true,
            '@' => push(&mut words, "at", &mut after_break),
            '&' => push(&mut words, "and", &mut after_break),
            '/' if words.last().is_some_and(|w| w.text == "w") => {
                words.pop();
                push(&mut words, "with", &mut after_break);
            }
            _ => {}
        }
    }
    finish(&mut words, &mut current, &mut after_break, &mut hyphenated);
    meridiems(words)
}

/// The words between single spaces, with a space at each end, so that a phrase
/// can be looked for as ` a phrase `.
pub fn joined(words: &[Word]) -> String {
    let mut line = String::from(" ");
    for word in words {
        line.push_str(&word.text);
        line.push(' ');
    }
    line
}

/// Whether any of `phrases` occurs as whole words in a [`joined`] line.
pub fn says_any(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| says(line, phrase))
}

/// Whether `phrase` occurs as whole words in a [`joined`] line.
pub fn says(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, found)| line[..at].ends_with(' ') && line[at + found.len()..].starts_with(' '))
}

fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '\u{00b4}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{00a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' | '\t' => ' ',
        '\r' => '\n',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\0')
}

// "2:30", "11/24", "2026-11-24" and "don't" are one word; "2-" and "x/y" are not.
fn belongs(c: char, before: Option<char>, after: Option<char>) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        ':' | '/' | '.' | '-' if digit(before) && digit(after) => true,
        '\'' => letter(before) && letter(after),
        // Vowel signs of Hindi or Thai are no letters of their own.
        _ => c.is_alphanumeric() || is_mark(c),
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0903}' | '\u{093a}'..='\u{094f}' | '\u{0e31}' | '\u{0e34}'..='\u{0e3a}')
}

fn finish(words: &mut Vec<Word>, current: &mut String, after_break: &mut bool, hyphenated: &mut bool) {
    if current.is_empty() {
        return;
    }
    let raw = std::mem::take(current);
    let text: String = raw.to_lowercase().chars().filter_map(bare).collect();
    if text.is_empty() {
        return;
    }
    words.push(Word { text, raw, after_break: std::mem::take(after_break), hyphenated: std::mem::take(hyphenated) });
}

// Accents are left out as often as not.
fn bare(letter: char) -> Option<char> {
    Some(match letter {
        '\'' | '\u{0300}'..='\u{036f}' => return None,
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        _ => letter,
    })
}

fn push(words: &mut Vec<Word>, text: &str, after_break: &mut bool) {
    words.push(Word {
        text: text.into(),
        raw: text.into(),
        after_break: std::mem::take(after_break),
        hyphenated: false,
    });
}

// "2 p.m." arrives as "2", "p", "m".
fn meridiems(words: Vec<Word>) -> Vec<Word> {
    let mut merged: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        let half = merged.last().filter(|_| word.text == "m").and_then(|last| last.text.chars().last());
        match (half, merged.last_mut()) {
            (Some('a' | 'p'), Some(last)) if is_half(&last.text) => {
                last.text.push('m');
                last.raw.push('m');
            }
            _ => merged.push(word),
        }
    }
    merged
}

// "a", "p", "2p" or "2:30a".
fn is_half(text: &str) -> bool {
    let digits = &text[..text.len() - 1];
    digits.chars().all(|c| c.is_ascii_digit() || c == ':' || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        joined(&words(&clean(text)))
    }

    #[test]
    fn times_and_dates_stay_in_one_piece() {
        assert_eq!(line("Tue 11/24, 2:30 p.m. w/ Mia"), " tue 11/24 2:30 pm with mia ");
        assert_eq!(line("2026-11-24 @2pm"), " 2026-11-24 at 2pm ");
        assert_eq!(line("I don’t know"), " i dont know ");
        assert_eq!(line("¿Mañana a las 2:30 p. m.? Sí"), " manana a las 2:30 pm si ");
    }

    #[test]
    fn phrases_are_whole_words() {
        assert!(says(" are you open ", "open"));
        assert!(!says(" are you opening ", "open"));
    }
}
