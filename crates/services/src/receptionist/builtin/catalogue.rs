//! Which of the clinic's appointment types and practitioners a message names.

use domain::language::Language;

use super::super::model::{ClinicFacts, PractitionerFacts, TypeFacts};
use super::fuzzy::{distance, resembles};
use super::text::{Word, joined, says, says_any};

mod english;
mod spanish;

/// The appointment types a message may mean, by position in the clinic's list.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TypeMention {
    #[default]
    None,
    One(usize),
    /// One of these; the words fit several.
    OneOf(Vec<usize>),
    /// Each of these, in the order mentioned.
    Each(Vec<usize>),
}

/// Who the patient wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Who {
    #[default]
    Unsaid,
    Anyone,
    One(usize),
    /// Somebody who is not in the clinic's list.
    Stranger(String),
}

/// How types and people are spoken of in one language.
struct Lists {
    anyone: &'static [&'static str],
    /// What takes back what was said before.
    corrects: &'static [&'static str],
    /// Words of a type's name that tell it from no other.
    common: &'static [&'static str],
    articles: &'static [&'static str],
    not: &'static [&'static str],
    /// Denies what stands before it.
    not_after: &'static [&'static str],
    instead_of: &'static [&'static [&'static str]],
    /// What leads to a name, and may stand between.
    leads: &'static [&'static str],
    after_lead: &'static [&'static str],
    /// After "the doctor", what is no name.
    after_title: &'static [&'static str],
    /// Words near a name that are none.
    no_names: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    }
}

/// The appointment type `words` name, leaving out those they rule out.
pub fn appointment_type(facts: &ClinicFacts, words: &[Word], language: Language) -> TypeMention {
    let lists = lists(language);
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (n, offered) in facts.appointment_types.iter().enumerate() {
        if let Some((at, score)) = mentioned(facts, offered, words, lists) {
            found.push((n, at, score));
        }
    }
    let best = found.iter().map(|(.., score)| *score).max().unwrap_or_default();
    found.retain(|(.., score)| *score == best);
    found.sort_by_key(|(_, at, _)| *at);
    match found[..] {
        [] => TypeMention::None,
        [(n, ..)] => TypeMention::One(n),
        [(_, first, _), .., (_, last, _)] if first == last => {
            TypeMention::OneOf(found.iter().map(|(n, ..)| *n).collect())
        }
        [.., (n, ..)] if says_any(&joined(words), lists.corrects) => TypeMention::One(n),
        _ => TypeMention::Each(found.iter().map(|(n, ..)| *n).collect()),
    }
}

/// The practitioner `words` name. When `bare` is set, a first name alone will do.
pub fn practitioner(facts: &ClinicFacts, words: &[Word], bare: bool, language: Language) -> Who {
    let lists = lists(language);
    let line = joined(words);
    let mut stranger = None;
    // "Let me know" is no typo of Lee's where Mia is named.
    let each = [Spelling::Right, Spelling::Nearly]
        .into_iter()
        .flat_map(|spelling| (0..words.len()).map(move |i| (spelling, i)));
    for (spelling, i) in each {
        let Some((at, title)) = introduced(words, i, bare, lists) else { continue };
        if ruled_out(words, i, lists) {
            continue;
        }
        match (by_name(facts, words, at, spelling, lists), title) {
            (Some(n), _) => return Who::One(n),
            (None, true) => {
                stranger = words
                    .get(at)
                    .filter(|w| w.text.chars().count() > 1 && w.text.chars().all(char::is_alphabetic))
                    .filter(|w| !lists.after_title.contains(&w.text.as_str()))
                    .map(|w| w.raw.clone())
            }
            _ => {}
        }
    }
    if let Some(n) = in_full(facts, &line).or_else(|| possessive(facts, words)) {
        return Who::One(n);
    }
    match stranger {
        Some(name) => Who::Stranger(name),
        None if says_any(&line, lists.anyone) => Who::Anyone,
        None => Who::Unsaid,
    }
}

/// Whether `practitioner` does `offered`.
pub fn does(practitioner: &PractitionerFacts, offered: &TypeFacts) -> bool {
    practitioner.offers.contains(&offered.id)
}

// Where `offered` is mentioned, and how surely.
fn mentioned(facts: &ClinicFacts, offered: &TypeFacts, words: &[Word], lists: &Lists) -> Option<(usize, usize)> {
    let name = split(&offered.name);
    let slug = split(&offered.slug);
    for phrase in [&name, &slug] {
        if let Some(at) = phrase_at(words, phrase, lists) {
            return Some((at, if phrase.len() > 1 { 4 } else { 3 }));
        }
    }
    let own: Vec<&String> = name.iter().chain(&slug).filter(|word| is_telling(word)).collect();
    let at =
        |fits: &dyn Fn(&str) -> bool| (0..words.len()).find(|i| fits(&words[*i].text) && !ruled_out(words, *i, lists));
    let close = |text: &str| own.iter().any(|word| means(text, word));
    if let Some(i) = at(&close) {
        return Some((i, 3));
    }
    let synonym = |text: &str| own.iter().any(|word| synonyms(word).contains(&text));
    if let Some(i) = at(&synonym) {
        return Some((i, 2));
    }
    let halves = |i: &usize| {
        words.get(i + 1).is_some_and(|next| own.iter().any(|word| **word == format!("{}{}", words[*i].text, next.text)))
    };
    if let Some(i) = (0..words.len()).find(|i| halves(i) && !ruled_out(words, *i, lists)) {
        return Some((i, 3));
    }
    let pair =
        name.windows(2).find_map(|pair| phrase_at(words, pair, lists)).filter(|_| facts.appointment_types.len() > 1);
    pair.map(|at| (at, 1))
}

fn phrase_at(words: &[Word], phrase: &[String], lists: &Lists) -> Option<usize> {
    if phrase.is_empty() || phrase.iter().all(|word| word.len() < 3) {
        return None;
    }
    let same = |some: &[Word]| {
        some.iter().zip(phrase).all(|(word, want)| word.text == *want || word.text.strip_suffix('s') == Some(want))
    };
    (0..words.len().saturating_sub(phrase.len() - 1))
        .find(|i| same(&words[*i..*i + phrase.len()]) && !ruled_out(words, *i, lists))
}

// "massages", "massge", "consult"
fn means(text: &str, word: &str) -> bool {
    let single = text.strip_suffix('s').filter(|single| single.len() > 3).unwrap_or(text);
    let begun = single.chars().count() >= 5 && word.starts_with(single);
    // A message is not a massage.
    !matches!(single, "message") && (begun || resembles(text, word) || resembles(single, word))
}

fn is_telling(word: &str) -> bool {
    word.chars().count() >= 4
        && ![english::LISTS.common, spanish::LISTS.common].iter().any(|common| common.contains(&word))
}

// Patients name in their own language what a clinic lists in another.
fn synonyms(word: &str) -> &'static [&'static str] {
    match word {
        "haircut" => &["trim", "hair", "cut", "hairdo", "fade", "corte", "pelo", "cabello", "cortarme"],
        "corte" | "pelo" | "cabello" => &["haircut", "trim", "hair", "cut", "pelo", "cabello", "cortarme"],
        "massage" => &["massages", "rub", "massaged", "masaje", "masajes"],
        "masaje" => &["massage", "massages", "masajes"],
        "consultation" => &["consult", "checkup", "intake", "assessment", "consulta", "valoracion"],
        "consulta" => &["consultation", "consult", "checkup", "valoracion"],
        "checkup" => &["consultation", "exam", "examination", "physical", "revision", "chequeo", "control"],
        "revision" | "chequeo" => &["checkup", "exam", "control", "revision", "chequeo"],
        "cleaning" => &["hygiene", "clean", "cleanup", "limpieza"],
        "limpieza" => &["cleaning", "clean", "hygiene"],
        "whitening" => &["blanqueamiento"],
        "blanqueamiento" => &["whitening"],
        "filling" => &["empaste", "calza", "resina"],
        "manicure" => &["nails", "mani", "manicura", "unas"],
        "pedicure" => &["pedi", "pedicura"],
        "physiotherapy" => &["physio", "fisioterapia", "fisio", "rehabilitacion"],
        "vaccination" | "vaccine" => &["shot", "jab", "vacuna", "vacunacion"],
        _ => &[],
    }
}

// "not haircut", "instead of a haircut", "no massage, haircut"
fn ruled_out(words: &[Word], i: usize, lists: &Lists) -> bool {
    let before = |n: usize| i.checked_sub(n).and_then(|j| words.get(j)).map_or("", |word| word.text.as_str());
    let article = usize::from(lists.articles.contains(&before(1)));
    let (one, two) = (before(1 + article), before(2 + article));
    let three = before(3 + article);
    let denied =
        words.get(i + 1).is_some_and(|word| !word.after_break && lists.not_after.contains(&word.text.as_str()));
    // "No, un masaje" denies what was said before.
    let is_broken = words[i - article.min(i)..=i].iter().any(|word| word.after_break);
    denied
        || !is_broken && lists.not.contains(&one)
        || lists.instead_of.iter().any(|phrase| match phrase {
            [a, b] => *a == two && *b == one,
            [a, b, c] => *a == three && *b == two && *c == one,
            _ => false,
        })
}

// Where a name starts after "with", "see" or "Dr.", and whether a title says it is one.
fn introduced(words: &[Word], i: usize, bare: bool, lists: &Lists) -> Option<(usize, bool)> {
    let text = words.get(i)?.text.as_str();
    if is_title(text) {
        return Some((i + 1, true));
    }
    if lists.leads.contains(&text) {
        let skip = 1 + usize::from(words.get(i + 1).is_some_and(|word| lists.after_lead.contains(&word.text.as_str())));
        let next = words.get(i + skip)?;
        return (!is_title(&next.text)).then_some((i + skip, false));
    }
    bare.then_some((i, false))
}

fn is_title(word: &str) -> bool {
    matches!(word, "dr" | "doctor" | "doc" | "dra" | "doctora")
}

/// How a name has to be written.
#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    Right,
    /// Or with a typo.
    Nearly,
}

fn by_name(facts: &ClinicFacts, words: &[Word], at: usize, spelling: Spelling, lists: &Lists) -> Option<usize> {
    let word = words.get(at)?;
    let next = words.get(at + 1);
    let close = |name: &str| {
        name == word.text
            || (spelling == Spelling::Nearly
                && same_start(name, &word.text)
                && name.chars().count() >= 3
                && word.text.chars().count() >= 3
                && distance(&word.text, name) <= 1
                && !lists.no_names.contains(&word.text.as_str()))
    };
    let fitting: Vec<usize> = facts
        .practitioners
        .iter()
        .enumerate()
        .filter(|(_, p)| names(p).iter().any(|name| close(name)))
        .map(|(n, _)| n)
        .collect();
    match fitting[..] {
        [n] => Some(n),
        [] => None,
        // Two called Mia: the next word tells them apart, if anything does.
        _ => fitting
            .iter()
            .copied()
            .find(|n| next.is_some_and(|next| names(&facts.practitioners[*n]).contains(&next.text))),
    }
}

fn in_full(facts: &ClinicFacts, line: &str) -> Option<usize> {
    facts.practitioners.iter().position(|p| names(p).len() > 1 && says(line, &names(p).join(" ")))
}

// "Mia's next opening"
fn possessive(facts: &ClinicFacts, words: &[Word]) -> Option<usize> {
    let owner = words.iter().find_map(|word| word.raw.strip_suffix("'s"))?.to_lowercase();
    facts.practitioners.iter().position(|p| names(p).contains(&owner))
}

fn names(practitioner: &PractitionerFacts) -> Vec<String> {
    split(&practitioner.name)
        .into_iter()
        .filter(|word| {
            !matches!(
                word.as_str(),
                "dr" | "dra" | "mr" | "mrs" | "ms" | "sr" | "sra" | "lic" | "prof" | "md" | "doctor" | "doctora"
            ) && word.len() > 1
        })
        .collect()
}

fn same_start(a: &str, b: &str) -> bool {
    a.chars().next() == b.chars().next()
}

fn split(name: &str) -> Vec<String> {
    super::text::words(&super::text::clean(name)).into_iter().map(|word| word.text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::text::{clean, words};
    use super::super::world::bloom;
    use super::*;
    use Language::{English, Spanish};

    fn slug(text: &str, language: Language) -> String {
        let facts = bloom();
        let name = |n: &usize| facts.appointment_types[*n].slug.clone();
        match appointment_type(&facts, &words(&clean(text)), language) {
            TypeMention::None => "none".into(),
            TypeMention::One(n) => name(&n),
            TypeMention::OneOf(some) => some.iter().map(name).collect::<Vec<_>>().join("|"),
            TypeMention::Each(some) => some.iter().map(name).collect::<Vec<_>>().join("+"),
        }
    }

    #[test]
    fn appointment_types_are_recognised() {
        for (text, expected) in [
            ("a haircut please", "haircut"),
            ("hiarcut", "haircut"),
            ("hair cut", "haircut"),
            ("just a trim", "haircut"),
            ("massge", "massage"),
            ("deep tissue", "massage"),
            ("massages", "massage"),
            ("a consult", "consultation"),
            ("new patient consultation", "consultation"),
            ("i am a new patient", "consultation"),
            ("new patient, want a haircut", "haircut"),
            ("not haircut, massage", "massage"),
            ("massage instead of a haircut", "massage"),
            ("a facial", "facial"),
            ("i got your message", "none"),
            ("hello", "none"),
            ("a haircut and a massage", "haircut+massage"),
            ("haircut, actually a massage", "massage"),
            ("i am a patient", "none"),
        ] {
            assert_eq!(slug(text, English), expected, "{text}");
        }
    }

    #[test]
    fn practitioners_are_recognised() {
        let facts = bloom();
        for (text, bare, expected) in [
            ("with Dr. Lin", false, Who::One(0)),
            ("w/ mia", false, Who::One(0)),
            ("dr reyes", false, Who::One(1)),
            ("with Dr. Reyes instead", false, Who::One(1)),
            ("with noa", false, Who::One(1)),
            ("Noah Reyes", false, Who::One(1)),
            ("mia", true, Who::One(0)),
            ("mia", false, Who::Unsaid),
            ("with dr annand", false, Who::One(2)),
            ("dr. smith", false, Who::Stranger("smith".into())),
            ("with anyone", false, Who::Anyone),
            ("not with mia", false, Who::Unsaid),
            ("with my son", false, Who::Unsaid),
            ("Mia's next opening", false, Who::One(0)),
            ("whoever is free", false, Who::Anyone),
        ] {
            assert_eq!(practitioner(&facts, &words(&clean(text)), bare, English), expected, "{text}");
        }
    }

    #[test]
    fn a_common_word_is_nobody_where_somebody_is_named() {
        let mut facts = bloom();
        facts.practitioners[1].name = "Lee Hart".into();
        for (text, expected) in [
            ("let me know if something opens up with Mia", Who::One(0)),
            ("let me know if something opens up", Who::Unsaid),
            ("lee", Who::One(1)),
            ("with leee", Who::One(1)),
        ] {
            assert_eq!(practitioner(&facts, &words(&clean(text)), true, English), expected, "{text}");
        }
    }

    #[test]
    fn in_spanish_too() {
        for (text, expected) in [
            ("un corte de pelo", "haircut"),
            ("cortarme el cabello", "haircut"),
            ("un masaje", "massage"),
            ("no un corte, un masaje", "massage"),
            ("un masaje en vez de un corte", "massage"),
            ("un corte, perdón, un masaje", "massage"),
            ("una consulta", "consultation"),
            ("un facial", "facial"),
            ("un corte y un masaje", "haircut+massage"),
            ("hola, quiero una cita", "none"),
        ] {
            assert_eq!(slug(text, Spanish), expected, "{text}");
        }
        let facts = bloom();
        for (text, expected) in [
            ("con la doctora Anand", Who::One(2)),
            ("con mia", Who::One(0)),
            ("con el dr. Reyes", Who::One(1)),
            ("con la Dra. Pérez", Who::Stranger("Pérez".into())),
            ("con quien sea", Who::Anyone),
            ("me da igual con quién", Who::Anyone),
            ("no con mia", Who::Unsaid),
            ("con mi hijo", Who::Unsaid),
        ] {
            assert_eq!(practitioner(&facts, &words(&clean(text)), false, Spanish), expected, "{text}");
        }
    }
}
