//! Where sentences end.

/// The sentences of a reply, in order and with their marks.
///
/// A full stop after "Dr." or "p. m." ends nothing; an empty line and the next
/// item of a list do.
pub fn sentences(reply: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, letter) in reply.char_indices() {
        let end = at + letter.len_utf8();
        let rest = &reply[end..];
        let ends = match letter {
            '!' | '?' | '…' => !rest.starts_with(['!', '?', '.', '…', '"', '”', ')', '*', '_']),
            '.' => rest.starts_with(char::is_whitespace) && !is_abbreviation(&reply[start..at], rest),
            '\n' => rest.trim_start_matches([' ', '\t']).starts_with(['\n', '-', '*', '•', '#']),
            _ => false,
        };
        // What closes a quotation or emphasis belongs to the sentence it closes.
        let closes = matches!(letter, '"' | '”' | ')' | '*' | '_')
            && reply[start..at].trim_end_matches(['"', '”', ')', '*', '_']).ends_with(['.', '!', '?', '…'])
            && rest.starts_with(char::is_whitespace);
        if ends || closes {
            sentences.push(&reply[start..end]);
            start = end;
        }
    }
    sentences.push(&reply[start..]);
    sentences.into_iter().map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

fn is_abbreviation(before: &str, rest: &str) -> bool {
    let word = before.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let is_title = ["dr", "dra", "mr", "mrs", "ms", "st", "sr", "sra", "no", "núm"].contains(&word.as_str());
    let next = rest.trim_start().chars().next();
    match word.as_str() {
        _ if is_title => true,
        // "p. m." before a small letter or its own second half goes on.
        "a" | "p" => next.is_some_and(|next| matches!(next, 'm' | 'M')),
        _ => next.is_some_and(char::is_lowercase),
    }
}

#[cfg(test)]
mod tests {
    use super::sentences;

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
}
