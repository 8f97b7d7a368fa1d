//! A reply as words, however it was typed.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longer replies are read up to here; twice what a carrier joins to one text.
const LONGEST: usize = 3_000;

/// The words of `body`: lower case, without accents, punctuation and emoji.
/// Letters that only look different, such as full-width ones, are the same.
pub(crate) fn words(body: &str) -> Vec<String> {
    clauses(body, |_| false).concat()
}

/// The [`words`] of each piece of `body` that ends with one of `ends`.
pub(super) fn clauses(body: &str, ends: impl Fn(char) -> bool) -> Vec<Vec<String>> {
    let plain = body.chars().take(LONGEST).filter(|letter| !is_inside_words(*letter)).nfkd();
    let mut clauses = vec![Vec::new()];
    let mut word = String::new();
    for letter in plain.filter(|letter| !is_combining_mark(*letter)).chain([' ']) {
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
            continue;
        }
        if let Some(clause) = clauses.last_mut().filter(|_| !word.is_empty()) {
            clause.push(std::mem::take(&mut word));
        }
        if ends(letter) {
            clauses.push(Vec::new());
        }
    }
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// Apostrophes, and what shows nothing: "don’t" and "dont" are one word.
const fn is_inside_words(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '‘' | '’' | 'ʼ' | '`' | '´' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_the_same_however_they_are_typed() {
        for typed in
            ["No más", "NO MAS!!", "«no  ma\u{301}s»", "ｎｏ　ｍａｓ", "no\nmás 🙏", "n\u{200b}o_más", "𝐧𝐨 𝐦𝐚𝐬"]
        {
            assert_eq!(words(typed), ["no", "mas"], "{typed}");
        }
        assert_eq!(words("Don’t, don't & dont"), ["dont", "dont", "dont"]);
        assert_eq!(words("1️⃣ ②"), ["1", "2"]);
        assert!(words(" 🛑!? ").is_empty());
    }

    #[test]
    fn clauses_end_where_they_are_told_to() {
        assert_eq!(clauses("Hi. Stop it, now!", |c| ".!".contains(c)), [vec!["hi"], vec!["stop", "it", "now"]]);
    }

    proptest! {
        #[test]
        fn clauses_hold_the_same_words(body: String) {
            prop_assert_eq!(clauses(&body, |c| c.is_ascii_punctuation()).concat(), words(&body));
        }
    }
}
