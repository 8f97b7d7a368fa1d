//! How a patient points at one of the times on offer.

use domain::language::Language;

use super::text::{Word, joined, says, says_any};

mod english;
mod spanish;

/// Which of a list, said without naming its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pick {
    /// By its place, counting from zero.
    Nth(usize),
    Last,
    Later,
    Earlier,
    /// Any of them: the receptionist may choose.
    Any,
}

/// What kind of other times a patient asks to see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum More {
    Later,
    Earlier,
    Others,
}

/// How it is said in one language. What is `alone` is said with next to no
/// other word.
struct Lists {
    first: &'static [&'static str],
    first_alone: &'static [&'static str],
    last: &'static [&'static str],
    last_alone: &'static [&'static str],
    later: &'static [&'static str],
    later_alone: &'static [&'static str],
    earlier: &'static [&'static str],
    earlier_alone: &'static [&'static str],
    any: &'static [&'static str],
    /// "The first available" is no place in a list.
    no_rank: &'static [&'static str],
    /// A place, its ordinals and its numbers.
    places: &'static [(usize, &'static [&'static str], &'static [&'static str])],
    after_place: &'static [&'static str],
    before_place: &'static [&'static str],
    articles: &'static [&'static str],
    /// "La dos" is the second; "the two" is nothing.
    numbers_follow_articles: bool,
    asks_for_more: &'static [&'static str],
    more_later: &'static [&'static str],
    no_more_later: &'static [&'static str],
    more_earlier: &'static [&'static str],
    no_more_earlier: &'static [&'static str],
    /// Words of a day, beside which "later" is about it.
    dated: &'static [&'static str],
    others: &'static [&'static str],
    yes: &'static [&'static str],
    yes_phrases: &'static [&'static str],
    no: &'static [&'static str],
    no_phrases: &'static [&'static str],
    fillers: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    }
}

/// What a message points at: "the first one", "the later one", "number 2".
pub fn pick(words: &[Word], language: Language) -> Option<Pick> {
    let (line, lists) = (joined(words), lists(language));
    let says_so = |phrases, alone| says_any(&line, phrases) || words_are(&line, alone, lists);
    if says_so(lists.last, lists.last_alone) {
        return Some(Pick::Last);
    }
    if says_so(lists.later, lists.later_alone) {
        return Some(Pick::Later);
    }
    if says_so(lists.earlier, lists.earlier_alone) {
        return Some(Pick::Earlier);
    }
    let ranks = !says_any(&line, lists.no_rank);
    if ranks && says_any(&line, lists.first) || words_are(&line, lists.first_alone, lists) {
        return Some(Pick::Nth(0));
    }
    if let Some(n) = nth(&line, words, lists).filter(|_| ranks) {
        return Some(Pick::Nth(n));
    }
    says_any(&line, lists.any).then_some(Pick::Any)
}

/// Which other times a patient asks to see: "anything later?" Whether the
/// message names a weekday is known elsewhere.
pub fn more(words: &[Word], names_a_weekday: bool, language: Language) -> Option<More> {
    let (line, lists) = (joined(words), lists(language));
    let dated = names_a_weekday || words.iter().any(|word| lists.dated.contains(&word.text.as_str()));
    let asks = !dated && says_any(&line, lists.asks_for_more);
    if asks && says_any(&line, lists.more_later) && !says_any(&line, lists.no_more_later) {
        return Some(More::Later);
    }
    if asks && says_any(&line, lists.more_earlier) && !says_any(&line, lists.no_more_earlier) {
        return Some(More::Earlier);
    }
    says_any(&line, lists.others).then_some(More::Others)
}

/// Whether the patient agrees to what was just proposed.
pub fn agrees(words: &[Word], language: Language) -> bool {
    let lists = lists(language);
    if declines(words, language) {
        return false;
    }
    let is_yes = |word: &Word| lists.yes.contains(&word.text.as_str());
    let starts = words.first().is_some_and(is_yes);
    (starts && words.len() <= 12)
        || says_any(&joined(words), lists.yes_phrases)
        || (words.len() <= 3 && words.iter().any(is_yes))
}

/// Whether the patient says no to what was just proposed.
pub fn declines(words: &[Word], language: Language) -> bool {
    let lists = lists(language);
    words.first().is_some_and(|word| lists.no.contains(&word.text.as_str()))
        || says_any(&joined(words), lists.no_phrases)
}

// "the second one", "number 2", "option 3", "#2", "2nd slot"
fn nth(line: &str, words: &[Word], lists: &Lists) -> Option<usize> {
    let alone = words.len() <= 4;
    let beside = |name: &str| lists.after_place.iter().any(|noun| says(line, &format!("{name} {noun}")));
    let led = |name: &str| alone && lists.articles.iter().any(|article| says(line, &format!("{article} {name}")));
    let counted = |name: &str| lists.before_place.iter().any(|noun| says(line, &format!("{noun} {name}")));
    let found = lists.places.iter().find(|(_, ordinals, numbers)| {
        ordinals.iter().any(|name| beside(name) || led(name) || counted(name))
            || numbers.iter().any(|name| counted(name) || lists.numbers_follow_articles && led(name))
    });
    found.map(|(n, ..)| *n)
}

// The message is little more than one of `some`.
fn words_are(line: &str, some: &[&str], lists: &Lists) -> bool {
    let core: Vec<&str> = line.split_whitespace().filter(|word| !lists.fillers.contains(word)).collect();
    some.contains(&core.join(" ").as_str())
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, words};
    use super::*;
    use Language::{English, Spanish};

    #[test]
    fn a_patient_points_in_many_ways() {
        for (text, picked) in [
            ("the first one", Some(Pick::Nth(0))),
            ("second one please", Some(Pick::Nth(1))),
            ("number 3", Some(Pick::Nth(2))),
            ("option two", Some(Pick::Nth(1))),
            ("make it the later one", Some(Pick::Later)),
            ("the earlier one", Some(Pick::Earlier)),
            ("the last one", Some(Pick::Last)),
            ("you choose", Some(Pick::Any)),
            ("the second", Some(Pick::Nth(1))),
            ("one second", None),
            ("the first available", None),
            ("later this week", None),
            ("tuesday", None),
            ("2", None),
        ] {
            assert_eq!(pick(&words(&clean(text)), English), picked, "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_told_apart() {
        for text in ["yes", "Yes please!", "that works", "ok", "sounds good", "sure, book it", "perfect thanks", "y"] {
            assert!(agrees(&words(&clean(text)), English), "{text}");
        }
        for text in ["no", "no thanks", "not really", "skip", "i dont have one", "that doesnt work"] {
            assert!(declines(&words(&clean(text)), English) && !agrees(&words(&clean(text)), English), "{text}");
        }
    }
    #[test]
    fn in_spanish_too() {
        for (text, picked) in [
            ("la primera", Some(Pick::Nth(0))),
            ("la segunda, por favor", Some(Pick::Nth(1))),
            ("el segundo", Some(Pick::Nth(1))),
            ("la opción 3", Some(Pick::Nth(2))),
            ("la número dos", Some(Pick::Nth(1))),
            ("la dos", Some(Pick::Nth(1))),
            ("la última", Some(Pick::Last)),
            ("mejor la más tarde", Some(Pick::Later)),
            ("más temprano", Some(Pick::Earlier)),
            ("cualquiera", Some(Pick::Any)),
            ("me da igual", Some(Pick::Any)),
            ("la primera disponible", None),
            ("el martes", None),
        ] {
            assert_eq!(pick(&words(&clean(text)), Spanish), picked, "{text}");
        }
        for text in ["sí", "Sí, por favor", "claro que sí", "vale", "ok", "de acuerdo", "me parece bien", "perfecto"]
        {
            assert!(agrees(&words(&clean(text)), Spanish), "{text}");
        }
        for text in ["no", "no, gracias", "mejor no", "no tengo", "prefiero no darlo", "omitir"] {
            assert!(declines(&words(&clean(text)), Spanish) && !agrees(&words(&clean(text)), Spanish), "{text}");
        }
    }
}
