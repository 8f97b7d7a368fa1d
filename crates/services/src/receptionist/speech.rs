//! The words of an answer on their way out.
//!
//! Whatever a model says, streamed or whole, leaves through [`Speech::utter`],
//! a whole sentence at a time, so that a sentence can be looked at before
//! anyone sees a word of it.

use domain::id::MessageId;

use super::Line;
use crate::feed::{Feed, Signal, Topic};

/// Points that end no sentence.
const ABBREVIATIONS: &[&str] =
    &["dr.", "dra.", "mr.", "mrs.", "ms.", "sr.", "sra.", "st.", "no.", "a.", "p.", "e.g.", "i.e."];

/// What is being said in answer to a message.
#[derive(Debug)]
pub struct Speech<'a> {
    feed: &'a Feed,
    line: Line,
    /// The id the answer will be stored under.
    pub id: MessageId,
    /// Words that are no whole sentence yet.
    pending: String,
    has_begun: bool,
    is_muted: bool,
}

impl<'a> Speech<'a> {
    pub fn new(feed: &'a Feed, line: Line) -> Self {
        Self { feed, line, id: MessageId::new(), pending: String::new(), has_begun: false, is_muted: false }
    }

    /// Takes words as they come, and says what has become a sentence.
    pub async fn hear(&mut self, words: &str) {
        self.pending.push_str(words);
        while let Some(end) = sentence_end(&self.pending) {
            let rest = self.pending.split_off(end);
            let sentence = std::mem::replace(&mut self.pending, rest);
            self.utter(&sentence).await;
        }
    }

    /// Says a whole answer, or the rest of one that was heard as it came.
    pub async fn say(&mut self, answer: &str) {
        if !self.has_begun {
            self.forget_rest();
            self.hear(answer).await;
        }
        let rest = std::mem::take(&mut self.pending);
        self.utter(&rest).await;
    }

    /// Leaves what is no whole sentence unsaid: a tool is used instead.
    pub fn forget_rest(&mut self) {
        self.pending.clear();
    }

    /// What was said cannot be taken back, so nothing more is until the answer
    /// is whole: it begins again.
    pub fn mute_if_begun(&mut self) {
        self.forget_rest();
        self.is_muted |= self.has_begun;
    }

    /// Lets one whole sentence out. Nothing else does.
    async fn utter(&mut self, sentence: &str) {
        if self.is_muted {
            return;
        }
        for words in in_pieces(sentence) {
            self.has_begun = true;
            let delta = Signal::Delta { message_id: self.id, text: words };
            self.feed.send(Topic::Conversation(self.line.conversation), delta).await;
        }
    }
}

/// Where the first sentence ends, with the space after it, if more follows.
fn sentence_end(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let (next_at, next) = letters.peek().copied()?;
        if letter == '\n' {
            return Some(next_at);
        }
        let ends = matches!(letter, '.' | '?' | '!' | '…') && next.is_whitespace();
        if ends && !is_abbreviation(&text[..=at + letter.len_utf8() - 1]) {
            return Some(next_at + next.len_utf8());
        }
    }
    None
}

fn is_abbreviation(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    ABBREVIATIONS.contains(&word.as_str())
}

/// A text as it is streamed: a few words at a time, nothing added or lost.
fn in_pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(6).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        let (mut rest, mut found) = (text.to_owned(), Vec::new());
        while let Some(end) = sentence_end(&rest) {
            let after = rest.split_off(end);
            found.push(std::mem::replace(&mut rest, after));
        }
        found.push(rest);
        found
    }

    #[test]
    fn a_sentence_is_whole_before_it_is_said() {
        assert_eq!(sentences("Hello. How are"), ["Hello. ", "How are"]);
        assert_eq!(sentences("Dr. Lin is in at 2.30 p.m. today"), ["Dr. Lin is in at 2.30 p.m. ", "today"]);
        assert_eq!(sentences("One\nTwo"), ["One\n", "Two"]);
        assert_eq!(sentences("Done."), ["Done."]);
    }

    proptest! {
        #[test]
        fn nothing_is_added_or_lost(text: String) {
            prop_assert_eq!(sentences(&text).concat(), text.clone());
            prop_assert_eq!(in_pieces(&text).concat(), text);
        }
    }
}
