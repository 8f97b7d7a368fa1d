//! The name a patient goes by.

use domain::language::Language;

use super::super::text::{self, Word};

mod english;
mod spanish;

/// How names are given in one language.
struct Lists {
    /// What can only lead a name.
    sure: &'static [&'static [&'static str]],
    /// What may lead one.
    likely: &'static [&'static [&'static str]],
    /// Between the lead and the name.
    between: &'static [&'static str],
    /// Beside a name in an answer, and no part of it.
    labels: &'static [&'static str],
    joint: &'static str,
    /// What ends or rules out a name. Months are not here: April and May are
    /// people too.
    not_names: &'static [&'static str],
}

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    }
}

/// A name the patient introduces, as in "my name is Ada Lovelace".
pub fn introduced(words: &[Word], asked: bool, language: Language) -> Option<String> {
    let lists = lists(language);
    let sure = lists.sure.iter().find_map(|lead| after(words, lead));
    let likely = lists.likely.iter().filter_map(|lead| after(words, lead));
    let found = sure
        .and_then(|rest| name_at(rest, false, lists))
        .or_else(|| likely.into_iter().find_map(|rest| name_at(rest, !asked, lists)));
    found.map(|name| titled(&name))
}

/// A name given without an introduction, when one was asked for or when it
/// comes with an address or number.
pub fn bare_name(rest: &str, asked: bool, language: Language) -> Option<String> {
    let lists = lists(language);
    rest.split([',', ';', '\n', '|', '.', '!', '(', ')'])
        .flat_map(|part| part.split(lists.joint))
        .filter_map(|part| whole_name(&text::words(part), !asked, lists))
        .next()
        .map(|name| titled(&name))
}

fn after<'a>(words: &'a [Word], lead: &[&str]) -> Option<&'a [Word]> {
    let at = words.windows(lead.len()).position(|some| some.iter().zip(lead).all(|(word, want)| word.text == *want))?;
    words.get(at + lead.len()..).filter(|rest| !rest.is_empty())
}

// The name at the start of `words`, up to the first word that cannot be in one.
fn name_at(words: &[Word], only_capitalised: bool, lists: &Lists) -> Option<Vec<Word>> {
    let skip = words.iter().take_while(|word| lists.between.contains(&word.text.as_str())).count();
    let words = &words[skip..];
    let fits = |i: usize| {
        let (word, next) = (&words[i], words.get(i + 1));
        (i == 0 || !word.after_break)
            && !(i == 0 && is_small_particle(word))
            && (could_be_name(word, only_capitalised, lists)
                || i > 0
                    && is_particle(word)
                    && next.is_some_and(|next| could_be_in_name(next, only_capitalised, lists)))
    };
    let length = (0..words.len()).take_while(|i| fits(*i)).count();
    (1..=6).contains(&length).then(|| words[..length].to_vec()).filter(|name| name.len() <= 5 || has_particle(name))
}

// All of `words`, when every one of them could be part of a name.
fn whole_name(words: &[Word], only_capitalised: bool, lists: &Lists) -> Option<Vec<Word>> {
    let is_label = |word: &&Word| lists.labels.contains(&word.text.as_str());
    let core: Vec<Word> = words.iter().filter(|word| !is_label(word)).cloned().collect();
    let core = without_loose_particles(core);
    let labels = words.len() - core.len();
    let most = if has_particle(&core) { 6 } else { 5 };
    let enough = if only_capitalised { 2..=most - 1 } else { 1..=most };
    let fits = enough.contains(&core.len())
        && labels <= 4
        && core.iter().all(|word| is_particle(word) || could_be_name(word, only_capitalised, lists));
    (fits && core.iter().any(|word| word.text.chars().count() > 1)).then_some(core)
}

// "De la Cruz" has its particles within the name, not around it.
fn without_loose_particles(mut words: Vec<Word>) -> Vec<Word> {
    while words.last().is_some_and(is_particle) {
        words.pop();
    }
    words.drain(..words.iter().take_while(|word| is_small_particle(word)).count());
    words
}

fn is_small_particle(word: &Word) -> bool {
    is_particle(word) && word.raw == word.text
}

fn has_particle(words: &[Word]) -> bool {
    words.iter().any(is_particle)
}

fn is_particle(word: &Word) -> bool {
    matches!(word.text.as_str(), "de" | "la" | "las" | "los" | "del")
}

fn could_be_in_name(word: &Word, only_capitalised: bool, lists: &Lists) -> bool {
    is_particle(word) || could_be_name(word, only_capitalised, lists)
}

fn could_be_name(word: &Word, only_capitalised: bool, lists: &Lists) -> bool {
    let letters = word.text.chars().all(|c| !c.is_ascii_punctuation() && !c.is_numeric());
    let upper = word.raw.chars().next().is_some_and(|c| c.is_uppercase() || !(c.is_lowercase()));
    letters
        && word.text.chars().count() <= 30
        && (upper || !only_capitalised)
        && !lists.not_names.contains(&word.text.as_str())
}

fn titled(words: &[Word]) -> String {
    let plain = words.iter().all(|word| word.raw.chars().all(|letter| !letter.is_uppercase()));
    let shouted = words.iter().all(|word| word.raw.chars().all(|c| !c.is_lowercase()))
        && words.iter().any(|w| w.raw.chars().count() > 3);
    let mut name = String::new();
    for (i, word) in words.iter().enumerate() {
        if !name.is_empty() {
            name.push(if word.hyphenated { '-' } else { ' ' });
        }
        let small = word.raw.to_lowercase();
        name.push_str(&match plain || shouted {
            true if i > 0 && is_particle(word) => small,
            true => capitalised(&small),
            false => word.raw.clone(),
        });
    }
    name
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Spanish};

    #[test]
    fn names_are_heard_in_many_forms() {
        for (text, name) in [
            ("my name is ada lovelace", "Ada Lovelace"),
            ("My name is actually Ada King", "Ada King"),
            ("I'm Ada, and my email is", "Ada"),
            ("this is Zoë O'Brien-Smith", "Zoë O'Brien-Smith"),
            ("name: Ada Lovelace", "Ada Lovelace"),
            ("book it under Grace Hopper please", "Grace Hopper"),
        ] {
            let name_found = introduced(&text::words(&text::clean(text)), false, English);
            assert_eq!(name_found.as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_are_not_names() {
        for text in [
            "I'm looking for a haircut",
            "I am free on Tuesday",
            "this is great",
            "it's fine",
            "for tomorrow",
            "im not sure",
        ] {
            assert_eq!(introduced(&text::words(text), true, English), None, "{text}");
        }
        for text in ["what do you mean?", "skip", "i don't have one", "yes please", "no thanks", "can we do 3 instead"]
        {
            assert_eq!(bare_name(text, true, English), None, "{text}");
        }
        assert_eq!(bare_name("April May", true, English).as_deref(), Some("April May"));
        assert_eq!(bare_name("ADA LOVELACE", true, English).as_deref(), Some("Ada Lovelace"));
    }

    #[test]
    fn spanish_names_are_heard_in_many_forms() {
        for (text, name) in [
            ("me llamo ada lópez", Some("Ada López")),
            ("Mi nombre es María de la Cruz", Some("María de la Cruz")),
            ("soy José García, y mi correo es", Some("José García")),
            ("a nombre de ana maría del río por favor", Some("Ana María del Río")),
            ("nombre: Ada López", Some("Ada López")),
            ("soy nuevo en la clínica", None),
            ("soy paciente", None),
            ("es para mañana", None),
            ("soy de Madrid", None),
        ] {
            let found = introduced(&text::words(&text::clean(text)), false, Spanish);
            assert_eq!(found.as_deref(), name, "{text}");
        }
        for (text, name) in [
            ("Ada López", Some("Ada López")),
            ("sí, ada lópez", Some("Ada López")),
            ("MARÍA DE LA CRUZ", Some("María de la Cruz")),
            ("omitir", None),
            ("no tengo", None),
            ("sí, por favor", None),
            ("la segunda", None),
            ("¿para qué lo necesita?", None),
        ] {
            assert_eq!(bare_name(text, true, Spanish).as_deref(), name, "{text}");
        }
    }
}
