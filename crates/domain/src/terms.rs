//! What a clinic takes, has and does: insurance, ways to pay, parking, and all
//! else that a patient may ask it.
//!
//! A model says yes where it does not know, and no where the clinic says yes.
//! What a sentence states of these has to stand in what the clinic says of
//! itself, and the same way round; that somebody will ask, does not. Words are
//! held against words, in two languages, so that what is said in other words
//! than the clinic's is sometimes taken for made up, and what is made up of the
//! clinic's own words for said.

use crate::language::Language::{self, English, Spanish};

mod alike;
mod own;
mod patterns;
mod reading;
mod things;
mod usual;

pub use own::Own;

/// What is said in its place.
pub const fn instead(language: Language) -> &'static str {
    match language {
        English => {
            "I do not know that about the clinic, and would rather not guess. I can leave your question for the clinic's team."
        }
        Spanish => {
            "No tengo ese dato de la clínica y prefiero no adivinar. Puedo dejar su pregunta al equipo de la clínica."
        }
    }
}

#[cfg(test)]
mod tests;
