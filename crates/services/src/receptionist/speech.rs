//! The words of an answer on their way out.
//!
//! Whatever a model says, streamed or whole, leaves through [`Speech`], a whole
//! sentence at a time, and only past the [`Gate`]. What is stored as the answer
//! is what was said here, and nothing else.

use domain::id::MessageId;
use domain::{disclosure, truth};

use super::Line;
use super::gate::{Gate, Judged};
use crate::feed::{Feed, Signal, Topic};

/// What is being said in answer to a message.
#[derive(Debug)]
pub struct Speech<'a> {
    feed: &'a Feed,
    line: Line,
    /// The id the answer will be stored under.
    pub id: MessageId,
    pub gate: Gate,
    /// Words that are no whole sentence yet.
    pending: String,
    /// From the first sentence on that may not be said. The model may go on to
    /// make it true with a tool, so what becomes of it is decided at the end of
    /// its step.
    withheld: Vec<String>,
    said: String,
    /// Words of this step came as the model made them.
    is_heard: bool,
    is_muted: bool,
}

impl<'a> Speech<'a> {
    pub fn new(feed: &'a Feed, line: Line, gate: Gate) -> Self {
        Self {
            feed,
            line,
            id: MessageId::new(),
            gate,
            pending: String::new(),
            withheld: Vec::new(),
            said: String::new(),
            is_heard: false,
            is_muted: false,
        }
    }

    /// Takes words as they come, and says what has become a sentence.
    pub fn hear(&mut self, words: &str) {
        self.is_heard = true;
        self.pending.extend(words.chars().filter(|letter| !letter.is_control() || *letter == '\n'));
        while let Some(next) = truth::next_sentence(&self.pending) {
            let rest = self.pending.split_off(next);
            let sentence = std::mem::replace(&mut self.pending, rest);
            self.utter(sentence);
        }
    }

    /// Says a whole answer, or the rest of one that was heard as it came, and
    /// the truth in place of what was withheld.
    pub fn say(&mut self, answer: &str) {
        if !self.is_heard {
            self.hear(answer);
        }
        let rest = std::mem::take(&mut self.pending);
        self.utter(rest);
        let mut has_replaced = false;
        for sentence in std::mem::take(&mut self.withheld) {
            match self.gate.judge(&sentence) {
                Judged::Sound => self.let_out(&sentence),
                // One truth stands for any number of lies.
                Judged::Unsound(_) if has_replaced => {}
                Judged::Unsound(instead) => {
                    has_replaced = true;
                    let gap = &sentence[sentence.trim_end().len()..];
                    let gap = if gap.is_empty() { " " } else { gap };
                    self.let_out(&format!("{instead}{gap}"));
                }
            }
        }
    }

    /// Leaves what is not said yet unsaid: a tool is used instead.
    pub fn forget_rest(&mut self) {
        self.pending.clear();
        self.withheld.clear();
        self.is_heard = false;
    }

    /// What was said cannot be taken back, so nothing more is until the answer
    /// is whole: it begins again.
    pub fn begin_again(&mut self) {
        self.forget_rest();
        self.is_muted |= !self.said.is_empty();
        self.said.clear();
    }

    /// All that was said, to be stored.
    pub fn into_text(self) -> String {
        self.said.trim().to_owned()
    }

    fn utter(&mut self, sentence: String) {
        if sentence.trim().is_empty() && self.withheld.is_empty() {
            return self.let_out(&sentence);
        }
        if self.said.is_empty() && self.gate.manners.as_ref().is_some_and(|manners| manners.asks_who) {
            self.introduce(&sentence);
        }
        if self.withheld.is_empty() && matches!(self.gate.judge(&sentence), Judged::Sound) {
            self.let_out(&sentence);
        } else {
            self.withheld.push(sentence);
        }
    }

    /// Whoever asks is told that it is a machine, unless that comes next.
    fn introduce(&mut self, next: &str) {
        if !disclosure::is_said(next) {
            let introduction = disclosure::sentence(self.gate.language_of(next));
            self.let_out(&format!("{introduction} "));
        }
    }

    /// Lets words out. Nothing else does.
    fn let_out(&mut self, words: &str) {
        // Two steps of one answer are two sentences.
        let is_apart = self.said.is_empty() || self.said.ends_with(char::is_whitespace) || words.is_empty();
        let words = if is_apart { words.to_owned() } else { format!(" {words}") };
        self.said.push_str(&words);
        if self.is_muted {
            return;
        }
        let deltas = in_pieces(&words).into_iter().map(|text| Signal::Delta { message_id: self.id, text });
        self.feed.send_all(Topic::Conversation(self.line.conversation), deltas);
    }
}

/// A text as it is streamed: a few words at a time, nothing added or lost.
fn in_pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(6).map(<[&str]>::concat).flat_map(|piece| cut(&piece)).collect()
}

/// Pieces that a signal has room for, whatever a model takes for a word.
fn cut(piece: &str) -> Vec<String> {
    let letters: Vec<char> = piece.chars().collect();
    letters.chunks(1_000).map(|some| some.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_added_or_lost(text: String) {
            prop_assert_eq!(in_pieces(&text).concat(), text);
        }
    }
}
