//! Sentences that ask to be left alone.
//!
//! A patient may revoke consent "using any reasonable method", judged by what a
//! reasonable person would understand (47 CFR 64.1200(a)(10)). So besides
//! [keywords](super::keywords), whole sentences in English and Spanish are read
//! here, by patterns alone: the same words always get the same answer. Where
//! only some are unwelcome ("don't text before nine", "don't call, text me")
//! nothing is revoked and the conversation goes on.

use super::words::clauses;

mod patterns;

/// Whether a reasonable person would take `body` as a request to be sent
/// nothing more.
///
/// [`keywords::read`](super::keywords::read) comes first: a bare CANCEL or END
/// is read there and means nothing here.
pub fn revokes(body: &str) -> bool {
    if is_reaction(body) {
        return false;
    }
    // Commas tell "No, more times please" from "no more times please", and
    // mean nothing in "please, no more, texts". So both readings are tried.
    let sentences = phrases(body, ".!?¡¿;:…\n");
    let clauses = phrases(body, ".!?¡¿;:…\n,—–()");
    let texts_are_welcome = sentences.iter().any(|words| patterns::welcomes_texts(words));
    sentences.iter().chain(&clauses).any(|words| {
        !patterns::means_otherwise(words)
            && (patterns::refuses_texts(words) || patterns::refuses_calls(words) && !texts_are_welcome)
    })
}

/// Phones without a common standard for reactions send them as texts that quote
/// ours, opt-out line and all: `Liked “… STOP to opt out.”`
fn is_reaction(body: &str) -> bool {
    let Some((before, _)) = body.split_once(['“', '"', '«', '„']) else { return false };
    let before = clauses(before, |_| false).concat().join(" ");
    let verb = ["liked", "loved", "disliked", "laughed at", "emphasized", "questioned", "reacted to", "to"];
    let verbo = ["le gusto", "me gusta", "le encanto", "no le gusto", "se rio de", "enfatizo", "reacciono a", "a"];
    verb.contains(&before.as_str()) || verbo.contains(&before.as_str()) || before.starts_with("removed a ")
}

/// The words between any of `ends`, with pairs that mean one thing made one.
fn phrases(body: &str, ends: &str) -> Vec<Vec<String>> {
    clauses(body, |letter| ends.contains(letter)).into_iter().map(joined).collect()
}

fn joined(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        let one = match (joined.last().map(String::as_str), word.as_str()) {
            (Some("do" | "no"), "not" | "longer") => "dont",
            (Some("did"), "not") => "didnt",
            (Some("any"), "more" | "longer") => "anymore",
            (Some("por"), "favor") => "please",
            (Some("thank"), "you") => "thanks",
            (Some("un"), "subscribe") => "unsubscribe",
            (_, "unsub" | "unsuscribe" | "unsubcribe" | "unsubscibe") => {
                joined.push("unsubscribe".into());
                continue;
            }
            _ => {
                joined.push(word);
                continue;
            }
        };
        joined.pop();
        joined.push(one.into());
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::revokes;

    const REVOKING: &str = include_str!("revocation/revoking.txt");
    const NEAR_MISSES: &str = include_str!("revocation/near_misses.txt");

    #[test]
    fn every_request_to_stop_is_heard() {
        let missed: Vec<_> = REVOKING.lines().filter(|line| !revokes(line)).collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        let taken: Vec<_> = NEAR_MISSES.lines().filter(|line| revokes(line)).collect();
        assert!(taken.is_empty(), "{taken:#?}");
    }

    #[test]
    fn the_fixture_is_large_enough_and_says_nothing_twice() {
        for lines in [REVOKING, NEAR_MISSES] {
            let mut lines: Vec<_> = lines.lines().collect();
            assert!(lines.len() >= 120);
            lines.sort_unstable();
            assert!(lines.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    proptest! {
        #[test]
        fn case_and_stray_marks_change_nothing(
            line in proptest::sample::select(REVOKING.lines().collect::<Vec<_>>()),
            before in "[ 🙏\u{200b}\"'*]{0,3}",
            after in "[ 🙏!.\u{200b}*]{0,3}",
        ) {
            let dressed = format!("{before}{}{after}", line.to_uppercase());
            prop_assert!(revokes(&dressed), "{}", dressed);
            let surrounded = format!("Hi there. {line}{after}\nThanks");
            prop_assert!(revokes(&surrounded), "{}", surrounded);
        }

        #[test]
        fn no_text_breaks_the_reader(body: String, words in "(i |stop |if |no |de |me |text ){0,200}") {
            let _ = (revokes(&body), revokes(&words));
        }
    }
}
