//! The built-in receptionist: reads plain text, needs no key and no network.
//!
//! It remembers nothing. Each call reads the transcript again, folds it into a
//! draft of the visit the patient wants, and decides one step from that.

mod answers;
mod aside;
mod catalogue;
mod changing;
mod choice;
mod clock;
mod contact;
mod dates;
mod draft;
mod found;
mod fuzzy;
mod holidays;
mod intent;
mod policy;
mod questions;
mod reaching;
mod read;
mod refusals;
mod say;
mod search;
mod slot;
mod spanish;
mod text;
mod when;

#[cfg(test)]
mod aside_conversations;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod phrasings;
#[cfg(test)]
mod reaching_conversations;
#[cfg(test)]
mod spanish_conversations;
#[cfg(test)]
mod spanish_phrasings;
#[cfg(test)]
pub(super) mod world;

use domain::language::{Language, Spoken};

use self::say::said;
pub use self::when::when;
use super::model::{ClinicFacts, Entry, Step};

/// What to do next, given the conversation so far. Pure: same input, same answer.
pub fn next(facts: &ClinicFacts, transcript: &[Entry]) -> Step {
    let language = language(facts, transcript);
    let (reaching, rest) = reaching::Reaching::fold(facts, transcript, language);
    let (changing, rest) = changing::Changing::fold(facts, &rest, language);
    let step = reaching.next().or_else(|| changing.next(facts));
    let step = step.unwrap_or_else(|| policy::next(&draft::Draft::fold(facts, &rest, language)));
    match step {
        Step::Say(text) => Step::Say(say::tidy(&text)),
        call => call,
    }
}

/// The language of a conversation: the clinic's own until the patient speaks
/// another.
pub fn language(facts: &ClinicFacts, transcript: &[Entry]) -> Language {
    let mut spoken = Spoken::beginning_with(facts.language);
    for entry in transcript {
        if let Entry::Patient { text, .. } = entry {
            spoken.hear(text);
        }
    }
    spoken.language
}

/// Whether a message says no to what was just proposed, in either language.
pub fn declines(message: &str) -> bool {
    let words = text::words(&text::clean(message));
    Language::ALL.into_iter().any(|language| choice::declines(&words, language))
}

/// What is said where tool after tool led nowhere.
pub fn gone_in_circles(language: Language, facts: &ClinicFacts) -> String {
    let phone = facts.phone.as_ref();
    let reach = phone.map(|phone| said!(language, "You can also call {phone}.", "También puede llamar al {phone}."));
    say::paragraphs(&[
        said!(
            language,
            "I could not work that out, and nothing has been booked. Please tell me again what you need.",
            "No lo he podido resolver, y no hay nada reservado. Dígame otra vez, por favor, qué necesita.",
        ),
        reach.unwrap_or_default(),
    ])
}
