//! What a clinic takes and has: insurance, ways to pay, parking.
//!
//! A model says yes where it does not know. What a sentence states of these has
//! to stand in what the clinic says of itself; that somebody will ask, does not.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::language::Language::{self, English, Spanish};
use crate::pattern::Patterns;
use crate::truth::words;

/// What a clinic says of itself.
#[derive(Clone, Debug, Default)]
pub struct Own(HashSet<String>);

impl Own {
    /// Everything that stands in these texts.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self(texts.into_iter().flat_map(words).collect())
    }

    /// Whether `sentence` states something that nothing here says.
    pub fn lacks(&self, sentence: &str) -> bool {
        let words = without_assurance(words(sentence));
        let parts: Vec<&[String]> = words.split_inclusive(|word| ENDS.contains(&&**word)).collect();
        let stated = stated(&parts);
        let mut parts = parts.iter().zip(stated).filter_map(|(part, is_stated)| is_stated.then_some(*part));
        parts.any(|part| named(part).any(|thing| !self.says(thing)) || self.lacks_free(part))
    }

    fn says(&self, thing: &str) -> bool {
        thing.split(' ').any(|word| self.has(word))
    }

    /// `park+` is any word that begins so.
    fn has(&self, word: &str) -> bool {
        match word.strip_suffix('+') {
            Some(beginning) => self.0.iter().any(|known| known.starts_with(beginning)),
            None => self.0.contains(word),
        }
    }

    /// That parking is there is not that it costs nothing.
    fn lacks_free(&self, part: &[String]) -> bool {
        part.iter().any(|word| is_of(PARKING, word)) && part.iter().any(|word| is_of(FREE, word)) && !self.says(FREE)
    }
}

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

/// "Seguro" is insurance only where it is somebody's; otherwise it is "sure".
fn without_assurance(mut words: Vec<String>) -> Vec<String> {
    const LEADS: &[&str] = &["su", "sus", "el", "un", "ese", "este", "tipo", "de", "del", "cualquier", "con", "por"];
    for at in 0..words.len() {
        let is_led = at > 0 && LEADS.contains(&&*words[at - 1]);
        if words[at] == "seguro" && !is_led {
            words[at] = "claro".to_owned();
        }
    }
    words
}

/// Where one thing that is said ends and another begins.
const ENDS: &[&str] = &[",", "–", "?", "¿", "and", "but", "or", "so", "y", "o", "pero"];

/// Which parts of a sentence state something. One that says no more than a name
/// goes with those before it, or else after it: "Aetna, Cigna and Humana are".
fn stated(parts: &[&[String]]) -> Vec<bool> {
    let mut own: Vec<Option<bool>> = Vec::with_capacity(parts.len());
    for part in parts {
        let is_asked = ASKED.occur(part) || part.last().is_some_and(|word| word == "?");
        own.push(if is_asked || OPEN.occur(part) { Some(false) } else { STATED.occur(part).then_some(true) });
    }
    let mut is_stated = Vec::with_capacity(parts.len());
    for at in 0..own.len() {
        let before = own[..=at].iter().rev().flatten().next();
        let after = || own[at..].iter().flatten().next();
        is_stated.push(before.or_else(after).copied().unwrap_or_default());
    }
    is_stated
}

/// The things that a part names, each as all the words that mean it.
fn named(part: &[String]) -> impl Iterator<Item = &'static str> + '_ {
    THINGS.iter().copied().filter(|thing| part.iter().any(|word| is_of(thing, word)))
}

fn is_of(thing: &str, word: &str) -> bool {
    thing.split(' ').any(|one| one.strip_suffix('+').map_or(one == word, |beginning| word.starts_with(beginning)))
}

const FREE: &str = "free gratis gratuit+ complimentary";

const PARKING: &str = "parking park garage valet carpark estacion+ aparca+ parqueadero cochera garaje";

const THINGS: &[&str] = &[
    PARKING,
    "insurance insurances insurer insurers insured seguro seguros aseguranza aseguradora aseguradoras",
    "card cards credit debit tarjeta tarjetas credito debito",
    "cash efectivo",
    "cheque cheques",
    "installments instalments financing financ+ cuotas plazos mensualidades",
    "visa",
    "mastercard",
    "amex",
    "paypal",
    "venmo",
    "zelle",
    "klarna",
    "afterpay",
    "carecredit",
    "bizum",
    "hsa fsa",
    "aetna",
    "anthem",
    "bcbs bluecross blueshield cross",
    "cigna",
    "humana",
    "kaiser",
    "medicaid medi",
    "medicare",
    "metlife",
    "tricare",
    "unitedhealthcare unitedhealth united uhc",
    "adeslas",
    "sanitas",
    "mapfre",
    "axa",
    "gnp",
    "bupa",
];

/// A clinic's word on what it takes and has.
static STATED: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "accept+|honor|honors|honour|honours|covered|covers",
            "we|weve|clinic|office|practice|everyone|they ~ take|takes|bill|bills|cover|have|has|got|offer|offers|provide|provides|support|supports|work|works|participate|participates|validate",
            "there|theres ~ is|are|s",
            "theres",
            "is|are|was|costs|isnt|arent",
            "you|patients|visitors|everybody|they ~ can|may|could ~ pay|park|use|leave",
            "network|included|includes|available|onsite",
            "yes|no|certainly|sure|absolutely|of course",
            "tomamos|recibimos|trabajamos|contamos|ofrecemos|tenemos|hay|cubre|cubrimos|cubren|acept+|admit+|disponemos",
            "es|son|esta|estan|disponible|disponibles|incluid+",
            "puede|pueden|podra ~ pagar|estacionar|aparcar|usar|dejar|abonar",
        ],
        list,
    )
});

/// What leaves it open.
static OPEN: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &[
            "whether|if|ask|asks|asking|asked|inquire|wonder|unsure|question|questions",
            "NEG ... know|sure|say|tell|confirm|answer|information|info|details|detail|promise|find|see|speak",
            "check|confirm|verify|find|look ~ whether|if|with|into|out",
            "you|your ~ said|mentioned|told|asked|wrote|asking",
            "what|which ... is|are|we|you",
            "si|preguntar+|pregunt+|consult+|averigu+|pregunta|preguntas|duda|dudas",
            "no .. se|sabemos|tengo|tenemos|puedo|podemos|dispongo .. si|informacion|dato|datos|decir+|confirmar|asegurar|que|cual|cuales",
        ],
        list,
    )
});

static ASKED: LazyLock<Patterns> = LazyLock::new(|| {
    Patterns::new(
        &["^ do|does|did|is|are|can|could|would|will|shall|should|may|have|has|what|which|who|how|when|where|why"],
        list,
    )
});

fn list(name: &str) -> Option<&'static str> {
    Some(match name {
        "NEG" => "not no dont cant cannot couldnt havent isnt unable wont never nothing without",
        "IDLE" => {
            "the a an your our all most many major also do does not dont doesnt now just always usually gladly happily \
             only of for to it that this la el los las un una nos de todos todas casi tambien no se mas sus su"
        }
        "COURTESY" => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Own {
        Own::of([
            "Cedar Clinic, 214 Willow Street.",
            "We accept Cigna and most dental insurance plans. Please pay by card. Parking in the garage next door is $5.",
        ])
    }

    #[test]
    fn what_the_clinic_says_of_itself_may_be_said() {
        for text in [
            "We accept Cigna.",
            "Yes, we take most dental insurance, Cigna too.",
            "You can pay by card.",
            "There is parking in the garage next door.",
            "Sí, aceptamos tarjetas.",
            "Hay estacionamiento al lado.",
        ] {
            assert!(!own().lacks(text), "{text}");
        }
    }

    #[test]
    fn what_leaves_it_open_may_be_said_by_a_clinic_that_says_nothing() {
        for text in [
            "I can ask whether we accept Aetna.",
            "I do not know if there is parking.",
            "I don't have any information about parking at the clinic.",
            "I have no details on insurance.",
            "I'm not sure which insurance plans are accepted.",
            "Do you have Aetna, Cigna or Humana?",
            "What insurance do you have?",
            "Shall I leave a question about free parking for the team?",
            "I have left your question about parking for the clinic.",
            "Your question about insurance is with the clinic.",
            "Please bring your insurance card.",
            "You mentioned that you have Aetna.",
            "The clinic's team can tell you about parking and payment.",
            "Your visit is on Tuesday 24 November at 3:00 PM.",
            "Your appointment is booked and a text is on its way.",
            "There are three times free on Friday.",
            "A haircut is $60 and takes 45 minutes.",
            "No sé si hay estacionamiento.",
            "Seguro, su cita es el martes.",
            "The hygienist is in and checks your teeth.",
            "Puedo preguntar si aceptamos Adeslas.",
            "No tengo información sobre el estacionamiento.",
            "¿Tiene seguro médico?",
            "Su cita es el martes 24 de noviembre a las 3:00 p. m.",
            "He dejado su pregunta sobre el seguro al equipo.",
        ] {
            assert!(!Own::default().lacks(text), "{text}");
        }
    }

    #[test]
    fn what_it_does_not_say_may_not() {
        for text in [
            "We accept Aetna.",
            "Yes, we take Aetna!",
            "Aetna, Humana and Medicare are accepted.",
            "We are in network with Blue Cross.",
            "We accept Cigna, and Humana too.",
            "We do not accept Medicare.",
            "Your visit is covered by Medicaid.",
            "There is free parking.",
            "Parking in the garage is free.",
            "Free parking is available behind the building.",
            "You can pay in cash.",
            "We take PayPal, Venmo and Zelle.",
            "We accept Aetna, shall I book a visit?",
            "We offer financing.",
            "I can ask about parking, but we accept Aetna.",
            "Aceptamos Adeslas y Sanitas.",
            "Hay estacionamiento gratuito.",
            "Puede pagar en efectivo.",
            "Sí, tenemos pago a plazos.",
        ] {
            assert!(own().lacks(text), "{text}");
        }
        for text in [
            "There is parking next door.",
            "We accept credit cards.",
            "We take most insurance plans.",
            "Trabajamos con su seguro.",
        ] {
            assert!(Own::default().lacks(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(text: String, more in "(we accept |aetna |parking |, |and |free |\\?|si ){0,30}") {
            let own = Own::of([text.as_str()]);
            let _ = (own.lacks(&text), own.lacks(&more));
        }
    }
}
