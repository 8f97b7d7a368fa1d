//! Which language somebody writes in, by their common words.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Language;

/// Longer messages show it in their beginning.
const MOST_WORDS: usize = 200;

/// How many words of a text are of one language and not of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Evidence {
    english: usize,
    spanish: usize,
}

/// The language of a conversation, as its patient's messages show it.
///
/// It begins with the clinic's own and stays what it became: a name or a place
/// in another language changes nothing, whole sentences do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    pub language: Language,
    is_known: bool,
}

impl Spoken {
    /// Nothing has been said yet.
    pub const fn beginning_with(language: Language) -> Self {
        Self { language, is_known: false }
    }

    /// Takes a message into account.
    pub fn hear(&mut self, text: &str) {
        if let Some(language) = asked_for(text) {
            *self = Self { language, is_known: true };
            return;
        }
        let evidence = Evidence::of(text);
        let Some((language, lead)) = evidence.lead() else { return };
        if language == self.language {
            self.is_known = true;
        } else if !self.is_known || lead >= 2 {
            *self = Self { language, is_known: true };
        }
    }
}

impl Language {
    /// The language a text is written in, where its words are more of one.
    pub fn spoken_in(text: &str) -> Option<Self> {
        Evidence::of(text).lead().map(|(language, _)| language)
    }
}

impl Evidence {
    fn of(text: &str) -> Self {
        let mut evidence = Self::default();
        for word in
            text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’').take(MOST_WORDS)
        {
            let word = plain(word);
            match COMMON.get(word.as_str()) {
                Some(Language::English) => evidence.english += 1,
                Some(Language::Spanish) => evidence.spanish += 1,
                None => {}
            }
        }
        if text.contains(['¿', '¡']) {
            evidence.spanish += 1;
        }
        evidence
    }

    /// The language with more words, and by how many.
    fn lead(self) -> Option<(Language, usize)> {
        match self.english.abs_diff(self.spanish) {
            0 => None,
            lead if self.english > self.spanish => Some((Language::English, lead)),
            lead => Some((Language::Spanish, lead)),
        }
    }
}

/// "Do you speak Spanish?" is English and asks for another.
fn asked_for(text: &str) -> Option<Language> {
    let words: Vec<String> = text.split(|letter: char| !letter.is_alphanumeric()).take(MOST_WORDS).map(plain).collect();
    let asks =
        |leads: &[&str], name: &str| words.windows(2).any(|two| leads.contains(&two[0].as_str()) && two[1] == name);
    if asks(&["speak", "in"], "spanish") || asks(&["en", "habla", "hablan", "hablas", "hablamos"], "espanol") {
        Some(Language::Spanish)
    } else if asks(&["speak", "in"], "english") || asks(&["en", "habla", "hablan", "hablas", "hablamos"], "ingles") {
        Some(Language::English)
    } else {
        None
    }
}

/// Small, without apostrophes, and without the accents that are often left out;
/// "sí" stays apart from "si".
fn plain(word: &str) -> String {
    let small = word.to_lowercase();
    if small == "sí" {
        return small;
    }
    let letters = small.chars().filter(|letter| !matches!(letter, '\'' | '’'));
    letters
        .map(|letter| match letter {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            _ => letter,
        })
        .collect()
}

static COMMON: LazyLock<HashMap<&str, Language>> = LazyLock::new(|| {
    let of = |words: &'static str, language| words.split_whitespace().map(move |word| (word, language));
    of(SPANISH, Language::Spanish).chain(of(ENGLISH, Language::English)).collect()
});

/// Words that the other language does not have; nor do names, of which many
/// have "de la".
const ENGLISH: &str = "the i im id ill ive is my your you we they it its this that have has having for with and are was were can \
    cant could would like want need do does dont did not what when where who why how which please thanks thank \
    yes yeah yep hello hi hey good morning afternoon evening today tomorrow tonight week weekend next monday \
    tuesday wednesday thursday friday saturday sunday at on in of to from after before until between book \
    booking appointment appointments cancel move reschedule change visit time times day name phone email number \
    call somebody someone person human there here or any anything something later earlier first second one two \
    three but because if so much open hours address cost price help sorry bye know tell see get got make find \
    look looking available free slot whats theres lets youre just actually then also about been other another \
    instead closed new people speak talk english leave write";

const SPANISH: &str = "hola buenos buenas dias tardes noches gracias sí quiero quisiera necesito puedo puede pueden podria tengo \
    tiene tienen cita citas turno turnos hora horas horario horarios reservar reserva agendar pedir cancelar \
    anular cambiar mover manana hoy ayer lunes martes miercoles jueves viernes sabado domingo semana proxima \
    proximo que viene enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre \
    el las un una unos unas con por para sin sobre pero porque como cuando donde cual cuanto cuanta quien mis su \
    sus es esta estan estoy soy esto este esa ese esos estas hay ha muy mas menos tambien si despues antes tarde \
    temprano mediodia medianoche favor usted ustedes les nos llamo nombre correo telefono numero celular corte \
    pelo cabello masaje limpieza consulta doctor doctora persona alguien primera segunda tercera ultima ninguna \
    cualquiera bien bueno vale claro perfecto perdon adios ayuda otro otra algo nada mejor prefiero precio \
    precios cuesta direccion abren cierran codigo confirmacion espera gustaria seria tendria libre disponible en \
    dos tres cuatro cinco seis siete ocho nueve diez doce cuarto";

#[cfg(test)]
mod tests {
    use super::Language::{English, Spanish};
    use super::*;

    #[test]
    fn a_language_is_known_by_its_common_words() {
        for (text, language) in [
            ("I'd like a haircut tomorrow", Some(English)),
            ("Quiero una cita para mañana", Some(Spanish)),
            ("hola", Some(Spanish)),
            ("a las 3", Some(Spanish)),
            ("yes please", Some(English)),
            ("sí", Some(Spanish)),
            ("ok", None),
            ("2", None),
            ("no", None),
            ("María de la Cruz", None),
            ("Ada Lovelace, ada@example.com, +1 555 123 4567", None),
            ("मुझे मदद चाहिए", None),
            ("", None),
        ] {
            assert_eq!(Language::spoken_in(text), language, "{text}");
        }
    }

    #[test]
    fn a_conversation_keeps_its_language() {
        let mut spoken = Spoken::beginning_with(English);
        for (text, language) in [
            ("2pm", English),
            ("hola", Spanish),
            ("ok", Spanish),
            ("haircut", Spanish),
            ("Tue 24 Nov, 2:00 PM with Mia Lin", Spanish),
            ("mañana a las dos", Spanish),
            ("Could we speak English please?", English),
            ("gracias", English),
            ("Do you speak Spanish?", Spanish),
            ("¿hablan inglés?", English),
            ("mejor hablamos español, por favor", Spanish),
        ] {
            spoken.hear(text);
            assert_eq!(spoken.language, language, "{text}");
        }
    }
}
