//! The emergency gate: what is read before any model reads it.
//!
//! A message that speaks of present danger to life, in English or Spanish, gets
//! a fixed answer with the number to call. Patterns alone decide, so the same
//! words always get the same answer, and in doubt it is an emergency: an answer
//! too many costs a patient one message, one too few may cost a life.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::pattern::Patterns;

mod answer;
mod english;
mod reading;
mod spanish;

pub use answer::answer;

/// What a message says is happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Thoughts of suicide or self-harm.
    Suicide,
    Violence,
    Pregnancy,
    /// A baby in danger, whatever of.
    Infant,
    /// Overdose, too.
    Poisoning,
    Allergy,
    Heart,
    Stroke,
    /// Seizures, too.
    Unconscious,
    Breathing,
    Bleeding,
    Injury,
    /// Help is asked for and nothing is said about why.
    General,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suicide => "suicide",
            Self::Violence => "violence",
            Self::Infant => "infant",
            Self::Pregnancy => "pregnancy",
            Self::Poisoning => "poisoning",
            Self::Allergy => "allergy",
            Self::Stroke => "stroke",
            Self::Unconscious => "unconscious",
            Self::Breathing => "breathing",
            Self::Heart => "heart",
            Self::Bleeding => "bleeding",
            Self::Injury => "injury",
            Self::General => "general",
        }
    }
}

/// A message that speaks of present danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emergency {
    pub kind: Kind,
    /// The language it is written in.
    pub language: Language,
}

/// What `text` says about present danger to somebody's life, if anything.
///
/// What is past, denied, asked about in general or a figure of speech is none.
pub fn check(text: &str) -> Option<Emergency> {
    let phrases = reading::phrases(text);
    let written_in = reading::language(&phrases);
    let phrases: Vec<_> = phrases.iter().map(|words| HARMLESS.cover(words)).collect();
    let found = |kind, patterns: &Patterns| phrases.iter().any(|words| patterns.occur(words)).then_some(kind);
    let first = DANGERS.iter().find_map(|danger| found((danger.kind, danger.language), &danger.patterns));
    let (kind, language) = first?;
    let is_about_a_baby = phrases.iter().any(|words| BABIES.occur(words));
    let kind = match kind {
        Kind::Poisoning
        | Kind::Allergy
        | Kind::Unconscious
        | Kind::Breathing
        | Kind::Bleeding
        | Kind::Injury
        | Kind::General
            if is_about_a_baby =>
        {
            Kind::Infant
        }
        other => other,
    };
    Some(Emergency { kind, language: written_in.unwrap_or(language) })
}

struct Danger {
    kind: Kind,
    language: Language,
    patterns: Patterns,
}

static HARMLESS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(&[english::HARMLESS, spanish::HARMLESS].concat(), list));

static BABIES: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &["BABY|BEBE", "month|months|week|weeks|mo|wk|day|days old", "meses|semanas|dias ~ de ~ nacido|nacida|edad"],
        list,
    )
});

// The most telling kind first: who wants to die by an overdose is given the
// crisis line.
static DANGERS: LazyLock<Vec<Danger>> = LazyLock::new(|| {
    let pairs = english::DANGERS.iter().zip(spanish::DANGERS);
    pairs
        .flat_map(|(english, spanish)| [(english, Language::English), (spanish, Language::Spanish)])
        .map(|((kind, patterns), language)| Danger { kind: *kind, language, patterns: Patterns::new(patterns, list) })
        .collect()
});

/// Both languages together where both have something: people mix them.
fn list(name: &str) -> Option<&'static str> {
    static IDLE: LazyLock<String> = LazyLock::new(|| both("IDLE"));
    static COURTESY: LazyLock<String> = LazyLock::new(|| both("COURTESY"));
    match name {
        "IDLE" => Some(&IDLE),
        "COURTESY" => Some(&COURTESY),
        _ => english::list(name).or_else(|| spanish::list(name)),
    }
}

fn both(name: &str) -> String {
    [english::list(name), spanish::list(name)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
