//! Patterns over words.
//!
//! A pattern is items between spaces. `a|b` is either word, `a+` any word that
//! begins with it, `+a` any word that ends with it, a capitalised name any word of the list of that name. `~` is
//! any number of words of the list IDLE, `*` any number of any words, `..` up to
//! three and `...` up to six, none of them a comma. `^` and `$` are the ends of
//! the phrase, words of the list COURTESY aside. `!A` is not after a word of A.

use std::collections::HashSet;
use std::ops::Range;

/// The words that stand behind a capitalised name.
pub(crate) type Lists = fn(&str) -> Option<&'static str>;

/// Patterns made ready, in the order they were given.
pub(crate) struct Patterns(Vec<Vec<Item>>);

enum Item {
    Start(Words),
    End(Words),
    Idle(Words),
    Any,
    Maybe,
    NotAfter(Words),
    One(Words),
}

struct Words {
    whole: HashSet<&'static str>,
    beginnings: Vec<&'static str>,
    ends: Vec<&'static str>,
}

impl Words {
    fn has(&self, word: &str) -> bool {
        self.whole.contains(word)
            || self.beginnings.iter().any(|beginning| word.starts_with(beginning))
            || self.ends.iter().any(|end| word.ends_with(end))
    }
}

impl Patterns {
    pub(crate) fn new(patterns: &[&'static str], lists: Lists) -> Self {
        Self(patterns.iter().map(|pattern| items(pattern, lists)).collect())
    }

    /// These, and then `others`.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Whether any of them occurs in `words`.
    pub(crate) fn occur(&self, words: &[String]) -> bool {
        self.0.iter().any(|items| find(items, words, 0).is_some())
    }

    /// Every place where one of them occurs, pattern by pattern.
    pub(crate) fn places<'a>(&'a self, words: &'a [String]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.0.iter().flat_map(move |items| {
            let mut from = 0;
            std::iter::from_fn(move || {
                let place = find(items, words, from)?;
                from = place.end.max(place.start + 1);
                Some(place)
            })
        })
    }

    /// `words` with a bar in place of everything that matches.
    pub(crate) fn cover(&self, words: &[String]) -> Vec<String> {
        let mut words = words.to_vec();
        for items in &self.0 {
            let mut from = 0;
            while let Some(place) = find(items, &words, from).filter(|place| !place.is_empty()) {
                from = place.start + 1;
                words.splice(place, ["|".to_owned()]);
            }
        }
        words
    }
}

fn items(pattern: &'static str, lists: Lists) -> Vec<Item> {
    let mut items = Vec::new();
    for item in pattern.split(' ') {
        match item {
            "^" => items.push(Item::Start(words("COURTESY", lists))),
            "$" => items.push(Item::End(words("COURTESY", lists))),
            "~" => items.push(Item::Idle(words("IDLE", lists))),
            "*" => items.push(Item::Any),
            ".." => items.extend([const { Item::Maybe }; 3]),
            "..." => items.extend([const { Item::Maybe }; 6]),
            _ => items.push(match item.strip_prefix('!') {
                Some(item) => Item::NotAfter(words(item, lists)),
                None => Item::One(words(item, lists)),
            }),
        }
    }
    items
}

fn words(item: &'static str, lists: Lists) -> Words {
    let all = item.split('|').flat_map(|name| lists(name).unwrap_or(name).split_whitespace());
    let mut words = Words { whole: HashSet::new(), beginnings: Vec::new(), ends: Vec::new() };
    for word in all {
        match (word.strip_prefix('+'), word.strip_suffix('+')) {
            (Some(end), _) => words.ends.push(end),
            (_, Some(beginning)) => words.beginnings.push(beginning),
            _ => _ = words.whole.insert(word),
        }
    }
    words
}

fn find(items: &[Item], words: &[String], from: usize) -> Option<Range<usize>> {
    // Which items did not match where, so that long messages stay cheap.
    let mut failed = vec![false; (items.len() + 1) * (words.len() + 1)];
    (from..=words.len()).find_map(|at| Some(at..end(items, words, at, &mut failed)?))
}

/// Where `items` end that start `at` this word.
fn end(items: &[Item], words: &[String], at: usize, failed: &mut [bool]) -> Option<usize> {
    let Some((item, rest)) = items.split_first() else { return Some(at) };
    let state = items.len() * (words.len() + 1) + at;
    if failed[state] {
        return None;
    }
    let word = words.get(at).map(String::as_str);
    let end = match item {
        Item::Start(courtesies) if words[..at].iter().all(|word| courtesies.has(word)) => end(rest, words, at, failed),
        Item::End(courtesies) if words[at..].iter().all(|word| courtesies.has(word)) => end(rest, words, at, failed),
        Item::NotAfter(list) if at == 0 || !list.has(&words[at - 1]) => end(rest, words, at, failed),
        Item::One(list) if word.is_some_and(|word| list.has(word)) => end(rest, words, at + 1, failed),
        Item::Idle(idle) => end(rest, words, at, failed)
            .or_else(|| word.filter(|word| idle.has(word)).and_then(|_| self::end(items, words, at + 1, failed))),
        Item::Any => {
            end(rest, words, at, failed).or_else(|| word.and_then(|_| self::end(items, words, at + 1, failed)))
        }
        Item::Maybe => end(rest, words, at, failed)
            .or_else(|| word.filter(|word| !matches!(*word, "," | "|")).and_then(|_| end(rest, words, at + 1, failed))),
        _ => None,
    };
    failed[state] = end.is_none();
    end
}

/// The names in `patterns` that no list has.
#[cfg(test)]
pub(crate) fn unknown_names(patterns: &[&'static str], lists: Lists) -> Vec<&'static str> {
    let names = patterns.iter().flat_map(|pattern| pattern.split([' ', '|', '!']));
    names.filter(|name| name.starts_with(char::is_uppercase) && lists(name).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(name: &str) -> Option<&'static str> {
        Some(match name {
            "IDLE" => "of all your",
            "COURTESY" => "ok please thanks",
            "STOP" => "stop quit",
            _ => return None,
        })
    }

    fn split(words: &str) -> Vec<String> {
        words.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn a_pattern_reads_as_it_is_explained() {
        let occurs = |pattern, words| Patterns::new(&[pattern], lists).occur(&split(words));
        assert!(occurs("STOP ~ text+", "please stop all of your texts today"));
        assert!(!occurs("STOP ~ text+", "stop by and text"));
        assert!(occurs("if i * STOP", "what if i ever , in all these years , say quit"));
        assert!(occurs("a .. b", "a 1 2 3 b"));
        assert!(!occurs("a .. b", "a 1 2 3 4 b"));
        assert!(!occurs("a .. b", "a , b"));
        assert!(occurs("^ STOP $", "ok please stop thanks"));
        assert!(!occurs("^ STOP $", "the bus stop"));
        assert!(!occurs("!the|bus STOP", "the bus stop"));
        assert!(occurs("!the|bus STOP", "stop"));
        assert!(occurs("a +ed", "a stopped") && !occurs("a +ed", "a stop"));
    }

    #[test]
    fn what_is_covered_is_gone() {
        let patterns = Patterns::new(&["no .. pain", "not at all"], lists);
        assert_eq!(
            patterns.cover(&split("no chest pain not at all but no air , no pain")),
            split("| | but no air , |")
        );
        let places = Patterns::new(&["a", "b .. c"], lists).places(&split("a b x c a")).collect::<Vec<_>>();
        assert_eq!(places, [0..1, 4..5, 1..4]);
    }
}
