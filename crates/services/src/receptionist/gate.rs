//! What stands between a model and a patient.
//!
//! Every sentence is judged before a word of it leaves. Whoever says it, it may
//! claim only what the conversation's rows bear out. A language model, besides,
//! gives no medical advice, quotes no number, price or address that is not the
//! clinic's own, says of the clinic only what the clinic says, and does not say
//! that it is a person. A bare yes or no is held to what was asked.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::asked::{self, Answer, Asked};
use domain::language::Language;
use domain::quoted::{Known, Quoted};
use domain::truth::{self, Act, Claim, Fact, Verdict};
use domain::{advice, disclosure, terms};

use super::hours;
use super::model::{ClinicFacts, Entry};
use super::settings::Settings;

/// Judges sentences by what is so.
#[derive(Clone, Debug)]
pub struct Gate {
    /// On the clinic's clock.
    pub today: NaiveDate,
    /// What is committed, and what was shown.
    pub facts: Vec<Fact>,
    /// The conversation's, where a sentence does not say its own.
    pub language: Language,
    /// Of a language model; the built-in receptionist makes nothing up.
    pub manners: Option<Manners>,
}

/// What a language model has to be watched for.
#[derive(Clone, Debug)]
pub struct Manners {
    clinic: Arc<ClinicFacts>,
    /// What the clinic says of itself.
    own: Known,
    /// What it and its staff say of what it takes, has and does.
    terms: terms::Own,
    /// What this patient and the staff wrote.
    given: Known,
    /// What the patient asked last.
    asked: Vec<Asked>,
    /// The patient asks whether it is a machine.
    pub asks_who: bool,
}

/// What becomes of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    Sound,
    /// What is said in its place.
    Unsound(String),
}

impl Gate {
    pub fn judge(&self, sentence: &str) -> Judged {
        match self.judge_answer(sentence) {
            Judged::Sound => self.judge_itself(sentence),
            unsound => unsound,
        }
    }

    /// "Yes." says that what was asked is so.
    fn judge_answer(&self, sentence: &str) -> Judged {
        let answered = self.manners.as_ref().zip(asked::bare(sentence));
        let Some((manners, answer)) = answered else { return Judged::Sound };
        let language = self.language;
        if manners.asks_who {
            return Judged::Unsound(disclosure::sentence(language).to_owned());
        }
        for asked in &manners.asked {
            let is_claim = asked.is_of_what_is && answer == Answer::Yes;
            if is_claim && !truth::check(&asked.answered(answer), self.today, &self.facts).may_be_said() {
                tracing::warn!("a yes that no row bears out was not said");
                return Judged::Unsound(truth::replacement(&self.facts, language));
            }
            if let Some(instead) = manners.instead_of_answer(asked, answer, language, self.today) {
                return Judged::Unsound(instead);
            }
        }
        Judged::Sound
    }

    fn judge_itself(&self, sentence: &str) -> Judged {
        if let Verdict::Unbacked(claim) = truth::check(sentence, self.today, &self.facts)
            && !self.takes_for_granted(&claim)
        {
            tracing::warn!(act = ?claim.act, "a sentence that no row bears out was not said");
            return Judged::Unsound(truth::replacement(&self.facts, self.language_of(sentence)));
        }
        let instead = |manners: &Manners| manners.instead_of(sentence, self.language_of(sentence), self.today);
        match self.manners.as_ref().and_then(instead) {
            Some(instead) => Judged::Unsound(instead),
            None => Judged::Sound,
        }
    }

    /// The built-in receptionist names an hour only where a tool or the patient
    /// did, such as one that is not open; that it is no row proves nothing. What
    /// it says was done is held against the rows like everybody's.
    fn takes_for_granted(&self, claim: &Claim) -> bool {
        self.manners.is_none() && claim.code.is_none() && matches!(claim.act, Act::Named | Act::Offered)
    }

    pub fn language_of(&self, sentence: &str) -> Language {
        truth::language(sentence).unwrap_or(self.language)
    }
}

impl Manners {
    pub fn new(clinic: Arc<ClinicFacts>, settings: &Settings, transcript: &[Entry]) -> Self {
        let types = clinic.appointment_types.iter();
        let descriptions = types.flat_map(|kind| kind.description.as_deref().into_iter().chain([kind.name.as_str()]));
        let about = [&clinic.address, &clinic.phone, &clinic.email].into_iter().flatten().map(String::as_str);
        let brief = &settings.published;
        let words = [clinic.name.as_str(), &brief.tone, &brief.greeting_rules, &brief.rules];
        let texts: Vec<&str> = words.into_iter().chain(about).chain(descriptions).collect();
        let mut own = Known::of(texts.iter().copied());
        let written = transcript.iter().filter_map(|entry| match entry {
            Entry::Member { text } => Some(text.as_str()),
            _ => None,
        });
        let who = clinic.practitioners.iter().map(|who| who.name.as_str());
        let kinds = clinic.appointment_types.iter().map(|kind| kind.name.as_str());
        let names = kinds.chain([clinic.name.as_str()]).chain(clinic.address.as_deref());
        let told = transcript.iter().filter_map(|entry| match entry {
            Entry::Patient { text, .. } => Some(Cow::Borrowed(text.as_str())),
            Entry::Tool { output, .. } => Some(Cow::Owned(output.to_string())),
            _ => None,
        });
        let told: Vec<Cow<'_, str>> = told.collect();
        let terms = terms::Own::of(texts.into_iter().chain(written), names, who).given(told.iter().map(AsRef::as_ref));
        for price in clinic.appointment_types.iter().filter_map(|kind| kind.price_minor) {
            own.add_price(&format!("{}.{:02}", price / 100, price % 100));
        }
        let given = Known::of(transcript.iter().filter_map(|entry| match entry {
            Entry::Caller { phone } => Some(phone.as_str()),
            Entry::Patient { text, .. } | Entry::Member { text } => Some(text.as_str()),
            Entry::Receptionist { .. } | Entry::Tool { .. } => None,
        }));
        let newest = transcript.iter().rev().find_map(|entry| match entry {
            Entry::Patient { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let asks_who = newest.is_some_and(disclosure::is_asked);
        let asked = newest.map(Asked::all).unwrap_or_default();
        Self { clinic, own, terms, given, asked, asks_who }
    }

    fn instead_of_answer(&self, asked: &Asked, answer: Answer, language: Language, today: NaiveDate) -> Option<String> {
        if !hours::are_so(&self.clinic, &asked.answered(answer), today) {
            tracing::warn!("an answer on hours that is not so was not said");
            return Some(hours::in_words(&self.clinic, language, today));
        }
        if self.terms.lacks_answer(asked, answer) {
            tracing::warn!("an answer about the clinic that it does not give was not said");
            return Some(terms::instead(language).to_owned());
        }
        None
    }

    fn instead_of(&self, sentence: &str, language: Language, today: NaiveDate) -> Option<String> {
        if !hours::are_so(&self.clinic, sentence, today) {
            tracing::warn!("a sentence with hours that are not the clinic's was not said");
            return Some(hours::in_words(&self.clinic, language, today));
        }
        if advice::is_given(sentence) {
            tracing::warn!("a sentence with medical advice was not said");
            return Some(advice::instead(language).to_owned());
        }
        if disclosure::is_denied(sentence) {
            tracing::warn!("a model that said to be a person was not believed");
            return Some(disclosure::sentence(language).to_owned());
        }
        if let Some(instead) = self.instead_of_quoted(sentence, language) {
            return Some(instead);
        }
        if self.terms.lacks(sentence) {
            tracing::warn!("a sentence about what the clinic takes or has, which it does not say, was not said");
            return Some(terms::instead(language).to_owned());
        }
        None
    }

    fn instead_of_quoted(&self, sentence: &str, language: Language) -> Option<String> {
        let quoted = self.own.lacks(sentence)?;
        // Of what patients write, only how to reach them is theirs to say.
        let is_reach = matches!(quoted, Quoted::Phone | Quoted::Email);
        if is_reach && !speaks_of_the_clinic(sentence) && self.given.lacks(sentence).is_none() {
            return None;
        }
        tracing::warn!(?quoted, "a sentence that quotes what the clinic does not say was not said");
        Some(self.own_words(quoted, language))
    }

    /// What the clinic does say.
    fn own_words(&self, quoted: Quoted, language: Language) -> String {
        match (quoted, language) {
            (Quoted::Address, _) => self.where_it_is(language),
            (Quoted::Price, Language::English) => {
                format!("I can only give you the clinic's own prices. {}", self.reach(language))
            }
            (Quoted::Price, Language::Spanish) => {
                format!("Solo puedo darle los precios de la clínica. {}", self.reach(language))
            }
            (Quoted::Phone | Quoted::Email | Quoted::Link, _) => self.reach(language),
        }
    }

    fn where_it_is(&self, language: Language) -> String {
        match (&self.clinic.address, language) {
            (Some(address), Language::English) => format!("The clinic is at {}.", address.trim_end_matches('.')),
            (Some(address), Language::Spanish) => format!("La clínica está en {}.", address.trim_end_matches('.')),
            (None, _) => self.reach(language),
        }
    }

    fn reach(&self, language: Language) -> String {
        let both = [&self.clinic.phone, &self.clinic.email];
        let ways: Vec<&str> = both.into_iter().flatten().map(String::as_str).collect();
        match (ways.is_empty(), language) {
            (true, Language::English) => "Please ask at the front desk.".to_owned(),
            (true, Language::Spanish) => "Por favor, pregunte en recepción.".to_owned(),
            (false, Language::English) => format!("You can reach the clinic at {}.", ways.join(" or ")),
            (false, Language::Spanish) => format!("Puede comunicarse con la clínica en {}.", ways.join(" o ")),
        }
    }
}

/// What a patient gave is theirs, and not the clinic's.
fn speaks_of_the_clinic(sentence: &str) -> bool {
    const WORDS: &[&str] = &[
        "our",
        "ours",
        "us",
        "clinic",
        "clinic's",
        "office",
        "nuestro",
        "nuestra",
        "nuestros",
        "nuestras",
        "clínica",
        "consultorio",
        "llámenos",
        "escríbanos",
        "visítenos",
    ];
    let sentence = sentence.to_lowercase();
    let mut words = sentence.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    words.any(|word| WORDS.contains(&word))
}
