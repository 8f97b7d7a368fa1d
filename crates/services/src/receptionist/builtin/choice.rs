//! How a patient points at one of the times on offer.

use super::dates::weekday;
use super::text::{Word, joined, says, says_any};

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

/// What a message points at: "the first one", "the later one", "number 2".
pub fn pick(words: &[Word]) -> Option<Pick> {
    let line = joined(words);
    const LATER: &[&str] = &[
        "the later",
        "later one",
        "later slot",
        "later time",
        "make it later",
        "a bit later",
        "little later",
        "the later one",
        "later please",
        "later instead",
        "somewhat later",
    ];
    const EARLIER: &[&str] = &[
        "the earlier",
        "earlier one",
        "earlier slot",
        "earlier time",
        "make it earlier",
        "a bit earlier",
        "little earlier",
        "earlier please",
        "sooner one",
        "earlier instead",
    ];
    const LAST: &[&str] = &[
        "the last one",
        "last one",
        "the last",
        "the latest",
        "latest one",
        "the final one",
        "last slot",
        "last option",
    ];
    const FIRST: &[&str] = &[
        "the first",
        "first one",
        "first option",
        "first slot",
        "1st one",
        "the 1st",
        "the top one",
        "earliest one",
        "the earliest",
        "the former",
        "first please",
        "first is fine",
        "first works",
    ];
    const ANY: &[&str] = &[
        "any of them",
        "any of those",
        "any of these",
        "either",
        "either one",
        "you choose",
        "you pick",
        "any is fine",
        "whichever",
        "any one",
        "dont mind",
        "dont care",
        "up to you",
    ];
    if says_any(&line, LAST) || words_are(&line, &["last", "latest"]) {
        return Some(Pick::Last);
    }
    if says_any(&line, LATER) || words_are(&line, &["later"]) {
        return Some(Pick::Later);
    }
    if says_any(&line, EARLIER) || words_are(&line, &["earlier", "sooner"]) {
        return Some(Pick::Earlier);
    }
    let ranks = !says_any(
        &line,
        &[
            "first available",
            "first free",
            "first opening",
            "first appointment",
            "first week",
            "first of all",
            "first time",
            "first day",
            "first thing",
        ],
    );
    if ranks && says_any(&line, FIRST) || words_are(&line, &["first", "1st"]) {
        return Some(Pick::Nth(0));
    }
    if let Some(n) = nth(&line, words).filter(|_| ranks) {
        return Some(Pick::Nth(n));
    }
    says_any(&line, ANY).then_some(Pick::Any)
}

/// Which other times a patient asks to see: "anything later?"
pub fn more(words: &[Word]) -> Option<More> {
    let line = joined(words);
    let asks = says_any(
        &line,
        &["anything", "something", "any", "else", "have", "got", "is there", "are there", "do you", "could"],
    );
    let dated = words
        .iter()
        .any(|word| weekday(&word.text).is_some() || matches!(word.text.as_str(), "week" | "today" | "month" | "than"));
    if asks && !dated && says_any(&line, &["later"]) && !says_any(&line, &["the later", "later one"]) {
        return Some(More::Later);
    }
    if asks && !dated && says_any(&line, &["earlier", "sooner"]) && !says_any(&line, &["the earlier", "earlier one"]) {
        return Some(More::Earlier);
    }
    const OTHERS: &[&str] = &[
        "other times",
        "more times",
        "more options",
        "other options",
        "none of those",
        "none of these",
        "none of them",
        "neither",
        "something else",
        "anything else",
        "other slots",
        "what else",
        "different time",
        "another time",
        "those dont work",
        "these dont work",
        "none work",
        "doesnt work for me",
        "dont work for me",
        "different day",
        "another day",
        "other day",
        "other days",
        "a different date",
        "change the day",
        "change the time",
        "change the date",
        "that doesnt work",
        "cant make it",
        "cant make that",
        "cant do that",
        "not that one",
        "not that time",
        "not that day",
        "that doesnt suit",
        "doesnt suit",
    ];
    says_any(&line, OTHERS).then_some(More::Others)
}

/// Whether the patient agrees to what was just proposed.
pub fn agrees(words: &[Word]) -> bool {
    const YES: &[&str] = &[
        "yes",
        "yeah",
        "yea",
        "yep",
        "yup",
        "ya",
        "sure",
        "ok",
        "okay",
        "okey",
        "k",
        "y",
        "fine",
        "perfect",
        "great",
        "absolutely",
        "definitely",
        "correct",
        "alright",
        "cool",
        "lovely",
        "excellent",
        "awesome",
        "indeed",
        "certainly",
        "please",
        "si",
        "yess",
        "yesss",
        "right",
    ];
    const PHRASES: &[&str] = &[
        "that works",
        "works for me",
        "sounds good",
        "sounds great",
        "book it",
        "hold it",
        "go ahead",
        "do it",
        "that one",
        "take it",
        "thats fine",
        "that is fine",
        "thats good",
        "thats great",
        "that suits",
        "go for it",
        "id like that",
        "good for me",
        "lets do it",
        "lets go with that",
        "lets book",
        "please do",
        "of course",
        "that would be",
        "thats perfect",
        "book that",
        "hold that",
        "ill take that",
        "reserve it",
        "it works",
        "this works",
        "confirm",
        "thats correct",
        "thats right",
        "i agree",
        "it is fine",
        "its fine",
        "works great",
        "works well",
    ];
    let line = joined(words);
    if declines(words) {
        return false;
    }
    let starts = words.first().is_some_and(|word| YES.contains(&word.text.as_str()));
    (starts && words.len() <= 12)
        || says_any(&line, PHRASES)
        || (words.len() <= 3 && words.iter().any(|word| YES.contains(&word.text.as_str())))
}

/// Whether the patient says no to what was just proposed.
pub fn declines(words: &[Word]) -> bool {
    const NO: &[&str] = &["no", "nope", "nah", "not", "none", "n", "non", "noo", "skip", "neither"];
    const PHRASES: &[&str] = &[
        "no thanks",
        "no thank you",
        "rather not",
        "dont want",
        "not really",
        "dont have",
        "do not have",
        "havent got",
        "no need",
        "prefer not",
        "doesnt work",
        "not that",
        "i dont",
        "id rather not",
        "without",
        "thats all",
        "that is all",
        "thats it",
    ];
    words.first().is_some_and(|word| NO.contains(&word.text.as_str())) || says_any(&joined(words), PHRASES)
}

// "the second one", "number 2", "option 3", "#2", "2nd slot"
fn nth(line: &str, words: &[Word]) -> Option<usize> {
    const PLACES: &[(usize, &[&str])] = &[
        (1, &["second", "2nd", "two", "2"]),
        (2, &["third", "3rd", "three", "3"]),
        (3, &["fourth", "4th", "four", "4"]),
        (4, &["fifth", "5th", "five", "5"]),
        (5, &["sixth", "6th", "six", "6"]),
        (0, &["first", "1st", "one", "1"]),
    ];
    let alone = words.len() <= 4;
    PLACES
        .iter()
        .find(|(_, names)| {
            let ordinals = &names[..2];
            ordinals.iter().any(|name| {
                ["one", "option", "slot", "time", "choice"].iter().any(|noun| says(line, &format!("{name} {noun}")))
                    || (alone && says(line, &format!("the {name}")))
            }) || names.iter().any(|name| {
                ["number", "option", "no", "choice", "nr"].iter().any(|noun| says(line, &format!("{noun} {name}")))
            })
        })
        .map(|(n, _)| *n)
}

// The message is little more than one of `some`.
fn words_are(line: &str, some: &[&str]) -> bool {
    const FILLERS: &[&str] = &[
        "the", "please", "one", "make", "it", "ok", "then", "yes", "no", "actually", "a", "bit", "lets", "do", "go",
        "with",
    ];
    let core: Vec<&str> = line.split_whitespace().filter(|word| !FILLERS.contains(word)).collect();
    matches!(core[..], [word] if some.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, words};
    use super::*;

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
            assert_eq!(pick(&words(&clean(text))), picked, "{text}");
        }
    }

    #[test]
    fn yes_and_no_are_told_apart() {
        for text in ["yes", "Yes please!", "that works", "ok", "sounds good", "sure, book it", "perfect thanks", "y"] {
            assert!(agrees(&words(&clean(text))), "{text}");
        }
        for text in ["no", "no thanks", "not really", "skip", "i dont have one", "that doesnt work"] {
            assert!(declines(&words(&clean(text))) && !agrees(&words(&clean(text))), "{text}");
        }
    }
}
