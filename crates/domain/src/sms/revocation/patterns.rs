//! Patterns over words, and the two languages that have some.
//!
//! A pattern is words between spaces, and so is a list. `a|b` is either word, a
//! capitalised name is any word of the language's list of that name, `~` is any
//! number of words that carry no meaning of their own, `*` any number of any
//! words. `^` and `$` are the ends of the phrase, courtesies aside. `!A` is not
//! after a word of A.

mod english;
mod spanish;

/// Whether texts, or all there is, are refused.
pub(super) fn refuses_texts(words: &[String]) -> bool {
    any(english::REFUSALS, words) || any(spanish::REFUSALS, words)
}

/// Whether calls are refused; of no account to who asks for texts instead.
pub(super) fn refuses_calls(words: &[String]) -> bool {
    any(english::REFUSALS_OF_CALLS, words) || any(spanish::REFUSALS_OF_CALLS, words)
}

/// Whether texts are asked for.
pub(super) fn welcomes_texts(words: &[String]) -> bool {
    any(english::WELCOMES, words) || any(spanish::WELCOMES, words)
}

/// Whether the phrase has the words of a refusal and means something else.
pub(super) fn means_otherwise(words: &[String]) -> bool {
    let is_limited = any(english::LIMITS, words) || any(spanish::LIMITS, words);
    let is_for_good = words.iter().any(|word| is_one_of("FOR_GOOD", word));
    any(english::OTHER_MEANINGS, words) || any(spanish::OTHER_MEANINGS, words) || is_limited && !is_for_good
}

fn any(patterns: &[&str], words: &[String]) -> bool {
    patterns.iter().any(|pattern| occurs(pattern, words))
}

/// Whether a phrase of `pattern` starts anywhere in `words`.
fn occurs(pattern: &str, words: &[String]) -> bool {
    let items: Vec<&str> = pattern.split(' ').collect();
    // Which items did not match where, so that long messages stay cheap.
    let mut failed = vec![false; (items.len() + 1) * (words.len() + 1)];
    (0..=words.len()).any(|at| matches(&items, words, at, &mut failed))
}

fn matches(items: &[&str], words: &[String], at: usize, failed: &mut [bool]) -> bool {
    let Some((item, rest)) = items.split_first() else { return true };
    let state = items.len() * (words.len() + 1) + at;
    if failed[state] {
        return false;
    }
    let word = words.get(at).map(String::as_str);
    let found = match *item {
        "^" => words[..at].iter().all(|word| is_courtesy(word)) && matches(rest, words, at, failed),
        "$" => words[at..].iter().all(|word| is_courtesy(word)) && matches(rest, words, at, failed),
        "~" => matches(rest, words, at, failed) || word.is_some_and(is_idle) && matches(items, words, at + 1, failed),
        "*" => matches(rest, words, at, failed) || word.is_some() && matches(items, words, at + 1, failed),
        item => match item.strip_prefix('!') {
            Some(list) => {
                let before = at.checked_sub(1).and_then(|before| words.get(before));
                !before.is_some_and(|word| is_one_of(list, word)) && matches(rest, words, at, failed)
            }
            None => word.is_some_and(|word| is_one_of(item, word)) && matches(rest, words, at + 1, failed),
        },
    };
    failed[state] = !found;
    found
}

fn is_one_of(item: &str, word: &str) -> bool {
    item.split('|').any(|name| list(name).map_or(name == word, |list| has(list, word)))
}

fn is_courtesy(word: &str) -> bool {
    has(english::COURTESIES, word) || has(spanish::COURTESIES, word)
}

fn is_idle(word: &str) -> bool {
    has(english::IDLE, word) || has(spanish::IDLE, word) || is_courtesy(word) || is_one_of("TEXT", word)
}

fn list(name: &str) -> Option<&'static str> {
    english::list(name).or_else(|| spanish::list(name))
}

fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_that_a_pattern_names_is_there() {
        use english as en;
        use spanish as es;
        let patterns = [
            [en::REFUSALS, en::REFUSALS_OF_CALLS, en::OTHER_MEANINGS, en::LIMITS, en::WELCOMES].concat(),
            [es::REFUSALS, es::REFUSALS_OF_CALLS, es::OTHER_MEANINGS, es::LIMITS, es::WELCOMES].concat(),
        ];
        for pattern in patterns.concat() {
            let names = pattern.split([' ', '|', '!']).filter(|name| name.starts_with(char::is_uppercase));
            for name in names {
                assert!(list(name).is_some(), "{name} in {pattern}");
            }
        }
    }

    #[test]
    fn a_pattern_reads_as_it_is_explained() {
        let occurs = |pattern, words: &str| occurs(pattern, &words.split(' ').map(String::from).collect::<Vec<_>>());
        assert!(occurs("STOP ~ TEXT", "please stop all of your texts today"));
        assert!(!occurs("STOP ~ TEXT", "stop by and text"));
        assert!(occurs("if i * STOP", "what if i ever say stop"));
        assert!(occurs("^ STOP $", "ok please stop thanks"));
        assert!(!occurs("^ STOP $", "the bus stop"));
        assert!(occurs("!SUBJECT DONT TEXT", "dont text"));
        assert!(!occurs("!SUBJECT DONT TEXT", "i dont text"));
    }
}
