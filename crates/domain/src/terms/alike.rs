//! When two words say the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::things::{ALIKE, PARKING, THINGS};

/// A word without its ending, and the things it may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    stem: String,
    meanings: Vec<usize>,
}

impl Form {
    pub(super) fn of(word: &str) -> Self {
        let whole = MEANINGS.whole.get(word).into_iter().flatten().copied();
        let begun = MEANINGS.beginnings.iter().filter(|(beginning, _)| word.starts_with(beginning));
        Self { stem: stem(word).to_owned(), meanings: whole.chain(begun.map(|(_, meaning)| *meaning)).collect() }
    }

    /// Whether two words are one, but for their ending or their language.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let (one, two) = (self.stem.as_str(), other.stem.as_str());
        let (short, long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
        let is_beginning = short.len() >= 5 && long.starts_with(short);
        short == long || is_beginning || self.meanings.iter().any(|meaning| other.meanings.contains(meaning))
    }
}

struct Meanings {
    whole: HashMap<&'static str, Vec<usize>>,
    beginnings: Vec<(&'static str, usize)>,
}

static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| {
    let mut meanings = Meanings { whole: HashMap::new(), beginnings: Vec::new() };
    let all = ALIKE.iter().chain(THINGS.iter().filter(|thing| **thing != PARKING));
    for (meaning, words) in all.enumerate() {
        for word in words.split(' ') {
            match word.strip_suffix('+') {
                Some(beginning) => meanings.beginnings.push((beginning, meaning)),
                None => meanings.whole.entry(word).or_default().push(meaning),
            }
        }
    }
    meanings
});

fn stem(word: &str) -> &str {
    const ENDS: [&str; 7] = ["ione", "ing", "ion", "ed", "e", "o", "a"];
    let without = |word: &'_ str, ends: &[&str]| {
        let end = ends.iter().find(|end| word.len() > end.len() + 2 && word.ends_with(**end));
        word.len() - end.map_or(0, |end| end.len())
    };
    // "Fillings" are of "filling".
    let one = &word[..without(word, &["s"])];
    &one[..without(one, &ENDS)]
}

/// The things that a part names, each as all the words that mean it.
pub(super) fn named(part: &[String]) -> impl Iterator<Item = &'static str> + '_ {
    THINGS.iter().copied().filter(|thing| part.iter().any(|word| is_of(thing, word)))
}

/// `park+` is any word that begins so.
pub(super) fn is_of(thing: &str, word: &str) -> bool {
    thing.split(' ').any(|one| one.strip_suffix('+').map_or(one == word, |beginning| word.starts_with(beginning)))
}
