//! Where sentences end.

/// The sentences of a reply, in order and with their marks.
///
/// A full stop after "Dr." or "p. m." ends nothing; an empty line and the next
/// item of a list do.
pub fn sentences(reply: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, letter) in reply.char_indices() {
        if ends(&reply[start..at], letter, &reply[at + letter.len_utf8()..]) {
            let end = at + letter.len_utf8();
            sentences.push(&reply[start..end]);
            start = end;
        }
    }
    sentences.push(&reply[start..]);
    sentences.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

/// Where the next sentence begins in a reply that is still being written; none
/// until what follows the first one shows that it has ended.
pub fn next_sentence(reply: &str) -> Option<usize> {
    let (mut start, mut has_begun) = (0, false);
    for (at, letter) in reply.char_indices() {
        let end = at + letter.len_utf8();
        if !has_begun && letter.is_whitespace() {
            start = end;
            continue;
        }
        has_begun = true;
        let rest = &reply[end..];
        // What is still to come may be the "m." of "p. m.".
        rest.find(|letter: char| !is_dressing(letter))?;
        let next = end + rest.find(|letter: char| !letter.is_whitespace())?;
        if ends(&reply[start..at], letter, rest) {
            return Some(next);
        }
    }
    None
}

/// Whether a sentence ends with `letter`, between the rest of it and what comes
/// after it.
fn ends(before: &str, letter: char, rest: &str) -> bool {
    const CLOSING: [char; 5] = ['"', '”', ')', '*', '_'];
    match letter {
        '!' | '?' | '…' => !rest.starts_with(['!', '?', '.', '…', '"', '”', ')', '*', '_']),
        '.' => rest.starts_with(char::is_whitespace) && !is_abbreviation(before, rest),
        '\n' => rest.trim_start_matches([' ', '\t']).starts_with(['\n', '-', '*', '•', '#']),
        // What closes a quotation or emphasis belongs to the sentence it closes.
        _ if CLOSING.contains(&letter) => {
            before.trim_end_matches(CLOSING).ends_with(['.', '!', '?', '…']) && rest.starts_with(char::is_whitespace)
        }
        _ => false,
    }
}

fn is_abbreviation(before: &str, rest: &str) -> bool {
    let word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let is_title = ["dr", "dra", "mr", "mrs", "ms", "st", "sr", "sra", "no", "núm"].contains(&word.as_str());
    let next = rest.trim_start_matches(is_dressing).chars().next();
    match word.as_str() {
        _ if is_title => true,
        // "p. m." before a small letter or its own second half goes on.
        "a" | "p" => next.is_some_and(|next| matches!(next, 'm' | 'M')),
        _ => next.is_some_and(char::is_lowercase),
    }
}

/// What may stand before a word and says nothing.
const fn is_dressing(letter: char) -> bool {
    matches!(letter, ' ' | '\n' | '\t' | '\r' | '\u{a0}' | '*' | '_' | '`' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{next_sentence, sentences};

    /// What `next_sentence` finds while the reply arrives, letter by letter.
    fn heard(reply: &str) -> Vec<String> {
        let (mut pending, mut heard) = (String::new(), Vec::new());
        for letter in reply.chars() {
            pending.push(letter);
            while let Some(next) = next_sentence(&pending) {
                let rest = pending.split_off(next);
                heard.push(std::mem::replace(&mut pending, rest));
            }
        }
        heard.push(pending);
        heard
    }

    #[test]
    fn a_reply_falls_into_sentences() {
        let reply =
            "Hello! See Dr. Lin at 3:00 p. m. on Tue. 24 Nov. Is that all right?? **Yes.** Fine\n\n- one\n- two";
        let read = sentences(reply);
        assert_eq!(
            read,
            [
                "Hello!",
                "See Dr. Lin at 3:00 p. m. on Tue.",
                "24 Nov.",
                "Is that all right??",
                "**Yes.**",
                "Fine",
                "- one",
                "- two"
            ]
        );
        assert_eq!(sentences("3:00 p. m.\nthen"), ["3:00 p. m.\nthen"]);
        assert!(sentences(" \n ").is_empty());
    }

    #[test]
    fn a_sentence_is_whole_before_it_is_let_go() {
        assert_eq!(heard("Hello. How are"), ["Hello. ", "How are"]);
        assert_eq!(heard("Dr. Lin is in at 3:00 p. m. today. Yes"), ["Dr. Lin is in at 3:00 p. m. today. ", "Yes"]);
        assert_eq!(heard("One\nTwo\n\nThree"), ["One\nTwo\n\n", "Three"]);
        assert_eq!(heard("\n\nDone."), ["\n\nDone."]);
        assert_eq!(heard("Ref. *number* 7. **Yes**"), ["Ref. *number* 7. ", "**Yes**"]);
    }

    proptest! {
        #[test]
        fn what_arrives_in_pieces_falls_into_the_same_sentences(
            text in "([A-Za-z]{1,3}|Dr|p|m|[.!?…\n]|[.!?…][*\")_]|[ \n]|- ){0,40}",
        ) {
            let heard = heard(&text);
            prop_assert_eq!(heard.concat(), text.clone());
            let heard: Vec<&str> = heard.iter().map(|one| one.trim()).filter(|one| !one.is_empty()).collect();
            prop_assert_eq!(heard, sentences(&text));
        }
    }
}
